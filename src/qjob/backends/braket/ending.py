"""How a task at Amazon Braket ended: with a result or without, and what AWS bills for it.

Bills follow the SDK's own reading (``braket.tracking``): a task on a device costs its fee and shots, and nothing
where it failed, was cancelled or ran in a reservation; a simulator is billed by the milliseconds that its result
states, at least three seconds. Of a simulator's task that ended without a result nobody tells the milliseconds; one
that had begun is booked with the time for which it was seen to run, else with that between its two ends as AWS states
them, so that the books say too much rather than too little.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from qjob.backends.base import Task
from qjob.backends.braket.conversion import Converted
from qjob.backends.braket.pace import LONGEST_WAITING
from qjob.backends.braket.results import billed_milliseconds, counts_of
from qjob.model.backend import BackendInfo
from qjob.model.events import Cancelled, Completed, Failed
from qjob.model.job import Failure
from qjob.model.money import from_nano
from qjob.model.result import Result
from qjob.policy.billing import of_shots, of_time

SEEN_LATE = LONGEST_WAITING[True]
"""Seconds that a simulator may have run before that is seen, at the most."""

RESERVED = "RESERVATION_TIME_WINDOW_ARN"


class Ending:
    """The end of one task.

    Parameters
    ----------
    info, task
        The device's catalogue row, and the job's task.
    told
        GetQuantumTask's answer.
    """

    def __init__(self, info: BackendInfo, task: Task, told: Mapping[str, Any]) -> None:
        self._info = info
        self._task = task
        self._told = told

    def with_result(self, result: Any, converted: Converted) -> Completed:
        """Return the end of a task with a result of the SDK's kind."""
        milliseconds = billed_milliseconds(result)
        seconds = None if milliseconds is None else milliseconds / 1000
        metadata = {"method": self._info.title, "path": "service", "task": self._told["quantumTaskArn"]}
        if seconds is not None:
            metadata["run_seconds"] = seconds
        cost = self._cost(milliseconds)
        return Completed(
            Result(counts_of(result, converted), None, metadata),
            None if cost is None else from_nano(cost),
            seconds,
        )

    def result_lost(self, why: str) -> Failed:
        """Return the end of a task that AWS bills, but whose result is not where it says."""
        place = f"s3://{self._told['outputS3Bucket']}/{self._told['outputS3Directory']}/results.json"
        failure = Failure("result_lost", f"The task has run, but its result at {place} cannot be read: {why}")
        cost = self._cost(None)
        return Failed(failure, self._booked() if cost is None else from_nano(cost))

    def without_result(
        self, *, began: bool, stopped: str, by_us: bool, ran: float | None = None
    ) -> Failed | Cancelled:
        """Return the end of a task that failed or was cancelled, with AWS's own reason.

        Parameters
        ----------
        began
            Whether it was seen to run.
        stopped
            Why this process has cancelled it for want of money; empty where it has not.
        by_us
            Whether the job was cancelled from here.
        ran
            Seconds since it was seen to begin; None where another process saw it.
        """
        cost = self._booked(ran) if began else Decimal(0)
        reason = str(self._told.get("failureReason") or "Amazon Braket gives no reason").rstrip(".")
        if self._told["status"] == "FAILED":
            return Failed(Failure("task_failed", f"{self._info.title}: {reason}."), cost)
        if stopped:
            failure = Failure(
                "money_spent",
                f"It was cancelled: {stopped}.",
                "Use fewer qubits, gates or shots; of what runs longer than estimated, later quotes know.",
            )
            return Failed(failure, cost)
        if by_us:
            return Cancelled(cost)
        return Cancelled(
            cost, Failure("cancelled_elsewhere", "It was cancelled at Amazon Braket, not from here.")
        )

    @property
    def _reserved(self) -> bool:
        return any(each.get("type") == RESERVED for each in self._told.get("associations", []))

    def _cost(self, milliseconds: int | None) -> int | None:
        """Return what a completed task costs, in nano-dollars; None where nobody says."""
        if self._reserved:
            return 0
        if self._info.price is None:
            return None
        rates = self._info.price.rates
        by_shots = of_shots(rates, self._task.request.shots)
        return by_shots if by_shots is not None or milliseconds is None else of_time(rates, milliseconds)

    def _booked(self, ran: float | None = None) -> Decimal:
        """Return what a run costs that states no time, where time is billed: not more than was seen of it."""
        created, ended = self._told.get("createdAt"), self._told.get("endedAt")
        if self._reserved or self._info.price is None:
            return Decimal(0)
        if not isinstance(created, datetime) or not isinstance(ended, datetime):
            return Decimal(0)
        seconds = (ended - created).total_seconds()  # the wait in the queue included
        if ran is not None:
            seconds = min(seconds, ran + SEEN_LATE)
        milliseconds = max(0, int(seconds * 1000))
        return from_nano(of_time(self._info.price.rates, milliseconds) or 0)

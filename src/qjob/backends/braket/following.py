"""One job's task at Amazon Braket: created, followed to its end, cancelled where that is wanted. Never sleeps.

Nothing that AWS fails to answer ends a job: throttling, a lost network and credentials that have expired make it
wait, and it says so. What ends it is AWS's own word on the task, or a refusal before there is one.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from braket.aws import AwsQuantumTask

from qjob.backends.base import Pause, Task
from qjob.backends.braket.conversion import Converted, convert, side_of
from qjob.backends.braket.creating import create, find
from qjob.backends.braket.devices import Devices
from qjob.backends.braket.ending import Ending
from qjob.backends.braket.faults import Gone, code_of
from qjob.backends.braket.identity import Identity
from qjob.backends.braket.pace import Pace
from qjob.backends.braket.places import queue_of
from qjob.backends.braket.results import UnreadableResult, compiled_by_vendor
from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.model.errors import BackendRefused, NoCredentials, ProgramRefused, QjobError, ServiceUnavailable
from qjob.model.events import Attached, Cancelled, Completed, Event, Failed, Progress, Running, Submitted
from qjob.model.job import Failure
from qjob.policy.billing import seconds_for

Said = list[Event | Pause]

SENT, READING = "sent", "reading"
"""The kinds of what is attached to a job: the program as it was sent, and how its result is to be read."""

ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED"})

SEARCHES, SEARCH_PAUSE = 3, 4.0
"""How often a task that may be there is looked for before its job ends without one, and the seconds between."""

GRACE = 30.0
"""Seconds beyond those that the money held pays for, after which a run is cancelled: AWS calls a task running for
longer than it bills."""


class Following:
    """Follows one task.

    Parameters
    ----------
    info
        The device's catalogue row.
    task
        The job's.
    cancelled
        Whether the job is to end.
    identity
        For whom AWS is asked.
    devices
        The agent's.
    clock
        A monotonic clock in seconds.
    """

    def __init__(
        self,
        info: BackendInfo,
        task: Task,
        cancelled: Callable[[], bool],
        *,
        identity: Identity,
        devices: Devices,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._info = info
        self._task = task
        self._cancelled = cancelled
        self._identity = identity
        self._devices = devices
        self._clock = clock
        self._pace = Pace()
        self._arn = task.remote_id
        self._unknown = task.resumed  # whether there may be a task whose name nobody knows
        self._searched = 0  # times in vain, for such a task, when its job was about to end without one
        self._cancel_sent = False
        self._converted: Converted | None = None
        self._phase = ""  # what was said last
        self._began: float | None = None  # to run
        self._stopped = ""  # why we have cancelled it ourselves

    def events(self) -> Iterator[Event | Pause]:
        """Yield what happens to the task, until its end."""
        while True:
            said = self._turn()
            yield from said
            if said and isinstance(said[-1], (Completed, Failed, Cancelled)):
                return

    def _turn(self) -> Said:
        """Ask AWS once; return what is new, and a pause where there is nothing to do."""
        try:
            said = self._begin() if self._arn is None else self._look(self._arn)
        except Exception as error:  # noqa: BLE001 - explained, or raised again
            return self._trouble(self._identity.explain(error))
        self._pace.well()
        return said

    def _trouble(self, refusal: QjobError) -> Said:
        """Return what to say where AWS does not answer, and when to ask again."""
        if not isinstance(refusal, (NoCredentials, ServiceUnavailable)):
            raise refusal
        login = isinstance(refusal, NoCredentials)
        first = not self._pace.troubled
        seconds = self._pace.trouble(login=login)
        if login:
            self._identity.forget()
        elif first:  # nobody needs to know of a single one
            return [Pause(seconds)]
        note = f"{refusal.message} {refusal.remedy}".strip()
        return [
            *self._tell("waiting for a login to AWS" if login else "waiting for AWS", note),
            Pause(seconds),
        ]

    def _tell(self, phase: str, note: str = "") -> Said:
        if phase + note == self._phase:
            return []
        self._phase = phase + note
        return [Progress(phase, note=note)]

    # -- until there is a task --------------------------------------------------------------------------------

    def _begin(self) -> Said:
        session = self._identity.session()
        if self._unknown:
            self._arn = find(session, self._info.target, self._task)
        if self._arn is None:
            if self._cancelled():
                return self._not_found()
            converted = self._conversion()
            first, self._unknown = not self._unknown, True
            try:
                bucket = self._identity.site["bucket"]
                self._arn = create(session, self._info.target, self._task, converted, bucket)
            except Exception as error:
                refusal = self._identity.explain(error)
                if _may_be_tried_again(refusal):
                    raise
                self._searched += 1
                if not first and self._searched < SEARCHES:  # an earlier try may have made one all the same
                    return [Pause(SEARCH_PAUSE)]
                return [Failed(Failure(refusal.code, refusal.message, refusal.remedy))]
        converted = self._conversion()
        return [
            Submitted(self._arn),
            Attached(SENT, converted.source),
            Attached(READING, converted.to_text()),
        ]

    def _not_found(self) -> Said:
        """Return the end of what is cancelled before it has a task; one that may just be coming is waited for."""
        self._searched += 1
        return [Pause(SEARCH_PAUSE)] if self._unknown and self._searched < SEARCHES else [Cancelled()]

    def _conversion(self) -> Converted:
        kept = self._task.attachments or {}
        if self._converted is None and SENT in kept and READING in kept:
            self._converted = Converted.from_text(kept[SENT], kept[READING])
        if self._converted is None:
            # the device may have been calibrated since; the gates that it knows stay
            device = self._devices.get(self._info.target, self._identity.profile, at_most=float("inf"))
            self._converted = convert(self._task.request.program, side_of(device.response))
        return self._converted

    # -- until its end ----------------------------------------------------------------------------------------

    def _look(self, arn: str) -> Said:
        session = self._identity.session()
        task = AwsQuantumTask(arn, session, quiet=True)
        if self._cancelled() and not self._cancel_sent:
            self._cancel(task)
        try:
            told = task.metadata()
        except Exception as error:
            refusal = self._identity.explain(error)
            if not isinstance(refusal, Gone):
                raise
            if self._pace.lost():
                lost = f"Amazon Braket knows its task {arn} no more: {refusal.message}"
                return [Failed(Failure("task_lost", lost))]
            raise ServiceUnavailable(
                f"Amazon Braket does not find the task yet: {refusal.message}"
            ) from error
        state = told["status"]
        if state in ENDED:
            return self._end(task, told)
        said = self._queued(told) if state == "QUEUED" else self._running(task) if state == "RUNNING" else []
        seconds = self._pace.next(
            running=state == "RUNNING", simulator="/quantum-simulator/" in self._info.target
        )
        return [*said, Pause(seconds)]

    def _cancel(self, task: AwsQuantumTask) -> None:
        try:
            task.cancel()
        except Exception as error:
            if code_of(error) != "ConflictException":  # else it has ended already
                raise
        self._cancel_sent = True
        self._pace.moved()

    def _queued(self, told: dict[str, Any]) -> Said:
        queue = queue_of(told.get("queueInfo", {}), self._facts())
        if repr(queue) == self._phase:
            return []
        self._phase = repr(queue)
        self._pace.moved()
        return [queue]

    def _facts(self) -> DeviceFacts | None:
        try:
            return self._devices.get(self._info.target, self._identity.profile).facts
        except QjobError:  # that nobody tells how long the queue is is no reason to stop
            return None

    def _running(self, task: AwsQuantumTask) -> Said:
        now, said = self._clock(), list[Event | Pause]()
        if self._began is None:
            self._began = now
            self._pace.moved()
            said.append(Running())
        paid_for = None if self._info.price is None else seconds_for(self._info.price.rates, self._task.cap)
        ran = now - self._began
        if paid_for is not None and not self._cancel_sent and ran > paid_for + GRACE:
            self._stopped = f"it had run for {ran:,.0f} s, and the money held pays for {paid_for:,.0f} s"
            self._cancel(task)
        return [*said, *self._tell(f"running on {self._info.title}")]

    def _end(self, task: AwsQuantumTask, told: dict[str, Any]) -> Said:
        ending = Ending(self._info, self._task, told)
        if told["status"] != "COMPLETED":
            began, by_us = self._began is not None, self._cancel_sent
            return [ending.without_result(began=began, stopped=self._stopped, by_us=by_us)]
        try:
            result = task.result()
        except Exception as error:
            refusal = self._identity.explain(error)
            if not isinstance(refusal, Gone):
                raise
            if self._pace.lost():
                return [ending.result_lost(refusal.message)]
            raise ServiceUnavailable(f"the result is not there yet: {refusal.message}") from error
        compiled = compiled_by_vendor(result)
        said: Said = [] if compiled is None else [Attached("compiled", compiled)]
        try:
            return [*said, ending.with_result(result, self._conversion())]
        except (UnreadableResult, BackendRefused, ProgramRefused) as error:
            return [*said, ending.result_lost(str(error))]


def _may_be_tried_again(refusal: QjobError) -> bool:
    """Whether a task that could not be created may be so later: nobody answered, or the login has expired."""
    if isinstance(refusal, NoCredentials):
        return "operation" not in refusal.numbers  # else IAM does not allow it
    return isinstance(refusal, ServiceUnavailable)

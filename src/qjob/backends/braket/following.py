"""One job's task at Amazon Braket: created, followed to its end, cancelled where that is wanted. Never sleeps.

Nothing that AWS fails to answer ends a job: throttling, a lost network and credentials that have expired make it
wait, and it says so. What ends it is AWS's own word on the task, or a refusal before there is one.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from braket.aws import AwsQuantumTask

from qjob.backends.base import Pause, Task
from qjob.backends.braket.beginning import Beginning
from qjob.backends.braket.conversion import Converted, convert, side_of
from qjob.backends.braket.devices import Devices
from qjob.backends.braket.ending import Ending
from qjob.backends.braket.faults import Gone, code_of
from qjob.backends.braket.identity import Identity
from qjob.backends.braket.pace import Pace
from qjob.backends.braket.places import queue_of
from qjob.backends.braket.results import compiled_by_vendor
from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.model.errors import NoCredentials, QjobError, ServiceUnavailable
from qjob.model.events import Attached, Cancelled, Completed, Event, Failed, Progress, Running, Submitted
from qjob.model.job import Failure
from qjob.model.money import from_nano
from qjob.policy.billing import seconds_for

LOG = logging.getLogger(__name__)

Said = list[Event | Pause]

SENT, READING, COMPILED, STOPPED = "sent", "reading", "compiled", "stopped"
"""What is attached to a job: the program as it was sent, how its result is read, what the device made of it, and why
its run was stopped from here."""

WORKERS_LOGIN = (
    "The worker keeps the variables that it began with: after setting others in the notebook, end it by "
    "qjob worker --stop, and submit or start another by qjob worker."
)
"""What helps where a durable job waits for a login that comes from environment variables."""

ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED"})

FETCHING = "fetching the result"

AROUND = 60.0
"""Seconds for which a task may be told as running without being billed: before its simulator begins, and after."""


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
        self._beginning = Beginning(info, task, cancelled, identity, self._conversion)
        self._converted: Converted | None = None
        self._told_sent = READING in (task.attachments or {})
        self._phase = ""  # what was said last
        self._over: dict[str, Any] | None = None  # what was told of a task that has completed
        self._began: float | None = None  # to run
        self._ran = task.ran  # at any time
        self._stopped = (task.attachments or {}).get(STOPPED, "")  # why we have cancelled it ourselves
        self._cancel_sent = bool(self._stopped)

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
        passing = isinstance(refusal, (NoCredentials, ServiceUnavailable))
        if not passing and self._arn is None and not self._beginning.unknown:
            raise refusal  # there is no task; one that there is goes on, whatever keeps us from looking at it
        login = isinstance(refusal, NoCredentials)
        first = not self._pace.troubled
        seconds = self._pace.trouble(login=login)
        if login:
            self._identity.forget()
        elif first:  # nobody needs to know of a single one
            return [Pause(seconds)]
        hint = WORKERS_LOGIN if login and self._task.durable else ""
        note = f"{refusal.message} {refusal.remedy} {hint}".strip()
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
        begun = self._beginning.turn()
        if not isinstance(begun, str):
            return [begun]
        self._arn = begun
        return [Submitted(begun), *(self._sent_texts() if self._converted else [])]

    def _sent_texts(self) -> Said:
        """Return the text that AWS was sent and how its result is read, once; nothing where nobody can tell now."""
        try:
            converted = self._conversion()
        except QjobError:  # it is no reason to look away from the task
            return []
        self._told_sent = True
        return [Attached(SENT, converted.source), Attached(READING, converted.to_text())]

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
        if self._over is not None:  # which nothing changes any more
            return self._end(task, self._over)
        in_the_way = self._cancel(task) if self._cancelled() and not self._cancel_sent else None
        try:
            told = task.metadata()
        except Exception as error:
            refusal = self._identity.explain(error)
            if not isinstance(refusal, Gone):
                raise
            if self._pace.lost():
                lost = f"Amazon Braket knows its task {arn} no more: {refusal.message}"
                # what it has cost, nobody tells any more: as much as was held, where it was seen to run
                return [Failed(Failure("task_lost", lost), from_nano(self._task.cap if self._ran else 0))]
            raise ServiceUnavailable(
                f"Amazon Braket does not find the task yet: {refusal.message}"
            ) from error
        state = told["status"]
        if state == "COMPLETED":  # said before its result is fetched, which takes its time
            self._over = told
            return self._tell(FETCHING)
        if state in ENDED:
            return self._end(task, told)
        if in_the_way is not None:
            raise in_the_way
        waits = state == "QUEUED" and (self._began is None or self._pace.back(waiting=True))
        said = self._queued(told) if waits else self._running(task) if state == "RUNNING" else []
        seconds = self._pace.next(
            running=state == "RUNNING", simulator="/quantum-simulator/" in self._info.target
        )
        sent = [] if self._told_sent else self._sent_texts()
        return [*sent, *said, Pause(seconds)]

    def _cancel(self, task: AwsQuantumTask) -> Exception | None:
        """Ask for the task's end; return what is in the way of that."""
        try:
            task.cancel()
        except Exception as error:  # noqa: BLE001 - raised by the caller, once it is known that the task goes on
            if code_of(error) != "ConflictException":  # else it has ended already
                return error
        self._cancel_sent = True
        self._pace.moved()
        return None

    def _queued(self, told: dict[str, Any]) -> Said:
        queue = queue_of(told.get("queueInfo", {}), self._facts())
        if repr(queue) == self._phase:
            return []
        self._phase = repr(queue)
        self._began = None  # where it ran, it has to begin once more
        self._pace.moved()
        return [queue]

    def _facts(self) -> DeviceFacts | None:
        try:
            return self._devices.get(self._info.target, self._identity.profile).facts
        except QjobError:  # that nobody tells how long the queue is is no reason to stop
            return None

    def _running(self, task: AwsQuantumTask) -> Said:
        now, said = self._clock(), list[Event | Pause]()
        self._pace.back(waiting=False)
        if self._began is None:
            self._began, self._ran = now, True
            self._pace.moved()
            said.append(Running())
        paid_for = None if self._info.price is None else seconds_for(self._info.price.rates, self._task.cap)
        ran = now - self._began
        if paid_for is not None and not self._cancel_sent and ran > paid_for + AROUND:
            self._stopped = f"it had run for {ran:,.0f} s, and the money held pays for {paid_for:,.0f} s"
            said.append(Attached(STOPPED, self._stopped))
            # where something is in the way, it is tried again with the next look
            self._cancel_sent = self._cancel(task) is None
        return [*said, *self._tell(f"running on {self._info.title}")]

    def _end(self, task: AwsQuantumTask, told: dict[str, Any]) -> Said:
        ending = Ending(self._info, self._task, told)
        if told["status"] != "COMPLETED":
            by_us = self._cancel_sent or self._cancelled()
            ran = None if self._began is None else self._clock() - self._began
            return [ending.without_result(began=self._ran, stopped=self._stopped, by_us=by_us, ran=ran)]
        try:
            result = task.result()
            end = ending.with_result(result, self._conversion())
        except Exception as error:
            why = self._lost(error)
            if why is None:
                raise
            if self._pace.no_result():
                return [ending.result_lost(why)]
            raise ServiceUnavailable(f"the result is not there yet: {why}") from error
        return [*_compiled(result), end]

    def _lost(self, error: Exception) -> str | None:
        """Return why there is no result, by an error of reading it; None where AWS could not be asked for it."""
        try:
            refusal = self._identity.explain(error)
        except Exception as unreadable:  # noqa: BLE001 - none of AWS's: whatever it is, the task has run and is billed
            return f"{type(unreadable).__name__}: {unreadable}"
        return None if isinstance(refusal, (NoCredentials, ServiceUnavailable)) else refusal.message


def _compiled(result: Any) -> Said:
    """Return the program as the vendor's compiler made it, where the result tells."""
    try:
        compiled = compiled_by_vendor(result)
    except Exception:  # whatever is odd about it, the result is what counts
        LOG.exception("the compiled program cannot be read")
        return []
    return [] if compiled is None else [Attached(COMPILED, compiled)]

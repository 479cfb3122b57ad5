"""What logs and traces are told of the attempts of this process: when each began, what happened, how it ended."""

import logging
from typing import Protocol

from qjob.execution.frames import Packed
from qjob.execution.hands import Order
from qjob.execution.job_log import of_job
from qjob.execution.tracing import Span, Tracing
from qjob.model.events import Cancelled, Event, Failed, Queued, Running, Submitted
from qjob.model.job import Failure

LOG = logging.getLogger(__name__)

LET_GO = Failure("lease_lost", "Somebody else has the job by now.", transient=True)


class Tracks(Protocol):
    """Is told of attempts, from one thread."""

    def begin(self, order: Order) -> None:
        """Note that an attempt begins."""

    def tell(self, job_id: str, outcome: Event | Packed) -> None:
        """Note what happened to a job, or that it has ended."""

    def let_go(self, job_id: str) -> None:
        """Note that somebody else has a job now."""


class NoTracks:
    """Tells nobody."""

    def begin(self, order: Order) -> None:
        """Do nothing."""

    def tell(self, job_id: str, outcome: Event | Packed) -> None:
        """Do nothing."""

    def let_go(self, job_id: str) -> None:
        """Do nothing."""


class Telling:
    """Tells the log and, where there are any, the traces.

    Parameters
    ----------
    tracing
        Begins the spans.
    worker
        What this process is called in them.
    """

    def __init__(self, tracing: Tracing, worker: str) -> None:
        self._tracing = tracing
        self._worker = worker
        self._under_way: dict[str, tuple[Span, int]] = {}

    def begin(self, order: Order) -> None:
        """Note that an attempt begins; again is harmless."""
        if order.job_id in self._under_way:
            return
        request = order.task.request
        span = self._tracing.attempt(
            job_id=order.job_id,
            backend=request.backend,
            shots=request.shots,
            attempt=order.attempt,
            worker=self._worker,
            parent=order.trace,
        )
        self._under_way[order.job_id] = span, order.attempt
        of_job(LOG, order.job_id, order.attempt).info("taken up on %s", request.backend)

    def tell(self, job_id: str, outcome: Event | Packed) -> None:
        """Note what happened to a job, or that it has ended."""
        span, attempt = self._under_way.get(job_id, (None, 0))
        if span is None:
            return
        match outcome:
            case Submitted(remote_id):
                span.event("submitted", {"qjob.remote_id": remote_id})
            case Running():
                span.event("running")
            case Queued(position):
                span.event("queued", {"qjob.queue.position": position})
            case Packed():
                self._end(job_id, "completed")
            case Cancelled(_, why):
                self._end(job_id, "cancelled", why)
            case Failed(failure):
                of_job(LOG, job_id, attempt).warning("%s: %s", failure.code, failure.reason)
                self._end(job_id, "failed", failure)

    def let_go(self, job_id: str) -> None:
        """Note that somebody else has a job now."""
        if job_id in self._under_way:
            self._end(job_id, "lost", LET_GO)

    def _end(self, job_id: str, word: str, failure: Failure | None = None) -> None:
        span, attempt = self._under_way.pop(job_id)
        span.end(failure, word)
        of_job(LOG, job_id, attempt).info(word)

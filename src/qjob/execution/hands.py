"""Which worker holds which jobs: one each, or several tiny ones, which it runs together.

Knows the workers and what they were given; must not know how to talk to them, nor the store.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from qjob.backends.base import Needs, Task
from qjob.execution.worker import Worker
from qjob.model.events import Checkpoint
from qjob.model.job import JobRecord

SMALL = 256 << 20
"""Bytes below which a job starts without asking what memory is free."""

TINY_SECONDS = 0.002
"""Up to so long a job is tiny: a worker may hold it beside others."""

TINY_PROGRAM = 2 << 10
"""Bytes of a tiny job's program at the most. A worker's socket has room for all that it may hold, so that to hand
them over never blocks."""

TINY_STEPS = 4 << 10
"""Bytes of its steps at the most; for the same reason."""

SHARE = 64
"""Tiny jobs that one worker holds at the most: those that it runs together, and enough for afterwards that it never
waits while the executor writes."""


def is_tiny(needs: Needs) -> bool:
    """Whether a worker may hold a job beside others, by what it takes; its program has to be short as well."""
    small = needs.memory is not None and needs.memory < SMALL
    return small and needs.seconds is not None and needs.seconds <= TINY_SECONDS


@dataclass(frozen=True, slots=True)
class Order:
    """A task with what it takes to schedule it."""

    task: Task
    needs: Needs
    paid: bool = False  # whether its end moves money
    fence: int = 0  # the number under which the store takes news of it
    attempt: int = 1  # of a durable job
    trace: str | None = None  # the traceparent of its submission

    @property
    def job_id(self) -> str:
        """The job."""
        return self.task.job_id

    @property
    def small(self) -> bool:
        """Whether it starts without asking what memory is free."""
        return self.needs.memory is not None and self.needs.memory < SMALL

    @property
    def tiny(self) -> bool:
        """Whether a worker may hold it beside others."""
        return is_tiny(self.needs) and len(self.task.request.program.data) <= TINY_PROGRAM

    def from_checkpoint(self, checkpoint: Checkpoint) -> "Order":
        """Return the same order, to go on from what an earlier attempt has counted."""
        return replace(self, task=replace(self.task, checkpoint=checkpoint))

    def alone(self) -> "Order":
        """Return the same order, not tiny any more."""
        return replace(self, needs=replace(self.needs, seconds=None))


def about(record: JobRecord) -> Mapping[str, str]:
    """Return what a service's own books may say of a job."""
    since = record.admitted_at or record.created_at
    return {"user": record.user, "team": record.team or "", "since": since.isoformat()}


class Hands:
    """The workers of one executor."""

    def __init__(self) -> None:
        self.idle: list[Worker] = []
        self.closing: set[Worker] = set()  # killed or at their end, not yet explained
        self._held: dict[Worker, dict[str, Order]] = {}
        self._holders: dict[str, Worker] = {}

    def __len__(self) -> int:
        """Return how many workers hold jobs."""
        return len(self._held)

    def holder(self, job_id: str) -> Worker | None:
        """Return the worker that holds a job."""
        return self._holders.get(job_id)

    def orders(self) -> Iterator[tuple[Worker, Order]]:
        """Yield all that the workers hold."""
        for worker, held in self._held.items():
            for order in held.values():
                yield worker, order

    @property
    def tiny(self) -> bool:
        """Whether any worker holds tiny jobs."""
        return any(next(iter(held.values())).tiny for held in self._held.values())

    @property
    def shared(self) -> bool:
        """Whether any worker holds several jobs."""
        return len(self._holders) > len(self._held)

    def room_for(self, order: Order) -> Worker | None:
        """Return the worker that should hold one more tiny job: the one with the fewest."""
        if not order.tiny:
            return None
        fewest: Worker | None = None
        for worker, held in self._held.items():
            if (
                len(held) < (SHARE if fewest is None else len(self._held[fewest]))
                and next(iter(held.values())).tiny
                and worker not in self.closing
            ):
                fewest = worker
        return fewest

    def give(self, worker: Worker, order: Order) -> None:
        """Let a worker hold a job."""
        self._held.setdefault(worker, {})[order.job_id] = order
        self._holders[order.job_id] = worker

    def finish(self, worker: Worker, job_id: str) -> None:
        """Take a job from its worker, which is idle where that was all."""
        held = self._held[worker]
        del held[job_id], self._holders[job_id]
        if not held:
            del self._held[worker]
            self.idle.append(worker)

    def take_back(self, worker: Worker) -> list[Order]:
        """Take everything from a worker, which is no longer of use, and return it in its order."""
        if worker in self.idle:
            self.idle.remove(worker)
        held = self._held.pop(worker, {})
        for job_id in held:
            del self._holders[job_id]
        return list(held.values())

"""Which worker holds which jobs: one each, or several tiny ones, so that the worker never waits for the next.

Knows the workers and what they were given; must not know how to talk to them, nor the store.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from qjob.backends.base import Needs, Task
from qjob.execution.worker import Worker

SMALL = 256 << 20
"""Bytes below which a job starts without asking what memory is free."""

TINY_SECONDS = 0.002
"""Up to so long a job is tiny: it may wait inside a worker for a few others."""

TINY_PROGRAM = 16 << 10
"""Bytes of a tiny job's program at the most. A worker's socket has room for all that it may hold, so that to hand
them over never blocks."""

AHEAD = 16
"""Tiny jobs that one worker holds at the most."""


@dataclass(frozen=True, slots=True)
class Order:
    """A task with what it takes to schedule it."""

    task: Task
    needs: Needs

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
        """Whether it may wait inside a worker."""
        seconds, program = self.needs.seconds, self.task.request.program
        return (
            self.small
            and seconds is not None
            and seconds <= TINY_SECONDS
            and len(program.data) <= TINY_PROGRAM
        )


class Hands:
    """The workers of one executor."""

    def __init__(self) -> None:
        self.idle: list[Worker] = []
        self.closing: set[Worker] = set()  # killed or at their end, not yet explained
        self._held: dict[Worker, deque[Order]] = {}  # the first of each is at work
        self._holders: dict[str, Worker] = {}  # by job

    def __len__(self) -> int:
        """Return how many workers hold jobs."""
        return len(self._held)

    def holder(self, job_id: str) -> Worker | None:
        """Return the worker that holds a job."""
        return self._holders.get(job_id)

    def orders(self) -> Iterator[Order]:
        """Yield all that the workers hold."""
        for held in self._held.values():
            yield from held

    def at_work(self) -> Iterator[tuple[Worker, Order]]:
        """Yield each worker that holds jobs, with the one it works at."""
        for worker, held in self._held.items():
            yield worker, held[0]

    def works_at(self, worker: Worker) -> Order | None:
        """Return the job that a worker works at."""
        held = self._held.get(worker)
        return held[0] if held else None

    @property
    def ahead(self) -> bool:
        """Whether any worker holds more than it works at."""
        return any(len(held) > 1 for held in self._held.values())

    def room_for(self, order: Order) -> Worker | None:
        """Return the worker that should hold one more tiny job: the one with the fewest."""
        if not order.tiny:
            return None
        room = [
            (len(held), place)
            for place, (worker, held) in enumerate(self._held.items())
            if len(held) < AHEAD and held[0].tiny and worker not in self.closing
        ]
        return list(self._held)[min(room)[1]] if room else None

    def give(self, worker: Worker, order: Order) -> bool:
        """Let a worker hold a job; return whether it works at it at once."""
        held = self._held.setdefault(worker, deque())
        held.append(order)
        self._holders[order.job_id] = worker
        return len(held) == 1

    def finish(self, worker: Worker) -> Order | None:
        """Take what the worker worked at from it; return the next one, without which it is idle."""
        held = self._held[worker]
        del self._holders[held.popleft().job_id]
        if held:
            return held[0]
        del self._held[worker]
        self.idle.append(worker)
        return None

    def take_back(self, worker: Worker) -> list[Order]:
        """Take everything from a worker, which is no longer of use, and return it in its order."""
        if worker in self.idle:
            self.idle.remove(worker)
        held = self._held.pop(worker, ())
        for order in held:
            del self._holders[order.job_id]
        return list(held)

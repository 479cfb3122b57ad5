"""Lets many tasks at a service take turns on few threads. Knows neither the service nor where its events go.

A task is an iterator that never sleeps: it yields an event, or a pause after which it wants its next turn. So a
thread is taken only while the service is asked, and some hundred tasks that wait for a queue cost nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count

from qjob.backends.base import Pause, Task
from qjob.model.errors import QjobError
from qjob.model.events import Cancelled, Completed, Event, Failed, Progress
from qjob.model.job import Failure

LOG = logging.getLogger(__name__)

AGAIN = (1.0, 5.0, 30.0, 120.0)
"""Seconds until a task is followed again after its backend broke down, one after the other."""

LOOK_THERE = (
    "Look at the service itself whether it has a task of this job; what it bills can be booked by hand."
)

Follow = Callable[[Task, Callable[[], bool]], Iterator[Event | Pause | None]]
"""Given a task and what tells whether it is to be cancelled, returns its iterator."""

Say = Callable[[str, Event], None]
"""Passes on what happened to a job."""


@dataclass(eq=False, slots=True)
class _Turn:
    """One task that takes turns."""

    task: Task
    cancelled: threading.Event = field(default_factory=threading.Event)
    events: Iterator[Event | Pause | None] | None = None
    place: int = -1  # the number of its entry among the due ones; -1: none counts
    in_hand: bool = False  # of a thread
    hurry: bool = False  # the next turn comes without a pause
    broken: int = 0  # times in a row
    fresh: bool = True  # no earlier process had it
    dropped: bool = False  # nobody wants to hear of it any more
    successor: "_Turn | None" = None  # to be followed once the last turn of this one is over


class Turns:
    """Runs tasks until each has ended.

    Parameters
    ----------
    follow
        Begins a task, or resumes it.
    say
        Is called by several threads; for one job never by two at once, and in the order of its events.
    threads
        How many tasks may have their turn at the same time.
    clock
        A monotonic clock in seconds.
    """

    def __init__(
        self, follow: Follow, say: Say, *, threads: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._follow = follow
        self._say = say
        self._most = threads
        self._clock = clock
        self._turns: dict[str, _Turn] = {}
        self._due: list[tuple[float, int, _Turn]] = []
        self._order = count()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._free = 0
        self._closing = False

    def __len__(self) -> int:
        """Return how many tasks have not ended."""
        return len(self._turns)

    def add(self, task: Task) -> None:
        """Take a task; one that is there already is left alone."""
        with self._changed:
            before = self._turns.get(task.job_id)
            if before is None and not self._closing:
                self._begin(_Turn(task, fresh=not task.resumed))
            elif before is not None and before.dropped:
                before.successor = _Turn(task, fresh=not task.resumed)

    def drop(self, job_id: str) -> None:
        """Follow a task no more; what goes on at the service goes on. Unknown ones have ended."""
        with self._changed:
            turn = self._turns.get(job_id)
            if turn is None:
                return
            turn.successor = None
            if turn.in_hand:
                turn.dropped = True  # at the end of this turn
            else:
                turn.place = -1
                del self._turns[job_id]

    def _begin(self, turn: _Turn) -> None:
        self._turns[turn.task.job_id] = turn
        self._schedule(turn, 0.0)

    def cancel(self, job_id: str) -> None:
        """Want a task to end; it has its turn at once. Unknown ones have ended."""
        with self._changed:
            turn = self._turns.get(job_id)
            if turn is not None and turn.successor is not None:
                turn.successor.cancelled.set()
            elif turn is not None and not turn.cancelled.is_set():
                turn.cancelled.set()
                if turn.in_hand:
                    turn.hurry = True
                else:
                    self._schedule(turn, 0.0)

    def close(self) -> None:
        """Give no turns any more, and wait for those under way."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _schedule(self, turn: _Turn, seconds: float) -> None:
        turn.place = next(self._order)  # an entry before it counts no more
        heappush(self._due, (self._clock() + seconds, turn.place, turn))
        self._have_somebody_wait()

    def _have_somebody_wait(self) -> None:
        """See to it that a thread waits for what is due next, while others may be held up at the service."""
        if not self._free and len(self._threads) < self._most and not self._closing:
            thread = threading.Thread(target=self._loop, name="qjob-turn", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the threads that there are have to do
                LOG.warning("no more thread could be started: %s", error)
            else:
                self._threads.append(thread)
        self._changed.notify()

    def _loop(self) -> None:
        while (turn := self._next()) is not None:
            pause = self._take(turn)
            with self._changed:
                turn.in_hand = False
                if pause is None or turn.dropped:
                    del self._turns[turn.task.job_id]
                    if turn.successor is not None:
                        self._begin(turn.successor)
                else:
                    self._schedule(turn, 0.0 if turn.hurry else pause)
                    turn.hurry = False

    def _next(self) -> _Turn | None:
        """Return the next task once it is due; None where there are to be no more."""
        with self._changed:
            while not self._closing:
                while self._due and self._due[0][1] != self._due[0][2].place:
                    heappop(self._due)  # it was moved forward since
                wait = self._due[0][0] - self._clock() if self._due else None
                if wait is not None and wait <= 0:
                    turn = heappop(self._due)[2]
                    turn.place, turn.in_hand = -1, True
                    if self._due:
                        self._have_somebody_wait()
                    return turn
                self._free += 1
                self._changed.wait(wait)
                self._free -= 1
            return None

    def _take(self, turn: _Turn) -> float | None:
        """Let a task have its turn; return the seconds until the next one, None where it has ended."""
        try:
            return self._advance(turn)
        except Exception as error:
            if isinstance(error, QjobError) and turn.task.remote_id is None and not turn.task.resumed:
                self._say(turn.task.job_id, Failed(Failure(error.code, error.message, error.remedy)))
                return None  # it was never submitted
            LOG.exception("job %s is followed again soon", turn.task.job_id)
            return self._begin_again(turn, error)

    def _advance(self, turn: _Turn) -> float | None:
        job_id = turn.task.job_id
        if turn.events is None:
            turn.events = self._follow(turn.task, turn.cancelled.is_set)
        for event in turn.events:
            if isinstance(event, Pause):
                turn.broken = 0
                return event.seconds
            if event is not None:
                turn.task = turn.task.after(event)
                self._say(job_id, event)
            if isinstance(event, (Completed, Failed, Cancelled)):
                return None
        raise RuntimeError("the backend's events have ended without an end of the job")

    def _begin_again(self, turn: _Turn, error: Exception) -> float | None:
        """Follow a task again whose backend broke down; give up only what no earlier process can have submitted."""
        turn.events = None
        turn.task = replace(turn.task, resumed=True)
        turn.broken += 1
        if turn.broken > len(AGAIN) and turn.task.remote_id is None and turn.fresh:
            reason = f"the adapter broke down {turn.broken} times: {type(error).__name__}: {error}"
            self._say(turn.task.job_id, Failed(Failure("backend_error", reason, LOOK_THERE)))
            return None
        seconds = AGAIN[min(turn.broken, len(AGAIN)) - 1]
        note = f"The adapter broke down ({type(error).__name__}: {error}); it looks again in {seconds:g} s."
        self._say(turn.task.job_id, Progress("held up", note=note))
        return seconds

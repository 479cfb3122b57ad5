"""Tells the threads of one process that the store may have changed, so that nobody has to poll for it."""

import threading
from collections.abc import Iterable


class Feed:
    """A counter that threads can wait for, either for any change or for one of a certain job."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tick = 0
        self._waiting: dict[str | None, set[threading.Condition]] = {}  # by job; None: for any
        self._somebody = threading.Condition(self._lock)  # waits, where nobody did

    @property
    def tick(self) -> int:
        """How often the store has changed so far."""
        with self._lock:
            return self._tick

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    def linger(self, seconds: float) -> None:
        """Return once somebody waits, for whatever, or when so many seconds are over."""
        with self._lock:
            if not self._waiting:
                self._somebody.wait(seconds)

    def bump(self, jobs: Iterable[str] | None = None) -> None:
        """Wake everyone who waits for one of these jobs or for any; everyone at all where no jobs are given."""
        with self._lock:
            self._tick += 1
            for job_id in list(self._waiting) if jobs is None else (*jobs, None):
                for condition in self._waiting.get(job_id, ()):
                    condition.notify()

    def wait(self, seen: int, timeout: float | None, job_id: str | None = None) -> int:
        """Wait until the tick differs from ``seen``, or for ``timeout`` seconds; return the tick.

        Parameters
        ----------
        job_id
            Changes of other jobs need not end the wait; those that came before it may.
        """
        with self._lock:
            if self._tick == seen:
                condition = threading.Condition(self._lock)
                self._somebody.notify_all()
                waiting = self._waiting.setdefault(job_id, set())
                waiting.add(condition)
                try:
                    condition.wait(timeout)
                finally:
                    waiting.remove(condition)
                    if not waiting:
                        self._waiting.pop(job_id, None)
            return self._tick

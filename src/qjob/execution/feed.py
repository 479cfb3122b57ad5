"""Tells the threads of one process that the store may have changed, so that nobody has to poll for it."""

import threading


class Feed:
    """A counter that threads can wait for."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._tick = 0

    @property
    def tick(self) -> int:
        """How often the store has changed so far."""
        with self._condition:
            return self._tick

    def bump(self) -> None:
        """Wake everyone who waits."""
        with self._condition:
            self._tick += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout: float | None) -> int:
        """Return the tick once it differs from ``seen``, or after ``timeout`` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._tick != seen, timeout)
            return self._tick

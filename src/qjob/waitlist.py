"""Jobs that wait for their turn: each is tried again when it is due. Knows neither jobs nor store."""

import logging
import threading
import time
from collections.abc import Callable
from heapq import heappop, heappush

LOG = logging.getLogger(__name__)

SOONEST = 0.01
"""Seconds between two tries at the least."""


class Waitlist:
    """Tries jobs from a thread of its own, which runs as long as any of them waits.

    Parameters
    ----------
    attempt
        Tries a job; returns in how many seconds it is to be tried again, None where that is not to be.
    """

    def __init__(self, attempt: Callable[[str], float | None]) -> None:
        self._attempt = attempt
        self._due: list[tuple[float, str]] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    def add(self, job_id: str, seconds: float) -> None:
        """Try a job in so many seconds."""
        with self._changed:
            heappush(self._due, (time.monotonic() + max(seconds, SOONEST), job_id))
            if self._thread is None and not self._closing:
                thread = threading.Thread(target=self._loop, name="qjob-waitlist", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:  # the next job tries again
                    LOG.warning("nothing is tried for now, since no thread could be started: %s", error)
                else:
                    self._thread = thread
            self._changed.notify()

    def close(self) -> None:
        """Try nothing any more; a try under way is waited for."""
        with self._changed:
            self._closing, thread = True, self._thread
            self._changed.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _loop(self) -> None:
        while (job_id := self._next()) is not None:
            try:
                seconds = self._attempt(job_id)
            except Exception:  # the others still have to be tried
                LOG.exception("%s is not tried any more", job_id)
                continue
            if seconds is not None:
                self.add(job_id, seconds)

    def _next(self) -> str | None:
        """Return the next job once it is due; None where there is nothing left to do."""
        with self._changed:
            while self._due and not self._closing:
                due, job_id = self._due[0]
                if (left := due - time.monotonic()) <= 0:
                    heappop(self._due)
                    return job_id
                self._changed.wait(left)
            self._thread = None
            return None

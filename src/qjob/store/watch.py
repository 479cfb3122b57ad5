"""Waiting for what other connections write to a store: the part that both databases share. Reads no job.

`qjob.store.sqlite.watch` looks at the file's data version, `qjob.store.postgres.watch` listens to the server. What is
common is that nothing is missed, however long one does not wait, and that a store which is away for a while is come
back to.
"""

import contextlib
import logging
import os
import select
import socket
import threading
import time
from abc import ABC, abstractmethod

from qjob.model.errors import StoreError, StoreUnavailable

LOOK = 0.05
"""Seconds between two looks at a database that does not tell by itself."""

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between tries to reach a store that is away; the last one goes on for ever."""

LOG = logging.getLogger(__name__)


class Changes(ABC):
    """What others write to a store, for one thread at a time to wait for.

    Holds a connection from the first wait to `close`. A forked child cannot use it.

    Parameters
    ----------
    shown
        The store, as messages call it.
    """

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._pid = os.getpid()
        self._turn = threading.Lock()  # of who waits
        # of who rings the bell, or takes it down; a signal may come while its own thread rings
        self._rope = threading.RLock()
        self._bell, self._ringer = socket.socketpair()
        self._ringer.settimeout(0)
        self._closed = self._over = False
        self._begun = False  # whether changes are seen at all
        self._tries, self._next_try = 0, 0.0

    @property
    def blind(self) -> bool:
        """Whether the store cannot be reached just now, so that whoever waits had better look by other ways too."""
        return self._tries > 0

    def wait(self, timeout: float) -> bool:
        """Wait until another connection, of any process, may have written to the store.

        What was written between two waits ends the second one at once. The first wait does so in any case, and so
        does the one in which a store is back that was away: nobody knows what was written before.

        Parameters
        ----------
        timeout
            Seconds to wait at the most.

        Returns
        -------
        bool
            False where nothing was written: the time is over, or somebody called `wake` or `close`.

        Raises
        ------
        StoreUnavailable
            This was closed, or belongs to the process that this one was forked from.
        StoreError
            The store cannot be watched, and time will not help. A store that is only away for a while (no connection,
            a locked file) is tried again with growing pauses, and the log says so once.
        """
        with self._turn:
            self._check()
            changed = self._wait(time.monotonic() + timeout)
        if self._closed:
            self._finish()
        return changed

    def wake(self) -> None:
        """End the wait that is under way, or else the next one, from any thread."""
        if self._pid != os.getpid():
            return
        with self._rope, contextlib.suppress(BlockingIOError):  # it has been rung often enough
            if not self._over:
                self._ringer.send(b"\0")

    def close(self) -> None:
        """End the wait that is under way, and let go of the connection; again is harmless."""
        self._closed = True
        self.wake()
        if self._pid == os.getpid():
            self._finish()

    @abstractmethod
    def _begin(self) -> None:
        """Connect; whatever is written from now on will be seen. May be called again after a `StoreError`."""

    @abstractmethod
    def _seen(self, end: float) -> bool:
        """Wait until something is written, up to a moment of `time.monotonic`, or until the bell is rung."""

    @abstractmethod
    def _end(self) -> None:
        """Let go of the connection, if there is one."""

    def _rest(self, seconds: float, *also: int) -> bool:
        """Sleep until the bell is rung, or one of these sockets has something to read; return whether it was rung."""
        news = select.poll()
        for source in (self._bell.fileno(), *also):
            news.register(source, select.POLLIN)
        ready = [source for source, _ in news.poll(max(0.0, seconds) * 1000)]
        if self._bell.fileno() not in ready:
            return False
        self._bell.recv(4096)
        return True

    def _wait(self, end: float) -> bool:
        while True:
            try:
                if self._begun:
                    return self._seen(end)
                if time.monotonic() >= self._next_try:
                    self._begin()
                    self._come_back()
                    return True
            except StoreError as error:
                self._lose(error)
            if self._begun or time.monotonic() >= self._next_try:
                continue
            until = min(end, self._next_try)
            if self._rest(until - time.monotonic()) or time.monotonic() >= end:
                return False

    def _lose(self, error: StoreError) -> None:
        lost, self._begun = self._begun, False
        self._end()
        if error.retry_after is None:
            raise error
        if lost:
            return  # tried again at once: a connection may end without any trouble at the other end
        if not self._tries:
            LOG.warning("changes of the store %s are not heard of: %s", self._shown, error)
        self._next_try = time.monotonic() + PAUSES[min(self._tries, len(PAUSES) - 1)]
        self._tries += 1

    def _come_back(self) -> None:
        self._begun = True
        if self._tries:
            LOG.warning("changes of the store %s are heard of again", self._shown)
        self._tries, self._next_try = 0, 0.0

    def _check(self) -> None:
        if self._pid != os.getpid():
            raise StoreUnavailable(
                f"process {os.getpid()} was forked from the one that waits for changes of the store {self._shown}.",
                remedy="Ask the store for its changes again.",
            )
        if self._closed:
            raise StoreUnavailable(f"the store {self._shown} was closed.", remedy="Open it again.")

    def _finish(self) -> None:
        """Let go of everything, unless somebody waits, who does it then."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            with self._rope:
                over, self._over = self._over, True
            if not over:
                self._end()
                self._bell.close()
                self._ringer.close()
        finally:
            self._turn.release()

"""Watches, for all threads of a process that wait, what other processes write to the store. Reads no job.

One thread, whatever the number of those who wait; none while nobody waits. Each change wakes everybody by the feed,
since a database says that something was written, not what.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qjob.execution.feed import Feed
from qjob.model.errors import StoreError, WorkerError
from qjob.store.watch import Changes

LINGER = 3.0
"""Seconds for which the watch goes on after the last one who waited has left: most come back."""

REST = 0.01
"""Seconds between two changes of which the feed is told: a busy store shall not keep those who wait busy."""

UNPROMPTED = 30.0
"""Seconds without a change after which those who wait look all the same, should a change ever go unheard."""

LOG = logging.getLogger(__name__)


class Watcher:
    """Bumps a feed when the store has changed, as long as somebody wants that.

    Parameters
    ----------
    changes
        Begins to watch the store.
    feed
        Is bumped at every change, and where the watch itself begins or ends.
    linger
        Seconds for which the watch goes on when nobody waits.
    """

    def __init__(self, changes: Callable[[], Changes], feed: Feed, *, linger: float = LINGER) -> None:
        self._open = changes
        self._feed = feed
        self._linger = linger
        self._lock = threading.Lock()
        self._waiting: set[object] = set()
        self._left = 0.0  # when somebody waited last
        self._thread: threading.Thread | None = None
        self._changes: Changes | None = None
        self._trouble: Exception | None = None
        self._closed = False

    @property
    def blind(self) -> bool:
        """Whether changes go unheard just now, so that whoever waits has to look by itself."""
        changes = self._changes
        return self._closed or (changes is not None and changes.blind)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have the feed bumped at every change meanwhile, those just before included.

        Raises
        ------
        StoreError
            The store cannot be watched, and time will not help.
        WorkerError
            The system gives no more threads.
        """
        me = object()
        try:
            self._join(me)
            yield
        finally:
            with self._lock:
                self._waiting.discard(me)
                self._left = time.monotonic()
        if self._trouble is not None and not self._closed:
            raise self._trouble

    def close(self) -> None:
        """End the watch, for good."""
        with self._lock:
            self._closed = True
            thread, changes = self._thread, self._changes
        if changes is not None:
            changes.close()
        if thread is not None:
            thread.join(timeout=2)  # longer, where it is just trying to connect: it ends by itself then

    def _join(self, who: object) -> None:
        with self._lock:
            if self._thread is None and not self._closed:
                self._trouble = None
                thread = threading.Thread(target=self._run, name="qjob-watcher", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    raise WorkerError(
                        f"no thread could be started: {error}.",
                        remedy="End some threads or processes, then try again.",
                    ) from error
                self._thread = thread
            self._waiting.add(who)
            if self._changes is not None:
                self._changes.wake()  # what is waited for may be about to come

    def _run(self) -> None:
        try:
            changes = self._open()
            with self._lock:
                self._changes = changes
                closed = self._closed
            try:
                if not closed:
                    self._watch(changes)
            finally:
                changes.close()
        except StoreError as error:
            self._trouble = error
        except Exception as error:  # not foreseen; but nobody shall wait for ever
            LOG.exception("the watch for changes of the store ends")
            self._trouble = error
        finally:
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = self._changes = None
            self._feed.bump()

    def _watch(self, changes: Changes) -> None:
        bumped = time.monotonic()
        while self._wanted():
            if changes.wait(self._linger) or time.monotonic() - bumped >= UNPROMPTED:
                bumped = time.monotonic()
                self._feed.bump()
                time.sleep(REST)

    def _wanted(self) -> bool:
        """Whether to go on; where not, the next one who waits starts another watch, which sees this one's end."""
        with self._lock:
            if self._closed:
                return False
            if self._waiting or time.monotonic() - self._left < self._linger:
                return True
            self._thread = self._changes = None
            return False

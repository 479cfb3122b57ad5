"""Checkpoints of the write-ahead log, beside the commits instead of within one of them.

A checkpoint copies what was written into the file and waits for the disk, a fifth of a second for some MB. SQLite
makes it within whichever commit finds the log long, so that one submission in some hundreds took so long. Here a
thread makes it; who writes meanwhile is not held up: https://www.sqlite.org/wal.html#concurrency. SQLite's own one
stays for what is written faster than that, and to begin the log anew, which takes a moment when all of it is copied.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

from qjob.model.errors import StoreError
from qjob.store.sqlite.links import PROCESS, Link

LOG = logging.getLogger(__name__)

CHANGES = 2000
"""Rows that are written between two checkpoints; most of them come to a page or two of the log."""


class Checkpoints:
    """The checkpoints of one file by one process.

    Parameters
    ----------
    connect
        Opens a connection to it.
    """

    def __init__(self, connect: Callable[[], Link]) -> None:
        self._connect = connect
        self._changes = 0
        self._ended = False
        self._thread: threading.Thread | None = None

    def written(self, changes: int) -> None:
        """Count rows that were committed, and begin a checkpoint where it is time. Called by one thread at a time."""
        self._changes += changes
        if self._changes < CHANGES or self._ended or (self._thread and self._thread.is_alive()):
            return
        thread = threading.Thread(target=self._run, name="qjob-checkpoint", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no more threads, or the interpreter ends; a commit will do it in time
            LOG.debug("no thread for a checkpoint: %s", error)
            return
        self._thread, self._changes = thread, 0

    def end(self) -> None:
        """Wait for the one that is under way, and begin no other."""
        self._ended = True
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            with PROCESS.background, closing(self._connect()) as link:
                link.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except (StoreError, sqlite3.Error) as error:
            LOG.debug("no checkpoint: %s", error)  # nothing is lost, and what is wrong the next commit says

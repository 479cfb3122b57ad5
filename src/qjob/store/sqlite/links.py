"""The SQLite connections of this process, and what becomes of them in a forked child.

SQLite keeps its file locks in tables of the process. A forked child inherits these tables but not the locks: a
new connection beside an inherited one believes that its locks are held already and takes none, and a third
process may then truncate the files under it. So before a child opens its first connection, the inherited ones
are closed, in every store of the process. That is safe for one that was idle when the process forked; where one
was in use, by whatever thread, the child cannot use stores at all and is told so. A child that uses no store is
left alone.
"""

import os
import sqlite3
import threading
import weakref
from pathlib import Path

from qjob.model.errors import StoreUnavailable

# SQLite makes a checkpoint of its own, within a commit, where the write-ahead log has come to 64 MB: see
# `checkpoints` for those that come before.
#
# NORMAL: a commit survives the death of any process, but the last ones before a power cut may be missing, and the
# file stays whole. Where money moves, a transaction asks for FULL.
PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",  # else a REPLACE deletes rows past the triggers that forbid it
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 16000",
    "PRAGMA journal_size_limit = 33554432",
)


class Link:
    """One thread's connection, and what goes on in it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.pid = os.getpid()
        self.uses = 0  # how many calls are inside it now
        self.writing = False  # whether a transaction that writes is open
        self.doomed = False  # an inner transaction failed: the outer one must not commit
        # a thread that ends drops the link: close then, but not in a fork
        # not at the interpreter's end: a daemon thread may be inside the connection then
        weakref.finalize(self, _close_own, connection, self.pid).atexit = False

    def close(self) -> None:
        """Close the connection, in whichever process."""
        self.connection.close()


def _close_own(connection: sqlite3.Connection, pid: int) -> None:
    if os.getpid() == pid:
        connection.close()


class ProcessLinks:
    """All links of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._links: weakref.WeakSet[Link] = weakref.WeakSet()
        self._inherited: list[Link] = []
        self.background = threading.Lock()  # held by who uses a connection unasked; a fork waits for it
        os.register_at_fork(
            before=self._fork, after_in_parent=self._forked_another, after_in_child=self._forked
        )

    def add(self, connection: sqlite3.Connection) -> Link:
        """Keep account of a new connection."""
        link = Link(connection)
        with self._lock:
            self._links.add(link)
        return link

    def leave_inherited(self) -> None:
        """Close what this process inherited when it was forked, if it was.

        Raises
        ------
        StoreUnavailable
            It was forked while a thread was using a store.
        """
        with self._lock:
            if any(link.uses for link in self._inherited):
                raise StoreUnavailable(
                    f"process {os.getpid()} was forked in the middle of a use of the store, and cannot use it.",
                    remedy="Start processes afresh: multiprocessing.get_context('spawn'), or subprocess.",
                )
            for link in self._inherited:
                link.close()
            self._inherited.clear()

    def _fork(self) -> None:
        self.background.acquire()

    def _forked_another(self) -> None:
        self.background.release()

    def _forked(self) -> None:
        self.background = threading.Lock()
        self._lock = threading.Lock()  # the old one may have been held by a thread that this process lacks
        self._inherited += self._links
        self._links = weakref.WeakSet()


PROCESS = ProcessLinks()
"""Module state, because it mirrors what SQLite keeps for each process."""


def open_link(path: Path, busy_timeout: float) -> Link:
    """Open a connection to a file that is there.

    Parameters
    ----------
    path
        The file.
    busy_timeout
        Seconds to wait for another process's write.

    Raises
    ------
    sqlite3.Error
        It cannot be opened.
    StoreUnavailable
        This process was forked while a thread was using a store.
    """
    PROCESS.leave_inherited()
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",  # never make a file that nobody has checked
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,  # transactions begin and end where the database says so
        check_same_thread=False,  # only for closing, and for a watch, which passes from thread to thread
    )
    link = PROCESS.add(connection)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return link

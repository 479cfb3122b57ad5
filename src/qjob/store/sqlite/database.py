"""The SQLite file: connections, transactions, and the checks on opening. Knows nothing of jobs.

One connection a thread, in WAL mode. Whatever writes begins with BEGIN IMMEDIATE: a plain BEGIN takes the lock
only at its first write, and then fails at once where another process was faster.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from qjob.model.errors import StoreError, StoreUnavailable
from qjob.store.sqlite import several
from qjob.store.sqlite.checkpoints import Checkpoints
from qjob.store.sqlite.guard import (
    STORE_ERRORS,
    Partition,
    check_identity,
    check_place,
    damaged,
    explain,
    make_place,
)
from qjob.store.sqlite.links import Link, open_link
from qjob.store.sqlite.locks import Locks
from qjob.store.sqlite.owners import FileOwners
from qjob.store.sqlite.schema import APPLICATION_ID, Schema
from qjob.store.sqlite.space import shrink, size
from qjob.store.sqlite.text_index import make_text_index, pattern_of, phrase_of
from qjob.store.sqlite.watch import FileChanges
from qjob.store.watch import LOOK, Changes

CHECKED_SIZE = 4_000_000
"""Files up to this size, in bytes, are checked on opening, in some milliseconds; larger ones when asked to."""


class Database(Locks):
    """One SQLite file.

    Parameters
    ----------
    path
        The file. Use `open` to have it made and checked.
    queries
        The named queries, from `qjob.store.queries.load_queries`.
    busy_timeout
        Seconds to wait for another process's write.
    machine_clock
        Nanoseconds by a clock that all processes of the machine share, for leases.
    """

    def __init__(
        self,
        path: Path,
        queries: Any,
        *,
        busy_timeout: float = 10.0,
        machine_clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.path = path
        self.queries = queries
        self.has_text_index = False
        self.owners = FileOwners(path.parent)
        self._busy_timeout = busy_timeout
        self._machine_clock = machine_clock
        self._local = threading.local()
        self._links: WeakSet[Link] = WeakSet()
        self._watches: WeakSet[Changes] = WeakSet()
        self._checkpoints = Checkpoints(lambda: self.connect(busy_timeout))
        self._closed = False
        self._version = 0
        self._turn, self._pid = threading.RLock(), os.getpid()
        self._file: tuple[int, int] | None = None  # device and inode, at the first write

    @property
    def fills_text_index(self) -> bool:
        """Whether each new job has to be added to the text index."""
        return self.has_text_index

    def text_pattern(self, text: str) -> str:
        """Return what the text index has to be asked for a text that is not too short for it."""
        return pattern_of(text)

    def text_phrase(self, text: str) -> str:
        """Return what the text index has to be asked to find nothing but what holds the text."""
        return phrase_of(text)

    def size(self) -> int:
        """Return how many bytes the file and what SQLite keeps beside it take up."""
        return size(self.path)

    def shrink(self) -> int:
        """Give what is free in the file back to the disk, and return how many bytes that was; see `space`."""
        with self._turn, self.read() as connection:
            return shrink(connection, self.queries, self.path)

    def open(self, schema: Schema, partitions: Callable[[], Iterable[Partition]]) -> None:
        """Make the file if it is missing, check it, and bring it to the schema's version.

        Raises
        ------
        StoreError
            One of its kinds; the file is then as it was.
        """
        check_place(self.path, partitions())
        make_place(self.path)
        with self.read() as connection:
            self._identify(connection, schema)
            connection.execute("PRAGMA journal_mode = WAL")
            if self.path.stat().st_size <= CHECKED_SIZE:
                self.check()
        with self.write() as connection:  # fails here, not at the first job, where the file cannot be written
            version = self._identify(connection, schema)  # again: another process may have been faster
            if version < schema.version:
                schema.apply(connection, version)
            self.has_text_index = make_text_index(connection, self.queries, self.path)
        self._version = schema.version

    def check(self) -> None:
        """Read the whole file for damage.

        Raises
        ------
        StoreCorrupt
            With the first fault found.
        """
        with self.read() as connection:
            finding = self.queries.quick_check(connection)
        if finding != "ok":
            raise damaged(self.path, finding)

    def close(self) -> None:
        """Close the connections of all threads; one that is in use is closed when that use ends. Ends all waits."""
        self._closed = True
        for watch in list(self._watches):
            watch.close()
        self._checkpoints.end()
        for link in list(self._links):
            if not link.uses and link.pid == os.getpid():
                link.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read with: each statement sees one moment, or the transaction around it."""
        link = self._link()
        try:
            yield link.connection
        except STORE_ERRORS as error:
            raise explain(error, self.path) from error
        finally:
            self._leave(link)

    @contextmanager
    def read_moment(self) -> Iterator[sqlite3.Connection]:
        """Give a connection all of whose statements see the same moment."""
        with self.read() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Give a connection to write with, in one transaction; inside another one it joins that.

        Where an inner transaction fails, the outer one is undone as a whole, even if the error was caught between.

        Parameters
        ----------
        durable
            Whether the commit waits for the disk, so that it survives a power cut.
        """
        link = self._link()
        try:
            if link.writing:
                yield from self._joined(link)
                return
            # SQLite lets whoever finds the file locked sleep for a millisecond and more; our own threads need not
            with self._turn:
                yield from self._transaction(link, durable=durable)
        except STORE_ERRORS as error:
            raise explain(error, self.path) from error
        finally:
            self._leave(link)

    def add(self, connection: sqlite3.Connection, query: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add rows as a named query adds one; see `several`."""
        return several.add(connection, getattr(self.queries, query).sql, rows)

    def is_current(self, connection: sqlite3.Connection) -> bool:
        """Whether the file is still of the version that it had, or was brought to, when it was opened."""
        return bool(self.queries.user_version(connection) == self._version)

    def lease_clock(self, connection: sqlite3.Connection) -> int:  # noqa: ARG002 - the protocol's
        """Return the machine's microseconds since it was started, not counting the time that it slept.

        The wall clock would let every lease run out while a laptop sleeps, and is set now and then.
        """
        return self._machine_clock() // 1000

    def changes(self, look: float = LOOK) -> FileChanges:
        """Return what others write, to wait for."""
        watch = FileChanges(self, look)
        self._watches.add(watch)
        if self._closed:
            watch.close()
            raise self._was_closed()
        return watch

    def version_seen_by(self, link: Link) -> int:
        """Return the data version, another one for a link when another connection has written.

        Raises
        ------
        StoreUnavailable
            The file was removed or replaced while it was open, or this was closed.
        """
        self._enter(link)
        try:
            self.check_file()
            version: int = self.queries.data_version(link.connection)
        except STORE_ERRORS as error:
            raise explain(error, self.path) from error
        finally:
            self._leave(link)
        return version

    @staticmethod
    def _joined(link: Link) -> Iterator[sqlite3.Connection]:
        try:
            yield link.connection
        except BaseException:
            link.doomed = True
            raise

    def _transaction(self, link: Link, *, durable: bool) -> Iterator[sqlite3.Connection]:
        connection = link.connection
        before = connection.total_changes
        if durable:
            connection.execute("PRAGMA synchronous = FULL")
        link.writing, link.doomed = True, False
        try:
            self.check_file()
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            _commit(link)
            self._checkpoints.written(connection.total_changes - before)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            link.writing = False
            if durable:
                connection.execute("PRAGMA synchronous = NORMAL")

    def check_file(self) -> None:
        """Refuse a file that has lost its name: what is written there, nobody finds again.

        Raises
        ------
        StoreUnavailable
            The file was removed or replaced while it was open.
        """
        try:
            found = self.path.stat()
            now = (found.st_dev, found.st_ino)
        except OSError:
            now = None
        self._file = self._file or now
        if now != self._file or now is None:
            raise StoreUnavailable(
                f"the store {self.path} was removed or replaced while it was in use.",
                remedy="Put it back, or restart the kernel to begin with a new one.",
            )

    def _link(self) -> Link:
        """Return this thread's link and count the use, which `_leave` ends."""
        link: Link | None = getattr(self._local, "link", None)
        if link is None or link.pid != os.getpid():
            if self._pid != os.getpid():  # forked: whoever held it in the parent is not here to let it go
                self._turn, self._pid = threading.RLock(), os.getpid()
            link = self._local.link = self.connect(self._busy_timeout)
        self._enter(link)
        return link

    def _enter(self, link: Link) -> None:
        link.uses += 1  # before the look at _closed: close() sets that first and looks at the uses then
        if self._closed:
            link.uses -= 1
            raise self._was_closed()

    def _was_closed(self) -> StoreUnavailable:
        return StoreUnavailable(f"the store {self.path} was closed.", remedy="Open it again.")

    def _leave(self, link: Link) -> None:
        link.uses -= 1
        if self._closed and not link.uses:
            link.close()

    def connect(self, busy_timeout: float) -> Link:
        """Open one more connection.

        Parameters
        ----------
        busy_timeout
            Seconds to wait for another process's write.

        Raises
        ------
        StoreError
            The file cannot be opened.
        """
        try:
            link = open_link(self.path, busy_timeout)
        except STORE_ERRORS as error:
            raise explain(error, self.path) from error
        self._links.add(link)
        return link

    def _identify(self, connection: sqlite3.Connection, schema: Schema) -> int:
        """Return the version of the file, 0 where it is empty."""
        version: int = self.queries.user_version(connection)
        check_identity(
            self.path,
            self.queries.application_id(connection),
            version,
            self.queries.count_tables(connection),
            ours=APPLICATION_ID,
            newest=schema.version,
        )
        return version


def _commit(link: Link) -> None:
    if link.doomed:
        raise StoreError(
            "these changes were undone, because one of them failed.", remedy="See the error before this one."
        )
    link.connection.execute("COMMIT")

"""The PostgreSQL database: connections, transactions, and the checks on opening. Knows nothing of jobs.

One connection a thread. What writes is READ COMMITTED: each statement sees what was committed before it began, so
what is read after a lock was taken is the newest. Who locks what, in which order, is in `qjob.store.postgres.locks`.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
from psycopg.pq import TransactionStatus

from qjob.model.errors import StoreError, StoreUnavailable
from qjob.store.postgres.address import Address
from qjob.store.postgres.guard import (
    STORE_ERRORS,
    check_empty,
    check_server,
    check_version,
    explain,
    lost_at_commit,
)
from qjob.store.postgres.locks import Locks
from qjob.store.postgres.owners import LockOwners
from qjob.store.postgres.schema import Schema, load_schema
from qjob.store.postgres.session import Session
from qjob.store.postgres.watch import Announcer, HeardChanges
from qjob.store.watch import LOOK, Changes

T = TypeVar("T")

BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
BEGIN_DURABLE = BEGIN + b"; SET LOCAL synchronous_commit TO on"
BEGIN_MOMENT = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

# Why there is no text index: these are no reasons to refuse the store.
_NO_INDEX = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.UndefinedFile,
)


class Database(Locks):
    """One schema of one PostgreSQL database.

    Parameters
    ----------
    url
        As libpq takes it. Use `open` to have it checked and its tables made.
    queries
        The named queries, from `qjob.store.queries.load_queries`.
    busy_timeout
        Seconds to wait for another transaction's lock.
    """

    def __init__(self, url: str, queries: Any, *, busy_timeout: float = 10.0) -> None:
        super().__init__(queries)
        self.address = Address(url, busy_timeout)
        self.has_text_index = False
        self.owners = LockOwners(self)
        self._local = threading.local()
        self._sessions: WeakSet[Session] = WeakSet()
        self._watches: WeakSet[Changes] = WeakSet()
        self._place = ""  # the schema that the tables are in, known once this is open
        self._announcer: Announcer | None = None
        self._closed = False
        self._newest = 0

    @property
    def fills_text_index(self) -> bool:
        """Never: the index follows the jobs by itself."""
        return False

    def text_pattern(self, text: str) -> str:
        """Return a pattern for LIKE that finds what holds a text; trigrams are the index's own business."""
        for special in ("\\", "%", "_"):
            text = text.replace(special, f"\\{special}")
        return f"%{text}%"

    text_phrase = text_pattern

    def size(self) -> int:
        """Return how many bytes the tables and their indexes take up."""
        with self.read() as connection:
            size: int = self.queries.size_of_tables(connection)
            return size

    def shrink(self) -> int:
        """Do nothing: the server uses again what is free, and locks whole tables where it is to give it back."""
        return 0

    def open(self, schema: Schema | None = None) -> None:
        """Check the database, make the tables if it has none, and bring them to the schema's version.

        Raises
        ------
        StoreError
            One of its kinds; the database is then as it was.
        """
        schema = schema or load_schema()
        self._newest = schema.version
        with self.read() as connection:
            ready = self._version(connection, schema) == schema.version
            self._announcer = Announcer(self._place)
            self.has_text_index = bool(self.queries.has_text_index(connection))
        if ready and self.has_text_index:
            return
        with self.write(durable=True) as connection:
            self.queries.lock_schema(connection)
            version = self._version(connection, schema)  # again: another process may have been faster
            if not version:
                check_empty(self.address.shown, self.queries.count_tables(connection))
            if version < schema.version:
                schema.apply(connection, version)
            self.has_text_index = self._index_text(connection)

    def is_current(self, connection: psycopg.Connection) -> bool:
        """Whether the tables are still of the version that they had, or were brought to, when this was opened."""
        return bool(self.queries.version(connection) == self._newest)

    def lease_clock(self, connection: psycopg.Connection) -> int:
        """Return the server's time, in microseconds since 1970."""
        now: int = self.queries.lease_clock(connection)
        return now

    def check(self) -> None:
        """Read every row for damage, which shows where the server keeps checksums.

        Raises
        ------
        StoreCorrupt
            With the first fault found.
        """
        with self.read() as connection:
            self.queries.read_all(connection)

    def close(self) -> None:
        """Close the connections of all threads; one that is in use is closed when that use ends. Ends all waits."""
        self._closed = True
        for watch in list(self._watches):
            watch.close()
        for session in list(self._sessions):
            if not session.uses:
                session.close()

    @contextmanager
    def read(self) -> Iterator[psycopg.Connection]:
        """Give a connection to read with: each statement sees one moment, or the transaction around it."""
        session = self._session()
        try:
            yield session.connection
        except STORE_ERRORS as error:
            raise explain(error, self.address.shown) from error
        finally:
            self._leave(session)

    @contextmanager
    def read_moment(self) -> Iterator[psycopg.Connection]:
        """Give a connection all of whose statements see the same moment; in a transaction that writes, the newest."""
        with self.read() as connection:
            session: Session = self._local.session
            if session.uses > 1 and session.status is not TransactionStatus.IDLE:
                yield connection
                return
            connection.execute(BEGIN_MOMENT)
            try:
                yield connection
            finally:
                session.roll_back()

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[psycopg.Connection]:
        """Give a connection to write with, in one transaction; inside another one it joins that.

        Where an inner transaction fails, the outer one is undone as a whole, even if the error was caught between.

        Parameters
        ----------
        durable
            Whether the commit waits for the server's disk, so that it survives the server's power cut.
        """
        session = self._session()
        try:
            if session.writing:
                yield from _joined(session)
            else:
                yield from self._transaction(session, BEGIN_DURABLE if durable else BEGIN)
        except STORE_ERRORS as error:
            raise explain(error, self.address.shown) from error
        finally:
            self._leave(session)

    def add(self, connection: psycopg.Connection, query: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add rows as a named query adds one; they travel to the server together."""
        with connection.cursor() as cursor:
            cursor.executemany(getattr(self.queries, query).sql, rows)
            return cursor.rowcount

    def changes(self, look: float = LOOK) -> HeardChanges:  # noqa: ARG002 - the server tells by itself
        """Return what others write, to wait for."""
        watch = HeardChanges(self, self._place)
        self._watches.add(watch)
        if self._closed:
            watch.close()
            raise self._was_closed()
        return watch

    def answers(self, ask: Callable[[], T]) -> T:
        """Return what a function that asks the server returns.

        Raises
        ------
        StoreError
            In place of what psycopg raises.
        """
        try:
            return ask()
        except STORE_ERRORS as error:
            raise explain(error, self.address.shown) from error

    def _transaction(self, session: Session, begin: bytes) -> Iterator[psycopg.Connection]:
        try:
            session.connection.execute(begin)
        except psycopg.OperationalError:
            if not session.connection.closed:
                raise
            session.connect_again()  # lost since the last transaction, and nothing was done in this one
            session.connection.execute(begin)
        session.writing, session.doomed = True, False
        try:
            yield session.connection
            self._commit(session)
        except BaseException:
            if session.pid == os.getpid():
                session.roll_back()
            raise
        finally:
            session.writing = False

    def _commit(self, session: Session) -> None:
        if session.pid != os.getpid():
            raise _forked()
        # a failed statement has undone everything already: its COMMIT would be a ROLLBACK without a word
        if session.doomed or session.status is TransactionStatus.INERROR:
            raise StoreError(
                "these changes were undone, because one of them failed.",
                remedy="See the error before this one.",
            )
        try:
            if self._announcer is None:
                session.connection.execute("COMMIT")
            else:
                self._announcer.commit(session.connection)
        except psycopg.OperationalError as error:
            if session.connection.closed:
                raise lost_at_commit(self.address.shown, " ".join(str(error).split())) from error
            raise

    def _session(self) -> Session:
        """Return this thread's session and count the use, which `_leave` ends."""
        session: Session | None = getattr(self._local, "session", None)
        if session is not None and session.pid != os.getpid():
            if session.uses:
                raise _forked()
            session = None
        if session is None:
            session = self._local.session = Session(self.address)
            self._sessions.add(session)
        elif not session.uses and not self._closed and not session.ready():
            session.connect_again()
        session.uses += 1  # before the look at _closed: close() sets that first and looks at the uses then
        if self._closed:
            self._leave(session)
            raise self._was_closed()
        return session

    def _was_closed(self) -> StoreUnavailable:
        return StoreUnavailable(f"the store {self.address.shown} was closed.", remedy="Open it again.")

    def _leave(self, session: Session) -> None:
        session.uses -= 1
        if self._closed and not session.uses:
            session.close()

    def _version(self, connection: psycopg.Connection, schema: Schema) -> int:
        """Return the version of the store that is there, 0 where there is none."""
        shown = self.address.shown
        place, encoding, exists = self.queries.server(connection)
        check_server(shown, connection.info.server_version, encoding, place)
        self._place = place
        version: int = self.queries.version(connection) if exists else 0
        check_version(shown, version, newest=schema.version)
        return version

    def _index_text(self, connection: psycopg.Connection) -> bool:
        """Make the text index where this server and this user can; return whether there is one."""
        if self.queries.has_text_index(connection):
            return True
        try:
            with connection.transaction():  # a savepoint
                if self.queries.trigram_schema(connection) is None:
                    connection.execute("CREATE EXTENSION pg_trgm")
                place = self.queries.trigram_schema(connection)
                # a quoted name of the server's own
                make = f"CREATE INDEX jobs_search ON jobs USING gin (search {place}.gin_trgm_ops)"
                connection.execute(make.encode())
        except _NO_INDEX:
            return False  # a search reads the jobs then
        return True


def _joined(session: Session) -> Iterator[psycopg.Connection]:
    try:
        yield session.connection
    except BaseException:
        session.doomed = True
        raise


def _forked() -> StoreUnavailable:
    return StoreUnavailable(
        f"process {os.getpid()} was forked in the middle of a use of the store, and cannot use it.",
        remedy="Start processes afresh: multiprocessing.get_context('spawn'), or subprocess.",
    )

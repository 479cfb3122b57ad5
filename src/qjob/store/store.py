"""The store: every read and every change of a job, each in a transaction of its own.

It must not know what a backend is, who asks, or how a job is run. How jobs enter it is in `qjob.store.intake`, how
they change in `qjob.store.moving`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qjob.model.errors import StoreUnavailable
from qjob.model.events import LogEntry
from qjob.model.job import JobRecord
from qjob.model.program import Program, ProgramFormat
from qjob.settings import Settings
from qjob.store import lookup, rows
from qjob.store.batches import Batches
from qjob.store.elsewhere import Elsewhere
from qjob.store.erasing import Erasing
from qjob.store.finding import Finding
from qjob.store.grouped import Grouped
from qjob.store.keys import Keys
from qjob.store.leases import Leases
from qjob.store.listing import JobFilter
from qjob.store.money import Money
from qjob.store.moving import Moving
from qjob.store.owners import Owners
from qjob.store.proposals import Proposals
from qjob.store.queries import load_queries
from qjob.store.rows import StoredJob
from qjob.store.sqlite import guard
from qjob.store.sqlite.database import Database as SqliteDatabase
from qjob.store.sqlite.schema import Schema, load_schema
from qjob.store.watch import LOOK, Changes
from qjob.store.workers import Workers

__all__ = ["JobFilter", "Store", "StoredJob"]


class Store(Proposals, Moving, Elsewhere, Leases, Workers, Money, Batches, Erasing, Finding, Keys, Grouped):
    """The jobs of one home folder, or of all that share a server. Safe to use from any thread; see `of`."""

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], datetime]) -> "Store":
        """Open the store that the settings name: a server's where they have its URL, else the file.

        Raises
        ------
        StoreUnavailable, StoreCorrupt, StoreTooNew, StoreOnNetwork
            The store cannot be used; nothing was changed.
        """
        if settings.database_url is None:
            return cls.open(settings.database, clock=clock, count_local=settings.count_local)
        url = settings.database_url.get_secret_value()
        return cls.connect(url, clock=clock, count_local=settings.count_local)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime],
        busy_timeout: float = 10.0,
        count_local: bool = True,
    ) -> "Store":
        """Open the store in a PostgreSQL database; make its tables where the database is empty.

        Parameters
        ----------
        url
            ``postgresql://user:password@host:port/database``, as libpq takes it.
        clock, busy_timeout, count_local
            As for `open`.

        Raises
        ------
        StoreUnavailable, StoreCorrupt, StoreTooNew
            The store cannot be used; nothing was changed.
        """
        try:
            from qjob.store.postgres.database import Database
        except ImportError as error:
            raise StoreUnavailable(
                f"a store in PostgreSQL needs psycopg, which cannot be imported: {error}.",
                remedy="pip install 'qjob[postgres]'   or   pip install 'psycopg[binary]>=3.2'",
            ) from error
        database = Database(url, load_queries("postgres"), busy_timeout=busy_timeout)
        try:
            database.open()
        except BaseException:
            database.close()
            raise
        return cls(database, clock, count_local=count_local)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], datetime],
        schema: Schema | None = None,
        partitions: Callable[[], Iterable[guard.Partition]] = guard.partitions,
        busy_timeout: float = 10.0,
        count_local: bool = True,
    ) -> "Store":
        """Open the store in a file; make it, and its folder, where there is none.

        Parameters
        ----------
        path
            The SQLite file.
        clock
            Tells the time, aware.
        schema
            What the store is to be brought to; None for the package's own.
        partitions
            Tells the mounted file systems.
        busy_timeout
            Seconds to wait for another process's write.
        count_local
            What `Limits.count_local` is to be of teams that are made from now on.

        Raises
        ------
        StoreUnavailable, StoreCorrupt, StoreTooNew, StoreOnNetwork
            The store cannot be used; nothing was changed.
        """
        database = SqliteDatabase(path, load_queries("sqlite"), busy_timeout=busy_timeout)
        try:
            database.open(schema or load_schema(), partitions)
        except BaseException:
            database.close()
            raise
        return cls(database, clock, count_local=count_local)

    def bound(self, team: str | None) -> "Store":
        """Return the same store as it is for one team alone, whatever its users have chosen: see `Part`.

        To close one of the two closes both.
        """
        return Store(self._db, self.clock, count_local=self._count_local, team=team)

    def close(self) -> None:
        """Close every connection; later calls raise `StoreUnavailable`."""
        self._db.close()

    def check(self) -> None:
        """Read the whole store for damage; takes about a second for each GB.

        Raises
        ------
        StoreCorrupt
            With the first fault found.
        """
        self._db.check()

    @contextmanager
    def transaction(self, *, jobs: Sequence[str] = (), durable: bool = False) -> Iterator[None]:
        """Make one transaction of all calls inside: all of them are kept, or, after an error, none.

        Parameters
        ----------
        jobs
            The ids of all jobs that are going to be changed, where these may be several: two who change the same
            ones in different orders would wait for each other else.
        durable
            Whether it has to survive a power cut as well, as where money moves; waits for the disk.
        """
        with self._db.write(durable=durable) as connection:
            if jobs:
                self._db.lock_jobs(connection, jobs)
            yield

    @property
    def owners(self) -> Owners:
        """Who runs direct jobs of this store."""
        return self._db.owners

    # -- one job ----------------------------------------------------------------------------------------------

    def job(self, job_id: str) -> JobRecord:
        """Return the job of a full id.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        with self._db.read() as connection:
            row = self._sql.get_job(connection, id=job_id)
        if row is None:
            raise lookup.no_such_job(job_id)
        return rows.job_from_row(row)

    def has_ended(self, job_id: str) -> bool:
        """Whether the job of a full id has ended: less to read than its row.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        with self._db.read() as connection:
            ended = self._sql.has_ended(connection, id=job_id)
        if ended is None:
            raise lookup.no_such_job(job_id)
        return bool(ended)

    def snapshot(self, job_id: str) -> StoredJob:
        """Return everything a display of a job needs, of one moment.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        with self._db.read() as connection:
            row = self._sql.get_snapshot(connection, id=job_id)
        if row is None:
            raise lookup.no_such_job(job_id)
        return rows.snapshot_from_row(row)

    def result(self, job_id: str) -> bytes | None:
        """Return the packed result of a job; None where it has none (yet)."""
        with self._db.read() as connection:
            packed: bytes | None = self._sql.get_result(connection, id=job_id)
            return packed

    def log(self, job_id: str, after: int = -1) -> list[LogEntry]:
        """Return a job's log behind the sequence number ``after``, in order."""
        with self._db.read() as connection:
            return [
                rows.entry_from_row(job_id, row)
                for row in self._sql.get_log(connection, id=job_id, after=after)
            ]

    def program(self, digest: str) -> Program:
        """Return a stored program.

        Raises
        ------
        KeyError
            No program has this digest, or it was erased.
        """
        with self._db.read() as connection:
            row = self._sql.get_program(connection, digest=digest)
        if row is None or not row[1]:
            raise KeyError(digest)
        return Program(ProgramFormat(row[0]), row[1])

    def is_current(self) -> bool:
        """Whether the store is of the version that this package knows; false once a newer one has changed it."""
        with self._db.read() as connection:
            return self._db.is_current(connection)

    def data_version(self) -> object:
        """Return something that is another one when another connection (thread, process) has written.

        Only to be compared with one of the same thread, which its own writes need not change.
        """
        with self._db.read() as connection:
            version: object = self._sql.data_version(connection)
            return version

    def changes(self, look: float = LOOK) -> Changes:
        """Return what other connections (threads, processes) write, for a thread to wait for; to be closed after use.

        Parameters
        ----------
        look
            Seconds between two looks at a SQLite file; a server tells by itself.

        Raises
        ------
        StoreUnavailable
            The store was closed.
        """
        return self._db.changes(look)

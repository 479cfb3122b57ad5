"""The store: every read and every change of a job, each in a transaction of its own.

It keeps what happened and refuses what the table of legal moves does not allow. It must not know what a backend
is, who asks, or how a job is run. How jobs enter it is in `qjob.store.intake`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from qjob.model.bits import BitLayout
from qjob.model.errors import StoreUnavailable
from qjob.model.events import LogEntry, Progress
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.settings import Settings
from qjob.store import lookup, rows
from qjob.store.batches import Batches
from qjob.store.changes import Change
from qjob.store.finding import Finding
from qjob.store.intake import Intake
from qjob.store.listing import JobFilter
from qjob.store.money import Money
from qjob.store.owners import Owners
from qjob.store.queries import load_queries
from qjob.store.rows import StoredJob
from qjob.store.sqlite import guard
from qjob.store.sqlite.database import Database as SqliteDatabase
from qjob.store.sqlite.schema import Schema, load_schema

_ACTIVE = (JobStatus.RUNNING, JobStatus.CANCELLING)

__all__ = ["JobFilter", "Store", "StoredJob"]


class Store(Intake, Money, Batches, Finding):
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

    # -- changes ----------------------------------------------------------------------------------------------

    def move(
        self,
        job_id: str,
        to: JobStatus,
        *,
        failure: Failure | None = None,
        data: Mapping[str, Any] | None = None,
        cost: int | None = None,
    ) -> bool:
        """Move a job to a status, if its present one allows that. What is held for it is settled at its end.

        Parameters
        ----------
        failure
            Why it ends without a result; FAILED needs one, CANCELLED may have one.
        data
            JSON values for the log.
        cost
            What it cost, in nano-dollars, where it ends: None for what was held where it completed, else nothing.

        Returns
        -------
        bool
            False where the move is not legal (any more); nothing is changed then.

        Raises
        ------
        ValueError
            A failure is missing, or given for a status that has none; a cost is negative, given for a job that does
            not end, or for one that has no team to pay it.
        NoSuchJob
            No job has this id.
        """
        if (failure is None and to is JobStatus.FAILED) or (
            failure is not None and to not in (JobStatus.FAILED, JobStatus.CANCELLED)
        ):
            raise ValueError(f"{to} with the failure {failure}")
        now = rows.to_time(self.clock())
        with self._db.write() as connection:
            change = Change.of(self._db, connection, now, job_id, ends=to.ended, bill=bool(cost))
            return change.move(to, failure=rows.failure_to_json(failure), data=data, cost=cost)

    def cancel(self, job_id: str) -> bool:
        """Ask for a job to end: it is CANCELLING, or CANCELLED at once where it was not admitted yet.

        Returns
        -------
        bool
            False where it has ended, or is being cancelled; nothing is changed then.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        now = rows.to_time(self.clock())
        with self._db.write() as connection:
            change = Change.of(self._db, connection, now, job_id, ends=False)  # what waits holds no money
            waits = change.status is JobStatus.INITIALIZING
            return change.move(JobStatus.CANCELLED if waits else JobStatus.CANCELLING)

    def complete(
        self,
        job_id: str,
        packed: bytes,
        progress: Progress,
        layout: BitLayout,
        *,
        begun: bool = False,
        cost: int | None = None,
    ) -> bool:
        """Store a result with the final progress and move the job to COMPLETED, all or nothing.

        Parameters
        ----------
        packed
            The result, from `qjob.model.packing.pack`.
        begun
            Whether the job, unless it is known to run, began to run just before; both are logged then.
        cost
            What it cost, in nano-dollars; None: what was held for it.

        Returns
        -------
        bool
            False where the job cannot complete any more; nothing is stored then.

        Raises
        ------
        NoSuchJob
            No job has this id.
        ValueError
            The cost is negative, or the job has no team to pay it.
        """
        now = rows.to_time(self.clock())
        final = rows.to_json(progress)
        with self._db.write() as connection:
            change = Change.of(self._db, connection, now, job_id, ends=True, bill=bool(cost))
            if not change.move(JobStatus.COMPLETED, begun=begun, cost=cost):
                return False
            number = change.number
            self._sql.add_result(connection, number=number, layout=rows.to_json(layout), data=packed)
            self._sql.set_progress(connection, number=number, data=final)
            return True

    def set_progress(self, job_id: str, progress: Progress) -> bool:
        """Replace a job's progress; only while it is RUNNING or CANCELLING, else False."""
        data = rows.to_json(progress)
        with self._db.write() as connection:
            self._db.lock_job(connection, job_id)
            place = self._sql.get_place(connection, id=job_id)
            if place is None or place[1] not in _ACTIVE:
                return False
            self._sql.set_progress(connection, number=place[0], data=data)
        return True

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
            No program has this digest.
        """
        with self._db.read() as connection:
            row = self._sql.get_program(connection, digest=digest)
        if row is None:
            raise KeyError(digest)
        return Program(ProgramFormat(row[0]), row[1])

    def data_version(self) -> object:
        """Return something that is another one when another connection (thread, process) has written.

        Only to be compared with one of the same thread, which its own writes need not change.
        """
        with self._db.read() as connection:
            version: object = self._sql.data_version(connection)
            return version

"""What can be asked about jobs, whoever runs them. Reads the store; changes nothing and starts nothing."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from qjob.batch import Batch, BatchSource
from qjob.catalog.loader import Catalogue
from qjob.handle import Job
from qjob.model.attempt import Attempt
from qjob.model.backend import BackendInfo
from qjob.model.batch import BatchRecord
from qjob.model.errors import IllegalMove, JobEnded, UnknownBackend
from qjob.model.events import LogEntry
from qjob.model.job import DURABLE, JobRecord, JobStatus
from qjob.model.movement import Movement
from qjob.model.packing import unpack
from qjob.model.program import Program
from qjob.model.result import Result
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.model.upkeep import Totals, when_erased
from qjob.model.worker import Outlook
from qjob.outlook import due_at, outlook
from qjob.policy.phases import phases, told_by_log
from qjob.settings import Settings
from qjob.store.listing import JobFilter, Order
from qjob.store.store import Store

BATCH_JOBS = 16
"""The most jobs of a batch that its snapshot lists."""


class Archive(BatchSource):
    """The stored jobs, as an engine answers for them."""

    settings: Settings

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where they are."""

    @property
    @abstractmethod
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""

    @abstractmethod
    def runs_here(self, record: JobRecord) -> bool:
        """Whether this process runs the job."""

    @abstractmethod
    def is_owner(self, owner: str | None) -> bool:
        """Whether an owner of jobs is this process."""

    @abstractmethod
    def sweep_now_and_then(self) -> bool:
        """End what dead processes have left behind, if nobody has looked lately; return whether it looked."""

    def job(self, text: str) -> Job:
        """Return a job by its id, the beginning of its id, or its name.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            None, or several, with what is near.
        """
        return self._job(self.resolve(text))

    def _job(self, job_id: str) -> Job:
        return Job(self, job_id)

    def _batch(self, record: BatchRecord) -> Batch:
        return Batch(self, record, self.store.jobs_of(record.id))

    def batch(self, text: str) -> Batch:
        """Return a batch by its id, the beginning of its id, or its name.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            None, or several.
        """
        return self._batch(self.store.batch(text))

    def statuses_of(self, batch_id: str) -> Mapping[JobStatus, int]:
        """Return how many of a batch's jobs have each status; statuses that none has are missing."""
        self.sweep_now_and_then()
        return self.store.statuses_of(batch_id)

    def jobs(
        self,
        *,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        backend: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        team: str | None = None,
        tag: str | tuple[str, str | None] | None = None,
        erased: bool = False,
        order: Order | str = Order.NEWEST,
        limit: int = 50,
        after: Job | str | None = None,
    ) -> list[Job]:
        """Return jobs, newest first unless another order is asked for.

        Parameters
        ----------
        status
            One status or several.
        backend
            A slug.
        text
            Something in the name, the tags or the id.
        since, until
            Created at ``since`` or later, and before ``until``: times with their zone.
        team
            The id of a team.
        tag
            ``"key"`` or ``"key=value"``; or both as a tuple.
        erased
            Whether jobs whose program and result were erased are returned too.
        order
            ``"newest"``, ``"oldest"``, ``"cost"``, ``"run_time"`` or ``"shots"``, the most first.
        limit
            How many at the most.
        after
            The last job of the page before, to go on from there.

        Raises
        ------
        InvalidRequest
            There is no such status or order, a tag has no key, or a time no zone.
        """
        cursor = None if after is None else (after.id if isinstance(after, Job) else self.resolve(after))
        wanted = JobFilter.of(
            status=status,
            backend=backend,
            text=text,
            since=since,
            until=until,
            team=team,
            tag=tag,
            erased=erased,
        )
        records = self.records(wanted, order=Order.of(order), limit=limit, after=cursor)
        return [Job(self, record.id) for record in records]

    def records(
        self,
        wanted: JobFilter,
        *,
        order: Order = Order.NEWEST,
        limit: int = 50,
        after: str | None = None,
        offset: int = 0,
    ) -> list[JobRecord]:
        """Return rows of jobs; ``after`` is the full id of the last row of the page before.

        ``offset`` rows more are passed over.

        What a job that has not ended is sorted by may change between two pages, which then hold it twice or not.
        """
        found = self.store.jobs(wanted, order=order, limit=limit, after=after, offset=offset)
        if any(self._may_be_orphaned(record) for record in found) and self.sweep_now_and_then():
            found = self.store.jobs(wanted, order=order, limit=limit, after=after, offset=offset)
        return found

    def count_jobs(self, wanted: JobFilter) -> int:
        """Return how many jobs pass a filter."""
        return self.store.count_jobs(wanted)

    def totals(self, wanted: JobFilter) -> Totals:
        """Return what the jobs that pass a filter amount to: how many of each status, money, shots."""
        self.sweep_now_and_then()
        return self.store.totals(wanted)

    def resolve(self, text: str) -> str:
        """Return the full id that an id, the beginning of one, or a name stands for."""
        return self.store.resolve(text)

    def snapshot(self, job_id: str) -> JobSnapshot:
        """Return a job as it stands."""
        found = self.store.snapshot(job_id)
        if self._may_be_orphaned(found.job) and self.sweep_now_and_then():
            found = self.store.snapshot(job_id)
        job = found.job
        # only of what was paid for and has ended: nothing else has more to tell than its row
        moved = self.movements(job_id) if job.status.ended and (job.cap or job.cost is not None) else ()
        snapshot = JobSnapshot(
            job,
            self._backend_of(job),
            found.progress,
            found.queue_position,
            found.layout,
            tuple(moved),
            phases=phases(job, self.events(job_id) if told_by_log(job) else ()),
        )
        return self._with_attempts(snapshot) if job.durable else snapshot

    def _with_attempts(self, snapshot: JobSnapshot) -> JobSnapshot:
        """Return the snapshot of a durable job with what it has behind it, and what it waits for."""
        job = snapshot.job
        attempts = tuple(self.attempts(job.id)) if job.attempt else ()
        if job.status not in (JobStatus.QUEUED, JobStatus.CANCELLING) or job.owner is not None:
            return replace(snapshot, attempts=attempts)
        due = due_at(self.events(job.id)) if attempts else None
        last = attempts[-1].ended_at if attempts else None
        expected = self._outlook(job.user, last or job.admitted_at or job.created_at)
        return replace(snapshot, attempts=attempts, due_at=due, outlook=expected)

    def _outlook(self, user: str, waits_since: datetime) -> Outlook:
        return outlook(self.store, self.settings, user, waits_since, self.store.clock())

    def batch_snapshot(self, batch: BatchRecord) -> BatchSnapshot:
        """Return a batch as it stands, with at most `BATCH_JOBS` of its jobs."""
        found = self.store.batch_snapshot(batch, BATCH_JOBS)
        if not found.ended and not self.is_owner(found.owner) and self.sweep_now_and_then():
            found = self.store.batch_snapshot(batch, BATCH_JOBS)
        first = self.store.job(found.jobs[0].id)
        if first.mode != DURABLE:
            return found
        waits = JobStatus.QUEUED in found.statuses and JobStatus.RUNNING not in found.statuses
        since = first.admitted_at or first.created_at
        return replace(found, durable=True, outlook=self._outlook(first.user, since) if waits else None)

    def movements(self, job_id: str) -> list[Movement]:
        """Return what was held, charged, released and refunded for a job, oldest first."""
        return self.store.movements(job_id)

    def attachments(self, job_id: str) -> dict[str, str]:
        """Return the texts that are kept with a job: what the service was sent, what it made of that."""
        return self.store.attachments(job_id)

    def events(self, job_id: str) -> list[LogEntry]:
        """Return a job's log, oldest first."""
        return self.store.log(job_id)

    def attempts(self, job_id: str) -> list[Attempt]:
        """Return the attempts at a durable job, oldest first; none of a direct one."""
        return self.store.attempts(job_id)

    def program_of(self, record: JobRecord) -> Program:
        """Return the program of a job, as it was submitted.

        Raises
        ------
        IllegalMove
            It was erased.
        """
        try:
            return self.store.program(record.program)
        except KeyError:
            fresh = ", with --fresh to pay for it again." if record.cap else "."
            raise IllegalMove(
                f"the program of job {record.id[:8]} was erased {when_erased(record)}, "
                "so that it cannot be run again.",
                remedy=f"Submit its circuit as a new job{fresh}",
                numbers={"job": record.id},
            ) from None

    def result(self, job_id: str) -> Result:
        """Return the result of a completed job.

        Raises
        ------
        JobEnded
            It failed or was cancelled, or its result was erased.
        IllegalMove
            It has not ended yet.
        """
        record = self.store.job(job_id)
        packed = self.store.result(job_id)  # after the status: it may come in between
        if packed is not None:
            return unpack(packed)
        short, about = job_id[:8], {"job": record.id, "status": str(record.status)}
        if not record.status.ended:
            raise IllegalMove(
                f"job {short} is still {record.status}.",
                remedy=f"Wait for it: %qjob status {short}",
                numbers=about,
            )
        if record.status is JobStatus.COMPLETED:
            again = "Submit its circuit again" + (
                ", with --fresh to pay for it again." if record.cap else "."
            )
            raise JobEnded(
                f"the result of job {short} was erased {when_erased(record)}.",
                remedy=f"{again} What is left of it: %qjob status {short}",
                numbers=about,
            )
        reason = f": {record.failure.reason}" if record.failure else "."
        remedy = (record.failure.remedy if record.failure else "") or f"Run it again: %qjob retry {short}"
        raise JobEnded(
            f"job {short} was {record.status} and has no result{reason}", remedy=remedy, numbers=about
        )

    def _may_be_orphaned(self, record: JobRecord) -> bool:
        return not record.status.ended and not self.runs_here(record)

    def _backend_of(self, record: JobRecord) -> BackendInfo | None:
        try:
            return self.catalogue.get(record.backend)
        except UnknownBackend:
            return None  # a row that the user's own catalogue had and has no more

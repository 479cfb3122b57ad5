"""A job or a batch at one moment, as every reader shows it: the card, the receipt, a list, an HTTP answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from qjob.model.attempt import Attempt
from qjob.model.backend import BackendInfo
from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout
from qjob.model.events import Progress
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.movement import Movement
from qjob.model.timing import Eta, Phase
from qjob.model.worker import Outlook


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """Everything a display of one job needs, read from the store in one go.

    Parameters
    ----------
    job
        The job's row.
    backend
        Its catalogue row; None where this installation no longer knows the backend.
    progress
        The last progress; after the end, of the whole result (``shots_done`` equals the job's shots).
    queue_position
        Counted from 1 while the job waits for a worker; None otherwise, or where nobody knows.
    layout
        The result's classical bits; None before the end.
    movements
        What was held, charged, released and refunded, oldest first; of a paid job that has ended.
    attempts
        Each time that a worker took up a durable job, oldest first.
    due_at
        When a durable job that waits is tried again; None where no attempt at it came to nothing.
    outlook
        How the workers stand that a durable job waits for; None where it waits for none.
    phases
        The phases of its life that are over, in their order, without the short ones.
    eta
        When what goes on now is expected to be over; None where nothing tells, or nobody looked.
    """

    job: JobRecord
    backend: BackendInfo | None
    progress: Progress | None = None
    queue_position: int | None = None
    layout: BitLayout | None = None
    movements: tuple[Movement, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    due_at: datetime | None = None
    outlook: Outlook | None = None
    phases: tuple[Phase, ...] = ()
    eta: Eta | None = None

    @property
    def pending(self) -> Pending | None:
        """What the job waits for, as long as it is not admitted."""
        return self.job.pending

    @property
    def id(self) -> str:
        """The job's full id."""
        return self.job.id

    @property
    def ended(self) -> bool:
        """Whether nothing can change any more."""
        return self.job.status.ended


@dataclass(frozen=True, slots=True)
class BatchJob:
    """One job of a batch, as a line of its display shows it."""

    place: int  # in the batch, from 0
    id: str
    name: str | None
    status: JobStatus
    shots: int
    failure: Failure | None
    progress: Progress | None  # as in `JobSnapshot`
    layout: BitLayout | None  # as in `JobSnapshot`


@dataclass(frozen=True, slots=True)
class BatchSnapshot:
    """Everything a display of a batch needs, read from the store in one go, however many jobs it has.

    Parameters
    ----------
    batch
        What its jobs have in common.
    statuses
        How many jobs have each status; statuses that none has are missing.
    backends
        Their slugs, each once, in alphabetical order.
    shots
        The fewest and the most shots of a job.
    held
        What is held for the jobs that have not ended, in nano-dollars.
    asked
        What those that are not admitted yet can cost at the most, in nano-dollars.
    cost
        What the ended ones cost, in nano-dollars; None where none of them could cost anything.
    owner
        The process that runs all that has not ended; None where that is nobody, or several.
    pending
        What those that are not admitted yet wait for; None where there are none.
    started_at, ended_at
        When the first job began and the last one ended so far, in UTC.
    jobs
        Some of the jobs, by their place: what failed comes before what runs, and this before the others where
        there is no room for all.
    durable
        Whether workers outside the kernel run it.
    outlook
        As of `JobSnapshot`, where none of its jobs runs.
    """

    batch: BatchRecord
    statuses: Mapping[JobStatus, int]
    backends: tuple[str, ...]
    shots: tuple[int, int]
    held: int
    asked: int
    cost: int | None
    owner: str | None
    started_at: datetime | None
    ended_at: datetime | None
    pending: Pending | None
    jobs: tuple[BatchJob, ...]
    durable: bool = False
    outlook: Outlook | None = None

    @property
    def id(self) -> str:
        """The batch's full id."""
        return self.batch.id

    @property
    def ended(self) -> bool:
        """Whether all its jobs have ended, whichever way."""
        return all(status.ended for status in self.statuses)

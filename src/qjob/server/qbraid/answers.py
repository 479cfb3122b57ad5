"""What qBraid's API answers of jobs: models, field by field as its client reads them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from qjob.model.job import JobStatus
from qjob.server.qbraid.base import Answered, Credits, Envelope
from qjob.server.seeds import ShownSeed


class TimeStamps(Answered):
    """When a job was made, and how long it ran."""

    created_at: datetime
    ended_at: datetime | None = None
    execution_duration: int | None = Field(default=None, ge=0, description="Milliseconds.")


class Destination(Answered):
    """Where the service would keep a result; here its own route has it."""

    bucket: str
    directory: str


class RuntimeJob(Answered):
    """A job, or a batch."""

    job_qrn: str
    batch_job_qrn: str | None = Field(default=None, description="The batch that the job belongs to.")
    group_job_qrn: str | None = Field(
        default=None,
        description="Told where a group is the subject: GET jobs/group/{group}/jobs lists its jobs.",
    )
    device_qrn: str
    vendor: str
    provider: str
    name: str | None
    shots: int
    num_circuits: int = Field(default=1, ge=1)
    tags: dict[str, str]
    runtime_options: dict[str, Any] = Field(description="The options of the device, as they were understood.")
    status: JobStatus
    status_msg: str | None = None
    experiment_type: Literal["gate_model"] = "gate_model"
    queue_position: int | None = Field(default=None, ge=0)
    time_stamps: TimeStamps
    cost: Credits | None = Field(description="null until the job has ended.")
    estimated_cost: Credits = Field(description="Credits that are held for it: the most that it can cost.")
    metadata: dict[str, Any]


class PlatformJob(RuntimeJob):
    """A job with what the service's own pages know besides."""

    job_vrn: str | None = Field(default=None, description="What the vendor calls it.")
    organization_user_id: str
    device_id: str
    provider_id: str
    error: str | None = None
    gcs_destination: Destination


class JobAnswer(PlatformJob):
    """A job: its fields, and the same below ``data``."""

    success: Literal[True] = True
    data: PlatformJob

    @classmethod
    def of(cls, job: PlatformJob) -> "JobAnswer":
        """Return the answer for a job."""
        return cls(**{name: getattr(job, name) for name in PlatformJob.model_fields}, data=job)


class Pagination(Answered):
    """Which page it is of how many."""

    page: int
    limit: int
    total: int
    total_pages: int
    has_next: bool
    has_prev: bool

    @classmethod
    def of(cls, page: int, limit: int, total: int) -> "Pagination":
        """Return the page's place among so many rows."""
        pages = -(-total // limit)
        return cls(
            page=page,
            limit=limit,
            total=total,
            total_pages=pages,
            has_next=page < pages,
            has_prev=page > 1,
        )


class JobsAnswer(Envelope):
    """A page of jobs."""

    data: list[PlatformJob]
    pagination: Pagination


class Done(Answered):
    """What was done to a job."""

    message: str
    job_qrn: str
    status: JobStatus


class DoneAnswer(Envelope):
    """What was done to a job."""

    data: Done


class Deleted(Answered):
    """What was deleted."""

    message: str
    deleted_count: int


class DeletedAnswer(Envelope):
    """What was deleted."""

    data: Deleted


class ResultData(Answered):
    """What was measured."""

    measurement_counts: dict[str, int] | None = Field(
        default=None, description="How often each bit string came out; classical bit 0 is its last character."
    )
    seed: ShownSeed | None = None


class Result(Answered):
    """The result of a circuit."""

    status: JobStatus
    cost: Credits
    time_stamps: TimeStamps
    result_data: ResultData


class BatchResult(Answered):
    """The results of a batch, in the order of its circuits; of one that came to nothing, without counts."""

    status: JobStatus
    cost: Credits
    time_stamps: TimeStamps
    results: list[Result]


class ResultAnswer(Envelope):
    """The result of a job, or of a batch."""

    data: Result | BatchResult


class Program(Answered):
    """A program."""

    format: Literal["qasm2", "qasm3", "quil"]
    data: str


class ProgramAnswer(Envelope):
    """The program of a job, or those of a batch."""

    data: Program | list[Program]


class Statuses(Answered):
    """What jobs can be asked for by."""

    statuses: list[str]
    status_groups: dict[str, list[str]]
    vendors: list[str]
    providers: list[str]


class StatusesAnswer(Envelope):
    """What jobs can be asked for by."""

    data: Statuses

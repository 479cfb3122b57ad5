"""What Marqov's API answers about jobs, as pydantic models; the description of the API is written from them.

Money is US dollars as decimal text, never a float; times are ISO 8601 in UTC.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel

from qjob.server.marqov.words import Word
from qjob.server.seeds import ShownSeed

Usd = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["0.00375"])]
State = Literal["INITIALIZING", "QUEUED", "RUNNING", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED"]


class Submitted(BaseModel):
    """What became of a submission."""

    job_id: str = Field(description="The id of the job, or of the batch; both are asked for in the same way.")
    batch: bool = Field(description="Whether it is a batch: its jobs are in GET jobs/{job_id}.")


class Failure(BaseModel):
    """Why a job ended without a result."""

    code: str
    reason: str
    remedy: str
    transient: bool = Field(description="Whether the same job can succeed when it is tried again.")


class Price(BaseModel):
    """What a job costs; all zero where it is free."""

    estimated_usd: Usd = Field(description="What it can cost at the most, as it was quoted.")
    held_usd: Usd = Field(description="What is set aside for it now.")
    cost_usd: Usd | None = Field(description="What it cost, less what was refunded; null before its end.")


class Links(BaseModel):
    """Where the rest is; paths on this server."""

    job: str
    page: str = Field(description="For people.")
    events: str
    result: str
    program: str
    cancel: str
    retry: str | None = Field(description="A batch has none: its jobs are repeated one by one.")
    batch: str | None


class JobLine(BaseModel):
    """A job, as lists show it."""

    kind: Literal["job"]
    job_id: str
    name: str | None
    user: str
    team_id: str | None
    status: Word
    state: State = Field(description="The status in qjob's own words, which tell more.")
    backend: str
    shots: int
    num_qubits: int
    seed: ShownSeed
    options: dict[str, Any]
    execution_mode: Literal["direct", "durable"]
    tags: dict[str, str]
    created_at: datetime
    admitted_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    erased_at: datetime | None
    price: Price
    failure: Failure | None
    batch_id: str | None
    place: int | None = Field(description="In its batch, from 0.")
    retry_of: str | None = Field(description="The job that it repeats.")
    links: Links


class Outcome(BaseModel):
    """How often something was measured."""

    outcome: str = Field(description="The bit string; classical bit 0 is the rightmost character.")
    count: int


class QueuePlace(BaseModel):
    """Where a job waits at a service."""

    position: int | None
    length: int | None
    beyond: bool = Field(description="Whether both are lower bounds.")
    opens_at: datetime | None


class Progress(BaseModel):
    """How far a job has come; after its end, the whole result's."""

    phase: str = Field(description="What goes on; empty after the end.")
    shots_done: int
    distinct: int = Field(description="How many different outcomes there are so far.")
    top: list[Outcome] = Field(description="The most frequent outcomes so far.")
    queue: QueuePlace | None
    note: str


class Pending(BaseModel):
    """What a job waits for that is not admitted yet."""

    consent: bool
    preflight: bool
    until: datetime | None
    why: str


class Phase(BaseModel):
    """A part of a job's life that is over."""

    what: str
    seconds: float


class Movement(BaseModel):
    """Money that was held, charged, released or refunded."""

    at: datetime
    kind: Literal["hold", "charge", "release", "overrun", "refund"]
    usd: Usd
    reason: str


class Attempt(BaseModel):
    """One time that a worker took up a durable job."""

    number: int
    worker: str
    shots_before: int
    began_at: datetime
    ended_at: datetime | None
    failure: Failure | None
    cost_usd: Usd | None


class Register(BaseModel):
    """A named run of classical bits."""

    name: str
    size: int


class JobDetail(JobLine):
    """Everything that is known of a job."""

    progress: Progress | None
    queue_position: int | None = Field(description="From 1, while it waits for a worker.")
    pending: Pending | None
    phases: list[Phase]
    movements: list[Movement]
    attempts: list[Attempt]
    tried_again_at: datetime | None
    worker: Literal["listening", "starting", "missing", "ending", "stopped"] | None = Field(
        description="What a durable job that waits can expect of the workers."
    )
    registers: list[Register] | None = Field(description="The result's, bit 0 first; null before the end.")
    site: dict[str, str] | None = Field(description="Where it runs elsewhere: region, account.")
    remote_id: str | None


class BatchMember(BaseModel):
    """A job of a batch."""

    job_id: str
    place: int
    name: str | None
    status: Word
    state: State
    shots: int
    failure: Failure | None
    link: str


class BatchDetail(BaseModel):
    """Several jobs that were submitted together."""

    kind: Literal["batch"]
    job_id: str
    name: str | None
    user: str
    team_id: str | None
    execution_mode: Literal["direct", "durable"]
    tags: dict[str, str] = Field(description="Those that its first job has.")
    status: Word = Field(description="That of the job that has the longest way to go, or the worst end.")
    counts_by_state: dict[str, int]
    backends: list[str]
    size: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    price: Price
    pending: Pending | None
    jobs: list[BatchMember]
    links: Links


class Detail(RootModel[Annotated[JobDetail | BatchDetail, Field(discriminator="kind")]]):
    """A job, or a batch of jobs."""


class JobsPage(BaseModel):
    """A page of jobs, the newest first."""

    jobs: list[JobLine]
    total: int
    limit: int
    offset: int
    next: str | None = Field(description="Where the next page is; null on the last one.")


class Event(BaseModel):
    """A row of a job's log."""

    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


class JobEvents(BaseModel):
    """The log of a job, oldest first."""

    job_id: str
    events: list[Event]


class BatchEvents(BaseModel):
    """The logs of a batch's jobs, by their places."""

    job_id: str
    jobs: list[JobEvents]


class Events(RootModel[JobEvents | BatchEvents]):
    """The log of a job, or the logs of a batch's jobs."""


class JobResult(BaseModel):
    """The result of a job."""

    job_id: str
    backend: str
    shots: int = Field(description="How many were counted.")
    bit_order: str
    num_clbits: int
    registers: list[Register]
    counts: dict[str, int] = Field(description="Bit string to how often; classical bit 0 is rightmost.")
    metadata: dict[str, Any]
    statevector: list[tuple[float, float]] | None = Field(
        description="The amplitudes before measurement as real and imaginary parts; qubit 0 is the lowest bit of the "
        "index."
    )


class BatchPart(BaseModel):
    """What became of one job of a batch."""

    job_id: str
    place: int
    status: Word
    result: JobResult | None = Field(description="Without its state vector; null where there is none.")
    failure: Failure | None


class BatchResult(BaseModel):
    """The results of a batch, by their places."""

    job_id: str
    jobs: list[BatchPart]


class Result(RootModel[JobResult | BatchResult]):
    """The result of a job, or those of a batch."""


class Program(BaseModel):
    """A program as it was submitted."""

    job_id: str
    format: Literal["qpy", "qasm2", "qasm3", "braket"]
    sha256: str = Field(description="Over format and bytes: the same program has the same one.")
    text: str | None = Field(description="Where the format is text.")
    base64: str | None = Field(description="Where it is not.")


class BatchPrograms(BaseModel):
    """The programs of a batch, by their places."""

    job_id: str
    programs: list[Program]


class Programs(RootModel[Program | BatchPrograms]):
    """The program of a job, or those of a batch."""


class Cancelled(BaseModel):
    """What became of a cancel."""

    job_id: str
    status: Word
    state: State | None = Field(description="Of a job: the status in qjob's own words.")
    cancelled: bool = Field(description="Whether there was anything left to cancel.")
    jobs: int = Field(description="How many jobs that is.")

"""A job as the store keeps it: frozen values and the table of legal moves. Knows no database and no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from qjob.model.backend import OptionValue
from qjob.model.program import Program

MAX_NAME = 200
"""The longest name of a job, in characters."""


DIRECT, DURABLE = "direct", "durable"
"""Modes: in processes of the kernel, which end with it; or in a worker outside, which another one takes over from."""


class JobStatus(StrEnum):
    """Where a job is in its life."""

    INITIALIZING = "INITIALIZING"  # stored, not yet admitted
    QUEUED = "QUEUED"  # admitted, waiting for a worker or a device
    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"  # a cancel was asked for and has not yet taken effect
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def ended(self) -> bool:
        """Whether nothing can change any more."""
        return not MOVES[self]


_S = JobStatus
MOVES: Mapping[JobStatus, frozenset[JobStatus]] = MappingProxyType(
    {
        _S.INITIALIZING: frozenset({_S.QUEUED, _S.FAILED, _S.CANCELLED}),
        _S.QUEUED: frozenset({_S.RUNNING, _S.CANCELLING, _S.COMPLETED, _S.FAILED, _S.CANCELLED}),
        _S.RUNNING: frozenset({_S.QUEUED, _S.CANCELLING, _S.COMPLETED, _S.FAILED, _S.CANCELLED}),
        # a result that arrives before the cancel takes effect is kept
        _S.CANCELLING: frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED}),
        _S.COMPLETED: frozenset(),
        _S.FAILED: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)
"""From each status, the statuses that may follow it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job ended without a result."""

    code: str  # stable, machine-readable: "worker_killed", "out_of_memory", "kernel_ended", ...
    reason: str  # one sentence for people
    remedy: str = ""  # what to do about it
    transient: bool = False  # whether the same job can succeed when tried again


@dataclass(frozen=True, slots=True)
class Pending:
    """What a job that is stored and not admitted waits for."""

    consent: bool = False  # that somebody confirms what it can cost
    until: datetime | None = None  # a rate limit: when it is tried again
    why: str = ""  # a sentence for people, where there is more to say
    preflight: bool = False  # that the service which is to run it says whether it can


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a user asks for, checked for form but not yet admitted."""

    program: Program
    backend: str  # slug, such as "sv1"
    shots: int
    seed: int  # drawn by the engine where the user gave none, so that a restart repeats the job
    options: Mapping[str, OptionValue]  # as given by the user, checked against the backend's schema
    mode: str = DIRECT
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class JobRecord(NamedTuple):
    """One row of the job table: a tuple, which is made in a fifth of the time that a frozen dataclass takes."""

    id: str  # UUID, lower case
    user: str
    name: str | None
    backend: str
    program: str  # digest of the stored program
    num_qubits: int  # of the program
    shots: int
    seed: int
    options: Mapping[str, OptionValue]
    mode: str  # `DIRECT` or `DURABLE`
    tags: Mapping[str, str]
    status: JobStatus
    failure: Failure | None  # set when FAILED, and when CANCELLED by something else than its user
    owner: (
        str | None
    )  # the process that runs it; its lock tells whether it lives. None: it waits for a worker
    retry_of: str | None  # the job this one repeats
    created_at: datetime  # UTC, as are all times
    started_at: datetime | None
    ended_at: datetime | None
    batch: str | None = None  # the batch it belongs to
    place: int | None = None  # in the batch, from 0
    team: str | None = None  # the id of the team that pays
    cap: int = 0  # what is held for it at the most, in nano-dollars; 0 where it is free
    cost: int | None = None  # what it cost, in nano-dollars; None of a free job and of one that has not ended
    fingerprint: str | None = None  # what was asked for, whatever the bytes of the program
    admitted_at: datetime | None = None  # None of a job that waits for it, or ended before it
    pending: Pending | None = None  # what it waits for, as long as it is INITIALIZING
    source: str | None = None  # digest of the text of the cell that it came from, where it can cost something
    likeness: str | None = None  # the same of runs that take about as long, where time is billed
    site: Mapping[str, str] | None = None  # where and for whom it runs elsewhere: region, account, profile
    remote_id: str | None = None  # what the service there calls it, once it has answered
    work: str | None = None  # of a durable job: what a worker has to know, as `qjob.backends.work` writes it
    fence: int = 0  # grows whenever somebody takes it over, or it is taken from somebody
    attempt: int = 0  # the number of the last attempt of a durable job; 0: there was none
    erased_at: datetime | None = None  # since when its program and its result are gone; what it cost is kept
    erased_by: str | None = None  # the user who erased them

    @property
    def durable(self) -> bool:
        """Whether a worker outside the kernel runs it, so that it outlives who submitted it."""
        return self.mode == DURABLE and self.status is not JobStatus.INITIALIZING

    @property
    def elsewhere(self) -> bool:
        """Whether it runs at a service, where it goes on whatever happens here."""
        return self.site is not None and self.status is not JobStatus.INITIALIZING

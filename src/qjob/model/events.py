"""What a backend says while it runs a job, and what the store keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from qjob.model.errors import InvalidRequest
from qjob.model.job import Failure
from qjob.model.money import parse_usd
from qjob.model.result import Result

# -- a backend's events: the elements of the iterator that Backend.run returns ---------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """A remote service has accepted the task."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A text that belongs to the job: what the service was sent (``"sent"``), or made of it (``"compiled"``)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The task waits at the service. Overwrites what was said of that before.

    Parameters
    ----------
    position
        Its place in the queue, from 1; None where the service does not tell.
    length
        How many wait there in all; None where nobody knows.
    beyond
        Whether both are lower bounds: some services stop counting.
    opens_at
        When the device opens next, in UTC; None where it is open, or nobody knows.
    """

    position: int | None = None
    length: int | None = None
    beyond: bool = False
    opens_at: datetime | None = None

    @classmethod
    def from_object(cls, plain: Mapping[str, Any]) -> "Queued":
        """Return what was written as this JSON object."""
        opens_at = plain["opens_at"]
        moment = None if opens_at is None else datetime.fromisoformat(opens_at)
        return cls(plain["position"], plain["length"], plain["beyond"], moment)


@dataclass(frozen=True, slots=True)
class Running:
    """The device or simulator has begun."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running job has come. Overwrites the one before.

    Parameters
    ----------
    phase
        What goes on, for people: "evolving the state", "sampling".
    shots_done
        Shots counted so far; 0 before there are any counts, never an estimate.
    top
        The most frequent outcomes so far, most frequent first, at most `PROGRESS_TOP`.
    distinct
        How many different outcomes were seen so far.
    queue
        Where it waits at a service; None where it does not.
    note
        What somebody should know or do about it, in a sentence: "AWS credentials have expired. Renew them: ...".
    """

    phase: str
    shots_done: int = 0
    top: tuple[tuple[str, int], ...] = ()
    distinct: int = 0
    queue: Queued | None = None
    note: str = ""

    @classmethod
    def from_object(cls, plain: Mapping[str, Any]) -> "Progress":
        """Return the progress that was written as this JSON object."""
        top = tuple((outcome, count) for outcome, count in plain["top"])
        queue = plain.get("queue")
        place = None if queue is None else Queued.from_object(queue)
        note = plain.get("note", "")
        return cls(plain["phase"], plain["shots_done"], top, plain["distinct"], place, note)


PROGRESS_TOP = 16
"""The most outcomes a `Progress` carries."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run has counted so far, packed: enough to go on from. A later one replaces it.

    Parameters
    ----------
    shots
        How many shots it has counted.
    data
        For the backend that wrote it; nobody else reads it.
    """

    shots: int
    data: bytes


LONGEST = 1_000_000_000
"""More seconds than any run takes."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The job has its result. The last event.

    Parameters
    ----------
    result
        What came out.
    cost
        What the vendor bills for it, in US dollars, a whole number of nano-dollars: less than was held, or more. None
        where nobody says; then it costs what was held.
    billed_seconds
        The length of the run by the vendor's own clock, where time is billed; None where nobody says. Later quotes of
        like runs go by it.

    Raises
    ------
    InvalidRequest
        The cost is no such amount (a float never is), or negative; or the seconds are no number from 0 on.
    """

    result: Result
    cost: Decimal | None = None
    billed_seconds: float | None = None

    def __post_init__(self) -> None:
        _settle(self)
        seconds = self.billed_seconds
        if seconds is not None and not 0 <= seconds <= LONGEST:  # which NaN is neither
            raise InvalidRequest(
                f"{seconds} billed seconds do not fit: they are 0 to {LONGEST:,}.",
                remedy="Mend the backend's adapter.",
            )


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ends without a result. The last event; ``cost`` as of `Completed`, but None is nothing."""

    failure: Failure
    cost: Decimal | None = None

    def __post_init__(self) -> None:
        _settle(self)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job ended because a cancel took effect. The last event; ``cost`` as of `Failed`.

    ``failure`` says why where it was not cancelled from here.
    """

    cost: Decimal | None = None
    failure: Failure | None = None

    def __post_init__(self) -> None:
        _settle(self)


def _settle(end: Completed | Failed | Cancelled) -> None:
    """Check a cost, and make a Decimal of what is an exact amount all the same."""
    if end.cost is not None:
        object.__setattr__(end, "cost", parse_usd(end.cost, "the cost that the backend reports"))


Event = Submitted | Attached | Queued | Running | Progress | Checkpoint | Completed | Failed | Cancelled

# -- what the store keeps ---------------------------------------------------------------------------------------


class EventKind(StrEnum):
    """The kinds of rows in a job's log."""

    PROPOSED = "proposed"  # stored, to be admitted later
    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ATTEMPT = "attempt"  # a worker took it up
    RETRYING = "retrying"  # an attempt came to nothing, and another one follows
    REFUNDED = "refunded"  # after the end: some of what it cost was given back
    ERASED = "erased"  # after the end: its program and its result


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of a job's append-only log."""

    job_id: str
    seq: int  # 0, 1, 2, ... within the job, without gaps
    at: datetime
    kind: EventKind
    data: Mapping[str, Any]  # JSON values

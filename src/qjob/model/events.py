"""What a backend says while it runs a job, and what the store keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from qjob.model.job import Failure
from qjob.model.result import Result

# -- a backend's events: the elements of the iterator that Backend.run returns ---------------------------------


@dataclass(frozen=True, slots=True)
class Submitted:
    """A remote service has accepted the task."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The task waits; ``position`` counts from 1, None where the service does not tell."""

    position: int | None = None


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
    """

    phase: str
    shots_done: int = 0
    top: tuple[tuple[str, int], ...] = ()
    distinct: int = 0

    @classmethod
    def from_object(cls, plain: Mapping[str, Any]) -> "Progress":
        """Return the progress that was written as this JSON object."""
        top = tuple((outcome, count) for outcome, count in plain["top"])
        return cls(plain["phase"], plain["shots_done"], top, plain["distinct"])


PROGRESS_TOP = 16
"""The most outcomes a `Progress` carries."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The job has its result. The last event."""

    result: Result


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ends without a result. The last event."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job ended because a cancel took effect. The last event."""


Event = Submitted | Queued | Running | Progress | Completed | Failed | Cancelled

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


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One row of a job's append-only log."""

    job_id: str
    seq: int  # 0, 1, 2, ... within the job, without gaps
    at: datetime
    kind: EventKind
    data: Mapping[str, Any]  # JSON values

"""Attempts at a durable job, and what follows one that came to nothing. Knows no store and no clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from qjob.model.job import Failure


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a worker took up a job."""

    number: int  # 1, 2, 3, ... within the job
    worker: str  # which: "host:pid"
    shots: int  # that were counted before it began
    began_at: datetime
    ended_at: datetime | None  # None while it is under way
    failure: Failure | None  # why it came to nothing
    cost: int | None  # nano-dollars that were billed for it; None where nobody said


@dataclass(frozen=True, slots=True)
class Setback:
    """An attempt that came to nothing, as the decision sees it what is to follow."""

    job_id: str
    worker: str  # as of `Attempt`
    tries: int  # attempts that came to nothing since the job last got on, this one included
    seconds: float  # since the first of these began
    elsewhere: bool  # whether a service may know of the job


@dataclass(frozen=True, slots=True)
class Sequel:
    """What follows an attempt that came to nothing.

    Parameters
    ----------
    failure
        Why it did.
    pause
        Seconds until the next one; None: there is none, and the job is FAILED.
    last_words
        The failure of the job then; None: that of the attempt.
    """

    failure: Failure
    pause: float | None
    last_words: Failure | None = None


Decide = Callable[[Setback], Sequel]

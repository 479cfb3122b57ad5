"""A process that runs durable jobs, as the store keeps it. Knows no store and no clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Asked = Literal["stop", "drain"]
"""What a worker process is asked: to end at once, or once it has nothing in hand."""

DEAF = 30.0
"""Seconds after which a worker process that was not heard of counts as gone, though it seems to live."""


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """One row of the table of worker processes."""

    id: str  # as an owner of jobs
    user: str  # whose jobs it runs
    host: str
    pid: int
    version: str  # of the package
    began_at: datetime
    silent: float = 0.0  # seconds since it was last heard of
    asked: Asked | None = None  # to end
    ended_at: datetime | None = None
    jobs: int = 0  # that it has in hand

    @property
    def listens(self) -> bool:
        """Whether it takes up jobs, provided that it lives."""
        return self.ended_at is None and self.asked is None and not self.deaf

    @property
    def deaf(self) -> bool:
        """Whether it was not heard of for so long that it counts as gone."""
        return self.silent >= DEAF

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.host}:{self.pid}"


@dataclass(frozen=True, slots=True)
class Staff:
    """The worker processes of a user, and what is asked of them.

    Parameters
    ----------
    living
        Those that live.
    last
        The one that ended last; None where none did.
    newest
        When the newest of the durable jobs was admitted that have not ended; None: there are none.
    cancels
        Whether one that nobody has in hand is to be cancelled at its service.
    """

    living: tuple[WorkerRecord, ...] = ()
    last: WorkerRecord | None = None
    newest: datetime | None = None
    cancels: bool = False


class Prospect(StrEnum):
    """What a durable job that waits can expect of the worker processes of its user."""

    LISTENING = "listening"  # one takes it up as soon as it has room
    STARTING = "starting"  # there is none, and one is started
    MISSING = "missing"  # one should have been there for a while
    ENDING = "ending"  # one was asked to end, and has not yet
    STOPPED = "stopped"  # somebody has stopped them; only a newer job starts one by itself


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the worker processes stand that a durable job waits for.

    Parameters
    ----------
    prospect
        What it can expect of them.
    stopped_at
        When they were stopped, where they were.
    said
        What a worker that did not come up has said last; empty where nobody knows.
    """

    prospect: Prospect
    stopped_at: datetime | None = None
    said: str = ""

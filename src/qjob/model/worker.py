"""A process that runs durable jobs, as the store keeps it. Knows no store and no clock."""

from dataclasses import dataclass
from datetime import datetime
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
    def deaf(self) -> bool:
        """Whether it was not heard of for so long that it counts as gone."""
        return self.silent >= DEAF

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.host}:{self.pid}"

"""A batch as the store keeps it: what its jobs have in common. Knows no job."""

from dataclasses import dataclass
from datetime import datetime

MAX_PROGRAMS = 1000
"""The most programs of one batch."""


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """One row of the table of batches. Its jobs name it, and their place in it, from 0."""

    id: str  # UUID, lower case
    user: str
    name: str | None
    size: int  # how many jobs
    created_at: datetime  # UTC

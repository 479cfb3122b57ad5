"""What an archive of jobs amounts to, and what was erased of it: values only."""

from collections.abc import Mapping
from dataclasses import dataclass

from qjob.model.job import JobRecord, JobStatus


@dataclass(frozen=True, slots=True)
class Totals:
    """What jobs amount to.

    Parameters
    ----------
    jobs
        How many.
    statuses
        How many have each status; statuses that none has are missing.
    cost
        What those that have ended cost, in nano-dollars.
    held
        What is held for those that have not, in nano-dollars.
    shots
        How many were asked for.
    """

    jobs: int
    statuses: Mapping[JobStatus, int]
    cost: int
    held: int
    shots: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Parameters
    ----------
    jobs
        Of how many jobs.
    bytes
        What programs, results and texts took up in the store.
    freed
        Bytes of the disk that were given back for it.
    kept
        Why what is free in the store was not given back, a sentence; empty where it was, or nobody tried.
    """

    jobs: int
    bytes: int
    freed: int = 0
    kept: str = ""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """How much disk the archive takes up.

    Parameters
    ----------
    total
        Bytes in all.
    parts
        Bytes of each part: ``store``, ``logs``, ``cache`` and ``other``. The store may be on a server.
    """

    total: int
    parts: Mapping[str, int]


def when_erased(job: JobRecord) -> str:
    """Return when a job's program and result were erased, and by whom: ``on 3 Mar 2026 by ada``."""
    if job.erased_at is None:
        return ""
    by = f" by {job.erased_by}" if job.erased_by else ""
    return f"on {job.erased_at.day} {job.erased_at:%b %Y}{by}"

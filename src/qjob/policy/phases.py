"""What a job spent its time on, by its log and the times in its row. Pure; knows no clock and no store."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from qjob.model.events import EventKind, LogEntry
from qjob.model.job import JobRecord
from qjob.model.timing import Phase

SHORTEST = 0.1
"""Seconds below which a phase is not worth telling."""

PENDING, QUEUED, RUNNING, AGAIN, CANCELLING = (
    "before it was admitted",
    "in the queue",
    "running",
    "between attempts",
    "cancelling",
)

_BEGINS: Mapping[EventKind, str] = {
    EventKind.PROPOSED: PENDING,
    EventKind.ACCEPTED: QUEUED,
    EventKind.SUBMITTED: QUEUED,
    EventKind.QUEUED: QUEUED,
    EventKind.ATTEMPT: QUEUED,  # a worker has it, and its program has not begun yet
    EventKind.RUNNING: RUNNING,
    EventKind.RETRYING: AGAIN,
    EventKind.CANCELLING: CANCELLING,
}
"""What goes on from each kind of event on; what is not here ends the job, or comes after its end."""

SPENT = "spent"
"""The key of an end's data that says on what the run's time went: ``[[what, seconds], ...]``, in order."""


def phases(job: JobRecord, log: Sequence[LogEntry] = ()) -> tuple[Phase, ...]:
    """Return the phases that are over, in the order in which each first came; short ones are left out.

    Parameters
    ----------
    job
        The job's row.
    log
        Its whole log. Without it the times of the row tell the same of a job that is under way, but for attempts
        that came to nothing.
    """
    spans = _logged(log) if log else _of_row(job)
    spent = next((entry.data.get(SPENT, ()) for entry in log if entry.kind is EventKind.COMPLETED), ())
    sums: dict[str, float] = {}
    for what, seconds in spans:
        sums[what] = sums.get(what, 0.0) + seconds
    if RUNNING in sums and spent:
        sums = _split(sums, spent)
    return tuple(Phase(what, seconds) for what, seconds in sums.items() if seconds >= SHORTEST)


def _logged(log: Sequence[LogEntry]) -> list[tuple[str, float]]:
    return [
        (_what(entry), _seconds(entry.at, after.at))
        for entry, after in pairwise(log)
        if entry.kind in _BEGINS
    ]


def _what(entry: LogEntry) -> str:
    awaited = entry.data.get("for") if entry.kind is EventKind.PROPOSED else None
    return f"waiting for {awaited}" if awaited else _BEGINS[entry.kind]


def _of_row(job: JobRecord) -> list[tuple[str, float]]:
    begun = job.started_at
    admitted = job.admitted_at or (job.created_at if begun else None)
    known = ((PENDING, job.created_at, admitted), (QUEUED, admitted, begun), (RUNNING, begun, job.ended_at))
    return [(what, _seconds(begin, end)) for what, begin, end in known if begin and end]


def _split(sums: Mapping[str, float], spent: Sequence[Sequence[Any]]) -> dict[str, float]:
    """Put in place of the run what it is known to consist of; the rest of it stays the run."""
    split: dict[str, float] = {}
    for what, seconds in sums.items():
        if what != RUNNING:
            split[what] = seconds
            continue
        parts = {str(part): float(length) for part, length in spent}
        split |= parts
        split[RUNNING] = split.get(RUNNING, 0.0) + max(0.0, seconds - sum(parts.values()))
    return split


def told_by_log(job: JobRecord) -> bool:
    """Whether its log has more to tell of a job's phases than its row: nothing of one that was over at once."""
    if job.ended_at is not None:
        return _seconds(job.created_at, job.ended_at) >= SHORTEST
    admitted = job.admitted_at or job.created_at
    return job.attempt > 1 or _seconds(job.created_at, admitted) >= SHORTEST


def _seconds(begin: datetime, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds())

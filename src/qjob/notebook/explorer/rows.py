"""A job as one row of the explorer: small JSON for the table, and the same as text that stays. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from qjob.model.job import DURABLE, JobRecord, JobStatus
from qjob.model.money import NANO, format_usd, from_nano
from qjob.model.upkeep import Totals
from qjob.showing.tables import Table, cost_of, mode_of
from qjob.showing.wording import clip, duration, moment, number, plain, plural, short_id

_NAME, _TAG, _TAGS = 120, 40, 6


def row(job: JobRecord, share: float | None = None) -> dict[str, Any]:
    """Return what the table shows of a job: some 300 bytes of JSON.

    Parameters
    ----------
    share
        Which part of the shots is done, 0 to 1; None where that is not known, or it does not run.

    Returns
    -------
    dict
        Times in seconds since 1970; ``ran`` in seconds, None of what has not ended or never began.
    """
    tags = [clip(_tag(key, value), _TAG) for key, value in sorted(job.tags.items())]
    shown: dict[str, Any] = {
        "id": job.id,
        "name": clip(plain(job.name or ""), _NAME),
        "status": job.status.value,
        "backend": job.backend,
        "shots": job.shots,
        "created": round(job.created_at.timestamp(), 3),
        "began": round(job.started_at.timestamp(), 3) if job.started_at else None,
        "ran": ran(job),
        "cost": cost_of(job),
        "mode": mode_of(job),
        "tags": tags[:_TAGS],
        "ended": job.status.ended,
    }
    if len(tags) > _TAGS:
        shown["more"] = len(tags) - _TAGS
    if share is not None:
        shown["share"] = round(share, 3)
    if job.erased_at is not None:
        shown["erased"] = moment(job.erased_at)
    return shown


def ran(job: JobRecord) -> float | None:
    """Return how many seconds a job ran; None of one that has not ended, or never began."""
    if job.started_at is None or job.ended_at is None:
        return None
    return round(max(0.0, (job.ended_at - job.started_at).total_seconds()), 4)


def sums(totals: Totals) -> dict[str, Any]:
    """Return the totals of all that the filters let through, as the line below the table shows them."""
    return {
        "jobs": totals.jobs,
        "statuses": {status.value: count for status, count in by_status(totals.statuses) if count},
        "spent": _about(totals.cost) if totals.cost else "",
        "held": _about(totals.held) if totals.held else "",
        "shots": totals.shots,
    }


def by_status(counts: Mapping[JobStatus, int]) -> list[tuple[JobStatus, int]]:
    """Return how many jobs have each status, in the order of a job's life."""
    return [(status, counts.get(status, 0)) for status in JobStatus]


def said(totals: Totals) -> str:
    """Return the totals in words."""
    words = [plural(totals.jobs, "job")]
    words += [f"{number(count)} {status.lower()}" for status, count in by_status(totals.statuses) if count]
    words += [f"{_about(totals.cost)} spent"] if totals.cost else []
    words += [f"{_about(totals.held)} held"] if totals.held else []
    return ", ".join(words)


def table(jobs: Sequence[JobRecord], first: int, totals: Totals | None, line: str, now: datetime) -> Table:
    """Return a page as a table that stays, also where no widget can be shown; without columns that say nothing.

    Parameters
    ----------
    first
        The place of its first row among all that the filters let through, from 1.
    line
        What to type to see this again.
    """
    if not jobs:
        return Table((), (), f"No jobs match. As of {moment(now)}: {line}")
    paid = any(job.cap or job.cost for job in jobs)
    durable = any(job.mode == DURABLE for job in jobs)
    tagged = any(job.tags for job in jobs)
    rows = [
        (
            short_id(job.id),
            plain(job.name or ""),
            job.status.value,
            job.backend,
            number(job.shots),
            _whole(f"{job.created_at.astimezone(UTC):%d %b %Y %H:%M}"),
            "" if (seconds := ran(job)) is None else _whole(duration(seconds)),
            *((cost_of(job),) if paid else ()),
            *((mode_of(job),) if durable else ()),
            *((", ".join(_tag(key, value) for key, value in sorted(job.tags.items())),) if tagged else ()),
        )
        for job in jobs
    ]
    more = (*(("cost",) if paid else ()), *(("mode",) if durable else ()), *(("tags",) if tagged else ()))
    headings = ("id", "name", "status", "backend", "shots", "created (UTC)", "run time", *more)
    of = f" of {number(totals.jobs)}" if totals else ""
    note = f"Jobs {number(first)} to {number(first + len(jobs) - 1)}{of}, as of {moment(now)}: {line}"
    shown = Table(headings, rows, said(totals) if totals else "", frozenset({4, 6}))
    return shown.with_note(note)


def _whole(text: str) -> str:
    """Return text that is broken nowhere."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _about(nano: int) -> str:
    """Return an amount, from a dollar on to the cent."""
    return format_usd(round(from_nano(nano), 2) if nano >= NANO else from_nano(nano))


def _tag(key: str, value: str) -> str:
    return plain(f"{key}={value}" if value else key)

"""Pages of jobs, newest first: which query serves which filter. Knows no job's life.

Every page is a range of the jobs' numbers, which order them by their time of creation: ``since`` bounds it below;
``until`` and the last job of the page before bound it above. So a page costs the same wherever it lies.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from typing import Any

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus
from qjob.store.database import Connection
from qjob.store.rows import Row, fold, number_of, to_time

SLOTS = 1000
"""How many numbers belong to one microsecond."""

INDEXED = 3
"""The shortest text that the trigram index takes."""

ID_PART = re.compile(r"[0-9a-f-]+")
AFTER_ANY_TEXT = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a page shows; what is left out does not restrict it.

    Parameters
    ----------
    statuses
        Jobs in one of these.
    backend
        Jobs of this slug.
    text
        Jobs whose name or ``key=value`` tags hold this text, upper and lower case alike, or whose id begins
        with it.
    since, until
        Jobs created at ``since`` or later, and before ``until``; aware times.
    """

    statuses: frozenset[JobStatus] = frozenset()
    backend: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(
        cls,
        *,
        status: str | Iterable[str] | None = None,
        backend: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> "JobFilter":
        """Make a filter of what people type: one status or several, in capitals or not.

        Raises
        ------
        InvalidRequest
            There is no such status.
        """
        names = [status] if isinstance(status, str) else list(status or ())
        statuses = frozenset(_status(name) for name in names)
        return cls(statuses, backend or None, text or "", since, until)


def _status(name: str) -> JobStatus:
    try:
        return JobStatus(name.upper())
    except ValueError as error:
        known = [status.lower() for status in JobStatus]
        raise InvalidRequest(
            f"there is no status {name!r}{did_you_mean(name.lower(), known)}.",
            remedy=f"A job is {', '.join(known[:-1])} or {known[-1]}.",
        ) from error


def first_number(moment: datetime) -> int:
    """Return the lowest number of a job created at this time."""
    return to_time(moment) * SLOTS


def prefix_range(prefix: str) -> dict[str, str]:
    """Return the range of the texts that begin with a prefix, as the parameters of a query."""
    return {"low": prefix, "high": prefix + AFTER_ANY_TEXT}


def page(
    queries: Any,
    connection: Connection,
    wanted: JobFilter,
    limit: int,
    below: int | None,
    *,
    pattern: Callable[[str], str] | None,
) -> list[Row]:
    """Return at most ``limit`` rows of the view ``records``, newest first.

    Parameters
    ----------
    queries, connection
        The named queries, and a connection on which all of them see the same moment.
    below
        Only jobs with smaller numbers; None for the first page.
    pattern
        Returns what the text index has to be asked for a text; None where the store has no text index.
    """
    until = first_number(wanted.until) if wanted.until else 2**63 - 1
    span = {
        "first": first_number(wanted.since) if wanted.since else -(2**63),
        "before": until if below is None else min(until, below),
        "max_rows": limit,
    }
    text = fold(wanted.text.strip())
    pages = (
        _by_text(queries, connection, wanted, text, span, pattern=pattern)
        if text
        else _by_columns(queries, connection, wanted, span)
    )
    return _newest(pages, limit)


def _by_columns(
    queries: Any, connection: Connection, wanted: JobFilter, span: dict[str, int]
) -> list[Iterable[Row]]:
    """Read a page for each status, since an index returns the jobs of one status in order."""
    if wanted.backend is None:
        if not wanted.statuses:
            return [queries.page(connection, **span)]
        return [queries.page_of_status(connection, status=status, **span) for status in wanted.statuses]
    if not wanted.statuses:
        return [queries.page_of_backend(connection, backend=wanted.backend, **span)]
    return [
        queries.page_of_both(connection, backend=wanted.backend, status=status, **span)
        for status in wanted.statuses
    ]


def _by_text(
    queries: Any,
    connection: Connection,
    wanted: JobFilter,
    text: str,
    span: dict[str, int],
    *,
    pattern: Callable[[str], str] | None,
) -> list[Iterable[Row]]:
    statuses = sorted(wanted.statuses) or list(JobStatus)
    padded = statuses + statuses[:1] * (len(JobStatus) - len(statuses))
    rest = {f"s{i}": status for i, status in enumerate(padded, start=1)} | {"backend": wanted.backend or ""}
    if pattern is None or len(text) < INDEXED:
        return [queries.page_of_scan(connection, part=text, **prefix_range(text), **rest, **span)]
    pages = [queries.page_of_text(connection, match=pattern(text), part=text, **rest, **span)]
    if ID_PART.fullmatch(text):
        pages.append(queries.page_of_prefix(connection, **prefix_range(text), **rest, **span))
    return pages


def _newest(pages: list[Iterable[Row]], limit: int) -> list[Row]:
    if len(pages) == 1:
        return list(pages[0])
    merged = merge(*pages, key=number_of, reverse=True)
    return list(islice((next(same) for _, same in groupby(merged, key=number_of)), limit))

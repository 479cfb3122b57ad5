"""Pages of jobs and their totals: which query serves which filter and order. Knows no job's life.

A page is what lies behind a place: the last job of the page before, by what the order sorts by and then by its
number. Numbers order jobs by their time of creation, so that ``since`` and ``until`` are bounds of them. So a page
costs the same wherever it lies: what an index leads to less than a millisecond at any size; anything else reads the
index of all that filters look at, some 20 ms for 100,000 jobs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby, islice
from typing import Any

from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus
from qjob.model.upkeep import Totals
from qjob.store.database import Connection
from qjob.store.listing import ID_PART, INDEXED, JobFilter, Order, first_number, prefix_range
from qjob.store.rows import Row, fold, number_of, to_json

EVERY = JobFilter()
MAX_TEAMS = 16
"""Of how many teams the newest jobs are looked up one by one; of more, all jobs are looked through."""

NEAR = 1000
"""How many of their jobs are rather read than passed over by reading the index of all that filters look at."""

LOWEST, HIGHEST = -(2**63), 2**63 - 1
NO_ID = {"low": "g", "high": "g"}
"""The range of no id."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a database's index of texts has to be asked for a text; for none where it has no such index.

    Parameters
    ----------
    covering
        For what holds parts of it, which the text itself is then looked for in.
    exact
        For what holds it.
    """

    covering: Callable[[str], str]
    exact: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Pages:
    """The queries on a connection on which all of them see the same moment.

    Parameters
    ----------
    texts
        None where the store has no text index.
    """

    queries: Any
    connection: Connection
    texts: Texts | None

    def page(
        self,
        wanted: JobFilter,
        order: Order,
        limit: int,
        place: Mapping[str, int] | None,
        offset: int = 0,
    ) -> list[Row]:
        """Return at most ``limit`` rows of the view ``records``.

        Parameters
        ----------
        place
            What the last job of the page before is sorted by, by order, and its ``number``; None for the first page.
        offset
            How many jobs behind that place are passed over; they are read by an index, so that it costs something.

        Raises
        ------
        InvalidRequest
            The limit or the offset is no number of jobs.
        """
        _expect_number("limit", limit)
        _expect_number("offset", offset)
        span = {**_span(wanted), "max_rows": limit}
        text = fold(wanted.text.strip())
        if place is not None and order is Order.NEWEST:
            span["before"] = min(span["before"], place["number"])
        if place is not None and order is Order.OLDEST:
            span["first"] = max(span["first"], place["number"] + 1)
        alone = replace(wanted, statuses=frozenset(), backend=None, text="", since=None, until=None) == EVERY
        if order is Order.NEWEST and not offset and alone:
            if text:
                return _newest(self._by_text(wanted, text, span), limit)
            if wanted.backend or wanted.statuses:
                return _newest(self._by_columns(wanted, span), limit)
        teams = _only_teams(wanted)
        if order is Order.NEWEST and offset <= NEAR and teams is not None:
            return self._by_teams(teams, {**span, "max_rows": limit + offset})[offset:]
        span["skipped"] = offset
        if order not in (Order.NEWEST, Order.OLDEST):
            span["rank"] = HIGHEST if place is None else place[order]
            span["below"] = span["before"] if place is None else min(span["before"], place["number"])
        if text or wanted != JobFilter(since=wanted.since, until=wanted.until):
            how, values = self._sifting(wanted, text)
            sifted = getattr(self.queries, f"sifted_{order}{how}")
            return list(sifted(self.connection, **span, **values))
        if "rank" in span:
            span["reach"] = limit + offset
        return list(getattr(self.queries, f"ordered_{order}")(self.connection, **span))

    def totals(self, wanted: JobFilter) -> Totals:
        """Return the totals of all jobs that pass a filter."""
        how, values = self._sifting(wanted, fold(wanted.text.strip()))
        found = list(getattr(self.queries, f"totals{how}")(self.connection, **_span(wanted), **values))
        statuses = {JobStatus(status): int(count) for status, count, *_ in sorted(found)}
        sums = (int(sum(row[column] for row in found)) for column in (2, 3, 4))
        return Totals(sum(statuses.values()), statuses, *sums)

    def _by_teams(self, teams: Sequence[str], span: dict[str, int]) -> list[Row]:
        """Read a page for each team, as `_by_columns` does for each status."""
        read = self.queries.page_of_team
        return _newest([read(self.connection, team=team, **span) for team in teams], span["max_rows"])

    def _by_columns(self, wanted: JobFilter, span: dict[str, int]) -> list[Iterable[Row]]:
        """Read a page for each status, since an index returns the jobs of one status in order."""
        queries, connection = self.queries, self.connection
        if wanted.backend is None:
            return [queries.page_of_status(connection, status=status, **span) for status in wanted.statuses]
        if not wanted.statuses:
            return [queries.page_of_backend(connection, backend=wanted.backend, **span)]
        return [
            queries.page_of_both(connection, backend=wanted.backend, status=status, **span)
            for status in wanted.statuses
        ]

    def _by_text(self, wanted: JobFilter, text: str, span: dict[str, int]) -> list[Iterable[Row]]:
        queries, connection = self.queries, self.connection
        rest = {**_statuses(wanted), "backend": wanted.backend or "", **span}
        if self.texts is None or len(text) < INDEXED:
            return [queries.page_of_scan(connection, part=text, **prefix_range(text), **rest)]
        match = self.texts.covering(text)
        pages = [queries.page_of_text(connection, match=match, part=text, **rest)]
        if ID_PART.fullmatch(text):
            pages.append(queries.page_of_prefix(connection, **prefix_range(text), **rest))
        return pages

    def _sifting(self, wanted: JobFilter, text: str) -> tuple[str, dict[str, Any]]:
        """Return how the text is looked for, and the values of a query that reads all jobs' lines."""
        key, value = wanted.tag or ("", None)
        values = {
            **_statuses(wanted),
            "erased": int(wanted.erased),
            "backend": wanted.backend or "",
            "team": wanted.team or "",
            "any_team": int(wanted.teams is None),
            "teams": to_json(wanted.teams or ()),
            "any_backend": int(not wanted.backends),
            "backends": to_json(wanted.backends),
            "in_group": wanted.group or "",
            "tag": key,
            "any_value": int(value is None),
            "tag_value": value or "",
        }
        if not text:
            return "", values
        ids = prefix_range(text) if ID_PART.fullmatch(text) else NO_ID
        if self.texts is None or len(text) < INDEXED:
            return "_scan", {**values, **ids, "text": text}
        return "_text", {**values, **ids, "text": self.texts.exact(text)}


def _span(wanted: JobFilter) -> dict[str, int]:
    return {
        "first": first_number(wanted.since) if wanted.since else LOWEST,
        "before": first_number(wanted.until) if wanted.until else HIGHEST,
    }


def _statuses(wanted: JobFilter) -> dict[str, JobStatus]:
    statuses = sorted(wanted.statuses) or list(JobStatus)
    padded = statuses + statuses[:1] * (len(JobStatus) - len(statuses))
    return {f"s{i}": status for i, status in enumerate(padded, start=1)}


def _only_teams(wanted: JobFilter) -> Sequence[str] | None:
    """Return the teams whose jobs pass a filter, each once, where nothing but team and time matters."""
    if replace(wanted, team=None, teams=None, since=None, until=None) != EVERY:
        return None
    if wanted.teams is None:
        return None if wanted.team is None else [wanted.team]
    teams = [team for team in dict.fromkeys(wanted.teams) if wanted.team in (None, team)]
    return teams if len(teams) <= MAX_TEAMS else None


def _expect_number(what: str, number: object) -> None:
    if not isinstance(number, int) or not 0 <= number <= HIGHEST // 2:
        raise InvalidRequest(
            f"{what}={number!r:.60} is no number of jobs.", remedy=f"Give one such as {what}=50."
        )


def _newest(pages: list[Iterable[Row]], limit: int) -> list[Row]:
    if not pages:
        return []
    if len(pages) == 1:
        return list(pages[0])
    merged = merge(*pages, key=number_of, reverse=True)
    return list(islice((next(same) for _, same in groupby(merged, key=number_of)), limit))

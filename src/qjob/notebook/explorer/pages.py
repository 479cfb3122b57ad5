"""Turns the explorer's pages: by the last job of the page before, so that each costs the same wherever it lies."""

from dataclasses import dataclass

from qjob.engine import Engine
from qjob.model.job import JobRecord
from qjob.notebook.explorer.wanted import Wanted

ROWS = 25
"""How many jobs a page shows."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some jobs in order.

    Parameters
    ----------
    jobs
        At most `ROWS`.
    number
        Which page it is, from 0.
    more
        Whether there are jobs behind it.
    """

    jobs: tuple[JobRecord, ...]
    number: int
    more: bool

    @property
    def first(self) -> int:
        """The place of its first job, from 1."""
        return self.number * ROWS + 1


class Pages:
    """Where somebody is in a list of jobs that others add to meanwhile.

    Parameters
    ----------
    engine
        Has the jobs.
    wanted
        Which ones, in which order.
    """

    def __init__(self, engine: Engine, wanted: Wanted) -> None:
        self._engine = engine
        self._filter = wanted.filter()
        self._order = wanted.sort
        self._before: list[str | None] = [None]  # for each page up to this one, the last job before it
        self.page = Page((), 0, more=False)

    def here(self) -> Page:
        """Read the page again."""
        found = self._engine.records(self._filter, order=self._order, limit=ROWS + 1, after=self._before[-1])
        self.page = Page(tuple(found[:ROWS]), len(self._before) - 1, len(found) > ROWS)
        return self.page

    def next(self) -> Page:
        """Go on by a page; the last one stays."""
        if self.page.more:
            self._before.append(self.page.jobs[-1].id)
        return self.here()

    def previous(self) -> Page:
        """Go back by a page; the first one stays."""
        if len(self._before) > 1:
            self._before.pop()
        return self.here()

    def start(self) -> Page:
        """Go to the first page."""
        del self._before[1:]
        return self.here()

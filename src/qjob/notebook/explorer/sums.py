"""When to add up all jobs again: at once where somebody asks for others, else seldom enough; and the sum itself."""

from dataclasses import replace

from qjob.engine import Engine
from qjob.model.upkeep import Totals
from qjob.store.listing import JobFilter

PAUSE = 1.0
"""Seconds between two sums at the least."""

SHARE = 20
"""How many times as long as a sum takes the next one waits."""


class Sums:
    """Says when a sum is due; times are seconds of one clock that only goes forward."""

    def __init__(self) -> None:
        self._due: float | None = 0.0
        self._not_before = 0.0

    def ask(self) -> None:
        """Have it done at once."""
        self._due = 0.0

    def changed(self) -> None:
        """Have it done when it is its time again."""
        if self._due is None:
            self._due = self._not_before

    def due_in(self, now: float) -> float | None:
        """Return in how many seconds the next sum is due, 0 for now; None where nothing has changed."""
        return None if self._due is None else max(0.0, self._due - now)

    def begin(self) -> None:
        """Note that a sum begins: what changes from now on needs another one."""
        self._due = None

    def done(self, began: float, now: float) -> None:
        """Note that a sum took from ``began`` until ``now``."""
        self._not_before = now + max(PAUSE, SHARE * (now - began))


def totals(engine: Engine, wanted: JobFilter) -> Totals:
    """Return what jobs amount to; the money is also that of jobs whose results were erased."""
    everything = engine.totals(replace(wanted, erased=True))
    return replace(engine.totals(wanted), cost=everything.cost, held=everything.held)

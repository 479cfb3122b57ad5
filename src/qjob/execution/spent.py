"""On what runs spend their time, by the phases that they tell: kept in memory until they end. Knows no store."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

SHORTEST = 0.1
"""Seconds below which a phase is not worth keeping."""


@dataclass(slots=True)
class _Run:
    phase: str
    since: float
    sums: dict[str, float] = field(default_factory=dict)

    def turn(self, phase: str, now: float) -> None:
        if self.phase:
            self.sums[self.phase] = self.sums.get(self.phase, 0.0) + now - self.since
        self.phase, self.since = phase, now


class Spent:
    """The time that each run has spent on its phases.

    Parameters
    ----------
    clock
        A monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._runs: dict[str, _Run] = {}

    def begin(self, job_id: str) -> None:
        """Begin to count: the job runs from now on."""
        self._runs[job_id] = _Run("", self._clock())

    def turn(self, job_id: str, phase: str) -> None:
        """Note the phase that a job is in; of one that does not run yet nothing is counted."""
        run = self._runs.get(job_id)
        if run is not None and phase != run.phase:
            run.turn(phase, self._clock())

    def end(self, job_id: str) -> list[list[object]]:
        """Return the phases with their seconds in the order they came first, and forget the run; only longer ones."""
        run = self._runs.pop(job_id, None)
        if run is None:
            return []
        run.turn("", self._clock())
        return [[phase, round(seconds, 3)] for phase, seconds in run.sums.items() if seconds >= SHORTEST]

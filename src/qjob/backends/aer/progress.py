"""How far a run has come: what is counted so far, and when it is time to say so again."""

from collections.abc import Callable

import numpy as np

from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.model.events import PROGRESS_TOP, Progress

INTERVAL = 0.1
"""Seconds between two reports of counts."""


class Tally:
    """Counts that grow by portions, merged only when somebody looks.

    Attributes
    ----------
    shots : int
        How many were counted.
    resumed_at : int
        How many of them an earlier attempt had counted.
    """

    def __init__(self, layout: BitLayout) -> None:
        self.layout = layout
        self._portions: list[Counts] = []
        self.shots = 0
        self.resumed_at = 0

    def resume(self, counts: Counts) -> None:
        """Begin with what an earlier attempt had counted."""
        self.add(counts)
        self.resumed_at = self.shots

    def clear(self) -> None:
        """Begin anew, with nothing."""
        self._portions = []
        self.shots = self.resumed_at = 0

    def add(self, counts: Counts) -> None:
        """Count some more shots."""
        self._portions.append(counts)
        self.shots += counts.shots

    def counts(self) -> Counts:
        """Return everything counted so far."""
        if len(self._portions) != 1:
            words = self.layout.words
            keys = [np.empty((0, words), dtype=np.uint64), *(part.outcomes for part in self._portions)]
            tallies = [np.empty(0, dtype=np.int64), *(part.tallies for part in self._portions)]
            self._portions = [Counts.collect(self.layout, np.concatenate(keys), np.concatenate(tallies))]
        return self._portions[0]


class Reporter:
    """Throttles progress.

    Parameters
    ----------
    clock
        A monotonic clock in seconds.
    interval
        Seconds between two reports of counts.
    note
        What every report says beside the counts.
    """

    def __init__(self, clock: Callable[[], float], interval: float = INTERVAL, note: str = "") -> None:
        self._clock = clock
        self._interval = interval
        self._note = note
        self._last = clock()

    def due(self) -> bool:
        """Whether it is time for the next report; if so, the one after it is an interval away."""
        now = self._clock()
        if now - self._last < self._interval:
            return False
        self._last = now
        return True

    def report(self, phase: str, tally: Tally) -> Progress:
        """Return the progress of a run in some phase."""
        if not tally.shots:
            return Progress(phase, note=self._note)
        counts = tally.counts()
        top = tuple(counts.top(PROGRESS_TOP))
        return Progress(phase, tally.shots, top, len(counts), note=self._note)

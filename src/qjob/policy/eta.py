"""When a job is likely to be done, by what jobs like it took in this store. Pure: numbers in, a range out.

A range goes from the 10 % to the 90 % quantile of how long like jobs took, of those that took longer than this one
has taken so far: what was over by then tells nothing about one that still goes on. Of fewer than `FEWEST` jobs
nothing is said. Where shots are counted, the pace at which they come in tells more the longer it was seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qjob.model.job import JobRecord
from qjob.model.timing import Eta

FEWEST = 5
"""Fewer jobs say nothing about the next one."""

LOW, HIGH = 0.1, 0.9
"""The quantiles of the range."""

FACTOR, QUBITS = 2, 1
"""Of a similar size are jobs of up to so many times more or fewer shots, and so many more or fewer qubits."""

STEPS = ((10, 1), (60, 5), (600, 30), (3600, 300), (36_000, 1800))
"""Up to how many seconds a time is told in steps of how many; above, in hours."""

SEEN = 0.02
"""The share of all shots that has to be seen coming in before their pace says anything."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a job that completed; times in seconds."""

    program: str
    num_qubits: int
    shots: int
    waited: float  # from its admission to its beginning
    ran: float

    @classmethod
    def of(cls, job: JobRecord) -> "Past | None":
        """Return what a job tells; None where it does not tell when it began or ended."""
        if job.started_at is None or job.ended_at is None:
            return None
        waited = (job.started_at - (job.admitted_at or job.created_at)).total_seconds()
        ran = (job.ended_at - job.started_at).total_seconds()
        return cls(job.program, job.num_qubits, job.shots, max(0.0, waited), max(0.0, ran))


@dataclass(frozen=True, slots=True)
class Pace:
    """How shots came in while somebody looked.

    Parameters
    ----------
    first, done, shots
        How many were counted when the look began, how many are now, and how many it will be.
    seconds
        How long the look took.
    """

    first: int
    done: int
    shots: int
    seconds: float

    @property
    def share(self) -> float:
        """Return the share of all shots that was seen coming in, 0 to 1."""
        return (self.done - self.first) / self.shots

    @property
    def left(self) -> float:
        """Return the seconds that the rest takes at this pace."""
        return self.seconds * (self.shots - self.done) / (self.done - self.first)


def like(job: JobRecord, past: Iterable[Past]) -> list[Past]:
    """Return the jobs on the same backend that are of a similar size; of the same program, where these are enough."""
    similar = [
        each
        for each in past
        if abs(each.num_qubits - job.num_qubits) <= QUBITS
        and job.shots <= each.shots * FACTOR
        and each.shots <= job.shots * FACTOR
    ]
    same = [each for each in similar if each.program == job.program]
    return same if len(same) >= FEWEST else similar


def until_begun(past: Sequence[Past], waited: float) -> Eta | None:
    """Return when a job begins that has waited for so many seconds, by how long others of its backend waited."""
    found = _left([each.waited for each in past], waited)
    return found and Eta(coarse(found[0], down=True), coarse(found[1], down=False), len(past), begins=True)


def until_done(past: Sequence[Past], ran: float, pace: Pace | None = None) -> Eta | None:
    """Return when a job is done that has run for so many seconds, by how long like ones ran.

    Parameters
    ----------
    past
        Like jobs, see `like`.
    ran
        Seconds so far.
    pace
        How its shots come in; None where there are none to count. What it tells lies within the range always, and
        the rest of the range shrinks to it as the share of the shots grows that it was seen of.
    """
    if len(past) < FEWEST:
        return None
    found = _left([each.ran for each in past], ran)
    if pace is None or pace.share < SEEN or pace.seconds <= 0:
        return found and Eta(coarse(found[0], down=True), coarse(found[1], down=False), len(past))
    low, high = found or (pace.left, pace.left)  # it has run longer than nearly all of them
    low = min(pace.left, low + pace.share * (pace.left - low))
    high = max(pace.left, high + pace.share * (pace.left - high))
    return Eta(coarse(low, down=True), coarse(high, down=False), len(past))


def _left(times: Iterable[float], passed: float) -> tuple[float, float] | None:
    """Return the range of what is left, by those that took longer; None where these are too few."""
    longer = sorted(time - passed for time in times if time > passed)
    if len(longer) < FEWEST:
        return None
    return quantile(longer, LOW), quantile(longer, HIGH)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of numbers in ascending order, interpolated between the two that are next to it."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def coarse(seconds: float, *, down: bool) -> float:
    """Return a time in steps that grow with it, so that nobody takes it for exact: 12.3 s are 10 to 15 s."""
    step = next((step for most, step in STEPS if seconds <= most), 3600)
    whole = int(seconds // step)
    return float(step * (whole if down or whole * step == seconds else whole + 1))

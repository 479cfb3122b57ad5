"""How long the parts of a job's life took, and how long it is expected to go on. Values only; knows no clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a job's life.

    Parameters
    ----------
    what
        What went on, for people: ``in the queue``.
    seconds
        How long, in all: a part that came more than once is added up.
    """

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Eta:
    """When what goes on now is expected to be over: in four of five cases between two times.

    Parameters
    ----------
    low, high
        Seconds from now, ``0 <= low <= high``, as coarse as they are uncertain.
    jobs
        How many jobs of this store it was learned from.
    begins
        Whether it is the beginning of the run that is expected, and not its end.
    """

    low: float
    high: float
    jobs: int
    begins: bool = False

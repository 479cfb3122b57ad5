"""Which of the jobs that wait a worker process takes up: as many as it can run, and no more. Pure.

What it took and does not run yet, no other worker can run either. So it takes a job for each of its processes; tiny
ones, of which a process holds many, by the dozen; jobs at services, which cost it next to nothing, by the hundred.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from qjob.backends.base import Needs
from qjob.execution.hands import SHARE, is_tiny

FOLLOWED = 500
"""Jobs at services that one worker process follows at the most."""

FEW = SHARE // 4
"""Tiny jobs for which alone no worker looks for more: those before them end within milliseconds."""


class Size(Enum):
    """How much of a worker process a job takes."""

    WHOLE = "whole"  # one of its processes
    TINY = "tiny"  # a small share of one
    ELSEWHERE = "elsewhere"  # it runs at a service


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that may be taken up."""

    job_id: str
    size: Size


def size_of(needs: Needs) -> Size:
    """Return how much a job takes."""
    if needs.agent is not None:
        return Size.ELSEWHERE
    return Size.TINY if is_tiny(needs) else Size.WHOLE


def room_in(in_hand: Iterable[Size], processes: int) -> tuple[int, int]:
    """Return how many more tiny jobs, and how many more at services, a worker can take; see `chosen`."""
    held = list(in_hand)
    local = processes * SHARE - held.count(Size.TINY) - held.count(Size.WHOLE) * SHARE
    return max(0, local), max(0, FOLLOWED - held.count(Size.ELSEWHERE))


def chosen(waiting: Sequence[Waiting], in_hand: Iterable[Size], processes: int) -> list[str]:
    """Return the jobs to take up, first come first served among those of this machine.

    Parameters
    ----------
    waiting
        Those that wait, oldest first.
    in_hand
        What the worker has already.
    processes
        How many jobs it runs at the same time.
    """
    room, elsewhere = room_in(in_hand, processes)
    taken = []
    for job in waiting:
        if job.size is Size.ELSEWHERE:
            if elsewhere:
                elsewhere -= 1
                taken.append(job.job_id)
            continue
        weight = 1 if job.size is Size.TINY else SHARE
        if weight <= room:
            taken.append(job.job_id)
            room -= weight
        else:
            room = 0  # a small one does not go before a large one that waits for longer
    return taken

"""How long a job took for what, and how long it will go on, in words. Pure; knows no HTML."""

from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.model.timing import Eta
from qjob.policy.phases import RUNNING
from qjob.showing.wording import duration, plain, plural

LONG = 30.0
"""Seconds from which on the end of a job is worth a notification."""

_MINUTE, _HOUR = 60, 3600


def phases(snapshot: JobSnapshot) -> str:
    """Return the phases that are over with their times; nothing of a job that only ran."""
    told = [each for each in snapshot.phases if each.what != RUNNING]
    if not told:
        return ""
    return " · ".join(f"{plain(each.what)} {duration(each.seconds)}" for each in snapshot.phases)


def expected(eta: Eta | None) -> str:
    """Return ``about 10 s to 40 s left (from 23 jobs here)``; nothing where nothing is expected."""
    if eta is None:
        return ""
    low, high = _about(eta.low), _about(eta.high)
    if not eta.low:
        span = f"less than {high if eta.high else '1 s'}"
    else:
        span = f"about {low}" if low == high else f"about {low} to {high}"
    said = f"begins in {span}" if eta.begins else f"{span} left"
    return f"{said} (from {plural(eta.jobs, 'job')} here)"


def is_long(snapshot: JobSnapshot | BatchSnapshot) -> bool:
    """Whether it took long enough, from its creation to its end, that somebody may have turned away."""
    if isinstance(snapshot, BatchSnapshot):
        begun, ended = snapshot.batch.created_at, snapshot.ended_at
    else:
        begun, ended = snapshot.job.created_at, snapshot.job.ended_at
    return snapshot.ended and ended is not None and (ended - begun).total_seconds() > LONG


def _about(seconds: float) -> str:
    """Return a coarse time: ``40 s``, ``2 min 30 s``, ``1 h 30 min``, ``3 h``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    minutes, rest = divmod(whole, _MINUTE)
    if whole < _HOUR:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"

"""May this be submitted now? One decision with its numbers and the ways out: budgets first, then rates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from qjob.model.errors import OverBudget, RateLimited, Refusal
from qjob.model.money import format_usd, from_nano
from qjob.model.team import Spending, Standing

LONGEST_WAIT = 600.0
"""Seconds that a job waits for its turn; what takes longer is refused, since nobody remembers it by then."""

FEW = 2
"""Minutes, or hours, up to which a wait is told in what is smaller."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a submission, one job or a batch, asks for.

    Parameters
    ----------
    caps
        What each of its jobs can cost at the most, in nano-dollars.
    counts
        Whether it counts as a submission for the rate limits.
    local
        Whether all of it is free and runs on this machine.
    """

    caps: tuple[int, ...]
    counts: bool
    local: bool = False


def refusal(standing: Standing, claim: Claim) -> Refusal | None:
    """Return why the claim is not admitted; None where it is."""
    return _over_budget(standing, claim) or (_too_fast(standing, claim) if claim.counts else None)


def _over_budget(standing: Standing, claim: Claim) -> OverBudget | None:
    cap, largest, limits = sum(claim.caps), max(claim.caps, default=0), standing.team.limits
    if not cap:
        return None
    tomorrow, next_month = ends_of(standing.now)
    periods = (
        _Period("day", "today", limits.per_day, standing.day, tomorrow),
        _Period("month", "this month", limits.per_month, standing.month, next_month),
    )
    # what one job may cost now, whichever of the limits it is that refuses this one
    room = max(0, min(limits.per_job, *(period.limit - period.spent.total for period in periods)))
    if largest > limits.per_job:
        return OverBudget(
            f"this job can cost {_usd(largest)}; a job of team {standing.team.name} may cost {_usd(limits.per_job)}.",
            remedy="Use fewer shots or a cheaper backend (%qjob quote), or raise the limit: "
            "%qjob budget --job USD, in Python engine.budget(job=...).",
            numbers={
                "period": "job",
                "limit": plain(limits.per_job),
                "quote": plain(largest),
                "room": plain(room),
            },
        )
    full = [period for period in periods if period.spent.total + cap > period.limit]
    if not full:
        return None
    # a new period helps only where it is long enough for this one
    fits = all(cap <= period.limit for period in periods)
    found = _beyond(full[0], cap, standing, max(period.ends for period in full) if fits else None)
    found.numbers["room"] = plain(room)
    if count := fitting(standing, claim.caps):
        found.numbers["fitting"] = count
        found.remedy = f"The first {count} would fit: partial=True, or --partial. {found.remedy}"
    return found


def fitting(standing: Standing, caps: Sequence[int]) -> int:
    """Return how many of the first jobs of a batch, which can cost so many nano-dollars each, the budgets admit."""
    limits = standing.team.limits
    room = min(limits.per_day - standing.day.total, limits.per_month - standing.month.total)
    for count, cap in enumerate(caps):
        room -= cap
        if cap > limits.per_job or (cap and room < 0):
            return count
    return len(caps)


def ends_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the UTC day and the UTC month of a moment end."""
    now = now.astimezone(UTC)
    tomorrow = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    return tomorrow, datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)


class _Period(NamedTuple):
    """A calendar period."""

    name: str
    spoken: str
    limit: int
    spent: Spending
    ends: datetime


def plain(nano: int) -> str:
    """Return an amount as programs take it: exact, no float, and whatever the thread's decimal context is."""
    return f"{from_nano(nano):f}".rstrip("0").removesuffix(".")


def _beyond(period: _Period, cap: int, standing: Standing, fits_at: datetime | None) -> OverBudget:
    """Return the refusal; ``fits_at`` is when waiting has helped at the latest, None where it never does."""
    spent = period.spent
    remaining = period.limit - spent.total
    used = (
        f"{_usd(spent.charged)} charged and {_usd(spent.held)} held of {_usd(period.limit)} {period.spoken}"
    )
    wait = f"wait until {fits_at:%Y-%m-%d %H:%M} UTC, " if fits_at else ""
    left = f"{_usd(remaining)} remain" if remaining > 0 else "nothing remains"
    return OverBudget(
        f"this can cost {_usd(cap)}, and team {standing.team.name} has {used}: {left}.",
        remedy=f"Use fewer shots or a cheaper backend (%qjob quote), {wait}or raise the limit: "
        f"%qjob budget --{period.name} USD, in Python engine.budget({period.name}=...).",
        numbers={
            "period": period.name,
            "limit": plain(period.limit),
            "charged": plain(spent.charged),
            "held": plain(spent.held),
            "remaining": plain(max(0, remaining)),
            "quote": plain(cap),
            "period_ends": period.ends.isoformat(),
        },
        retry_after=(fits_at - standing.now).total_seconds() if fits_at else None,
    )


def worth_waiting(limited: RateLimited) -> bool:
    """Whether a turn comes soon enough to be waited for."""
    return limited.retry_after is not None and limited.retry_after <= LONGEST_WAIT


def _too_fast(standing: Standing, claim: Claim) -> RateLimited | None:
    limits = standing.team.limits
    exempt = (
        " Free jobs of this machine's simulators need not count: engine.limits(local=False)."
        if claim.local
        else ""
    )
    waits = (
        (standing.user_slot_free_at, limits.user_per_minute, "a user's", "in any minute", "user_per_minute"),
        (standing.team_slot_free_at, limits.team_per_day, "a team's", "in any 24 hours", "team_per_day"),
    )
    free_at, limit, whose, window, setting = max(waits, key=lambda one: one[0])
    if free_at <= standing.now:
        return None
    seconds = (free_at - standing.now).total_seconds()
    return RateLimited(
        f"this would be more than {whose} {limit} submissions {window}.",
        remedy=f"Submit it in {_lasting(seconds)}, several programs as one list, or change the limit: "
        f"engine.limits({setting}=...).{exempt}",
        numbers={"limit": limit, "setting": setting, "retry_after": seconds},
        retry_after=seconds,
    )


def _lasting(seconds: float) -> str:
    """Return a time to wait, in what people count it in."""
    if seconds <= FEW * 60:
        return f"{math.ceil(seconds)} s"
    if seconds <= FEW * 3600:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds / 3600)} hours"


def _usd(nano: int) -> str:
    return format_usd(from_nano(nano))

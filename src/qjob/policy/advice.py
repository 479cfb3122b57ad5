"""What else would fit into a budget: fewer shots, or another backend. Pure."""

from collections.abc import Iterable

from qjob.model.backend import BackendInfo
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.program import CircuitProfile
from qjob.model.quote import Quote
from qjob.policy.fit import misfit
from qjob.policy.pricing import quote

NAMED = 3
"""The most backends that are named."""


def advice(
    info: BackendInfo, profile: CircuitProfile, shots: int, room: int, others: Iterable[BackendInfo]
) -> str:
    """Return the ways to run a circuit for less, in a sentence or two; empty where there are none.

    Parameters
    ----------
    info, profile, shots
        What was asked for.
    room
        Nano-dollars that may be spent.
    others
        The backends to choose from.
    """
    parts = []
    if fitting := shots_within(info, profile, shots, room):
        parts.append(f"{fitting:,} shots would fit.")
    cheaper = sorted(
        (cap, place, other.slug)
        for place, other in enumerate(others)
        if other.slug != info.slug
        and not misfit(other, profile, shots)
        and (cap := cap_of(other, profile, shots)) is not None
        and cap <= room
    )
    if cheaper:
        named = [f"{slug} {_words(cap)}" for cap, _, slug in cheaper[:NAMED]]
        parts.append(f"Elsewhere: {', '.join(named)}.")
    return " ".join(parts)


def shots_within(info: BackendInfo, profile: CircuitProfile, shots: int, room: int) -> int:
    """Return the most shots, fewer than were asked for, that cost no more than there is room for; 0 where none do."""
    low, high = info.min_shots - 1, shots - 1
    while low < high:
        middle = (low + high + 1) // 2
        cap = cap_of(info, profile, middle)
        if cap is not None and cap <= room:
            low = middle
        else:
            high = middle - 1
    return low if low >= info.min_shots else 0


def cap_of(info: BackendInfo, profile: CircuitProfile, shots: int) -> int | None:
    """Return what a run can cost at the most, in nano-dollars; None where nobody can say."""
    if info.free:
        return 0
    found = quote(info.price, profile, shots)
    return to_nano(found.cap) if isinstance(found, Quote) else None


def _words(cap: int) -> str:
    return f"for {format_usd(from_nano(cap))}" if cap else "for nothing"

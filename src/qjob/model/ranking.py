"""The outcomes of one or several distributions beside each other, in the order that they are shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from qjob.model.counts import Counts, Interval, wilson
from qjob.model.distribution import Distribution, grouped, over_bits
from qjob.model.errors import InvalidRequest

Order = Literal["value", "bits"]
ORDERS: tuple[Order, ...] = ("value", "bits")

STEPS = 2.0**40
"""Shares are sorted in steps of this part of 1: those that are equal but for rounding are ordered by their bits."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome, in all distributions that are shown.

    Parameters
    ----------
    bits
        The bit string, classical bit 0 rightmost.
    amounts
        A distribution each: how often it was counted, or its exact probability.
    shares
        The same as shares of 1.
    intervals
        The 95 % Wilson interval of each counted share; None of an exact one.
    """

    bits: str
    amounts: tuple[float, ...]
    shares: tuple[float, ...]
    intervals: tuple[Interval | None, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first outcomes in their order, and how many more there are."""

    rows: tuple[Outcome, ...]
    more: int


def ranking(
    shown: Sequence[Counts | Distribution],
    *,
    sort: str = "value",
    top: int = 16,
    shots: Sequence[int | None] | None = None,
) -> Ranking:
    """Return the first outcomes of several distributions.

    Parameters
    ----------
    shown
        At least one, all of the same number of classical bits.
    sort
        ``"value"``: by the sum of the shares, largest first, so that a peak which one of them lacks stands where the
        other has it; ``"bits"``: by the bit string.
    top
        How many outcomes at the most.
    shots
        Of each, where that is more than the counts add up to: of a running job only the most frequent are known.

    Raises
    ------
    InvalidRequest
        Another order, no rows, or different numbers of classical bits.
    """
    _check(shown, sort, top)
    clbits = tuple(sorted({bit for each in shown for bit in each.layout.measured}))
    keys = [over_bits(each.layout, each.outcomes, clbits) for each in shown]
    distinct, place = grouped(np.concatenate(keys))
    amounts = _amounts(shown, keys, place, len(distinct))
    totals = [_total(each, count) for each, count in zip(shown, shots or [None] * len(shown), strict=True)]
    shares = amounts / np.array([[total or 1] for total in totals])
    order = np.arange(len(distinct))
    if sort == "value":
        order = np.argsort(-np.round(shares.sum(axis=0) * STEPS), kind="stable")
    layout = shown[0].layout
    first = type(layout)(layout.num_clbits, clbits)
    chosen = order[:top]
    rows = tuple(
        Outcome(
            bits,
            tuple(amounts[:, row].tolist()),
            tuple(shares[:, row].tolist()),
            tuple(
                None if total is None else wilson(round(amounts[number, row]), total)
                for number, total in enumerate(totals)
            ),
        )
        for bits, row in zip(first.strings(distinct[chosen]), chosen, strict=True)
    )
    return Ranking(rows, len(distinct) - len(rows))


def _check(shown: Sequence[Counts | Distribution], sort: str, top: int) -> None:
    if sort not in ORDERS:
        raise InvalidRequest(f"outcomes are not sorted by {sort!r}.", remedy="Sort them by value or by bits.")
    if top < 1:
        raise InvalidRequest(f"a picture of {top} outcomes shows nothing.", remedy="Show at least 1.")
    widths = sorted({each.layout.num_clbits for each in shown})
    if len(widths) > 1:
        raise InvalidRequest(
            f"outcomes of {' and of '.join(map(str, widths))} classical bits cannot stand beside each other.",
            remedy="Choose jobs that measure as many bits as each other.",
            numbers={"num_clbits": widths},
        )


def _amounts(
    shown: Sequence[Counts | Distribution],
    keys: Sequence[npt.NDArray[np.uint64]],
    place: npt.NDArray[np.int64],
    size: int,
) -> npt.NDArray[np.float64]:
    amounts = np.zeros((len(shown), size))
    begin = 0
    for number, (each, own) in enumerate(zip(shown, keys, strict=True)):
        values = each.probabilities if isinstance(each, Distribution) else each.tallies
        amounts[number, place[begin : begin + len(own)]] = values
        begin += len(own)
    return amounts


def _total(each: Counts | Distribution, shots: int | None) -> int | None:
    return None if isinstance(each, Distribution) else (shots or each.shots)

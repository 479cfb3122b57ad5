"""The rows of a picture that stays, for HTML and for text: labels, numbers, one scale. Pure; draws nothing."""

from dataclasses import dataclass

from qjob.model.ranking import Outcome, ranking
from qjob.notebook.pictures.shown import Shown
from qjob.showing.histogram import axis_end
from qjob.showing.wording import LABEL, bit_labels, number, percent, plural, share_digits

MOST_ROWS = 64
"""The most outcomes of a picture that stays: it is kept in the notebook's file, row by row."""

ROUNDING = 1e-12
"""Shares below this are rounding errors."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is drawn of a picture.

    Parameters
    ----------
    outcomes, labels
        The rows, and what stands beside them.
    scale
        The share at the right end of the axis.
    digits
        How many decimals the percentages have.
    more
        The line below them; empty where these are all there are.
    """

    outcomes: tuple[Outcome, ...]
    labels: list[str]
    scale: float
    digits: int
    more: str

    def shares(self, outcome: Outcome) -> list[str]:
        """Return an outcome's shares as percentages; what never came is 0, which is less than 0.00 %."""
        return [share_text(share, self.digits) if share else "0" for share in outcome.shares]

    def describe(self, shown: Shown, outcome: Outcome) -> str:
        """Return a row in words: the exact numbers of each distribution."""
        told = []
        cells = zip(shown.series, outcome.amounts, outcome.shares, outcome.intervals, strict=True)
        for one, amount, share, interval in cells:
            if interval is None:
                told.append(f"{one.label} {share_text(share, self.digits + 2)}")
                continue
            within = f"{share_text(interval.low, self.digits)} to {share_text(interval.high, self.digits)}"
            counted = f"{number(round(amount))}, {share_text(share, self.digits)} (95 % interval {within})"
            told.append(f"{one.label} {counted}" if len(shown.series) > 1 else counted)
        return f"{outcome.bits}: {'; '.join(told)}"


def share_text(share: float, digits: int) -> str:
    """Return a share as a percentage; one that is not 0 never looks like it: ``< 0.01 %``. The same in views.js."""
    text = percent(share, digits)
    if share < ROUNDING or any(digit in text for digit in "123456789"):
        return text
    return f"<\N{NO-BREAK SPACE}{percent(10 ** -(digits + 2), digits)}"


def rows_of(shown: Shown) -> Rows | None:
    """Return what to draw of a picture at rest; None where nothing was counted."""
    if not shown.series:
        return None
    view = shown.view
    distributions = shown.marginals(view.bits)
    shots = [one.shots for one in shown.series]
    ranked = ranking(distributions, sort=view.sort, top=min(view.top, MOST_ROWS), shots=shots)
    highest = max(
        max(share if interval is None else interval.high for share, interval in zip(*pair, strict=True))
        for pair in ((row.shares, row.intervals) for row in ranked.rows)
    )
    more = ranked.more
    if view.bits is None:
        more += max((one.distinct - len(one.outcomes) for one in shown.series), default=0)
    counted = [count for count in shots if count is not None]
    return Rows(
        ranked.rows,
        _labels(shown, [row.bits for row in ranked.rows]),
        axis_end(highest),
        share_digits(max(counted, default=0)),
        f"… {plural(more, 'more outcome')}" if more else "",
    )


def _labels(shown: Shown, strings: list[str]) -> list[str]:
    layout = shown.layout
    if shown.view.bits is None and layout is not None:
        spaced = [layout.spaced(bits) for bits in strings]
        if all(len(text) <= LABEL for text in spaced):
            return spaced
    return bit_labels(strings)


def heading(shown: Shown) -> str:
    """Return which bits the labels show, where these are not all; empty else."""
    bits = shown.view.bits
    if bits is None:
        return ""
    if len(bits) == 1:
        return f"classical bit {bits[0]}"
    return f"classical bits {', '.join(map(str, reversed(bits)))}, from left to right"

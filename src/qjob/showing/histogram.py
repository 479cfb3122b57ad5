"""The outcomes of a job as a histogram to be drawn: rows, error bars, one scale. Pure; draws nothing."""

from dataclasses import dataclass

from qjob.model.bits import BitLayout
from qjob.model.counts import wilson
from qjob.model.events import Progress
from qjob.showing.wording import LABEL, bit_labels, number, percent, plural, share_digits

MAX_ROWS = 16
"""The most outcomes that are drawn."""

# Ends of the axis, as shares. Few of them, so that bars which still settle do not make the axis jump.
_SCALES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome.

    Parameters
    ----------
    bits
        The whole bit string, classical bit 0 rightmost.
    label
        The same, short enough to stand beside a bar.
    count
        How often it was seen.
    share
        ``count`` over all shots counted so far, 0 to 1.
    low, high
        The 95 % Wilson interval of its probability.
    """

    bits: str
    label: str
    count: int
    share: float
    low: float
    high: float

    def describe(self, digits: int) -> str:
        """Return the whole row in words, for a tooltip."""
        interval = f"{percent(self.low, digits)} to {percent(self.high, digits)}"
        return f"{self.bits}: {number(self.count)}, {percent(self.share, digits)} (95 % interval {interval})"


@dataclass(frozen=True, slots=True)
class Histogram:
    """What is drawn of a job's outcomes.

    Parameters
    ----------
    rows
        The most frequent outcomes, at most `MAX_ROWS`. Where these are all there are, they stand in the order
        of their bit strings, as in a plot, and so keep their places while counts stream in; else the most
        frequent comes first.
    shots
        Shots counted so far.
    scale
        The share at the right end of the axis; no error bar reaches beyond it.
    more_outcomes, more_shots
        What was seen beside these rows.
    """

    rows: tuple[Row, ...]
    shots: int
    scale: float
    more_outcomes: int
    more_shots: int

    @property
    def digits(self) -> int:
        """How many decimals the percentages have."""
        return share_digits(self.shots)

    @property
    def more(self) -> str:
        """The line below the rows: ``… 3 more outcomes (12 shots)``; empty where there are no more."""
        if self.more_outcomes <= 0:
            return ""
        return f"… {plural(self.more_outcomes, 'more outcome')} ({plural(self.more_shots, 'shot')})"


def histogram(
    progress: Progress | None, layout: BitLayout | None = None, max_rows: int = MAX_ROWS
) -> Histogram | None:
    """Return what to draw of a job's outcomes; None before there are any counts.

    Parameters
    ----------
    layout
        The registers, where they are known: a space is shown between them.
    """
    if progress is None or progress.shots_done <= 0 or not progress.top:
        return None
    shots = progress.shots_done
    top = list(progress.top[:max_rows])
    if len(top) == progress.distinct:
        top.sort()
    strings = [bits for bits, _ in top]
    rows = []
    for (bits, count), label in zip(top, _labels(strings, layout), strict=True):
        low, high = wilson(count, shots)
        rows.append(Row(bits, label, count, count / shots, low, high))
    return Histogram(
        rows=tuple(rows),
        shots=shots,
        scale=axis_end(max((row.high for row in rows), default=1.0)),
        more_outcomes=progress.distinct - len(rows),
        more_shots=shots - sum(row.count for row in rows),
    )


def _labels(strings: list[str], layout: BitLayout | None) -> list[str]:
    if layout is not None and all(len(bits) == layout.num_clbits for bits in strings):
        spaced = [layout.spaced(bits) for bits in strings]
        if all(len(text) <= LABEL for text in spaced):
            return spaced
    return bit_labels(strings)


def axis_end(high: float) -> float:
    """Return the share at the right end of an axis that has room for this one."""
    return next((end for end in _SCALES if high <= end), 1.0)

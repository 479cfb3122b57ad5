"""Histograms for papers, drawn with matplotlib where that is installed. Knows no job, no store and no notebook."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, SupportsIndex

from qjob.model.counts import Counts
from qjob.model.distribution import Distribution
from qjob.model.errors import InvalidRequest
from qjob.model.ranking import Outcome, ranking

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#1f6fb4", "#c2620a", "#2e8b57", "#8e4ec6")
"""Of one series after the other; they differ in lightness too, for print in grey."""

LONG = 8  # characters from which labels stand upright
INCHES = 0.34  # width of a group of bars
HEIGHT = 3.2  # inches
LABEL = 24  # the most characters of a label, as in a notebook's pictures
RUN = 4  # as many equal bits in a row are written as a run
CHARACTER = 0.085  # inches of height that one of an upright label takes up


def histogram(
    shown: Sequence[tuple[str, Counts | Distribution]],
    ax: "Axes | None" = None,
    *,
    top: int = 16,
    sort: str = "value",
    title: str = "",
    bits: Sequence[int] | None = None,
) -> "Figure":
    """Draw the most frequent outcomes of one or several distributions as groups of bars.

    Bars are probabilities; counted ones have the 95 % Wilson interval as error bars, exact ones are outlines.

    Parameters
    ----------
    shown
        Labels and outcomes, of the same number of classical bits.
    ax
        Where to draw; a figure of its own, which pyplot does not know, where it is None.
    top, sort
        How many outcomes, and in which order; see `qjob.model.ranking`.
    bits
        Which classical bits these are, ascending, where they are not all of the job's.

    Raises
    ------
    InvalidRequest
        There is no matplotlib, the distributions do not fit together, or nothing was counted.
    """
    if not all(len(outcomes) for _, outcomes in shown):
        raise InvalidRequest("there are no shots to draw.", remedy="Wait for the job: job.wait()")
    if isinstance(top, bool) or not isinstance(top, SupportsIndex):
        raise InvalidRequest(f"top={top!r:.60} is no whole number.", remedy="Give one such as top=16.")
    ranked = ranking([outcomes for _, outcomes in shown], sort=sort, top=top)
    labels = _labels([row.bits for row in ranked.rows])
    longest = max(map(len, labels))
    if ax is None:
        ax = _own_axes(len(labels) * max(1.0, 0.6 * len(shown)), longest)
    width = 0.8 / len(shown)
    for place, (label, _) in enumerate(shown):
        offset = (place - (len(shown) - 1) / 2) * width
        _bars(ax, ranked.rows, place, (offset, width), label)
    upright = longest > LONG or len(labels) > LONG * 2
    ax.set_xticks(range(len(labels)), labels, rotation=90 if upright else 0, family="monospace")
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("probability")
    hidden = f" ({ranked.more:,} more not shown)" if ranked.more else ""
    told = "classical bit 0 rightmost"
    if bits is not None:
        told = f"classical bit{'s' * (len(bits) != 1)} {', '.join(map(str, bits[::-1]))}"
    ax.set_xlabel(f"outcome, {told}{hidden}")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if title:
        ax.set_title(title)
    if len(shown) > 1:
        ax.legend(frameon=False)
    figure: Figure = ax.get_figure(root=True)  # type: ignore[assignment]  # axes that are drawn on have one
    return figure


def _labels(strings: list[str]) -> list[str]:
    """Return labels that have room: runs of equal bits where these are short enough, else without the middle."""
    if max(map(len, strings)) <= LABEL:
        return strings
    runs = [" ".join(re.sub(r"(.)\1*", _run, bits).split()) for bits in strings]
    if max(map(len, runs)) <= LABEL:
        return runs
    half = (LABEL - 1) // 2
    cut = [f"{bits[:half]}…{bits[-half:]}" for bits in strings]
    return cut if len(set(cut)) == len(strings) else strings  # else they would not be told apart


def _run(found: re.Match[str]) -> str:
    length = len(found[0])
    return found[0] if length < RUN else f" {found[1]}\N{MULTIPLICATION SIGN}{length} "


def _own_axes(groups: float, longest: int) -> "Axes":
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InvalidRequest(
            "job.plot draws with matplotlib, which is not installed here.",
            remedy="%pip install 'qjob[plot]'   Without it, in a notebook: %qjob plot JOB",
        ) from error

    class Shown(Figure):
        """A figure that a notebook shows, whether or not pyplot was ever asked to draw there."""

        def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
            picture = BytesIO()
            self.savefig(picture, format="png", dpi=2 * self.dpi)  # as sharp as a screen may be
            width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
            return picture.getvalue(), {"width": width, "height": height}

    height = HEIGHT + CHARACTER * max(0, longest - LONG)
    figure = Shown(figsize=(max(4.0, 1.2 + INCHES * groups), height), layout="constrained")
    axes: Axes = figure.add_subplot()
    return axes


def _bars(ax: "Axes", rows: Sequence[Outcome], place: int, at: tuple[float, float], label: str) -> None:
    offset, width = at
    heights = [row.shares[place] for row in rows]
    positions = [number + offset for number in range(len(rows))]
    colour = COLOURS[place % len(COLOURS)]
    if rows[0].intervals[place] is None:
        ax.bar(positions, heights, width, label=label, facecolor="none", edgecolor=colour, linewidth=1.2)
        return
    below = [max(0.0, row.shares[place] - interval.low) for row in rows if (interval := row.intervals[place])]
    above = [
        max(0.0, interval.high - row.shares[place]) for row in rows if (interval := row.intervals[place])
    ]
    lines = {"elinewidth": 0.8, "capsize": 1.8, "capthick": 0.8, "ecolor": "black"}
    ax.bar(positions, heights, width, label=label, color=colour, yerr=[below, above], error_kw=lines)

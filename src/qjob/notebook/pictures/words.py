"""How two distributions compare, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from qjob.model.comparison import Comparison, compare
from qjob.model.counts import Counts
from qjob.notebook.pictures.shown import Series, Shown
from qjob.showing.wording import number, plural

SMALLEST = 0.0001
"""P-values below this are not told more exactly: no experiment is that well understood."""

ROUNDING = 1e-9
"""Distances below this are rounding errors of exact probabilities."""


@dataclass(frozen=True, slots=True)
class Told:
    """One comparison: which two, the figures, and what they mean."""

    which: str
    figures: str
    verdict: str
    differs: bool


def comparisons(shown: Shown, bits: tuple[int, ...] | None) -> tuple[Told, ...]:
    """Return how the first job compares with each of the others, over these bits or all of them (None).

    Nothing is said of a job whose outcomes are known in part only.
    """
    if len(shown.series) < 2 or any(one.partial for one in shown.series):  # noqa: PLR2004 - two to compare
        return ()
    first, *others = shown.series
    measured, *rest = shown.marginals(bits)
    if not isinstance(measured, Counts):
        return ()
    return tuple(
        told(compare(measured, each), first, other) for each, other in zip(rest, others, strict=True)
    )


def told(found: Comparison, first: Series, other: Series) -> Told:
    """Return a comparison in words."""
    figures = (
        f"total variation distance {_rounded(found.tvd)} (shot noise alone: about {_rounded(found.noise_tvd)})"
        f" · Hellinger fidelity {found.hellinger_fidelity:.4f}"
    )
    return Told(f"{first.label} and {other.label}", figures, _verdict(found), found.significant)


def _verdict(found: Comparison) -> str:
    if found.impossible:
        never = (
            f"{number(found.impossible)} of {plural(found.shots[0], 'shot')} gave what the ideal never gives"
        )
        return f"{never}: more than shot noise"
    if found.p_value is None and found.tvd < ROUNDING:
        return "both are the same"
    if found.p_value is None:
        return "too few shots for a test"
    p = f"p < {SMALLEST}" if found.p_value < SMALLEST else f"p = {_rounded(found.p_value)}"
    return f"{p}: {'more than' if found.significant else 'no more than'} shot noise"


def _rounded(value: float) -> str:
    """Return two digits that matter, never in powers of ten."""
    if value == 0 or value >= 1:
        return f"{value:.0f}"
    digits = 2
    while digits < 6 and value < 10 ** (1 - digits):  # noqa: PLR2004 - a millionth is nothing here
        digits += 1
    return f"{value:.{digits}f}"


def texts(found: Sequence[Told]) -> list[str]:
    """Return comparisons as sentences."""
    return [f"{each.which}: {each.figures} · {each.verdict}." for each in found]

"""How far two distributions of outcomes lie apart, and whether shot noise alone explains that. Pure."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qjob.model.counts import Counts
from qjob.model.distribution import Distribution, grouped, over_bits
from qjob.model.errors import InvalidRequest

LEVEL = 0.01
"""A difference is called significant where its p-value is below this."""

EXPECTED = 5.0
"""The fewest shots that each bin of a chi-square test expects (W. G. Cochran, Biometrics 10 (1954) 417)."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two distributions differ.

    Parameters
    ----------
    tvd
        Total variation distance, half the sum of |p - q|: 0 where they are equal, 1 where they share nothing.
    noise_tvd
        What shot noise alone would make of it on average, if both were the same.
    hellinger_fidelity
        The square of the sum of sqrt(p q): 1 where they are equal, 0 where they share nothing.
    chi_square, dof
        Pearson's statistic after rare outcomes were pooled, and its degrees of freedom.
    p_value
        How often shot noise alone gives a larger statistic; None where there are too few shots for a test.
    impossible
        Shots of outcomes that the exact distribution never gives; 0 of two that were measured.
    shots
        Of the first and of the second; None for exact probabilities.
    """

    tvd: float
    noise_tvd: float
    hellinger_fidelity: float
    chi_square: float
    dof: int
    p_value: float | None
    impossible: int
    shots: tuple[int, int | None]

    @property
    def significant(self) -> bool:
        """Whether they differ by more than shot noise explains, at the level of 1 %."""
        return self.p_value is not None and self.p_value < LEVEL


def compare(measured: Counts, other: Counts | Distribution) -> Comparison:
    """Compare counts with other counts, or with exact probabilities.

    The p-value is that of Pearson's chi-square test: of goodness of fit against exact probabilities (K. Pearson,
    Phil. Mag. 50 (1900) 157), of homogeneity between two samples (K. Pearson, Biometrika 8 (1911) 250). Outcomes
    that expect fewer than `EXPECTED` shots are pooled with their neighbours in the order of their bit strings,
    which depends on nothing that the test then looks at.

    Raises
    ------
    InvalidRequest
        They have different numbers of classical bits, or one has no shots.
    """
    _check(measured, other)
    clbits = tuple(sorted({*measured.layout.measured, *other.layout.measured}))
    keys = [over_bits(each.layout, each.outcomes, clbits) for each in (measured, other)]
    distinct, place = grouped(np.concatenate(keys))
    size, split = len(distinct), len(keys[0])
    first: Floats = np.bincount(place[:split], measured.tallies, size).astype(np.float64)
    if isinstance(other, Distribution):
        return _with_exact(first, np.bincount(place[split:], other.probabilities, size).astype(np.float64))
    return _with_counts(first, np.bincount(place[split:], other.tallies, size).astype(np.float64))


def _check(measured: Counts, other: Counts | Distribution) -> None:
    a, b = measured.layout.num_clbits, other.layout.num_clbits
    if a != b:
        raise InvalidRequest(
            f"outcomes of {a} and of {b} classical bits cannot be compared.",
            remedy="Compare jobs of equal width, or the same bits of both: counts.marginal([0, 1])",
            numbers={"num_clbits": [a, b]},
        )
    if not len(measured) or not len(other):
        raise InvalidRequest("there are no shots to compare.", remedy="Wait for the job: job.wait()")


def _with_exact(counts: Floats, chances: Floats) -> Comparison:
    shots = counts.sum()
    impossible = int(counts[chances == 0].sum())
    expected = shots * chances
    bins = _bins(expected)
    seen, wanted = np.bincount(bins, np.where(chances > 0, counts, 0)), np.bincount(bins, expected)
    chi_square, dof = float((((seen - wanted) ** 2) / wanted).sum()), len(wanted) - 1
    p_value = 0.0 if impossible else _tail(chi_square, dof)
    noise = _binomial_deviation(np.full_like(chances, shots), chances).sum() / shots / 2
    tested = _Tested(chi_square, dof, p_value, impossible)
    return _comparison((counts / shots, chances), float(noise), tested, (int(shots), None))


def _with_counts(a: Floats, b: Floats) -> Comparison:
    n, m = a.sum(), b.sum()
    both, part = a + b, n / (n + m)
    bins = _bins(both * min(part, 1 - part))
    first, second = np.bincount(bins, a), np.bincount(bins, b)
    root = np.sqrt(m / n)
    chi_square = float((((root * first - second / root) ** 2) / (first + second)).sum())
    dof = len(first) - 1
    # given how often an outcome came in both, its shots fall on the first as drawn without putting back
    spread = np.sqrt((n + m - both) / max(n + m - 1, 1))
    deviation = _binomial_deviation(both, np.full_like(both, part)) * spread
    noise = float(deviation.sum() * (1 / n + 1 / m) / 2)
    tested = _Tested(chi_square, dof, _tail(chi_square, dof))
    return _comparison((a / n, b / m), min(1.0, noise), tested, (int(n), int(m)))


class _Tested(NamedTuple):
    """What the test of `Comparison` found."""

    chi_square: float
    dof: int
    p_value: float | None
    impossible: int = 0


def _comparison(
    shares: tuple[Floats, Floats], noise: float, tested: _Tested, shots: tuple[int, int | None]
) -> Comparison:
    p, q = shares
    return Comparison(
        tvd=min(1.0, float(np.abs(p - q).sum() / 2)),
        noise_tvd=noise,
        hellinger_fidelity=min(1.0, float(np.sqrt(p * q).sum() ** 2)),
        **tested._asdict(),
        shots=shots,
    )


def _bins(expected: Floats) -> npt.NDArray[np.int64]:
    """Return the bin of each outcome: its own where it expects enough, else one with its rare neighbours.

    Outcomes that expect nothing are in the first bin; who compares with exact probabilities counts them apart.
    """
    common = np.flatnonzero(expected >= EXPECTED)
    rare = np.flatnonzero(expected < EXPECTED)
    bins = np.zeros(len(expected), np.int64)
    bins[common] = np.arange(len(common))
    if not len(rare):
        return bins
    before = np.cumsum(expected[rare]) - expected[rare]
    # each expects less than `EXPECTED`, so a stretch of twice that has a bin with no less, but for the last one
    pooled = (before // (2 * EXPECTED)).astype(np.int64)
    _, pooled = np.unique(pooled, return_inverse=True)
    sums = np.bincount(pooled, expected[rare])
    if sums[-1] < EXPECTED and len(sums) > 1:
        pooled = np.minimum(pooled, len(sums) - 2)
    bins[rare] = len(common) + pooled
    if sums.sum() < EXPECTED and len(common):  # too few for a bin of their own
        bins[rare] = int(np.argmin(expected[common]))
    return bins


def _tail(chi_square: float, dof: int) -> float | None:
    """Return the probability of a larger chi-square; None without degrees of freedom."""
    if dof < 1:
        return None
    from scipy.special import gammaincc

    return float(gammaincc(dof / 2, chi_square / 2))


def _binomial_deviation(trials: Floats, chance: Floats) -> Floats:
    """Return E|X - n p| of binomial X, exactly: 2 k C(n, k) p^k (1 - p)^(n - k + 1) with k = floor(n p) + 1.

    De Moivre's formula, as in P. Diaconis and S. Zabell, Statistical Science 6 (1991) 284.
    """
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.floor(trials * chance) + 1
    inside = (chance > 0) & (chance < 1) & (k <= trials)
    n, p, k = trials[inside], chance[inside], k[inside]
    chosen = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    deviation = np.zeros_like(chance)
    deviation[inside] = 2 * k * np.exp(chosen + xlogy(k, p) + xlog1py(n - k + 1, -p))
    return deviation

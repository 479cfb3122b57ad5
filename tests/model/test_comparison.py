"""How far distributions lie apart: bounds, symmetry, known cases, and p-values that mean what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qjob.model.bits import BitLayout
from qjob.model.comparison import compare
from qjob.model.counts import Counts
from qjob.model.distribution import Distribution
from qjob.model.errors import InvalidRequest

TWO, FOUR = BitLayout(2, (0, 1)), BitLayout(4, (0, 1, 2, 3))

some_counts = st.dictionaries(
    st.integers(0, 15).map(lambda key: format(key, "04b")), st.integers(1, 3000), min_size=1
).map(lambda counts: Counts.from_dict(FOUR, counts))
some_exact = (
    st.lists(st.floats(0, 1), min_size=16, max_size=16)
    .filter(lambda p: sum(p) > 0.01)
    .map(lambda p: Distribution.from_dict(FOUR, {format(key, "04b"): value for key, value in enumerate(p)}))
)


def counts(layout=TWO, **tallies):
    return Counts.from_dict(layout, {bits[1:]: tally for bits, tally in tallies.items()})


def exact(layout=TWO, **probabilities):
    return Distribution.from_dict(layout, {bits[1:]: share for bits, share in probabilities.items()})


@settings(deadline=None)  # the first one imports scipy
@given(some_counts, some_counts)
def test_bounds_and_symmetry_of_two_samples(a, b):
    there, back = compare(a, b), compare(b, a)
    assert 0 <= there.tvd <= 1
    assert 0 <= there.hellinger_fidelity <= 1
    assert 0 <= there.noise_tvd <= 1
    assert there.p_value is None or 0 <= there.p_value <= 1
    assert there.tvd == pytest.approx(back.tvd)
    assert there.hellinger_fidelity == pytest.approx(back.hellinger_fidelity)
    assert there.chi_square == pytest.approx(back.chi_square)
    assert there.noise_tvd == pytest.approx(back.noise_tvd)
    assert (there.dof, there.shots) == (back.dof, back.shots[::-1])


@settings(deadline=None)  # the first one imports scipy
@given(some_counts)
def test_a_sample_does_not_differ_from_itself(a):
    same = compare(a, a)
    assert same.tvd == 0
    assert same.hellinger_fidelity == pytest.approx(1)
    assert same.p_value in (None, 1)
    assert not same.significant


@settings(deadline=None)  # the first one imports scipy
@given(some_counts, some_exact)
def test_bounds_against_exact_probabilities(a, b):
    found = compare(a, b)
    assert 0 <= found.tvd <= 1
    assert 0 <= found.hellinger_fidelity <= 1
    assert 0 <= found.noise_tvd <= 1
    assert 0 <= found.impossible <= a.shots
    assert found.significant >= (found.impossible > 0)
    # the bounds of the one by the other (Le Cam)
    assert 1 - found.hellinger_fidelity**0.5 <= found.tvd + 1e-9
    assert found.tvd <= (1 - found.hellinger_fidelity) ** 0.5 + 1e-9


@pytest.mark.parametrize(
    ("a", "b", "tvd", "fidelity"),
    [
        pytest.param(counts(b00=50, b11=50), exact(b00=0.5, b11=0.5), 0, 1, id="equal"),
        pytest.param(counts(b00=100), exact(b11=1), 1, 0, id="nothing in common"),
        pytest.param(counts(b00=100), exact(b00=0.5, b11=0.5), 0.5, 0.5, id="one of two"),
        pytest.param(counts(b00=3, b11=1), counts(b00=10, b11=30), 0.5, 0.75, id="two samples"),
        pytest.param(counts(BitLayout(2, (0,)), b01=8), counts(b01=8), 0, 1, id="one measures fewer bits"),
    ],
)
def test_distances_of_known_cases(a, b, tvd, fidelity):
    found = compare(a, b)
    assert found.tvd == pytest.approx(tvd)
    assert found.hellinger_fidelity == pytest.approx(fidelity)


def test_the_statistic_is_pearsons():
    from scipy.stats import chi2_contingency, chisquare

    seen, other = [420, 310, 180, 90], [400, 350, 170, 80]
    names = ["b00", "b01", "b10", "b11"]
    first, second = (counts(**dict(zip(names, each, strict=True))) for each in (seen, other))
    fit = compare(first, exact(**dict(zip(names, [0.4, 0.3, 0.2, 0.1], strict=True))))
    expected = chisquare(seen, [400, 300, 200, 100])
    assert (fit.chi_square, fit.p_value, fit.dof) == pytest.approx((expected.statistic, expected.pvalue, 3))
    both = compare(first, second)
    table = chi2_contingency([seen, other], correction=False)
    assert (both.chi_square, both.p_value, both.dof) == pytest.approx(
        (table.statistic, table.pvalue, table.dof)
    )


def test_what_never_comes_is_told_apart_from_noise():
    found = compare(counts(b00=99, b01=1), exact(b00=1))
    assert (found.impossible, found.p_value, found.significant) == (1, 0.0, True)


def test_one_outcome_leaves_nothing_to_test():
    found = compare(counts(b00=4), exact(b00=0.9, b11=0.1))
    assert (found.p_value, found.significant, found.dof) == (None, False, 0)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (counts(b00=1), counts(FOUR, b0000=1), "of 2 and of 4 classical bits"),
        (Counts.from_dict(TWO, {}), counts(b00=1), "no shots"),
    ],
)
def test_refusals(a, b, words):
    with pytest.raises(InvalidRequest, match=words):
        compare(a, b)


# -- calibration: samples of one and the same distribution, with a fixed seed -------------------------------------

WIDTH = 6
LAYOUT = BitLayout(WIDTH, tuple(range(WIDTH)))
SHAPES = {
    "even": np.full(2**WIDTH, 2.0**-WIDTH),
    "falling off": np.exp(-np.arange(2**WIDTH) / 6) / np.exp(-np.arange(2**WIDTH) / 6).sum(),
}
KEYS = np.arange(2**WIDTH, dtype=np.uint64)[:, None]


def drawn(random, chances, shots):
    tallies = random.multinomial(shots, chances)
    return Counts(LAYOUT, KEYS[tallies > 0], tallies[tallies > 0])


@pytest.mark.parametrize("shots", [300, 20_000])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["exact", "two samples"])
def test_p_values_are_even_and_the_noise_is_as_foretold(shape, shots, kind):
    random = np.random.default_rng(5)
    chances = SHAPES[shape]
    truth = Distribution.collect(LAYOUT, KEYS, chances)
    found = [
        compare(
            drawn(random, chances, shots), truth if kind == "exact" else drawn(random, chances, 2 * shots)
        )
        for _ in range(300)
    ]
    p = np.sort([each.p_value for each in found])
    # Kolmogorov's distance from even; 1.63 / sqrt(n) is passed once in a hundred times
    assert np.abs(p - np.linspace(0, 1, len(p))).max() < 1.63 / len(p) ** 0.5
    assert np.mean([each.significant for each in found]) < 0.04
    seen, foretold = (np.mean([getattr(each, name) for each in found]) for name in ("tvd", "noise_tvd"))
    assert foretold == pytest.approx(seen, rel=0.04)


def test_a_true_difference_is_found_among_many_rare_outcomes():
    random = np.random.default_rng(6)
    tilted = SHAPES["even"] * (1 + 0.8 * np.where(np.arange(2**WIDTH) < 2 ** (WIDTH - 1), 1, -1))
    sample = drawn(random, tilted, 250)  # 4 shots an outcome: each by itself is too rare
    assert compare(sample, Distribution.collect(LAYOUT, KEYS, SHAPES["even"])).significant
    assert compare(sample, drawn(random, SHAPES["even"], 250)).significant


def test_samples_that_share_no_outcome_by_their_width_are_noise():
    random = np.random.default_rng(7)
    wide = BitLayout(80, tuple(range(80)))
    first, second = (
        Counts.collect(wide, random.integers(0, 2**16, (500, 2), dtype=np.uint64)) for _ in range(2)
    )
    found = compare(first, second)
    assert found.tvd == 1
    assert found.noise_tvd == pytest.approx(1, abs=1e-3)
    assert not found.significant

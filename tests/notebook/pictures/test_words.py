"""What comparisons say."""

import pytest

from qjob.model.bits import BitLayout
from qjob.model.comparison import Comparison
from qjob.model.counts import Counts
from qjob.model.distribution import Distribution
from qjob.notebook.pictures.shown import Series
from qjob.notebook.pictures.words import comparisons, texts, told

ONE = BitLayout(1, (0,))
A, B = (Series(name, Counts.from_dict(ONE, {"0": 5, "1": 5}), 10, 2) for name in "ab")


def compared(**figures):
    plain = {
        "tvd": 0.0312,
        "noise_tvd": 0.0098,
        "hellinger_fidelity": 0.99871,
        "p_value": 0.4,
        "impossible": 0,
    }
    return Comparison(**{**plain, "chi_square": 3.0, "dof": 3, "shots": (2000, None), **figures})


@pytest.mark.parametrize(
    ("figures", "verdict", "differs"),
    [
        ({}, "p = 0.40: no more than shot noise", False),
        ({"p_value": 0.0099}, "p = 0.0099: more than shot noise", True),
        ({"p_value": 1e-40}, "p < 0.0001: more than shot noise", True),
        ({"p_value": 1.0}, "p = 1: no more than shot noise", False),
        ({"p_value": None}, "too few shots for a test", False),
        ({"p_value": None, "tvd": 0.0}, "both are the same", False),
        ({"p_value": None, "tvd": 2e-16}, "both are the same", False),
        (
            {"impossible": 1, "p_value": 0.0},
            "1 of 2,000 shots gave what the ideal never gives: more than shot noise",
            True,
        ),
    ],
)
def test_verdicts(figures, verdict, differs):
    found = told(compared(**figures), A, B)
    assert (found.which, found.verdict, found.differs) == ("a and b", verdict, differs)


@pytest.mark.parametrize(
    ("tvd", "text"),
    [(0, "0"), (1, "1"), (0.5, "0.50"), (0.0312, "0.031"), (0.00312, "0.0031"), (1e-9, "0.000000")],
)
def test_distances_have_the_digits_that_matter(tvd, text):
    assert told(compared(tvd=tvd), A, B).figures.startswith(
        f"total variation distance {text} (shot noise alone:"
    )


def test_the_first_is_compared_with_each_other(make_shown):
    ideal = Series("ideal", Distribution.from_dict(ONE, {"0": 0.5, "1": 0.5}), None, 2)
    found = comparisons(make_shown(A, B, ideal), None)
    assert [each.which for each in found] == ["a and b", "a and ideal"]
    assert texts(found)[0].endswith("shot noise.")


@pytest.mark.parametrize(
    "other",
    [Counts.from_dict(ONE, {"1": 70}), Distribution.from_dict(ONE, {"1": 1.0})],
    ids=["counts", "exact"],
)
def test_one_outcome_in_both_is_the_same(make_shown, other):
    one = Series("a", Counts.from_dict(ONE, {"1": 5000}), 5000, 1)
    (found,) = comparisons(make_shown(one, Series("b", other, None, 1)), None)
    assert found.verdict == "both are the same"


def test_what_is_known_in_part_is_not_compared(make_shown):
    partial = Series("b", B.outcomes, 20, 9)
    assert comparisons(make_shown(A, partial), None) == ()
    assert comparisons(make_shown(A), None) == ()

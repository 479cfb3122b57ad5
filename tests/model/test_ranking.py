"""Outcomes beside each other: their order, their shares, what is left out."""

import pytest

from qjob.model.bits import BitLayout
from qjob.model.counts import Counts, wilson
from qjob.model.distribution import Distribution
from qjob.model.errors import InvalidRequest
from qjob.model.ranking import ranking

TWO = BitLayout(2, (0, 1))
SEEN = Counts.from_dict(TWO, {"00": 60, "01": 10, "11": 30})
EXACT = Distribution.from_dict(TWO, {"00": 0.25, "10": 0.75})


def order(*shown, **how):
    return [row.bits for row in ranking(shown, **how).rows]


@pytest.mark.parametrize(
    ("shown", "how", "expected"),
    [
        pytest.param([SEEN], {}, ["00", "11", "01"], id="by value"),
        pytest.param([SEEN], {"sort": "bits"}, ["00", "01", "11"], id="by bits"),
        pytest.param([SEEN], {"top": 2}, ["00", "11"], id="the first two"),
        pytest.param(
            [SEEN, EXACT], {}, ["00", "10", "11", "01"], id="a peak that the first one lacks is not lost"
        ),
    ],
)
def test_the_order(shown, how, expected):
    assert order(*shown, **how) == expected


def test_equals_but_for_rounding_are_ordered_by_bits():
    noisy = {"00": 0.25 - 3e-17, "01": 0.25, "10": 0.25 + 6e-17, "11": 0.25 - 1e-16}
    assert order(Distribution.from_dict(TWO, noisy)) == ["00", "01", "10", "11"]


def test_what_a_row_says_of_each():
    rows = {row.bits: row for row in ranking([SEEN, EXACT]).rows}
    assert rows["00"].amounts == (60, 0.25)
    assert rows["00"].shares == (0.6, 0.25)
    assert rows["00"].intervals == (wilson(60, 100), None)
    assert rows["10"].amounts == (0, 0.75)
    assert rows["10"].intervals[0].high == pytest.approx(0.037, abs=1e-3)  # never seen is not impossible


def test_shares_of_a_running_job_are_of_all_its_shots():
    found = ranking([Counts.from_dict(TWO, {"00": 60})], shots=[120])
    assert found.rows[0].shares == (0.5,)


def test_how_many_are_left_out():
    assert ranking([SEEN, EXACT], top=1).more == 3


@pytest.mark.parametrize(
    ("shown", "how", "words"),
    [
        ([SEEN], {"sort": "size"}, "not sorted by 'size'"),
        ([SEEN], {"top": 0}, "0 outcomes"),
        ([SEEN, Counts.from_dict(BitLayout(3, (0,)), {"001": 1})], {}, "2 and of 3 classical bits"),
    ],
)
def test_refusals(shown, how, words):
    with pytest.raises(InvalidRequest, match=words):
        ranking(shown, **how)

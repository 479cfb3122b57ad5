"""Counts against plain dicts, and the Wilson interval against published and independent values."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from qjob.model.bits import BitLayout, Register
from qjob.model.counts import Counts, wilson
from qjob.model.errors import InvalidRequest


@st.composite
def tables(draw):
    """A layout, and counts of it as a plain dict of bit string to int."""
    num_clbits = draw(st.integers(1, 130))
    measured = tuple(sorted(draw(st.sets(st.integers(0, num_clbits - 1)))))
    outcomes = draw(st.lists(st.integers(0, 2 ** len(measured) - 1), unique=True, min_size=1, max_size=12))
    table = {}
    for outcome in outcomes:
        ones = {bit for j, bit in enumerate(measured) if outcome >> j & 1}
        text = "".join("1" if bit in ones else "0" for bit in reversed(range(num_clbits)))
        table[text] = draw(st.integers(1, 5))
    return BitLayout(num_clbits, measured), table


BELL = Counts.from_dict(BitLayout(2, (0, 1)), {"00": 60, "01": 30, "11": 10})


# -- the mapping ----------------------------------------------------------------------------------------------


@given(tables())
def test_counts_equal_the_dict_they_came_from(drawn):
    layout, table = drawn
    counts = Counts.from_dict(layout, table)
    assert dict(counts) == table
    assert counts == table
    assert list(counts) == sorted(table)
    assert len(counts) == len(table)
    assert counts.shots == sum(table.values())
    assert all(counts[text] == count for text, count in table.items())


@given(tables())
def test_collecting_repeated_keys_counts_them(drawn):
    layout, table = drawn
    once = Counts.from_dict(layout, table)
    shuffled = np.repeat(once.outcomes, once.tallies, axis=0)[::-1]
    assert Counts.collect(layout, shuffled) == table


def test_outcomes_seen_never_count_0_and_are_not_in():
    assert BELL["10"] == 0
    assert "10" not in BELL
    assert "01" in BELL
    assert 1 not in BELL
    assert "no outcome" not in BELL


def test_an_outcome_that_sets_an_unwritten_bit_counts_0():
    counts = Counts.from_dict(BitLayout(2, (0,)), {"01": 3})
    assert counts["10"] == 0
    with pytest.raises(InvalidRequest, match="no measurement writes"):
        Counts.from_dict(BitLayout(2, (0,)), {"10": 3})


def test_weights_of_0_leave_no_outcome():
    keys = np.array([[0], [1]], dtype=np.uint64)
    assert Counts.collect(BitLayout(1, (0,)), keys, np.array([0, 2])) == {"1": 2}


def test_counts_of_nothing():
    empty = Counts.from_dict(BitLayout(2, (0, 1)), {})
    assert (empty.shots, len(empty), empty.top(3), empty.probabilities()) == (0, 0, [], {})
    assert empty.probability("00") == 0.0
    assert empty.interval("00") == (0.0, 1.0)


def test_counts_are_not_hashable_and_equal_no_number():
    assert BELL != 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(BELL)


def test_the_text_shows_the_most_frequent_and_how_many_more():
    counts = Counts.from_dict(BitLayout(4, (0, 1, 2, 3)), {f"{i:04b}": i + 1 for i in range(10)})
    assert repr(counts).startswith("Counts({'1001': 10, '1000': 9,")
    assert repr(counts).endswith("... 2 more}, shots=55)")


# -- top, marginals, sums -------------------------------------------------------------------------------------


@given(tables(), st.integers(0, 15))
def test_top_is_the_head_of_the_sorted_table(drawn, k):
    layout, table = drawn
    expected = sorted(table.items(), key=lambda item: (-item[1], item[0]))[:k]
    assert Counts.from_dict(layout, table).top(k) == expected


@given(tables(), st.data())
def test_marginals_are_sums_over_the_other_bits(drawn, data):
    layout, table = drawn
    bits = data.draw(st.lists(st.integers(0, layout.num_clbits - 1), unique=True))
    expected = Counter()
    for text, count in table.items():
        expected["".join(text[layout.num_clbits - 1 - bit] for bit in reversed(bits))] += count
    assert Counts.from_dict(layout, table).marginal(bits) == expected


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        pytest.param([0], {"0": 60, "1": 40}, id="bit 0"),
        pytest.param([1], {"0": 90, "1": 10}, id="bit 1"),
        pytest.param([1, 0], {"00": 60, "10": 30, "11": 10}, id="swapped"),
    ],
)
def test_marginal_of_a_known_table(bits, expected):
    assert BELL.marginal(bits) == expected


@pytest.mark.parametrize("bits", [[0, 0], [2], [-1]])
def test_an_impossible_marginal_is_refused(bits):
    with pytest.raises(InvalidRequest, match="no marginal"):
        BELL.marginal(bits)


@given(tables(), st.data())
def test_adding_counts_adds_each_outcome(drawn, data):
    layout, table = drawn
    half = {text: data.draw(st.integers(1, 3)) for text in list(table)[::2]}
    total = Counts.from_dict(layout, table) + Counts.from_dict(layout, half)
    assert total == Counter(table) + Counter(half)


def test_counts_of_other_layouts_cannot_be_added():
    with pytest.raises(InvalidRequest, match="different layouts"):
        BELL + Counts.from_dict(BitLayout(2, (0,)), {"00": 1})


def test_spaced_strings():
    layout = BitLayout(3, (0, 1, 2), (Register("a", 1), Register("b", 2)))
    assert Counts.from_dict(layout, {"011": 4}).spaced() == {"01 1": 4}


# -- probabilities --------------------------------------------------------------------------------------------


def test_probabilities_add_up():
    assert BELL.probabilities() == {"00": 0.6, "01": 0.3, "11": 0.1}
    assert BELL.probability("11") == 0.1


@pytest.mark.parametrize(
    ("count", "shots", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3
        pytest.param(81, 263, 0.2553, 0.3662, id="81 of 263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15 of 148"),
        pytest.param(0, 20, 0.0, 0.1611, id="0 of 20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="1 of 29"),
    ],
)
def test_wilson_gives_the_published_intervals(count, shots, low, high):
    found = wilson(count, shots)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.data(), st.integers(1, 10_000), st.sampled_from([0.68, 0.9, 0.95, 0.999]))
def test_wilson_agrees_with_scipy(data, shots, confidence):
    count = data.draw(st.integers(0, shots))
    expected = binomtest(count, shots).proportion_ci(confidence, method="wilson")
    assert wilson(count, shots, confidence) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, float("nan")])
def test_a_confidence_outside_0_and_1_is_refused(confidence):
    with pytest.raises(InvalidRequest, match="not between 0 and 1"):
        wilson(1, 2, confidence)


def test_interval_of_an_outcome():
    assert BELL.interval("11", 0.9) == wilson(10, 100, 0.9)

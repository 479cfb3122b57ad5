from hypothesis import given
from hypothesis import strategies as st

from qjob.model.bits import BitLayout, Register
from qjob.model.counts import wilson
from qjob.model.events import Progress
from qjob.showing.histogram import MAX_ROWS, histogram

counts = st.dictionaries(
    st.text("01", min_size=6, max_size=6), st.integers(1, 10**6), min_size=1, max_size=40
)


def progress_of(seen):
    top = sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:MAX_ROWS]
    return Progress("sampling", sum(seen.values()), tuple(top), len(seen))


def test_nothing_is_drawn_before_there_are_counts():
    assert histogram(None) is None
    assert histogram(Progress("evolving the state")) is None


@given(counts)
def test_rows_and_the_rest_make_up_all_shots(seen):
    drawn = histogram(progress_of(seen))
    assert len(drawn.rows) == min(len(seen), MAX_ROWS)
    assert sum(row.count for row in drawn.rows) + drawn.more_shots == sum(seen.values())
    assert len(drawn.rows) + drawn.more_outcomes == len(seen)
    assert bool(drawn.more) == (len(seen) > MAX_ROWS)


@given(counts)
def test_every_error_bar_lies_on_the_axis_and_holds_its_share(seen):
    drawn = histogram(progress_of(seen))
    for row in drawn.rows:
        assert (row.low, row.high) == wilson(row.count, drawn.shots)
        assert 0 <= row.low <= row.share <= row.high + 1e-12  # Wilson's bounds are rounded
        assert row.high <= drawn.scale <= 1
    assert max(row.high for row in drawn.rows) > drawn.scale / 3 or drawn.scale == 0.001


def test_outcomes_that_all_fit_keep_the_order_of_their_bit_strings():
    drawn = histogram(progress_of({"11": 50, "00": 48, "01": 2}))
    assert [row.label for row in drawn.rows] == ["00", "01", "11"]


def test_of_many_outcomes_the_most_frequent_comes_first():
    drawn = histogram(progress_of({format(i, "05b"): 1 + i for i in range(20)}))
    assert [row.count for row in drawn.rows] == list(range(20, 4, -1))
    assert drawn.more == "… 4 more outcomes (10 shots)"


def test_one_more_outcome_is_said_in_the_singular():
    drawn = histogram(Progress("", 3, (("0", 2),), 2))
    assert drawn.more == "… 1 more outcome (1 shot)"


def test_registers_are_spaced_where_they_are_known():
    layout = BitLayout(3, (0, 1, 2), (Register("a", 1), Register("b", 2)))
    [row] = histogram(Progress("", 4, (("101", 4),), 1), layout).rows
    assert row.label == "10 1"
    assert row.bits == "101"


def test_a_row_in_words_has_all_its_numbers():
    drawn = histogram(progress_of({"0": 508, "1": 516}))
    text = drawn.rows[0].describe(drawn.digits).replace("\N{NO-BREAK SPACE}", " ")
    assert text == "0: 508, 49.6 % (95 % interval 46.6 % to 52.7 %)"


def test_many_shots_deserve_another_decimal():
    assert [histogram(progress_of({"0": shots})).digits for shots in (9999, 10_000)] == [1, 2]

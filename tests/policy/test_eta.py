import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.timing import Eta
from qjob.policy.eta import FEWEST, Pace, Past, coarse, like, quantile, until_begun, until_done


def past(*ran, waited=0.0, **more):
    facts = {"program": "p", "num_qubits": 5, "shots": 1000} | more
    return [Past(**facts, waited=waited, ran=seconds) for seconds in ran]


TENS = [10.0 * n for n in range(1, 12)]  # 10 to 110 s: the quantiles are 20 and 100


@pytest.mark.parametrize(
    ("times", "ran", "range_"),
    [
        pytest.param(TENS, 0.0, (20, 120), id="from-the-start"),
        pytest.param(TENS, 15.0, (10, 90), id="those-that-were-shorter-tell-nothing"),
        pytest.param(TENS, 55.0, (10, 50), id="late"),
        pytest.param(TENS, 65.0, (9, 45), id="five-lasted-longer"),
        pytest.param(TENS, 75.0, None, id="four-lasted-longer"),
        pytest.param(TENS[:4], 0.0, None, id="four-jobs"),
        pytest.param([30.0] * 5, 0.0, (30, 30), id="always-the-same"),
        pytest.param([0.4] * 5, 0.0, (0, 1), id="under-a-second"),
        pytest.param([], 0.0, None, id="none"),
    ],
)
def test_a_range_of_what_is_left(times, ran, range_):
    assert until_done(past(*times), ran) == (range_ and Eta(*range_, len(times)))


@pytest.mark.parametrize(
    ("pace", "ran", "range_"),
    [
        pytest.param(Pace(0, 10, 1000, 1), 1.0, (15, 120), id="too-few-shots-say-nothing"),
        pytest.param(Pace(0, 100, 1000, 6), 6.0, (15, 90), id="a-tenth-of-the-shots-narrows-a-little"),
        pytest.param(Pace(0, 900, 1000, 54), 54.0, (6, 15), id="nearly-done-nearly-exact"),
        pytest.param(Pace(0, 100, 1000, 30), 30.0, (40, 270), id="a-slow-pace-widens"),
        pytest.param(Pace(0, 500, 1000, 200), 200.0, (180, 210), id="longer-than-all-before"),
        pytest.param(Pace(0, 1000, 1000, 50), 50.0, (0, 0), id="all-counted"),
        pytest.param(Pace(500, 900, 1000, 10), 60.0, (2, 30), id="a-look-that-began-late"),
    ],
)
def test_the_pace_of_the_shots_is_reckoned_in(pace, ran, range_):
    found = until_done(past(*TENS), ran, pace)
    assert found == Eta(*range_, 11)


def test_without_like_jobs_a_pace_alone_says_nothing():
    assert until_done(past(*TENS[:4]), 1.0, Pace(0, 500, 1000, 1.0)) is None


@given(
    times=st.lists(st.floats(0.001, 1e6), max_size=30),
    ran=st.floats(0, 1e6),
    done=st.integers(0, 1000),
    seconds=st.floats(0, 1e6),
)
def test_a_range_is_in_order_holds_the_pace_and_comes_from_enough_jobs(times, ran, done, seconds):
    pace = Pace(0, done, 1000, seconds)
    found = until_done(past(*times), ran, pace)
    if found is not None:
        assert 0 <= found.low <= found.high
        assert found.jobs == len(times) >= FEWEST
        if pace.share >= 0.02 and seconds:
            assert found.low <= pace.left <= found.high


def test_how_long_others_waited_tells_when_it_begins():
    waits = [Past("p", 5, 10, waited=each, ran=1) for each in TENS]
    assert until_begun(waits, 15.0) == Eta(10, 90, 11, begins=True)
    assert until_begun(waits[:4], 0.0) is None


@pytest.mark.parametrize(
    ("facts", "is_like"),
    [
        ({}, True),
        ({"num_qubits": 6}, True),
        ({"num_qubits": 7}, False),
        ({"shots": 2000}, True),
        ({"shots": 500}, True),
        ({"shots": 2001}, False),
        ({"shots": 499}, False),
    ],
)
def test_jobs_of_a_similar_size_are_like(record_of, facts, is_like):
    assert bool(like(record_of(), past(1.0, **{"program": "other", **facts}))) is is_like


def test_the_same_program_tells_more_than_others_where_it_was_run_often_enough(record_of):
    often, others = past(*[1.0] * 5), past(*[9.0] * 8, program="other")
    assert like(record_of(), others + often) == often
    assert len(like(record_of(), others + often[:4])) == 12


def test_what_a_job_tells(record_of):
    assert Past.of(record_of(admitted=1.0, started=3.0, ended=10.0)) == Past("p", 5, 1000, 2.0, 7.0)
    assert Past.of(record_of(started=3.0)) is None


@pytest.mark.parametrize(
    ("share", "value"), [(0, 1), (0.5, 2.5), (1, 4), (0.1, 1.3)]
)  # fmt: skip
def test_quantiles(share, value):
    assert quantile([1, 2, 3, 4], share) == pytest.approx(value)


@pytest.mark.parametrize(
    ("seconds", "down", "up"),
    [(0, 0, 0), (0.3, 0, 1), (7.2, 7, 8), (12.3, 10, 15), (40, 40, 40), (75, 60, 90), (700, 600, 900),
     (4000, 3600, 5400), (40_000, 39_600, 43_200)],
)  # fmt: skip
def test_times_are_as_coarse_as_they_are_long(seconds, down, up):
    assert (coarse(seconds, down=True), coarse(seconds, down=False)) == (down, up)

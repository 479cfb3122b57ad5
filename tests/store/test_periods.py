"""Days, months and sliding windows: what counts when, to the microsecond."""

from datetime import timedelta

import pytest

from qjob.model.errors import OverBudget, RateLimited
from qjob.model.job import JobStatus
from qjob.model.money import NANO
from qjob.model.team import Spending

S = JobStatus
CAP = 3 * NANO


# -- days and months ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("admitted", "ended"),
    [
        pytest.param("2026-03-01T23:59:59.999998", "2026-03-02T00:00:00", id="next-day"),
        pytest.param("2026-03-31T23:00:00", "2026-04-01T01:00:00", id="next-month"),
        pytest.param("2026-12-31T23:00:00", "2027-02-01T00:00:00", id="next-year"),
        pytest.param("2026-03-02T00:00:00", "2026-03-01T23:00:00", id="a-clock-set-back"),
    ],
)
def test_hold_and_charge_belong_to_the_day_of_the_admission(payer, admitted, ended):
    payer.at(admitted)
    job_id = payer.submit()
    payer.at(ended)
    assert payer.day() == Spending()
    assert payer.end(job_id, S.COMPLETED, CAP + 7)
    assert payer.day() == Spending()
    assert payer.rows("SELECT DISTINCT day FROM ledger") == [(admitted[:10],)]
    assert payer.rows("SELECT * FROM spending") == [(payer.store.job(job_id).team, admitted[:10], 0, CAP + 7)]
    payer.at(admitted)
    assert payer.day() == payer.month() == Spending(charged=CAP + 7)


def test_a_batch_at_midnight_is_held_in_one_day(payer):
    """Its jobs are created a microsecond apart, the last ones of them tomorrow."""
    payer.at("2026-03-31T23:59:59.999997")
    jobs = payer.submit_batch(*[NANO] * 5)
    assert {payer.store.job(job_id).created_at.day for job_id in jobs} == {31, 1}
    assert payer.rows("SELECT DISTINCT day FROM ledger") == [("2026-03-31",)]
    payer.at("2026-04-01T00:00:00")
    assert payer.day() == Spending()
    for job_id in jobs:
        payer.end(job_id, S.COMPLETED, 2 * NANO)
    assert payer.rows("SELECT day, held, charged FROM spending") == [("2026-03-31", 0, 10 * NANO)]


@pytest.mark.parametrize(
    ("first", "second", "same_day", "same_month"),
    [
        ("2026-03-01T00:00:00", "2026-03-01T23:59:59.999990", True, True),
        ("2026-03-01T23:59:59.999990", "2026-03-02T00:00:00", False, True),
        ("2026-03-31T23:59:59.999990", "2026-04-01T00:00:00", False, False),
        ("2028-02-29T12:00:00", "2028-02-01T12:00:00", False, True),
        ("2027-02-28T12:00:00", "2027-03-01T12:00:00", False, False),
        ("2026-12-31T12:00:00", "2027-12-31T12:00:00", False, False),
    ],
)
def test_what_counts_today_and_this_month(payer, first, second, same_day, same_month):
    payer.at(first)
    payer.submit()
    payer.at(second)
    assert payer.day().held == (CAP if same_day else 0)
    assert payer.month().held == (CAP if same_month else 0)


def test_the_month_is_full_when_its_days_are(payer):
    payer.limit(per_month=250 * NANO, team_per_day=1000)
    for day in (1, 2):
        payer.at(f"2026-03-{day:02d}T12:00:00")
        payer.submit(100 * NANO)
    payer.at("2026-03-31T23:59:00")
    payer.submit(50 * NANO)
    with pytest.raises(OverBudget, match="this month"):
        payer.submit(1)
    payer.at("2026-04-01T00:00:00")
    payer.submit(1)


# -- rates ----------------------------------------------------------------------------------------------------


def test_a_minute_takes_ten_submissions_of_a_user(payer):
    payer.at("2026-03-01T12:00:00")
    for _ in range(10):
        payer.submit(0)
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert caught.value.retry_after == 59.99999  # ten submissions are ten microseconds
    payer.submit(0, user="bob")
    payer.at("2026-03-01T12:00:59.999999")
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert caught.value.retry_after == 0.000001
    payer.at("2026-03-01T12:01:00")
    payer.submit(0)
    payer.at("2026-03-01T12:01:00")
    with pytest.raises(RateLimited):
        payer.submit(0)


def test_a_day_of_24_hours_takes_as_many_submissions_of_a_team_as_its_limit_says(payer):
    payer.limit(team_per_day=3)
    for hour in (10, 11, 12):
        payer.at(f"2026-03-01T{hour}:00:00")
        payer.submit(0)
    payer.at("2026-03-02T09:59:59.999999")
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert (caught.value.numbers["setting"], caught.value.retry_after) == ("team_per_day", 0.000001)
    payer.at("2026-03-02T10:00:00")
    payer.submit(0)


def test_a_batch_takes_one_slot_and_a_refusal_none(payer):
    payer.limit(user_per_minute=2)
    payer.submit_batch(*[1] * 20)
    with pytest.raises(OverBudget):
        payer.submit(101 * NANO)
    payer.submit(1)
    with pytest.raises(RateLimited):
        payer.submit_batch(1)
    assert payer.rows("SELECT count(*) FROM jobs WHERE slot = 1") == [(2,)]


def test_what_does_not_count_takes_no_slot_and_ends_give_none_back(payer):
    payer.limit(user_per_minute=1)
    for _ in range(3):
        payer.submit(0, counts=False)
    payer.end(payer.submit(0), S.CANCELLED)
    with pytest.raises(RateLimited):
        payer.submit(0)
    payer.submit(0, counts=False)


def test_a_limit_that_is_changed_holds_at_once(payer):
    for _ in range(3):
        payer.submit(0)
    payer.limit(user_per_minute=3)
    with pytest.raises(RateLimited):
        payer.submit(0)
    payer.limit(user_per_minute=4)
    payer.submit(0)


def test_a_clock_that_was_ahead_does_not_lock_anybody_out(payer):
    payer.limit(user_per_minute=2, team_per_day=2)
    payer.at("2027-03-01T12:00:00")
    payer.submit(0)
    payer.submit(0)
    payer.at("2026-03-01T12:00:00")
    payer.submit(0)
    payer.submit(0)
    with pytest.raises(RateLimited):
        payer.submit(0)


@pytest.mark.parametrize(
    ("back", "admitted"),
    [
        pytest.param(timedelta(seconds=60), True, id="a-whole-window-back"),
        pytest.param(timedelta(seconds=60, microseconds=-1), False, id="a-microsecond-less"),
        pytest.param(timedelta(seconds=1), False, id="a-second-back"),
    ],
)
def test_submissions_of_the_future_count_while_one_window_holds_them_too(payer, back, admitted):
    payer.limit(user_per_minute=1)
    job = payer.store.job(payer.submit(0))
    payer.world.clock.now = job.created_at - back - timedelta(microseconds=1)
    if admitted:
        payer.submit(0)
        return
    with pytest.raises(RateLimited) as caught:
        payer.submit(0)
    assert caught.value.retry_after == 60 + back.total_seconds()

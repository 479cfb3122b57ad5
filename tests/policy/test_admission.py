"""What is admitted and what is refused, one nano-dollar and one microsecond around every limit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.errors import OverBudget
from qjob.model.money import NANO
from qjob.model.team import Limits, Spending, Standing, Team
from qjob.policy.admission import Claim, ends_of, fitting, plain, refusal

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
TOMORROW = datetime(2026, 3, 15, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 4, 1, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
LIMITS = Limits(per_job=40 * NANO, per_day=100 * NANO, per_month=1000 * NANO)


def standing(*, day=(0, 0), month=None, now=NOW, user_at=EARLIER, team_at=EARLIER, **limits):
    team = Team("7d0c", "qlab", EARLIER, LIMITS.changed(**limits))
    return Standing(team, now, Spending(*day), Spending(*(month or day)), user_at, team_at)


def paid(*caps, local=False):
    return Claim(caps, counts=True, local=local)


# -- budgets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "month", "cap", "period"),
    [
        # each of the three limits: one nano-dollar below, at, above
        pytest.param(0, 0, 40 * NANO - 1, None, id="job-below"),
        pytest.param(0, 0, 40 * NANO, None, id="job-at"),
        pytest.param(0, 0, 40 * NANO + 1, "job", id="job-above"),
        pytest.param(70, 70, 30 * NANO - 1, None, id="day-below"),
        pytest.param(70, 70, 30 * NANO, None, id="day-at"),
        pytest.param(70, 70, 30 * NANO + 1, "day", id="day-above"),
        pytest.param(10, 970, 30 * NANO - 1, None, id="month-below"),
        pytest.param(10, 970, 30 * NANO, None, id="month-at"),
        pytest.param(10, 970, 30 * NANO + 1, "month", id="month-above"),
    ],
)
@pytest.mark.parametrize("held", [0, 1, 7 * NANO, None], ids=lambda held: f"held-{held}")
def test_a_limit_holds_to_the_nano_dollar(day, month, cap, period, held):
    """What is in use counts, however it is split into held and charged; None: all of it is held."""

    def split(total):
        part = total if held is None else min(held, total)
        return part, total - part

    found = refusal(standing(day=split(day * NANO), month=split(month * NANO)), paid(cap))
    assert (found and found.numbers["period"]) == period


@pytest.mark.parametrize(
    ("caps", "period"),
    [
        pytest.param((40 * NANO, 40 * NANO), None, id="each-fits-and-so-does-the-sum"),
        pytest.param((1, 40 * NANO + 1), "job", id="the-largest-counts-for-a-job"),
        pytest.param((40 * NANO, 40 * NANO, 20 * NANO), None, id="the-sum-fills-the-day"),
        pytest.param((40 * NANO, 40 * NANO, 20 * NANO, 1), "day", id="the-sum-is-too-much-for-the-day"),
        pytest.param((0, 0, 40 * NANO + 1), "job", id="free-ones-beside"),
        pytest.param((), None, id="nothing"),
    ],
)
def test_a_batch_is_held_against_a_job_by_its_largest_and_against_a_day_by_its_sum(caps, period):
    found = refusal(standing(), paid(*caps))
    assert (found and found.numbers["period"]) == period


LATE = NOW + timedelta(seconds=20)


@pytest.mark.parametrize(
    ("job", "day", "month", "fast", "first"),
    [
        (job, day, month, fast, first)
        for job in (True, False)
        for day in (True, False)
        for month in (True, False)
        for fast in (True, False)
        for first in [
            "job" if job else "day" if day else "month" if month else "user_per_minute" if fast else None
        ]
    ],
)
def test_the_first_of_job_day_month_and_rates_is_told(job, day, month, fast, first):
    found = refusal(
        standing(
            day=(100 * NANO if day else 0, 0),
            month=(0, 1000 * NANO if month else 0),
            user_at=LATE if fast else EARLIER,
        ),
        paid(41 * NANO if job else NANO),
    )
    assert (found and found.numbers.get("period", found.numbers.get("setting"))) == first


@given(
    held=st.integers(0, 10**16),
    charged=st.integers(0, 10**16),
    jobs=st.integers(1, 1000),
    limit=st.integers(0, 10**16),
)
def test_a_free_claim_is_never_over_budget(held, charged, jobs, limit):
    full = standing(day=(held, charged), per_job=limit, per_day=limit, per_month=limit)
    assert refusal(full, paid(*[0] * jobs)) is None


@given(
    held=st.integers(0, 10**12),
    charged=st.integers(0, 10**12),
    before=st.integers(0, 10**12),
    caps=st.lists(st.integers(0, 10**11), max_size=5),
    limits=st.tuples(st.integers(0, 10**11), st.integers(0, 10**12), st.integers(0, 10**13)),
)
def test_what_is_admitted_fits_and_what_is_refused_does_not(held, charged, before, caps, limits):
    job, day, month = limits
    one = standing(
        day=(held, charged), month=(held, charged + before), per_job=job, per_day=day, per_month=month
    )
    cap, used = sum(caps), held + charged
    fits = max(caps, default=0) <= job and used + cap <= day and used + before + cap <= month
    found = refusal(one, paid(*caps))
    assert (found is None) == (fits or not cap)


# -- what a refusal says --------------------------------------------------------------------------------------


def test_a_refusal_of_the_job_names_both_numbers_and_that_waiting_does_not_help():
    found = refusal(standing(), paid(40 * NANO + 1))
    assert isinstance(found, OverBudget)
    assert (found.code, found.http_status, found.retry_after) == ("over_budget", 402, None)
    assert found.numbers == {"period": "job", "limit": "40", "quote": "40.000000001", "room": "40"}
    assert found.message == "this job can cost $40.000000001; a job of team qlab may cost $40.00."
    assert "engine.budget(job=...)" in found.remedy
    assert "wait" not in found.remedy


def test_a_refusal_of_the_day_has_every_number_and_every_way_out():
    found = refusal(standing(day=(3 * NANO, 95_500_000_000), month=(3 * NANO, 300 * NANO)), paid(2 * NANO))
    assert isinstance(found, OverBudget)
    assert found.numbers == {
        "period": "day",
        "limit": "100",
        "charged": "95.5",
        "held": "3",
        "remaining": "1.5",
        "quote": "2",
        "room": "1.5",
        "period_ends": "2026-03-15T00:00:00+00:00",
    }
    assert found.message == (
        "this can cost $2.00, and team qlab has $95.50 charged and $3.00 held of $100.00 today: $1.50 remain."
    )
    assert found.remedy == (
        "Use fewer shots or a cheaper backend (%qjob quote), wait until 2026-03-15 00:00 UTC, "
        "or raise the limit: %qjob budget --day USD, in Python engine.budget(day=...)."
    )
    assert found.retry_after == (TOMORROW - NOW).total_seconds() == 31833.464103


def test_a_refusal_of_the_month_says_when_the_month_ends():
    found = refusal(standing(day=(0, 0), month=(0, 999 * NANO)), paid(2 * NANO))
    assert (found.numbers["period"], found.numbers["limit"], found.numbers["remaining"]) == (
        "month",
        "1000",
        "1",
    )
    assert found.numbers["period_ends"] == "2026-04-01T00:00:00+00:00"
    assert "of $1,000.00 this month: $1.00 remain." in found.message
    assert "wait until 2026-04-01 00:00 UTC" in found.remedy
    assert "engine.budget(month=...)" in found.remedy
    assert found.retry_after == (NEXT_MONTH - NOW).total_seconds()


@pytest.mark.parametrize(
    ("day", "month", "cap", "limits", "until"),
    [
        pytest.param(100, 100, 1, {}, TOMORROW, id="a-full-day"),
        pytest.param(0, 1000, 1, {}, NEXT_MONTH, id="a-full-month"),
        pytest.param(100, 1000, 1, {}, NEXT_MONTH, id="both:-tomorrow-the-month-is-still-full"),
        pytest.param(100, 100, 30, {"per_day": 30 * NANO}, TOMORROW, id="fills-tomorrow"),
        pytest.param(100, 100, 31, {"per_day": 30 * NANO}, None, id="more-than-any-day"),
        pytest.param(
            0, 0, 31, {"per_day": 40 * NANO, "per_month": 30 * NANO}, None, id="more-than-any-month"
        ),
        pytest.param(40, 40, 31, {"per_day": 40 * NANO, "per_month": 30 * NANO}, None, id="and-a-full-day"),
    ],
)
def test_waiting_is_advised_only_where_it_helps_and_as_long_as_it_takes(day, month, cap, limits, until):
    spent = {"day": (day * NANO, 0), "month": (0, month * NANO)}
    found = refusal(standing(**spent, **limits), paid(cap * NANO))
    assert found.retry_after == (until and (until - NOW).total_seconds())
    assert ("wait until" in found.remedy) == (until is not None)
    if until is None:
        return
    assert f"wait until {until:%Y-%m-%d} 00:00 UTC" in found.remedy
    # the advice holds: at that moment, with new periods, it is admitted
    later = standing(now=until, day=(0, 0), month=(0, 0) if until == NEXT_MONTH else spent["month"], **limits)
    assert refusal(later, paid(cap * NANO)) is None


@pytest.mark.parametrize(
    ("day", "month", "caps", "period", "room"),
    [
        pytest.param(0, 0, (41,), "job", "40", id="the-job's-limit"),
        pytest.param(95, 95, (41,), "job", "5", id="the-day-has-less-than-the-job's-limit"),
        pytest.param(0, 998, (41,), "job", "2", id="the-month-has-less-than-the-job's-limit"),
        pytest.param(95, 95, (6,), "day", "5", id="the-day"),
        pytest.param(95, 998, (6,), "day", "2", id="the-month-has-less-than-the-day"),
        pytest.param(50, 950, (40, 40), "day", "40", id="a-batch-in-a-day-with-room-for-a-job"),
        pytest.param(0, 998, (6,), "month", "2", id="the-month"),
        pytest.param(120, 120, (6,), "day", "0", id="nothing-after-an-overrun"),
    ],
)
def test_the_room_is_what_one_job_may_cost_now(day, month, caps, period, room):
    now = standing(day=(day * NANO, 0), month=(0, month * NANO))
    found = refusal(now, paid(*(cap * NANO for cap in caps)))
    assert (found.numbers["period"], found.numbers["room"]) == (period, room)
    assert refusal(now, paid(int(room) * NANO)) is None
    assert refusal(now, paid(int(room) * NANO + 1)) is not None


def test_after_an_overrun_nothing_remains_rather_than_less():
    found = refusal(standing(day=(1, 150 * NANO)), paid(1))
    assert found.numbers["remaining"] == "0"
    assert found.message.endswith("today: nothing remains.")


def test_the_numbers_are_exact_whatever_the_threads_decimal_context():
    with localcontext() as context:
        context.prec = 2
        found = refusal(standing(day=(1, 99_123_456_789)), paid(NANO))
    assert found.numbers["charged"] == "99.123456789"
    assert found.numbers["held"] == "0.000000001"
    assert found.numbers["remaining"] == "0.87654321"


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "0"),
        (1, "0.000000001"),
        (NANO, "1"),
        (100 * NANO, "100"),
        (1_500_000_000, "1.5"),
        (10**16, "10000000"),
        (-NANO // 2, "-0.5"),
    ],
)
def test_an_amount_for_programs_is_plain(nano, text):
    assert plain(nano) == text


# -- periods --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "tomorrow", "next_month"),
    [
        ("2026-03-14T15:09:26", "2026-03-15", "2026-04-01"),
        ("2026-03-14T00:00:00", "2026-03-15", "2026-04-01"),
        ("2026-03-31T23:59:59.999999", "2026-04-01", "2026-04-01"),
        ("2026-12-31T23:59:59.999999", "2027-01-01", "2027-01-01"),
        ("2026-12-01T00:00:00", "2026-12-02", "2027-01-01"),
        ("2027-01-01T00:00:00", "2027-01-02", "2027-02-01"),
        ("2027-02-28T12:00:00", "2027-03-01", "2027-03-01"),
        ("2028-02-28T12:00:00", "2028-02-29", "2028-03-01"),
        ("2028-02-29T12:00:00", "2028-03-01", "2028-03-01"),
        ("2100-02-28T12:00:00", "2100-03-01", "2100-03-01"),
        # of other zones: the UTC day counts
        ("2026-03-31T23:30:00-02:00", "2026-04-02", "2026-05-01"),
        ("2027-01-01T00:30:00+01:00", "2027-01-01", "2027-01-01"),
    ],
)
def test_when_the_utc_day_and_month_end(now, tomorrow, next_month):
    moment = datetime.fromisoformat(now)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    ends = ends_of(moment)
    assert [end.isoformat() for end in ends] == [f"{day}T00:00:00+00:00" for day in (tomorrow, next_month)]


@given(
    st.datetimes(datetime(1971, 1, 2), datetime(2500, 1, 1)),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(-14, 14),
)
def test_periods_end_after_the_moment_and_not_later_than_they_last(naive, hours):
    now = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    tomorrow, next_month = ends_of(now)
    assert timedelta(0) < tomorrow - now <= timedelta(days=1)
    assert tomorrow <= next_month <= tomorrow + timedelta(days=30)
    assert next_month.day == 1


def test_a_budget_is_held_also_against_what_does_not_count():
    assert isinstance(refusal(standing(), Claim((41 * NANO,), counts=False)), OverBudget)


def test_limits_of_nothing_admit_only_what_is_free():
    none = standing(per_job=0, per_day=0, per_month=0)
    assert refusal(none, paid(0)) is None
    assert refusal(none, paid(1)).numbers["period"] == "job"
    assert refusal(replace(none, team=standing(per_day=0).team), paid(1)).numbers["period"] == "day"


# -- as many as fit -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "month", "caps", "count"),
    [
        pytest.param(0, 0, [], 0, id="nothing"),
        pytest.param(0, 0, [40, 40, 20], 3, id="all-to-the-last-cent"),
        pytest.param(0, 0, [40, 40, 21], 2, id="the-day"),
        pytest.param(0, 0, [40, 41, 1], 1, id="a-job-too-dear-ends-it"),
        pytest.param(0, 970, [20, 10, 1], 2, id="the-month"),
        pytest.param(100, 100, [0, 0, 1, 0], 2, id="what-is-free-always-fits"),
        pytest.param(120, 120, [0, 1], 1, id="after-an-overrun"),
    ],
)
def test_as_many_as_fit(day, month, caps, count):
    of_team = standing(day=(0, day * NANO), month=(0, month * NANO))
    assert fitting(of_team, [cap * NANO for cap in caps]) == count


@given(caps=st.lists(st.integers(0, 50), max_size=12), day=st.integers(0, 120), earlier=st.integers(0, 1000))
def test_what_fits_is_admitted_and_one_more_is_not(caps, day, earlier):
    of_team = standing(day=(day * NANO, 0), month=(day * NANO, earlier * NANO))
    caps = [cap * NANO for cap in caps]
    count = fitting(of_team, caps)
    assert refusal(of_team, paid(*caps[:count])) is None
    assert count == len(caps) or isinstance(refusal(of_team, paid(*caps[: count + 1])), OverBudget)

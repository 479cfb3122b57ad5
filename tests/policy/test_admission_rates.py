"""What comes too fast and what does not, one microsecond around the edge of a window."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.model.errors import RateLimited
from qjob.model.money import NANO
from qjob.model.team import Limits, Spending, Standing, Team
from qjob.policy.admission import Claim, refusal

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
EARLIER, LATE = NOW - timedelta(hours=1), NOW + timedelta(seconds=20)
MICROSECOND = timedelta(microseconds=1)


def standing(*, user_at=EARLIER, team_at=EARLIER, **limits):
    team = Team("7d0c", "qlab", EARLIER, Limits().changed(**limits))
    return Standing(team, NOW, Spending(), Spending(), user_at, team_at)


def paid(*caps, local=False):
    return Claim(caps, counts=True, local=local)


@pytest.mark.parametrize(
    ("user", "team", "setting", "wait"),
    [
        pytest.param(-MICROSECOND, -MICROSECOND, None, None, id="both-were-free-before"),
        pytest.param(timedelta(0), timedelta(0), None, None, id="both-are-free-now"),
        pytest.param(MICROSECOND, timedelta(0), "user_per_minute", 0.000001, id="user-a-microsecond-early"),
        pytest.param(timedelta(0), MICROSECOND, "team_per_day", 0.000001, id="team-a-microsecond-early"),
        pytest.param(
            23 * MICROSECOND, timedelta(hours=5), "team_per_day", 18000.0, id="the-longer-wait-counts"
        ),
        pytest.param(timedelta(seconds=59), MICROSECOND, "user_per_minute", 59.0, id="whichever-it-is"),
    ],
)
def test_the_window_is_exact_to_the_microsecond(user, team, setting, wait):
    found = refusal(standing(user_at=NOW + user, team_at=NOW + team), paid(0))
    assert (found and found.numbers["setting"]) == setting
    assert (found and found.retry_after) == wait


def test_a_refusal_of_the_rate_says_how_long_and_what_to_do():
    found = refusal(standing(user_at=NOW + timedelta(seconds=22, microseconds=250_000)), paid(0))
    assert isinstance(found, RateLimited)
    assert (found.code, found.http_status, found.retry_after) == ("rate_limited", 429, 22.25)
    assert found.numbers == {"limit": 10, "setting": "user_per_minute", "retry_after": 22.25}
    assert found.message == "this would be more than a user's 10 submissions in any minute."
    assert found.remedy == (
        "Submit it in 23 s, several programs as one list, or change the limit: "
        "engine.limits(user_per_minute=...)."
    )


def test_a_refusal_of_the_teams_rate_names_the_team():
    found = refusal(standing(team_at=NOW + timedelta(hours=2), team_per_day=70), paid(0))
    assert found.message == "this would be more than a team's 70 submissions in any 24 hours."
    assert "in 120 minutes" in found.remedy
    assert "engine.limits(team_per_day=...)" in found.remedy


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        (timedelta(seconds=0.2), "1 s"),
        (timedelta(seconds=120), "120 s"),
        (timedelta(seconds=121), "3 minutes"),
        (timedelta(hours=2), "120 minutes"),
        (timedelta(hours=2, seconds=1), "3 hours"),
        (timedelta(days=1), "24 hours"),
    ],
)
def test_a_wait_is_told_in_what_people_count_it_in(wait, told):
    found = refusal(standing(team_at=NOW + wait), paid(0))
    assert found.remedy.startswith(f"Submit it in {told}, ")
    assert found.retry_after == wait.total_seconds()


@pytest.mark.parametrize(
    ("cap", "local", "named"),
    [
        pytest.param(0, True, True, id="free-and-here"),
        pytest.param(0, False, False, id="free-elsewhere"),
        pytest.param(NANO, False, False, id="paid"),
    ],
)
def test_the_exemption_is_named_where_it_would_help(cap, local, named):
    found = refusal(standing(user_at=LATE), paid(cap, local=local))
    assert ("engine.limits(local=False)" in found.remedy) == named


@pytest.mark.parametrize("cap", [0, NANO])
def test_what_does_not_count_is_not_held_up(cap):
    full = standing(user_at=LATE, team_at=LATE)
    assert refusal(full, Claim((cap,), counts=False, local=True)) is None
    assert refusal(full, Claim((cap,), counts=True, local=True)) is not None

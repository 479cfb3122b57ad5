"""Limits that were passed are found, those that were kept are not, whatever the clock did."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.money import NANO
from qjob.model.team import seal
from qjob.policy.audit import MovementLine
from qjob.policy.history import LimitsLine, TeamLine, history, readable, verify
from qjob.policy.replay import DAY, MINUTE, SlotLine, money, rates

T = "qlab-0123"
FIRST = {
    "per_job": 5,
    "per_day": 10,
    "per_month": 20,
    "user_per_minute": 2,
    "team_per_day": 4,
    "count_local": 1,
}
KINDS = {"+": "hold", "c": "charge", "-": "release", "!": "overrun", "r": "refund"}
D1, D2, NEXT = "2026-03-01", "2026-03-02", "2026-04-01"


def limits(*rows, team=T, by="ada"):
    """Return sealed lines; each row says what changed, with ``movement``, ``slots`` and ``last_slot``."""
    found, now, before = [], dict(FIRST), ""
    for number, row in enumerate(rows, 1):
        now |= {name: value for name, value in row.items() if name in FIRST}
        known = [row.get(name, 0) for name in ("movement", "slots", "last_slot")]
        values = [team, number, row.get("by", by), 0, *known, *now.values()]
        before = seal(before, *values)
        found.append(LimitsLine(*values, before))
    return found


def moved(text, team=T):
    """Read movements such as ``+3``, an amount held on the first day, or ``+3@2026-03-02``."""
    found = []
    for number, word in enumerate(text.split(), 1):
        amount, _, day = word[1:].partition("@")
        found.append(MovementLine(number, KINDS[word[0]], "", "", team, day or D1, int(amount), 123))
    return found


def codes(findings):
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        pytest.param("", [{}], [], id="nothing"),
        pytest.param("+5 +5", [{}], [], id="up-to-the-day's"),
        pytest.param("+6", [{}], ["over_limit"], id="past-a-job's"),
        pytest.param("+5 +5 +1", [{}], ["over_limit"], id="past-the-day's"),
        pytest.param("+5 +5 +1 +1", [{}], ["over_limit"], id="told-once-a-day"),
        pytest.param(f"+5 +5 +5@{D2} +5@{D2}", [{}], [], id="up-to-the-month's"),
        pytest.param(f"+5 +5 +5@{D2} +5@{D2} +1@2026-03-03", [{}], ["over_limit"], id="past-the-month's"),
        pytest.param(f"+5 +5 +5@{D2} +5@{D2} +5@{NEXT}", [{}], [], id="another-month"),
        pytest.param("+5 c5 +5 c5 +1", [{}], ["over_limit"], id="what-is-charged-counts"),
        pytest.param("+5 +5 -4 +4", [{}], [], id="what-is-released-does-not"),
        pytest.param("+5 c5 +5 r2 +2", [{}], [], id="what-is-refunded-does-not"),
        pytest.param("+5 c5 +5 r2 +3", [{}], ["over_limit"], id="what-is-refunded-and-more"),
        pytest.param("+5 c5 !9", [{}], [], id="an-overrun-may-pass"),
        pytest.param("+5 c5 !9 +1", [{}], ["over_limit"], id="none-may-follow-it"),
        pytest.param(f"+5 c5 !9 +1@{D2}", [{}], [], id="but-in-the-next-period"),
        pytest.param("+5 c5 !9 r6 +1", [{}], [], id="or-after-a-refund"),
        pytest.param("+5 +5 +5", [{}, {"per_day": 15, "movement": 2}], [], id="raised-before"),
        pytest.param("+5 +5 +5", [{}, {"per_day": 15, "movement": 3}], ["over_limit"], id="raised-after"),
        pytest.param("+5 +5", [{}, {"per_day": 3, "movement": 2}], [], id="lowered-after"),
        pytest.param("+5 +3", [{}, {"per_day": 7, "movement": 1}], ["over_limit"], id="lowered-before"),
        pytest.param("+5 +3", [{}, {"per_job": 2, "movement": 1}], ["over_limit"], id="lowered-a-job's"),
        pytest.param("+5 +5", [{"movement": 1}], ["limits"], id="older-than-the-history-of-a-team"),
        pytest.param("+9 +1", [{"movement": 1, "by": None}], [], id="older-than-the-history-of-the-store"),
        pytest.param("+9 +2", [{"movement": 1, "by": None}], ["over_limit"], id="which-counts-in-its-day"),
        pytest.param("+5", [], ["limits"], id="no-history"),
    ],
)
def test_money(text, rows, expected):
    assert codes(money(moved(text), history(limits(*rows)))) == expected


def test_teams_do_not_share_limits():
    other = [line._replace(number=line.number + 2) for line in moved("+5 +5", team="other")]
    rows = history([*limits({}), *limits({}, team="other")])
    assert money([*moved("+5 +5"), *other], rows) == []


def test_a_finding_says_what_was_allowed():
    rows = history(limits({"per_day": 3 * NANO, "per_job": 9 * NANO, "per_month": 9 * NANO}))
    (found,) = money(moved(f"+{4 * NANO}"), rows)
    assert found.what == "movement 1 of team qlab-012 makes $4.00 on 2026-03-01, where $3.00 were allowed."


# -- rates ----------------------------------------------------------------------------------------------------

SECOND = MINUTE // 60


def slots(*seconds, team=T, user="ada"):
    return [SlotLine(second * SECOND, team, user) for second in seconds]


@pytest.mark.parametrize(
    ("seconds", "rows", "expected"),
    [
        pytest.param([1, 2], [{}], [], id="as-many-as-may"),
        pytest.param([1, 2, 60], [{}], ["too_fast"], id="three-in-a-minute"),
        pytest.param([1, 2, 61], [{}], [], id="a-minute-later"),
        pytest.param([1, 100, 200, 300], [{}], [], id="as-many-as-may-in-a-day"),
        pytest.param([1, 100, 200, 300, 86_400], [{}], ["too_fast"], id="five-in-a-day"),
        pytest.param([1, 100, 200, 300, 86_401], [{}], [], id="a-day-later"),
        pytest.param(
            [1, 2, 3],
            [{}, {"user_per_minute": 3, "slots": 2, "last_slot": 2 * SECOND}],
            [],
            id="raised-before-the-third",
        ),
        pytest.param(
            [1, 2, 3],
            [{}, {"user_per_minute": 3, "slots": 3, "last_slot": 3 * SECOND}],
            ["too_fast"],
            id="raised-after-the-third",
        ),
        pytest.param(
            [1, 2, 3],
            [{"user_per_minute": 3}, {"user_per_minute": 1, "slots": 3, "last_slot": 3 * SECOND}],
            [],
            id="lowered-after-the-third",
        ),
        pytest.param(
            [1, 2, 3],
            [{"user_per_minute": 3}, {"user_per_minute": 2, "slots": 2, "last_slot": 2 * SECOND}],
            ["too_fast"],
            id="lowered-before-the-third",
        ),
        pytest.param(
            # the change counted two up to second 3, there are three: one of them came after it
            [1, 2, 3],
            [{}, {"user_per_minute": 3, "slots": 2, "last_slot": 3 * SECOND}],
            [],
            id="the-clock-was-set-back-across-the-change",
        ),
        pytest.param(
            [1, 2, 3, 4],
            [{}, {"user_per_minute": 3, "slots": 2, "last_slot": 3 * SECOND}],
            ["too_fast"],
            id="set-back-and-more-than-either-limit",
        ),
        pytest.param(
            [1, 2], [{}, {"slots": 3, "last_slot": 3 * SECOND}], ["slots"], id="fewer-than-there-were"
        ),
        pytest.param([], [{}, {"slots": 1, "last_slot": 1}], ["slots"], id="none-left"),
        pytest.param(
            [1, 2, 3], [{"by": None, "slots": 3, "last_slot": 3 * SECOND}], [], id="before-the-history"
        ),
        pytest.param(
            [1, 2, 3],
            [{"by": None, "slots": 2, "last_slot": 2 * SECOND}],
            ["too_fast"],
            id="those-before-the-history-count-for-the-first-in-it",
        ),
        pytest.param([1, 2, 3], [], [], id="no-limits-known"),
    ],
)
def test_rates(seconds, rows, expected):
    assert codes(rates(slots(*seconds), history(limits(*rows)))) == expected


def test_users_share_the_teams_day_and_not_the_minute():
    rows = history(limits({}))
    both = sorted([*slots(1, 2, user="ada"), *slots(1, 2, user="bob")])
    assert rates(both, rows) == []
    assert codes(rates(sorted([*both, *slots(99, user="eve")]), rows)) == ["too_fast"]


def test_a_user_of_two_teams_may_do_what_the_last_team_allowed():
    rows = history([*limits({}), *limits({"user_per_minute": 3}, team="other")])
    assert rates([*slots(1, 2), *slots(3, team="other")], rows) == []
    assert (
        rates(sorted([*slots(2, 3), *slots(1, team="other")]), rows) == []
    )  # the order is the clock's alone
    assert codes(rates(sorted([*slots(2, 3), *slots(1, 4, team="other")]), rows)) == ["too_fast"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "submit", "submit", "limit", "back"]),
        st.integers(1, 3),
        st.integers(0, 90),
        st.sampled_from(["ada", "bob"]),
    ),
    max_size=40,
)


@given(STEPS)
def test_what_was_admitted_by_the_rule_is_never_found(steps):
    """Play the rule of admission with any changes of limits and any jumps of the clock."""
    now, allowed, taken, rows = 1000 * SECOND, 2, [], [{"user_per_minute": 2, "team_per_day": 6}]
    for what, number, seconds, user in steps:
        now += seconds * SECOND * (-1 if what == "back" else 1)
        if what == "limit":
            allowed = number
            known = {"slots": len(taken), "last_slot": max((slot.at for slot in taken), default=0)}
            rows.append({"user_per_minute": allowed, "team_per_day": 3 * allowed, **known})
        elif what == "submit":
            near = [slot for slot in taken if abs(slot.at - now) < DAY]
            own = [slot for slot in near if slot.user == user and abs(slot.at - now) < MINUTE]
            if len(own) < allowed and len(near) < 3 * allowed:
                taken.append(SlotLine(now, T, user))
    assert rates(sorted(taken), history(limits(*rows))) == []


@given(STEPS)
def test_with_a_clock_that_goes_on_every_one_too_many_is_found(steps):
    """Whoever admits one more than the limit of the moment, and be it once, is found out."""
    now, allowed, taken, rows, passed = (
        1000 * SECOND,
        2,
        [],
        [{"user_per_minute": 2, "team_per_day": 99}],
        False,
    )
    for what, number, seconds, _ in steps:
        now += seconds * SECOND + 1
        if what == "limit":
            allowed = number
            known = {"slots": len(taken), "last_slot": max((slot.at for slot in taken), default=0)}
            rows.append({"user_per_minute": allowed, **known})
        else:
            passed |= sum(now - slot.at < MINUTE for slot in taken) >= allowed
            taken.append(SlotLine(now, T, "ada"))
    assert [finding.code == "too_fast" for finding in rates(taken, history(limits(*rows)))] == [True] * passed


# -- the history itself ---------------------------------------------------------------------------------------

LINES = limits({}, {"per_day": 7, "movement": 3, "slots": 2, "last_slot": 9}, {"per_day": 8, "movement": 3})
TEAM = TeamLine(T, 3, 5, 8, 20, 2, 4, 1)


@pytest.mark.parametrize(
    ("lines", "team", "last", "expected"),
    [
        pytest.param(LINES, TEAM, 3, [], id="whole"),
        pytest.param(LINES, TEAM, 2, ["gap"], id="the-ledger's-end-is-missing"),
        pytest.param(LINES[:2], TEAM, 3, ["limits"], id="the-last-one-is-missing"),
        pytest.param(LINES[1:], TEAM, 3, ["limits", "limits"], id="the-first-one-is-missing"),
        pytest.param([LINES[0], LINES[2]], TEAM, 3, ["limits", "limits"], id="one-between-is-missing"),
        pytest.param([], TEAM, 3, ["limits"], id="none"),
        pytest.param(LINES, TEAM._replace(per_day=9), 3, ["limits"], id="set-past-the-record"),
        pytest.param(LINES, TEAM._replace(id="other"), 3, ["limits", "limits"], id="of-another-team"),
        pytest.param([LINES[0]._replace(per_job=9), *LINES[1:]], TEAM, 3, ["limits"], id="changed"),
        pytest.param([LINES[0]._replace(seal="9"), *LINES[1:]], TEAM, 3, ["limits"] * 2, id="another-seal"),
        pytest.param([LINES[0]._replace(at="now"), *LINES[1:]], TEAM, 3, ["limits"], id="a-text"),
    ],
)
def test_verify(lines, team, last, expected):
    assert codes(verify(history(lines), [team], {team.id: last})) == expected


def test_rows_without_numbers_are_left_out_of_the_replay():
    lines = [LINES[0]._replace(per_day="much"), *LINES[1:]]
    assert readable(history(lines)) == {T: LINES[1:]}


def test_each_seal_covers_the_one_before():
    assert len({line.seal for line in LINES}) == len(LINES)
    assert all(later.seal == seal(line.seal, *later[:-1]) for line, later in pairwise(LINES))

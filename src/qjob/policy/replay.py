"""Was a limit ever passed? Replays ledger and submissions against the limits of their time. Knows no database.

What is proved, given that the rows are whole (`qjob.policy.audit` and `qjob.policy.history` look at that):

*Money.* Ledger and limits have one common order, that of the movements' numbers, which no clock tells. So at every
hold it is known exactly what was in force, and that the job's amount was within a job's limit, and all that was held
and charged in the day and in the month, with it, within theirs. An overrun alone may pass a limit, and no hold of
that period follows until there is room again: by a refund, a release, or a higher limit.

*Rates.* No window of a minute (of a user) or of 24 hours (of a team), of the times of admission as the clock told
them, has more submissions than were allowed when the last of them was admitted. That holds whether or not the clock
was set back, because an admission counts what lies on either side of it. Submissions have no other order than their
times, though: where the clock was set back across a change of limits, or a user submitted for several teams within
one window, the last of them cannot be known, and the highest of the limits that may have been in force is taken.

Not proved: anything before a store's history began; whether a submission that took no slot should have taken one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from qjob.model.money import format_usd, from_nano
from qjob.policy.audit import Finding, MovementLine
from qjob.policy.history import Eras, History, LimitsLine

MINUTE, DAY = 60_000_000, 86_400_000_000
"""Microseconds."""

_EFFECTS = {"hold": 1, "release": -1, "overrun": 1, "refund": -1}
"""What each kind of movement adds to held and charged together; a charge adds nothing."""


class SlotLine(NamedTuple):
    """A submission that took a rate slot."""

    at: int  # when it was admitted, in microseconds since 1970
    team: str | None
    user: str


def money(movements: Iterable[MovementLine], rows: History) -> list[Finding]:
    """Look at every hold, in the order of the movements, with the limits that were in force."""
    found: dict[tuple[str, str, int], Finding] = {}
    used: dict[tuple[str, str], int] = {}
    place: dict[str, int] = {}  # of the line in force, by team; -1 before the first
    for line in movements:
        effect = _EFFECTS.get(line.kind, 0)
        if not effect or not isinstance(line.amount, int):
            continue
        day, month = (line.team, line.day), (line.team, line.day[:7])
        for period in (day, month):
            used[period] = used.get(period, 0) + effect * line.amount
        if line.kind == "hold":
            history = rows.get(line.team, ())
            at = place.get(line.team, -1)
            while at + 1 < len(history) and history[at + 1].movement < line.number:
                at += 1
            place[line.team] = at
            for key, finding in _passed(line, history, at, used[day], used[month]):
                found.setdefault(key, finding)  # all that follow are the consequence of the first
    return list(found.values())


def _passed(
    line: MovementLine, history: Sequence[LimitsLine], at: int, day: int, month: int
) -> Iterator[tuple[tuple[str, str, int], Finding]]:
    """Yield the limits that a hold passes, under a key for each period and row of limits.

    Parameters
    ----------
    at
        The place of the row in force.
    day, month
        What is held and charged with it.
    """
    who = f"movement {line.number} of team {line.team[:8]}"
    if at < 0:
        if not history or history[0].by is not None:
            what = f"{who} is older than the first limits on record."
            yield (line.team, "", 0), Finding("limits", what)
        return
    limits, this_month = history[at], line.day[:7]
    for period, amount, limit, spoken in (
        ("job", line.amount, limits.per_job, "on a job"),
        (line.day, day, limits.per_day, f"on {line.day}"),
        (this_month, month, limits.per_month, f"in {this_month}"),
    ):
        if amount > limit:
            what = f"{who} makes {_usd(amount)} {spoken}, where {_usd(limit)} were allowed."
            yield (line.team, period, limits.number), Finding("over_limit", what)


def rates(slots: Iterable[SlotLine], rows: History) -> list[Finding]:
    """Look at every window that ends with a submission.

    Parameters
    ----------
    slots
        In the order of their times.
    """
    findings = []
    by_team: dict[str, list[int]] = {}
    by_user: dict[str, list[SlotLine]] = {}
    for slot in slots:
        by_user.setdefault(slot.user, []).append(slot)
        if slot.team is not None:
            by_team.setdefault(slot.team, []).append(slot.at)
    for team in rows:
        by_team.setdefault(team, [])
    eras = {team: Eras.of(rows.get(team, ()), times) for team, times in by_team.items()}
    for team, times in by_team.items():
        if (line := eras[team].missing(times)) is not None:
            findings.append(
                Finding(
                    "slots",
                    f"team {team[:8]} had made {line.slots} submissions once; there are fewer of that time.",
                )
            )
        findings += _team(team, times, eras[team])
    for user, lines in by_user.items():
        findings += _user(user, lines, eras)
    return findings


def _team(team: str, times: list[int], eras: Eras) -> list[Finding]:
    first = 0
    for place, time in enumerate(times):
        while times[first] <= time - DAY:
            first += 1
        count, allowed = place - first + 1, _most(eras.at(time), "team_per_day")
        if allowed is not None and count > allowed:
            return [_too_fast(f"team {team[:8]}", count, "24 hours", time, allowed)]
    return []


def _user(user: str, lines: list[SlotLine], eras: dict[str, Eras]) -> list[Finding]:
    first = 0
    for place, line in enumerate(lines):
        while lines[first].at <= line.at - MINUTE:
            first += 1
        count, own = place - first + 1, _allowed(line, eras)
        if own is None or count <= own:
            continue
        last = {slot.team: slot for slot in lines[first : place + 1]}  # of each team, the newest
        allowed = [_allowed(slot, eras) for slot in last.values()]
        known = [limit for limit in allowed if limit is not None]
        if len(known) == len(last) and count > max(known):
            return [_too_fast(f"user {user}", count, "a minute", line.at, max(known))]
    return []


def _allowed(slot: SlotLine, eras: dict[str, Eras]) -> int | None:
    """Return how many submissions a minute the user of one may have made; None where that is not known."""
    return None if slot.team is None else _most(eras[slot.team].at(slot.at), "user_per_minute")


def _most(lines: Iterable[LimitsLine] | None, name: str) -> int | None:
    """Return the highest of some limits; None where none is known."""
    return max((getattr(line, name) for line in lines or ()), default=None)


def _too_fast(whose: str, count: int, window: str, until: int, allowed: int) -> Finding:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=until)
    return Finding(
        "too_fast",
        f"{whose} made {count} submissions within {window} until {moment:%Y-%m-%d %H:%M:%S} UTC, "
        f"where {allowed} were allowed.",
    )


def _usd(nano: int) -> str:
    return format_usd(from_nano(nano))

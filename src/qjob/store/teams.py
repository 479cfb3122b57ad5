"""Teams as rows, and what an admission has to know of one, inside the caller's transaction. Decides nothing."""

import calendar
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from qjob.model.errors import NoSuchTeam
from qjob.model.team import Limits, Role, Spending, Standing, Team, seal
from qjob.store.database import Connection
from qjob.store.rows import Row, from_time, to_time

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def team_of(queries: Any, connection: Connection, user: str, *, change: bool = False) -> Team | None:
    """Return the team that a user's jobs belong to; None where there is none yet.

    Parameters
    ----------
    change
        Whether this transaction may change what belongs to it: then no other one does until the end of this one.
    """
    find = queries.team_to_change if change else queries.team_of
    row = find(connection, username=user)
    return None if row is None else _team(row)


def team_within(
    queries: Any, connection: Connection, user: str, team_id: str, *, change: bool = False
) -> Team:
    """Return a team that a user is in, whichever one the user has chosen; ``change`` as for `team_of`.

    Raises
    ------
    NoSuchTeam
        The user is not in it.
    """
    find = queries.team_within_to_change if change else queries.team_within
    row = find(connection, username=user, team=team_id)
    if row is None:
        raise NoSuchTeam(
            f"{user} is not in team {team_id[:8]}.",
            remedy="Ask its owner for an invitation, or use another team.",
            numbers={"team": team_id},
        )
    return _team(row)


def _team(row: Row) -> Team:
    team_id, name, created_at, job, day, month, user_rate, team_rate, count_local = row
    limits = Limits(job, day, month, user_rate, team_rate, bool(count_local))
    return Team(team_id, name, from_time(created_at), limits)


def found(
    queries: Any,
    connection: Connection,
    user: str,
    now: datetime,
    *,
    count_local: bool,
    name: str | None = None,
) -> Team:
    """Make a team with a user as its owner, and choose it; without a name it is the user's personal one."""
    team = Team(str(uuid.uuid4()), name or user, now, Limits(count_local=count_local))
    queries.add_team(
        connection, id=team.id, name=team.name, created_at=to_time(now), **limits_to_row(team.limits)
    )
    queries.add_member(connection, team=team.id, username=user, role=Role.OWNER, since=to_time(now))
    queries.choose_team(connection, username=user, team=team.id)
    put_on_record(queries, connection, team.id, team.limits, by=user, now=now)
    return team


def put_on_record(
    queries: Any, connection: Connection, team: str, limits: Limits, *, by: str, now: datetime
) -> None:
    """Add a team's limits, which were just set, to their history."""
    number, before = queries.limits_in_force(connection, team=team)
    slots, last_slot = queries.slots_of(connection, team=team)
    row = {
        "team": team,
        "number": number,
        "username": by,
        "at": to_time(now),
        "movement": queries.last_movement(connection, team=team) or 0,
        "slots": slots,
        "last_slot": last_slot,
        **limits_to_row(limits),
    }
    queries.add_limits(connection, **row, seal=seal(before, *row.values()))


def limits_to_row(limits: Limits) -> dict[str, Any]:
    """Return the columns of limits."""
    return {
        "per_job": limits.per_job,
        "per_day": limits.per_day,
        "per_month": limits.per_month,
        "user_per_minute": limits.user_per_minute,
        "team_per_day": limits.team_per_day,
        "count_local": int(limits.count_local),
    }


def month_of(day: str) -> tuple[str, str]:
    """Return the first and the last day of a day's month."""
    year, month = int(day[:4]), int(day[5:7])
    return f"{day[:8]}01", f"{day[:8]}{calendar.monthrange(year, month)[1]:02d}"


def standing(queries: Any, connection: Connection, team: Team, user: str, now: datetime) -> Standing:
    """Return what an admission at this moment has to know.

    A sliding window has room from the moment on at which the submission leaves it that all but one place of the
    limit came after. Where the clock was set back, submissions of the future count as well as long as one window
    holds them together with the new one; those of a later future do not lock anybody out.
    """
    day, limits = now.astimezone(UTC).date().isoformat(), team.limits
    first, last = month_of(day)
    # one query: this is on the way of every submission
    day_held, day_charged, month_held, month_charged, user_slot, team_slot = queries.standing(
        connection,
        team=team.id,
        username=user,
        day=day,
        first=first,
        last=last,
        within_minute=to_time(now + MINUTE),
        user_others=limits.user_per_minute - 1,
        within_day=to_time(now + DAY),
        team_others=limits.team_per_day - 1,
    )
    return Standing(
        team,
        now,
        Spending(int(day_held), int(day_charged)),
        Spending(int(month_held), int(month_charged)),
        now if user_slot is None else from_time(user_slot) + MINUTE,
        now if team_slot is None else from_time(team_slot) + DAY,
    )

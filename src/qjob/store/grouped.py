"""The groups in the store: of one team each. What may be done with one, and by whom, is decided elsewhere."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

import orjson

from qjob.model.errors import NoSuchGroup
from qjob.model.group import Group, GroupStatus, status_of
from qjob.model.job import JobStatus
from qjob.store.part import Part
from qjob.store.rows import Row, from_time, to_json, to_time

EVERY = 2**62
"""More groups than there are."""


class Grouped(Part):
    """Groups of jobs."""

    def add_group(self, group: Group) -> Group:
        """Keep a new group for the team that its user's jobs belong to; return it as it is kept."""
        with self._db.write() as connection:
            now = self.clock()
            team = self._team_of(connection, group.user, now)
            self._sql.add_group(
                connection,
                id=group.id,
                team=team.id,
                username=group.user,
                name=group.name,
                tags=to_json(dict(group.tags)),
                metadata=to_json(dict(group.metadata)),
                max_ttl=group.max_ttl,
                created_at=to_time(now),
            )
        return replace(group, team=team.id, created_at=now)

    def group(self, user: str, group_id: str) -> Group:
        """Return a group of the user's team, by its full id.

        Raises
        ------
        NoSuchGroup
            The team has none of this id (any more).
        """
        with self._db.read_moment() as connection:
            team = self._team_now(connection, user)
            row = team and self._sql.get_group(connection, team=team.id, id=group_id)
            if not row:
                raise no_such_group(group_id)
            statuses = dict(self._sql.statuses_of_group(connection, id=group_id))
        return group_from_row(row, statuses, self.clock())

    def groups(
        self, user: str, status: GroupStatus | None, *, limit: int, offset: int = 0
    ) -> tuple[list[Group], int]:
        """Return a page of the groups of the user's team, the newest first, and how many there are in all.

        Parameters
        ----------
        status
            Only these; all groups of the team are read for it then, since a status is stored nowhere.
        """
        page = {"max_rows": limit, "skipped": offset} if status is None else {"max_rows": EVERY, "skipped": 0}
        statuses: dict[str, dict[str, int]] = defaultdict(dict)
        with self._db.read_moment() as connection:
            team = self._team_now(connection, user)
            if team is None:
                return [], 0
            rows = list(self._sql.groups_of(connection, team=team.id, **page))
            for group_id, name, count in self._sql.statuses_of_groups(connection, team=team.id, **page):
                statuses[group_id][name] = count
            total: int = self._sql.count_groups(connection, team=team.id)
        now = self.clock()
        found = [group_from_row(row, statuses[row[0]], now) for row in rows]
        if status is None:
            return found, total
        found = [group for group in found if group.status is status]
        return found[offset : offset + limit], len(found)

    def jobs_of_group(self, group_id: str) -> list[str]:
        """Return the ids of a group's jobs, the oldest first."""
        with self._db.read() as connection:
            return [job_id for (job_id,) in self._sql.of_group(connection, id=group_id)]

    def change_group(self, user: str, group_id: str, what: Literal["close", "cancel", "delete"]) -> Group:
        """Close, cancel or delete a group of the user's team; return it as it is then. Its jobs stay as they are.

        Until the end of the transaction nobody submits to the team, so none of them comes in between.

        Raises
        ------
        NoSuchGroup
            The team has none of this id (any more).
        """
        with self._db.write() as connection:
            now = self.clock()
            team = self._team_of(connection, user, now)
            before = self._sql.get_group(connection, team=team.id, id=group_id)
            if before is None:
                raise no_such_group(group_id)
            getattr(self._sql, f"{what}_group")(connection, id=group_id, now=to_time(now))
            row = before if what == "delete" else self._sql.get_group(connection, team=team.id, id=group_id)
            statuses = dict(self._sql.statuses_of_group(connection, id=group_id))
        return group_from_row(row, statuses, now)


def no_such_group(group_id: str) -> NoSuchGroup:
    """Return the error for an id that no group of the team has."""
    return NoSuchGroup(
        f"your team has no group {group_id!r:.80}.",
        remedy="Give the id of one of its groups; make one with engine.create_group()",
        numbers={"group": group_id},
    )


def group_from_row(row: Row, statuses: Mapping[str, int], now: datetime) -> Group:
    """Return a group of its columns, how many of its jobs have each status, and the time."""
    group_id, team, user, name, tags, metadata, max_ttl, *times = row
    created_at, closed_at, cancelled_at, deleted_at = (None if at is None else from_time(at) for at in times)
    assert created_at is not None  # noqa: S101 - the column takes no NULL
    group = Group(
        group_id,
        team,
        user,
        name,
        orjson.loads(tags),
        orjson.loads(metadata),
        max_ttl,
        created_at,
        closed_at,
        cancelled_at,
        deleted_at,
        {JobStatus(status): count for status, count in statuses.items()},
    )
    return replace(group, status=status_of(group, now))

"""How submissions are filed, in the transaction that stores them: under a request key, and in a group."""

from datetime import datetime
from typing import NamedTuple

from qjob.model.errors import IllegalMove, RequestKeyReused
from qjob.model.filing import KEPT, Filing, RequestKey
from qjob.model.team import Team
from qjob.store.database import Connection
from qjob.store.grouped import group_from_row, no_such_group
from qjob.store.part import Part
from qjob.store.rows import to_time


class Target(NamedTuple):
    """What a request key stands for."""

    id: str
    batch: bool  # else a job


class Filed(Part):
    """Request keys, and the way into groups."""

    def requested(self, user: str, request: RequestKey) -> Target | None:
        """Return what a user has submitted under a key, for the team of now; None where that is free.

        Raises
        ------
        RequestKeyReused
            Something else was asked for under this key.
        """
        now = self.clock()
        with self._db.read_moment() as connection:
            team = self._team_now(connection, user)
            return None if team is None else self._requested(connection, team, user, request, now)

    def _requested(
        self, connection: Connection, team: Team, user: str, request: RequestKey | None, now: datetime
    ) -> Target | None:
        if request is None:
            return None
        row = self._sql.get_request(
            connection, team=team.id, username=user, key=request.key, since=to_time(now - KEPT)
        )
        if row is None:
            return None
        digest, target, batch = row
        if digest != request.digest:
            raise reused(request, target)
        return Target(target, bool(batch))

    def _filed(
        self, connection: Connection, team: Team, user: str, filing: Filing, now: datetime
    ) -> Target | None:
        """Return what was submitted under the request key; where that is free, expect that the group takes jobs."""
        target = self._requested(connection, team, user, filing.request, now)
        if target is None:
            self._expect_group(connection, team, filing, now)
        return target

    def _expect_group(self, connection: Connection, team: Team, filing: Filing, now: datetime) -> None:
        """Refuse a group that takes no jobs; it stays as it is until the end of the transaction.

        Whoever changes a group holds its team, as who submits does.
        """
        if filing.group is None:
            return
        row = self._sql.get_group(connection, team=team.id, id=filing.group)
        if row is None:
            raise no_such_group(filing.group)
        group = group_from_row(row, {}, now)
        if not group.takes_jobs(now):
            raise IllegalMove(
                f"group {group.id[:8]} is closed and takes no more jobs.",
                remedy="Make another group: engine.create_group()",
                numbers={"group": group.id},
            )

    def _file(
        self, connection: Connection, team: Team, user: str, filing: Filing, *, target: Target, now: datetime
    ) -> None:
        """File what is stored now, or was found instead; the key was asked for in this transaction, and is free."""
        if filing.request is not None:
            until = to_time(now - KEPT)
            self._sql.sweep_requests(connection, team=team.id, username=user, until=until)
            self._sql.add_request(
                connection,
                team=team.id,
                username=user,
                key=filing.request.key,
                digest=filing.request.digest,
                target=target.id,
                batch=int(target.batch),
                at=to_time(now),
            )
        if filing.group is not None:
            self._sql.put_into_group(connection, id=filing.group, target=target.id)


def reused(request: RequestKey, target: str) -> RequestKeyReused:
    """Return the error for a key under which something else was submitted."""
    return RequestKeyReused(
        f"the request key {request.key!r} was used for another request, which became {target[:8]}.",
        remedy="Send a new request under a new key, such as a new UUID; the same request under the same key.",
        numbers={"key": request.key, "id": target},
    )

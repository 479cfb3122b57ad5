"""What the parts of the store share: the database, its queries and the clock."""

from collections.abc import Callable
from datetime import datetime

from qjob.model.team import Team
from qjob.store import teams
from qjob.store.database import Connection, Database


class Part:
    """A part of the store; see `qjob.store.store.Store`.

    Parameters
    ----------
    team
        The id of the only team that is admitted for and looked into, for members of it alone; None: the one that
        each user has chosen.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        count_local: bool = True,
        team: str | None = None,
    ) -> None:
        self.clock = clock
        self._count_local = count_local
        self._bound = team
        self._db = database
        self._sql = database.queries

    def _team_of(self, connection: Connection, user: str, now: datetime) -> Team:
        """Return a user's team, which is made where there is none; in a transaction that writes.

        Until its end nobody else admits a job for that user or that team, moves its money or sets its limits.
        """
        self._db.lock_user(connection, user)  # the rate limits of a user count in all of the user's teams
        found = self._team_now(connection, user, change=True)
        return found or teams.found(self._sql, connection, user, now, count_local=self._count_local)

    def _team_now(self, connection: Connection, user: str, *, change: bool = False) -> Team | None:
        """Return the team that a user's jobs belong to now; None where there is none yet.

        Raises
        ------
        NoSuchTeam
            The user is not (or no longer) in the only team of this store.
        """
        if self._bound is None:
            return teams.team_of(self._sql, connection, user, change=change)
        return teams.team_within(self._sql, connection, user, self._bound, change=change)

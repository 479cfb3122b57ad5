"""What the store knows of teams and their money, and of runs like one that is to be priced."""

from dataclasses import replace
from datetime import datetime

from qjob.model.errors import NoSuchTeam
from qjob.model.job import JobStatus
from qjob.model.money import from_nano
from qjob.model.movement import Movement, MovementKind
from qjob.model.team import Limits, Role, Spending, Standing, Team
from qjob.store import teams
from qjob.store.books import Books
from qjob.store.changes import Change
from qjob.store.part import Part
from qjob.store.rows import from_time, to_time

MAX_LIKE = 50
"""The most like runs that are looked at, the newest first: services change."""


class Money(Part):
    """Budgets, roles and the ledger."""

    def budget_of(self, user: str) -> tuple[Team, Spending, Spending, datetime]:
        """Return a user's team, what it has in use this UTC day and month, and the moment that this is of."""
        standing = self.standing_of(user)
        return standing.team, standing.day, standing.month, standing.now

    def standing_of(self, user: str) -> Standing:
        """Return what an admission has to know of a user's team, as it is now."""
        with self._db.write() as connection:
            now = self.clock()
            team = self._team_of(connection, user, now)
            return teams.standing(self._sql, connection, team, user, now)

    def set_limits(self, team: Team, limits: Limits, by: str) -> Team:
        """Set what a team may spend and how fast it may submit, and put it on record.

        Parameters
        ----------
        by
            The user who sets it.

        Raises
        ------
        NoSuchTeam
            It is a team of another store.
        """
        with self._db.write(durable=True) as connection:
            if self._sql.set_limits(connection, id=team.id, **teams.limits_to_row(limits)):
                teams.put_on_record(self._sql, connection, team.id, limits, by=by, now=self.clock())
            elif not self._sql.has_team(connection, id=team.id):
                raise NoSuchTeam(
                    f"team {team.name} ({team.id[:8]}) is not in this store.",
                    remedy="%qjob team shows yours.",
                )
        return replace(team, limits=limits)

    def expect_member(self, user: str) -> None:
        """Refuse a user who is not in the only team of this store, see `bound`; any user where there is none.

        Raises
        ------
        NoSuchTeam
            The user is not in it.
        """
        with self._db.read() as connection:
            self._team_now(connection, user)

    def role_of(self, team_id: str, user: str) -> Role | None:
        """Return a user's role in a team; None for who is no member."""
        with self._db.read() as connection:
            role = self._sql.role_of(connection, team=team_id, username=user)
        return None if role is None else Role(role)

    def movements(self, job_id: str) -> list[Movement]:
        """Return a job's movements of money, oldest first."""
        with self._db.read() as connection:
            return [
                Movement(from_time(at), MovementKind(kind), from_nano(amount), reason)
                for at, kind, amount, reason in self._sql.movements(connection, id=job_id)
            ]

    def refund(self, job_id: str, amount: int, reason: str, by: str) -> int | None:
        """Give back some of what an ended job was charged, to the day that paid for it.

        Parameters
        ----------
        amount
            Nano-dollars, more than 0.
        reason, by
            Why, for people, and the user who says so.

        Returns
        -------
        int or None
            What the job costs then; None where it has not ended or costs less than that, and nothing is changed.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        with self._db.write(durable=True) as connection:
            now = to_time(self.clock())
            change = Change.of(self._db, connection, now, job_id, ends=True, bill=True)
            return change.refund(amount, reason, by)

    def set_billed_seconds(self, job_id: str, seconds: float) -> None:
        """Keep how long a job ran by the vendor's clock, to the microsecond, for quotes of runs like it."""
        with self._db.write() as connection:
            self._sql.set_billed(connection, id=job_id, billed=round(seconds * 1e6))

    def seconds_of_like(self, likeness: str) -> list[float]:
        """Return how long the newest runs that are alike took, in seconds.

        By the vendor's clock, or else from the beginning of the run to its end, as the store heard of them.
        Those that completed, and of the others those that a vendor billed for longer than any of these: what was
        ended early would have taken longer still, and to leave it out would make the rest look quicker than they are.
        """
        with self._db.read() as connection:
            rows = list(self._sql.like_runs(connection, likeness=likeness, max_rows=MAX_LIKE))
        completed = [time for status, time in rows if status == JobStatus.COMPLETED]
        longest = max(completed, default=0)
        longer = [time for status, time in rows if status != JobStatus.COMPLETED and time > longest]
        return [time / 1e6 for time in (*completed, *longer)] if completed else []

    def books(self) -> Books:
        """Return what an audit looks at, all of one moment."""
        with self._db.read_moment() as connection:
            return Books.read(self._sql, connection)

    # -- members ----------------------------------------------------------------------------------------------

    def teams_of(self, user: str) -> list[tuple[str, str, bool]]:
        """Return the teams of a user, the oldest membership first: id, name, and whether it is the chosen one."""
        with self._db.read() as connection:
            return [
                (team_id, name, bool(chosen) if self._bound is None else team_id == self._bound)
                for team_id, name, chosen in self._sql.teams_of(connection, username=user)
            ]

    def members(self, team_id: str) -> dict[str, Role]:
        """Return the members of a team with their roles, in the order they came."""
        with self._db.read() as connection:
            return {user: Role(role) for user, role in self._sql.members_of(connection, team=team_id)}

    def make_team(self, user: str, name: str) -> Team:
        """Make a team with a user as its owner, and choose it."""
        with self._db.write() as connection:
            return teams.found(
                self._sql, connection, user, self.clock(), count_local=self._count_local, name=name
            )

    def choose_team(self, user: str, team_id: str) -> None:
        """Let the next jobs of a member belong to this team."""
        with self._db.write() as connection:
            self._sql.choose_team(connection, username=user, team=team_id)

    def set_member(self, team_id: str, user: str, role: Role) -> None:
        """Make a user a member of a team, or give a member another role."""
        with self._db.write() as connection:
            since = to_time(self.clock())
            self._sql.set_member(connection, team=team_id, username=user, role=role, since=since)

    def remove_member(self, team_id: str, user: str) -> None:
        """Take a user out of a team; where it was the chosen one, the oldest other membership is chosen."""
        with self._db.write() as connection:
            self._sql.forget_choice(connection, team=team_id, username=user)
            self._sql.remove_member(connection, team=team_id, username=user)
            left = list(self._sql.teams_of(connection, username=user))
            if left and not any(chosen for _, _, chosen in left):
                self._sql.choose_team(connection, username=user, team=left[0][0])

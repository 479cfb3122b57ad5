"""What the store knows of teams and their money."""

from dataclasses import replace
from datetime import datetime

from qjob.model.team import Limits, Role, Spending, Team
from qjob.store import teams
from qjob.store.books import Books
from qjob.store.ledger import Movement
from qjob.store.part import Part


class Money(Part):
    """Budgets, roles and the ledger."""

    def budget_of(self, user: str) -> tuple[Team, Spending, Spending, datetime]:
        """Return a user's team, what it has in use this UTC day and month, and the moment that this is of."""
        with self._db.write() as connection:
            now = self.clock()
            team = self._team_of(connection, user, now)
            standing = teams.standing(self._sql, connection, team, user, now)
        return team, standing.day, standing.month, now

    def set_limits(self, team: Team, limits: Limits) -> Team:
        """Set what a team may spend and how fast it may submit."""
        with self._db.write(durable=True) as connection:
            self._sql.set_limits(connection, id=team.id, **teams.limits_to_row(limits))
        return replace(team, limits=limits)

    def role_of(self, team_id: str, user: str) -> Role | None:
        """Return a user's role in a team; None for who is no member."""
        with self._db.read() as connection:
            role = self._sql.role_of(connection, team=team_id, username=user)
        return None if role is None else Role(role)

    def movements(self, job_id: str) -> list[tuple[Movement, int, str]]:
        """Return a job's movements of money, oldest first: kind, nano-dollars, reason."""
        with self._db.read() as connection:
            return [
                (Movement(kind), amount, reason)
                for _, _, kind, amount, reason in self._sql.movements(connection, id=job_id)
            ]

    def books(self) -> Books:
        """Return what an audit looks at, all of one moment."""
        with self._db.read_moment() as connection:
            return Books.read(self._sql, connection)

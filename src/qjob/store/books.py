"""What an audit looks at: the rows of the ledger beside those of the jobs and of the sums. Compares nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from qjob.store.database import Connection


@dataclass(frozen=True, slots=True)
class Books:
    """Rows of one moment.

    Parameters
    ----------
    jobs
        id, status, cap, cost, team, when it was admitted in microseconds since 1970, what is left held, what is
        charged, how many holds, what these set aside, how many movements are of another team, and their first and
        last day; of each job that costs or may cost something.
    ledger, spending
        Held and charged by team and day, as the movements add up, and as the sums that are kept say.
    movements
        number, kind, debit, credit, team, day, amount, and the job's number or None; in the order of the numbers.
    span
        How many movements there are, their lowest and their highest number.
    teams
        id, the number of its limits' row that is in force, and the limits: a job's, a day's, a month's, a user's
        submissions in a minute, the team's in a day, and whether free local jobs count.
    limits
        The history of limits: team, number, who, when, the last movement before, how many rate slots were taken and
        when the newest, the limits, the seal; by team and number.
    slots
        When each submission that took a rate slot was admitted, its team and its user; in the order of these times.
    """

    jobs: list[tuple[Any, ...]]
    ledger: Mapping[tuple[str, str], tuple[int, int]]
    spending: Mapping[tuple[str, str], tuple[int, int]]
    movements: list[tuple[Any, ...]]
    span: tuple[int, int, int]
    teams: list[tuple[Any, ...]]
    limits: list[tuple[Any, ...]]
    slots: list[tuple[Any, ...]]

    @classmethod
    def read(cls, queries: Any, connection: Connection) -> Self:
        """Read them, on a connection on which all statements see the same moment."""
        return cls(
            list(queries.audit_jobs(connection)),
            {(team, day): (held, charged) for team, day, held, charged in queries.audit_sums(connection)},
            {(team, day): (held, charged) for team, day, held, charged in queries.audit_spending(connection)},
            list(queries.audit_movements(connection)),
            tuple(queries.audit_numbers(connection)),
            list(queries.audit_teams(connection)),
            list(queries.audit_limits(connection)),
            list(queries.audit_slots(connection)),
        )

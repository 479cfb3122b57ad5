"""Who waits for whom in PostgreSQL, and why nobody waits in a circle.

SQLite has one lock, of the file. Here a transaction locks rows, in this order, whatever it does:

1. the user for whom jobs are admitted, whose rate limit counts in all teams (an advisory lock);
2. teams, by their ids. Whatever admits a job, moves money or sets limits holds the row of the team that it is about;
3. programs, by their digests, as they are added or erased: who does so with the same one waits for the other;
4. jobs, by their numbers. Whatever changes a job holds its row; new jobs are added in the order of their numbers;
5. what belongs to a locked team or job: its ledger, sums, members, log, progress, result.

So what ends a job for which money is held locks its team and then the job; a free job is locked alone. A transaction
that changes several jobs names all of them when it begins (`qjob.store.store.Store.transaction`). The team of a job
has to be known before the job is locked; where it is another one then, that one is locked as well.

A transaction that breaks the order so, or by admitting jobs for two teams, may meet another one in a circle. The
server ends one of the two after a second, and that is a `StoreUnavailable` that says so.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection


class Locks:
    """Takes locks, in transactions that write; they last until these end.

    Parameters
    ----------
    queries
        The named queries.
    """

    def __init__(self, queries: Any) -> None:
        self.queries = queries

    def lock_user(self, connection: Connection, user: str) -> None:
        """Wait until nobody else admits jobs of a user, or makes the first team."""
        self.queries.lock_user(connection, username=user)

    def lock_job(
        self, connection: Connection, job_id: str, *, ends: bool = False, bill: bool = False
    ) -> None:
        """Wait until nobody else changes a job, or, where it ends, the money of its team."""
        above = -1 if bill else 0
        locked = self.queries.lock_team_of_job(connection, id=job_id, above=above) if ends else None
        job = self.queries.lock_job(connection, id=job_id)
        if ends and job is not None:
            team, cap = job
            if (
                team != locked and cap > above
            ):  # it was admitted meanwhile, to another team than it was proposed for
                self.queries.lock_team_of_job(connection, id=job_id, above=above)

    def lock_jobs(self, connection: Connection, job_ids: Sequence[str]) -> None:
        """Wait until nobody else changes any of these jobs, or the money of their teams."""
        ids = list(job_ids)
        locked = {team for (team,) in self.queries.lock_teams_of_jobs(connection, ids=ids)}
        teams = {team for (team,) in self.queries.lock_all_jobs(connection, ids=ids) if team is not None}
        if teams - locked:  # as above
            list(self.queries.lock_teams_of_jobs(connection, ids=ids))

    def lock_to_erase(self, connection: Connection, job_ids: Sequence[str]) -> None:
        """Wait until nobody else changes any of these jobs, or adds a job with one of their programs."""
        ids = list(job_ids)
        list(self.queries.lock_programs_of(connection, ids=ids))
        list(self.queries.lock_only_jobs(connection, ids=ids))

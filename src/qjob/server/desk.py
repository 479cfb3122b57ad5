"""The engine as one caller may use it: the jobs of the caller's teams, and of nobody else. Knows no HTTP."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qjob.engine import Engine
from qjob.model.batch import BatchRecord
from qjob.model.errors import NoSuchJob, ScopeMissing
from qjob.model.job import JobRecord
from qjob.model.key import ApiKey, Scope
from qjob.server.inline import Codes
from qjob.store.listing import JobFilter, Order

FULL_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Parameters
    ----------
    user
        Whose name stands on what is submitted.
    teams
        The ids of the teams whose jobs are seen: a key's own one, or all of a session's user.
    team
        The id of the team that pays; None for the one that the user has chosen.
    scopes
        What may be asked.
    key
        The key that was shown; None of a Jupyter session.
    """

    user: str
    teams: tuple[str, ...]
    team: str | None
    scopes: frozenset[Scope]
    key: ApiKey | None = None

    def expect(self, scope: Scope) -> None:
        """Refuse what the caller's key does not allow.

        Raises
        ------
        ScopeMissing
            It lacks this scope.
        """
        if scope not in self.scopes:
            has = ", ".join(sorted(self.scopes)) or "nothing"
            more = ",".join(sorted({*self.scopes, scope}))
            raise ScopeMissing(
                f"this key may not do that: it lacks the scope {scope.value!r} and has {has}.",
                remedy=f"Make a key that has it: qjob key create NAME --scope {more}",
                numbers={"scope": scope.value},
            )


class Desk:
    """Answers for the jobs of the caller's teams; a job of another team is no job.

    Parameters
    ----------
    engine
        Acts for the caller: submits as the caller's user, for the caller's team.
    codes
        Has the code of requests run, for all callers together.
    """

    def __init__(self, engine: Engine, caller: Caller, codes: Codes) -> None:
        self.engine, self.caller, self.codes = engine, caller, codes

    def record(self, job_id: str) -> JobRecord:
        """Return the row of a job by its full id.

        Raises
        ------
        NoSuchJob
            There is none, or it belongs to another team.
        """
        if FULL_ID.fullmatch(job_id):
            try:
                record = self.engine.store.job(job_id)
            except NoSuchJob:
                record = None
            if record is not None and record.team in self.caller.teams:
                return record
        raise _unknown("job", job_id)

    def batch(self, batch_id: str) -> tuple[BatchRecord, Sequence[JobRecord]]:
        """Return a batch by its full id, and its jobs by their places.

        Raises
        ------
        NoSuchJob
            There is none, or it belongs to another team.
        """
        if FULL_ID.fullmatch(batch_id):
            try:
                batch = self.engine.store.batch(batch_id)
            except NoSuchJob:
                batch = None
            if batch is not None and batch.id == batch_id:
                jobs = self.engine.store.records_of(batch_id)
                if all(job.team in self.caller.teams for job in jobs):
                    return batch, jobs
        raise _unknown("batch", batch_id)

    def jobs(
        self, wanted: JobFilter, *, limit: int, offset: int = 0, order: Order = Order.NEWEST
    ) -> list[JobRecord]:
        """Return the rows of a page of the caller's jobs."""
        return self.engine.records(self._own(wanted), order=order, limit=limit, offset=offset)

    def count(self, wanted: JobFilter) -> int:
        """Return how many jobs of the caller pass a filter."""
        return self.engine.store.count_jobs(self._own(wanted))

    def _own(self, wanted: JobFilter) -> JobFilter:
        return replace(wanted, teams=self.caller.teams)


def _unknown(what: str, text: str) -> NoSuchJob:
    return NoSuchJob(
        f"there is no {what} {text[:80]!r}.",
        remedy="List them: GET qjob/api/jobs. It takes the whole id.",
        numbers={"id": text[:80]},
    )

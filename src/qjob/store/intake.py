"""How new jobs and batches enter the store: decided upon and stored in one transaction, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from qjob.model.batch import BatchRecord
from qjob.model.filing import UNFILED, Filing, RequestKey
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program
from qjob.model.team import Standing, Team
from qjob.store import rows, teams
from qjob.store.acceptance import Acceptance, check_new
from qjob.store.database import Connection
from qjob.store.filed import Filed, Target, reused

MAX_CANDIDATES = 100
"""How many batches that begin alike are looked at, the newest first, for one that is the same."""

Decide = Callable[[Standing], bool]
"""Given the standing of a team, raises what forbids a submission, or returns whether it takes a rate slot."""


def check_batch(batch: BatchRecord, jobs: Sequence[JobRecord]) -> None:
    """Refuse jobs that are not those of a batch, in their order.

    Raises
    ------
    ValueError
        One names another batch or place, or one is missing.
    """
    if [(job.batch, job.place) for job in jobs] != [(batch.id, place) for place in range(batch.size)]:
        raise ValueError(f"these jobs are not the {batch.size} of batch {batch.id}")


def _expect_team(jobs: Sequence[JobRecord], decide: Decide | None, filing: Filing) -> None:
    """Refuse what only a team can have, where nothing is decided about one."""
    if decide is None and any(job.cap for job in jobs):
        raise ValueError("a job that can cost something needs a team that pays")
    if decide is None and filing != UNFILED:
        raise ValueError("what has no team can be filed neither under a request key nor in a group")


class Intake(Filed):
    """The way into the store."""

    def accept(
        self,
        job: JobRecord,
        program: Program,
        data: Mapping[str, Any] | None = None,
        *,
        decide: Decide | None = None,
        local: bool = False,
        reuse: bool = False,
        filing: Filing = UNFILED,
    ) -> JobRecord:
        """Store a new job and its program, which other jobs may share; return the job as it is stored.

        Parameters
        ----------
        data
            JSON values for the log.
        decide
            Raises what forbids it, given the standing of the user's team in the same transaction; the job then
            belongs to that team, what it can cost is held, and its time of creation is that of the admission. None:
            without a team, which only a free job may be.
        local
            Whether it is free and runs on this machine: where such jobs do not count for the rate limits, nothing has
            to be decided.
        reuse
            Whether to return, instead of storing anything, the newest job of the team with the same fingerprint that
            neither failed nor was cancelled, where there is one.
        filing
            The request key that it is to be found by, and the group that it is put into. Where the user has used that
            key before, for the same request, the job of then is returned, and nothing is stored.

        Raises
        ------
        ValueError
            The job names another program, or is not new; or it has no team in which it could be filed.
        RequestKeyReused
            Something else was asked for under the request key.
        NoSuchGroup, IllegalMove
            The team has no such group, or it takes no jobs any more.
        StoreError
            A job of this id exists.
        """
        check_new(job, program)
        _expect_team([job], decide, filing)
        with self._db.write(durable=bool(job.cap)) as connection:
            now = self.clock()
            if decide is None:
                self._add(connection, None, [(job, program)], now, data)
                return job
            team = self._team_of(connection, job.user, now)
            target = self._filed(connection, team, job.user, filing, now)
            if target is not None:
                return self._job_of(connection, target, filing.request)
            record = self._same(connection, team, job) if reuse else None
            if record is None:
                slot = self._slot(connection, team, [job], now, decide, local=local)
                self._add(connection, team, [(job, program)], now, data, slot=slot)
                record = job._replace(team=team.id, created_at=now, admitted_at=now)
            self._file(connection, team, job.user, filing, target=Target(record.id, batch=False), now=now)
        return record

    def _job_of(self, connection: Connection, target: Target, request: RequestKey | None) -> JobRecord:
        row = None if target.batch else self._sql.get_job(connection, id=target.id)
        if row is None:
            assert request is not None  # noqa: S101 - what the target was found by
            raise reused(request, target.id)
        return rows.job_from_row(row)

    def accept_batch(
        self,
        batch: BatchRecord,
        jobs: Sequence[tuple[JobRecord, Program]],
        *,
        decide: Decide | None = None,
        local: bool = False,
        reuse: bool = False,
        filing: Filing = UNFILED,
    ) -> BatchRecord:
        """Store a new batch with all its jobs, or nothing of it; return the batch.

        With ``reuse``, the team's newest batch of jobs that were asked for the same, none of which failed or was
        cancelled, is returned instead, where there is one. ``filing``: as for `accept`.

        Raises
        ------
        ValueError
            A job names another batch or program, is not at its place, or is not new; or they have no team in which
            they could be filed.
        RequestKeyReused, NoSuchGroup, IllegalMove
            As for `accept`.
        StoreError
            One of these ids exists.
        """
        records = [job for job, _ in jobs]
        check_batch(batch, records)
        for job, program in jobs:
            check_new(job, program)
        _expect_team(records, decide, filing)
        with self._db.write(durable=any(job.cap for job in records)) as connection:
            now = self.clock()
            if decide is None:
                self._sql.add_batch(connection, **rows.batch_to_row(batch))
                self._add(connection, None, jobs, now)
                return batch
            team = self._team_of(connection, batch.user, now)
            target = self._filed(connection, team, batch.user, filing, now)
            if target is not None:
                return self._batch_of(connection, target, filing.request)
            marks = [job.fingerprint for job in records]
            found = self._same_batch(connection, team, marks) if reuse else None
            if found is None:
                slot = self._slot(connection, team, records, now, decide, local=local)
                self._sql.add_batch(connection, **rows.batch_to_row(batch))
                self._add(connection, team, jobs, now, slot=slot)
            kept = found or batch
            self._file(connection, team, batch.user, filing, target=Target(kept.id, batch=True), now=now)
        return kept

    def _batch_of(self, connection: Connection, target: Target, request: RequestKey | None) -> BatchRecord:
        row = self._sql.get_batch(connection, id=target.id) if target.batch else None
        if row is None:
            assert request is not None  # noqa: S101 - what the target was found by
            raise reused(request, target.id)
        return rows.batch_from_row(row)

    def _slot(
        self,
        connection: Connection,
        team: Team,
        jobs: Sequence[JobRecord],
        now: datetime,
        decide: Decide,
        *,
        local: bool,
    ) -> bool:
        """Have it decided whether a team may run these; return whether they take a rate slot."""
        if not any(job.cap for job in jobs) and local and not team.limits.count_local:
            return False
        return decide(teams.standing(self._sql, connection, team, jobs[0].user, now))

    def _add(
        self,
        connection: Connection,
        team: Team | None,
        jobs: Sequence[tuple[JobRecord, Program]],
        now: datetime,
        data: Mapping[str, Any] | None = None,
        *,
        slot: bool = False,
    ) -> None:
        acceptance = Acceptance(self._db, connection, now, data)
        acceptance.add_programs(program for _, program in jobs)
        acceptance.add([job for job, _ in jobs], slot=slot, admitted_to=None if team is None else team.id)

    def _same(self, connection: Connection, team: Team, job: JobRecord) -> JobRecord | None:
        """Return the job of the team that was asked for the same; in the transaction that would store this one."""
        row = self._sql.same_job(connection, team=team.id, fingerprint=job.fingerprint)
        return None if row is None else rows.job_from_row(row)

    def same_batch(
        self, user: str, fingerprints: Sequence[str | None], *, partial: bool = False
    ) -> BatchRecord | None:
        """Return the newest batch of a user's team of jobs with these fingerprints, none of which came to nothing.

        Parameters
        ----------
        partial
            Whether one of the first of them will do.
        """
        with self._db.read_moment() as connection:
            team = self._team_now(connection, user)
            if team is None:
                return None
            return self._same_batch(connection, team, fingerprints, partial=partial)

    def _same_batch(
        self, connection: Connection, team: Team, fingerprints: Sequence[str | None], *, partial: bool = False
    ) -> BatchRecord | None:
        begin = self._sql.batches_that_begin(
            connection, team=team.id, fingerprint=fingerprints[0], max_rows=MAX_CANDIDATES
        )
        erased = None
        for (batch,) in list(begin):
            asked = list(self._sql.asked_of_batch(connection, batch=batch))
            wanted = fingerprints[: len(asked)] if partial else fingerprints
            lost = {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.CANCELLING}
            alive = all(status not in lost and not gone for _, status, _, gone in asked)
            if alive and [mark for mark, *_ in asked] == list(wanted):
                if not any(without for _, _, without, _ in asked):
                    return rows.batch_from_row(self._sql.get_batch(connection, id=batch))
                erased = erased or batch  # unless an older one has all its results
        return erased and rows.batch_from_row(self._sql.get_batch(connection, id=erased))

    def from_source(self, user: str, source: str) -> JobRecord | None:
        """Return the newest job of a user's team from a cell of this text that neither failed nor was cancelled."""
        with self._db.read_moment() as connection:
            team = self._team_now(connection, user)
            row = team and self._sql.from_source(connection, team=team.id, source=source)
        return rows.job_from_row(row) if row else None

    def same_job(self, user: str, fingerprint: str) -> JobRecord | None:
        """Return the newest job of a user's team with this fingerprint that neither failed nor was cancelled."""
        with self._db.read_moment() as connection:
            team = self._team_now(connection, user)
            row = team and self._sql.same_job(connection, team=team.id, fingerprint=fingerprint)
        return rows.job_from_row(row) if row else None

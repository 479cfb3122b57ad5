"""How new jobs and batches enter the store: decided upon and stored in one transaction, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from qjob.model.batch import BatchRecord
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program
from qjob.model.team import Standing, Team
from qjob.store import rows, teams
from qjob.store.acceptance import Acceptance, check_new
from qjob.store.database import Connection
from qjob.store.part import Part

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


class Intake(Part):
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

        Raises
        ------
        ValueError
            The job names another program, or is not new.
        StoreError
            A job of this id exists.
        """
        return self._accept([(job, program)], data, decide, local=local, reuse=reuse)[0]

    def accept_batch(
        self,
        batch: BatchRecord,
        jobs: Sequence[tuple[JobRecord, Program]],
        *,
        decide: Decide | None = None,
        local: bool = False,
        reuse: bool = False,
    ) -> BatchRecord:
        """Store a new batch with all its jobs, or nothing of it; return the batch.

        With ``reuse``, the team's newest batch of jobs that were asked for the same, none of which failed or was
        cancelled, is returned instead, where there is one.

        Raises
        ------
        ValueError
            A job names another batch or program, is not at its place, or is not new.
        StoreError
            One of these ids exists.
        """
        check_batch(batch, [job for job, _ in jobs])
        with self._db.write(durable=any(job.cap for job, _ in jobs)) as connection:
            if reuse:
                team = self._team_of(connection, jobs[0][0].user, self.clock())
                same = self._same_batch(connection, team, [job.fingerprint for job, _ in jobs])
                if same is not None:
                    return same
            self._sql.add_batch(connection, **rows.batch_to_row(batch))
            self._accept(jobs, None, decide, local=local)
        return batch

    def _accept(
        self,
        jobs: Sequence[tuple[JobRecord, Program]],
        data: Mapping[str, Any] | None,
        decide: Decide | None,
        *,
        local: bool,
        reuse: bool = False,
    ) -> list[JobRecord]:
        for job, program in jobs:
            check_new(job, program)
        paid = any(job.cap for job, _ in jobs)
        if paid and decide is None:
            raise ValueError("a job that can cost something needs a team that pays")
        with self._db.write(durable=paid) as connection:
            now, slot = self.clock(), False
            records = [job for job, _ in jobs]
            if decide is not None:
                user = records[0].user
                team = self._team_of(connection, user, now)
                if reuse and (same := self._same(connection, team, records[0])) is not None:
                    return [same]
                if paid or team.limits.count_local or not local:
                    slot = decide(teams.standing(self._sql, connection, team, user, now))
                records = [
                    # a microsecond apart, so that every list shows them in their order
                    replace(
                        job, team=team.id, created_at=now + timedelta(microseconds=place), admitted_at=now
                    )
                    for place, job in enumerate(records)
                ]
            acceptance = Acceptance(self._sql, connection, now, self._db.fills_text_index, data)
            acceptance.add_programs(program for _, program in jobs)
            for place, record in enumerate(records):
                acceptance.add(record, slot=slot and place == 0)
        return records

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
            team = teams.team_of(self._sql, connection, user)
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
            team = teams.team_of(self._sql, connection, user)
            row = team and self._sql.from_source(connection, team=team.id, source=source)
        return rows.job_from_row(row) if row else None

    def same_job(self, user: str, fingerprint: str) -> JobRecord | None:
        """Return the newest job of a user's team with this fingerprint that neither failed nor was cancelled."""
        with self._db.read_moment() as connection:
            team = teams.team_of(self._sql, connection, user)
            row = team and self._sql.same_job(connection, team=team.id, fingerprint=fingerprint)
        return rows.job_from_row(row) if row else None

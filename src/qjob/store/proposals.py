"""Jobs and batches that are stored before they are admitted: nothing is held for them, and they take no rate slot."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from qjob.model.batch import BatchRecord
from qjob.model.job import JobRecord, JobStatus, Pending
from qjob.model.program import Program
from qjob.model.team import Standing, Team
from qjob.store import rows, teams
from qjob.store.acceptance import Acceptance, check_new
from qjob.store.changes import Change
from qjob.store.database import Connection
from qjob.store.intake import Intake, check_batch
from qjob.store.lookup import no_such_job

Judge = Callable[[Standing], Pending]
"""Given the standing of a team, returns what a submission waits for, or raises what forbids it."""

NOWHERE: Mapping[str, Mapping[str, str] | None] = MappingProxyType({})

DecideOn = Callable[[Standing, Sequence[str]], bool]
"""As `Decide`, of those of some proposed jobs that still wait."""


class Proposals(Intake):
    """The way into the store with a stop on it."""

    def propose(self, job: JobRecord, program: Program, judge: Judge, *, reuse: bool = False) -> JobRecord:
        """Store a new job that is to be admitted later; with ``reuse`` as for `accept`.

        Raises
        ------
        ValueError
            The job names another program, or is not new.
        StoreError
            A job of this id exists.
        """
        with self._db.write() as connection:
            team = self._team_of(connection, job.user, self.clock())
            if reuse and (same := self._same(connection, team, job)) is not None:
                return same
            return self._propose(connection, team, [(job, program)], judge)[0]

    def propose_batch(
        self,
        batch: BatchRecord,
        jobs: Sequence[tuple[JobRecord, Program]],
        judge: Judge,
        *,
        reuse: bool = False,
    ) -> BatchRecord:
        """Store a new batch that is to be admitted later, as a whole; with ``reuse`` as for `accept_batch`.

        Raises
        ------
        ValueError
            A job names another batch or program, is not at its place, or is not new.
        StoreError
            One of these ids exists.
        """
        check_batch(batch, [job for job, _ in jobs])
        with self._db.write() as connection:
            team = self._team_of(connection, batch.user, self.clock())
            marks = [job.fingerprint for job, _ in jobs]
            if reuse and (same := self._same_batch(connection, team, marks)) is not None:
                return same
            self._sql.add_batch(connection, **rows.batch_to_row(batch))
            self._propose(connection, team, jobs, judge)
        return batch

    def _propose(
        self, connection: Connection, team: Team, jobs: Sequence[tuple[JobRecord, Program]], judge: Judge
    ) -> list[JobRecord]:
        for job, program in jobs:
            check_new(job, program)
        now = self.clock()
        pending = judge(teams.standing(self._sql, connection, team, jobs[0][0].user, now))
        proposed = [
            job._replace(
                status=JobStatus.INITIALIZING,
                team=team.id,
                created_at=now + timedelta(microseconds=place),  # as those that are accepted
                pending=pending,
            )
            for place, (job, _) in enumerate(jobs)
        ]
        said = {"for": _awaited(pending)}
        acceptance = Acceptance(self._db, connection, now, said)
        acceptance.add_programs(program for _, program in jobs)
        acceptance.add(proposed, slot=False)
        return proposed

    def admit(
        self,
        job_ids: Sequence[str],
        decide: DecideOn,
        sites: Mapping[str, Mapping[str, str] | None] = NOWHERE,
    ) -> list[str]:
        """Admit jobs that were proposed together, in their order, to the team that their user has now.

        Parameters
        ----------
        decide
            Raises what forbids it, or returns whether they take a rate slot.
        sites
            Of those that are to run elsewhere: where and for whom.

        Returns
        -------
        list of str
            Those that were admitted; what is not INITIALIZING (any more) is left as it is.

        Raises
        ------
        NoSuchJob
            One of these ids is no job's.
        Refusal
            What ``decide`` raises; the jobs wait on.
        """
        with self._db.write(durable=True) as connection:
            now = self.clock()
            first = self._sql.get_job(connection, id=job_ids[0])
            if first is None:
                raise no_such_job(job_ids[0])
            user = rows.job_from_row(first).user
            # before the jobs, and these by their numbers: whoever ends one locks in this order too
            team = self._team_of(connection, user, now)
            microseconds = rows.to_time(now)
            changes = {
                job_id: Change.of(self._db, connection, microseconds, job_id, ends=False)
                for job_id in job_ids
            }
            waiting = {job_id: c for job_id, c in changes.items() if c.status is JobStatus.INITIALIZING}
            if not waiting:
                return []
            slot = decide(teams.standing(self._sql, connection, team, user, now), list(waiting))
            for place, (job_id, change) in enumerate(waiting.items()):
                site = rows.site_to_json(sites.get(job_id))
                change.admit(team.id, slot=slot and place == 0, site=site)
            return list(waiting)

    def set_pending(self, of: str, pending: Pending) -> None:
        """Replace what a job, or each job of a batch, waits for, as long as it is INITIALIZING."""
        with self._db.write() as connection:
            self._sql.set_pending(connection, id=of, pending=rows.pending_to_json(pending))


def _awaited(pending: Pending) -> str:
    """Return what a submission waits for at first, for its log."""
    if pending.consent:
        return "a confirmation"
    return "an answer of the service" if pending.preflight else "its turn"

"""Durable jobs in the store: who has which in hand, until when, and what came of each attempt.

A worker that takes up a job gets a lease: until it runs out, nobody else takes the job. Each lease of a job has a
number of its own, its *fence*; whoever writes under one that is not the job's last changes nothing. So a worker that
froze for an hour, and wakes up, harms nobody.

Leases go by a clock that all who share the store see alike: the server's, or that of the one machine which has the
file, which stands still while it sleeps (`qjob.store.database.Database.lease_clock`).
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from qjob.model.attempt import Attempt, Decide, Sequel, Setback
from qjob.model.events import EventKind
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.worker import WorkerRecord
from qjob.store import rows
from qjob.store.changes import Change
from qjob.store.database import Connection
from qjob.store.part import Part

LEASE = 10.0
"""Seconds that a lease lasts unless it is renewed."""

LONGEST_PAUSE = 3600.0
"""Seconds that a job waits between two attempts at the most."""

Place = Literal["any", "here", "elsewhere"]
"""Where jobs run: on this machine, or at a service."""

MOST = 128
"""Jobs that a worker is shown at once at the most."""

SECOND = 1_000_000
"""Microseconds."""


class _Nothing(Exception):
    """A transaction has nothing to write, and is undone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has taken up."""

    record: JobRecord
    submission: int  # which task at a service it is about, from 1
    checkpoint: tuple[int, bytes] | None  # shots that are counted, and what came out, packed


Take = Callable[[Sequence[JobRecord]], Sequence[JobRecord]]
"""Given jobs that wait, oldest first, returns those that a worker takes."""


class Leases(Part):
    """The life of a durable job between its admission and its end."""

    def claim(
        self, worker: WorkerRecord, take: Take, *, place: Place = "any", max_rows: int = MOST
    ) -> list[Claim]:
        """Take up durable jobs of the worker's user that wait and are due; no two workers get the same one.

        Parameters
        ----------
        take
            Chooses among them.
        place
            Which are wanted: those of this machine, those at a service, or any.
        max_rows
            How many it is shown at the most.
        """
        if not self.any_claimable(worker.user, place):  # for which nobody has to wait
            return []
        with suppress(_Nothing), self._db.write() as connection:
            due = self._due(connection)
            shown = self._sql.claimable(
                connection, username=worker.user, place=place, **due, max_rows=max_rows
            )
            found = {row[0]: (rows.job_from_row(row), row) for row in shown}
            taken = take([record for record, _ in found.values()]) if found else ()
            if not taken:
                raise _Nothing  # a commit would tell others that something has changed
            return self._lease(connection, worker, [found[record.id] for record in taken], due["now"])
        return []

    def any_claimable(self, user: str, place: Place = "any") -> bool:
        """Return whether there is a durable job of a user that a worker may take up now."""
        with self._db.read() as connection:
            due = {"username": user, **self._due(connection)}
            if place == "elsewhere":
                return bool(self._sql.any_claimable_elsewhere(connection, **due))
            return bool(self._sql.any_claimable(connection, **due, here=int(place == "here")))

    def _due(self, connection: Connection) -> dict[str, int]:
        now = self._db.lease_clock(connection)
        return {"now": now, "latest": now + int(LONGEST_PAUSE * SECOND)}

    def _lease(
        self,
        connection: Connection,
        worker: WorkerRecord,
        jobs: Sequence[tuple[JobRecord, rows.Row]],
        now: int,
    ) -> list[Claim]:
        """Give jobs to a worker. They are locked already, so that all are given with three statements."""
        moment, until = rows.to_time(self.clock()), now + int(LEASE * SECOND)
        leases, attempts, entries, claims = [], [], [], []
        for record, row in jobs:
            number, (fence, attempt, submission, shots, data) = rows.number_of(row), rows.rest_of(row)
            claimed = rows.leased(record, owner=worker.id, fence=fence + 1, attempt=attempt + 1)
            said: dict[str, Any] = {"attempt": claimed.attempt, "worker": worker.name}
            said |= {"shots": shots} if shots else {}
            began = {
                "number": claimed.attempt,
                "worker": worker.name,
                "shots": shots or 0,
                "leased_at": now,
                "began_at": moment,
            }
            leases.append({"number": number, "owner": worker.id, "until": until})
            attempts.append({"job": number, **began})
            entries.append(
                {"number": number, "at": moment, "kind": EventKind.ATTEMPT, "data": rows.to_json(said)}
            )
            claims.append(Claim(claimed, submission, None if shots is None else (shots, data)))
        self._sql.lease(connection, leases)
        self._sql.add_attempts(connection, attempts)
        self._sql.append_entries(connection, entries)
        return claims

    def renew(self, owner: str) -> set[str]:
        """Renew all leases of an owner; return the jobs that it has."""
        with self._db.write() as connection:
            until = self._db.lease_clock(connection) + int(LEASE * SECOND)
            self._sql.set_leases(connection, owner=owner, until=until)
            return {job_id for (job_id,) in self._sql.leased(connection, owner=owner)}

    def dead_holders(self) -> list[str]:
        """Return the owners that have leases and seem dead; see `qjob.store.owners.Owners.grace`."""
        with self._db.read() as connection:
            holders = [owner for (owner,) in self._sql.lease_holders(connection)]
        return [owner for owner in holders if not self._db.owners.alive(owner)]

    def end_leases(self, owner: str) -> None:
        """Let the leases of an owner that has died run out."""
        with self._db.write() as connection:
            self._sql.set_leases(connection, owner=owner, until=0)

    def reclaim(self, decide: Decide) -> list[str]:
        """Take back the jobs whose leases have run out; each is taken back once, whoever does.

        Their attempts have come to nothing, and ``decide`` says what follows.

        Returns
        -------
        list of str
            The jobs that were taken back here.
        """
        with self._db.read() as connection:
            now = self._db.lease_clock(connection)
            expired = list(self._sql.expired_leases(connection, now=now, latest=_beyond(now)))
        return [job_id for job_id, fence in expired if self._take_back(job_id, fence, decide)]

    def _take_back(self, job_id: str, fence: int, decide: Decide) -> bool:
        with self._db.write(durable=True) as connection:
            moment = rows.to_time(self.clock())
            change = Change.of(self._db, connection, moment, job_id, ends=True, fence=fence)
            now = self._db.lease_clock(connection)
            # renewed meanwhile, or taken back by another, or at its end
            expired = self._sql.is_expired(connection, number=change.number, now=now, latest=_beyond(now))
            if change.stale or change.status.ended or not expired:
                return False
            self._after(change, job_id, decide, cost=None, known=True)
            return True

    def attempt_failed(
        self,
        job_id: str,
        fence: int,
        decide: Decide,
        *,
        cost: int | None = None,
        task_over: bool = False,
        handed: bool = True,
    ) -> bool:
        """End an attempt that came to nothing; return whether it was still this one's to end.

        Parameters
        ----------
        fence
            The number of its lease.
        decide
            Says what follows.
        cost
            What was billed for it, in nano-dollars; None where nobody said.
        task_over
            Whether the service has said that its task is over, so that the next attempt is to have one of its own.
            Else it goes on with the same, lest two be paid.
        handed
            Whether it came so far that a service may have heard of the job.
        """
        with self._db.write(durable=bool(cost)) as connection:
            moment = rows.to_time(self.clock())
            change = Change.of(self._db, connection, moment, job_id, ends=True, bill=bool(cost), fence=fence)
            if change.stale or change.status.ended:
                return False
            if not handed:
                self._sql.not_handed(connection, number=change.number, attempt=change.attempt)
            self._after(change, job_id, decide, cost=cost, known=not task_over)
            return True

    def _after(self, change: Change, job_id: str, decide: Decide, *, cost: int | None, known: bool) -> None:
        """End the attempt, and let the job wait for another one or end as well.

        Parameters
        ----------
        known
            Whether a service that has heard of it may still be at work on it.
        """
        connection, number = change.connection, change.number
        worker, tries, heard, first = self._sql.setback(connection, number=number, attempt=change.attempt)
        # none where the machine, whose clock that is, was started anew since
        seconds = max(0, self._db.lease_clock(connection) - first) / SECOND
        sequel = decide(Setback(job_id, worker, tries + 1, seconds, bool(heard)))
        if change.status is JobStatus.CANCELLING and not (known and heard):
            change.move(JobStatus.CANCELLED, cost=cost)
        elif sequel.pause is None:
            failure = rows.failure_to_json(sequel.failure)
            change.end_attempt(failure, cost)
            last = rows.failure_to_json(sequel.last_words or sequel.failure)
            change.move(JobStatus.FAILED, failure=last, cost=cost)
        else:
            self._let_wait(change, sequel, tries + 1, forget_task=not known)

    def _let_wait(self, change: Change, sequel: Sequel, tries: int, *, forget_task: bool) -> None:
        connection, number = change.connection, change.number
        change.end_attempt(rows.failure_to_json(sequel.failure), None)
        pause = min(sequel.pause or 0.0, LONGEST_PAUSE)
        _, submission, remote_id = self._sql.counters(connection, number=number)
        waiting = JobStatus.CANCELLING if change.status is JobStatus.CANCELLING else JobStatus.QUEUED
        self._sql.let_go(
            connection,
            number=number,
            status=waiting,
            due_at=self._db.lease_clock(connection) + int(pause * SECOND),
            tries=tries,
            submission=submission + forget_task,
            remote_id=None if forget_task else remote_id,
        )
        said = {"code": sequel.failure.code, "reason": sequel.failure.reason, "seconds": round(pause, 3)}
        change.log(EventKind.RETRYING, {"attempt": change.attempt, **said})

    def give_back(self, owner: str, failure: Failure, jobs: Collection[str] | None = None) -> list[str]:
        """Give back jobs of an owner, by default all; return them. That counts as no failed attempt."""
        with self._db.read() as connection:
            held = [job_id for (job_id,) in self._sql.leased(connection, owner=owner)]
        if jobs is not None:
            held = [job_id for job_id in held if job_id in jobs]
        given = []
        for job_id in held:
            with self._db.write() as connection:
                moment = rows.to_time(self.clock())
                change = Change.of(self._db, connection, moment, job_id, ends=True)
                record = rows.job_from_row(self._sql.get_job(connection, id=job_id))
                if record.owner != owner or record.status.ended:
                    continue  # somebody has taken it back, or it has ended
                tries, *_ = self._sql.counters(connection, number=change.number)
                _, _, heard, _ = self._sql.setback(connection, number=change.number, attempt=change.attempt)
                if change.status is JobStatus.CANCELLING and not heard:
                    change.move(JobStatus.CANCELLED)
                else:
                    self._let_wait(change, Sequel(failure, 0.0), tries, forget_task=False)
                given.append(job_id)
        return given

    def keep_checkpoint(self, job_id: str, shots: int, data: bytes, *, fence: int) -> bool:
        """Keep what a job has counted so far, in place of what was kept before; False where the lease is lost.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        with self._db.write() as connection:
            change = Change.of(self._db, connection, 0, job_id, ends=False, fence=fence)
            if change.stale or change.status.ended:
                return False
            self._sql.set_checkpoint(connection, number=change.number, shots=shots, data=data)
            self._sql.got_on(connection, number=change.number)
            return True

    def attempts(self, job_id: str) -> list[Attempt]:
        """Return the attempts at a job, oldest first; none of one that is not durable."""
        with self._db.read() as connection:
            return [rows.attempt_from_row(row) for row in self._sql.attempts(connection, id=job_id)]


def _beyond(now: int) -> int:
    """Return a time that no lease reaches."""
    return now + int(2 * LEASE * SECOND)

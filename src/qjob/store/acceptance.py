"""What it takes to store a new job, inside the transaction of the caller. Decides nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qjob.model.events import EventKind
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program
from qjob.store import rows
from qjob.store.changes import Change
from qjob.store.database import Connection
from qjob.store.ledger import Ledger, day_of


def check_new(job: JobRecord, program: Program) -> None:
    """Refuse what is no new job of this program.

    Raises
    ------
    ValueError
        It names another program, or is not new.
    """
    if job.program != program.digest:
        raise ValueError(f"job {job.id} names the program {job.program}, not {program.digest}")
    if job.status not in (JobStatus.INITIALIZING, JobStatus.QUEUED):
        raise ValueError(f"job {job.id} is {job.status} and cannot be accepted as new")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """New jobs in one transaction.

    Parameters
    ----------
    queries, connection
        The named queries, and a connection in a transaction that writes.
    now
        The time.
    indexed
        Whether the store has a text index that has to be filled.
    data
        JSON values for the log.
    """

    queries: Any
    connection: Connection
    now: datetime
    indexed: bool
    data: Mapping[str, Any] | None

    def add_programs(self, programs: Iterable[Program]) -> None:
        """Add what the jobs run, each once.

        In one order, whoever adds them: of two that add the same ones at once, each would wait for the other else.
        """
        distinct = {program.digest: program for program in programs}
        for digest in sorted(distinct):
            program = distinct[digest]
            self.queries.add_program(self.connection, digest=digest, format=program.format, data=program.data)

    def add(self, job: JobRecord, *, slot: bool) -> None:
        """Add a job, whose program is there, the first entry of its log and what is held for it.

        Parameters
        ----------
        slot
            Whether it counts as a submission for the rate limits.
        """
        now = rows.to_time(self.now)
        row = {**rows.job_to_row(job), "slot": int(slot)}
        change = Change.new(self.queries, self.connection, now, row)
        if self.indexed and row["search"]:
            self.queries.index_text(self.connection, number=change.number, search=row["search"])
        change.log(EventKind.PROPOSED if job.pending else EventKind.ACCEPTED, self.data)
        if job.cap and job.team is not None and job.admitted_at is not None:
            ledger = Ledger(self.queries, self.connection, now)
            # not the job's own time: that of a batch's last jobs may be some microseconds into the next day
            ledger.hold(change.number, job.team, day_of(self.now), job.cap)

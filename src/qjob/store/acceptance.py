"""What it takes to store a new job, inside the transaction of the caller. Decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qjob.model.events import EventKind
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program
from qjob.store import rows
from qjob.store.changes import entry
from qjob.store.database import Connection, Database
from qjob.store.ledger import Ledger, day_of
from qjob.store.listing import SLOTS


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
    database, connection
        The database, and a connection to it in a transaction that writes.
    now
        The time.
    data
        JSON values for the log.
    """

    database: Database
    connection: Connection
    now: datetime
    data: Mapping[str, Any] | None

    def add_programs(self, programs: Iterable[Program]) -> None:
        """Add what the jobs run, each once.

        In one order, whoever adds them: of two that add the same ones at once, each would wait for the other else.
        """
        distinct = {program.digest: program for program in programs}
        plain = [
            {"digest": digest, "format": distinct[digest].format, "data": distinct[digest].data}
            for digest in sorted(distinct)
        ]
        self.database.add(self.connection, "add_program", plain)

    def add(self, jobs: Sequence[JobRecord], *, slot: bool, admitted_to: str | None = None) -> None:
        """Add jobs, whose programs are there, the first entry of each one's log and what is held for each.

        Parameters
        ----------
        slot
            Whether they count as one submission for the rate limits.
        admitted_to
            The id of the team that admits them now; None: they are stored as they are.
        """
        now = rows.to_time(self.now)
        plain = [{**rows.job_to_row(job), "slot": 0} for job in jobs]
        plain[0]["slot"] = int(slot)
        if admitted_to is not None:
            for place, row in enumerate(
                plain
            ):  # a microsecond apart, so that every list shows them in their order
                row.update(team=admitted_to, created_at=now + place, admitted_at=now)
        self._add_rows(plain)
        entries = []
        for job, row in zip(jobs, plain, strict=True):
            kind = EventKind.PROPOSED if job.pending else EventKind.ACCEPTED
            entries.append(entry(row["number"], 0, now, kind, self.data))
            if self.database.fills_text_index and row["search"]:
                self._sql.index_text(self.connection, number=row["number"], search=row["search"])
        self.database.add(self.connection, "add_entry", entries)
        ledger = Ledger(self._sql, self.connection, now)
        for row in plain:
            if row["cap"] and row["team"] is not None and row["admitted_at"] is not None:
                # not the job's own time: that of a batch's last jobs may be some microseconds into the next day
                ledger.hold(row["number"], row["team"], day_of(self.now), row["cap"])

    @property
    def _sql(self) -> Any:
        return self.database.queries

    def _add_rows(self, plain: Sequence[dict[str, Any]]) -> None:
        """Add rows of jobs.

        Each gets the lowest free number of its microsecond, or of the next that is not full.
        """
        for row in plain:
            row["number"] = row["created_at"] * SLOTS
        if self.database.add(self.connection, "add_job", plain) == len(plain):
            return
        for row in plain:
            if self._sql.get_number(self.connection, id=row["id"]) is not None:
                continue
            row["number"] = self._free_number(row["number"])
            while not self._sql.add_job(self.connection, **row):
                row["number"] = self._free_number(row["number"])

    def _free_number(self, first: int) -> int:
        while True:
            last: int | None = self._sql.last_number(self.connection, first=first, last=first + SLOTS - 1)
            if last is None:
                return first
            if last < first + SLOTS - 1:
                return last + 1
            first += SLOTS

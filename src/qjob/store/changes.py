"""What a change of a job does to its rows, inside the transaction of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from qjob.model.events import EventKind
from qjob.model.job import MOVES, JobStatus
from qjob.store import rows
from qjob.store.listing import SLOTS
from qjob.store.lookup import no_such_job

PLACES = 4
"""How many statuses the query of a move compares with: the most from which one status can be reached."""


def _padded(statuses: list[JobStatus]) -> dict[str, str]:
    return {f"from{i}": status for i, status in enumerate((statuses * PLACES)[:PLACES], start=1)}


_FROM: Mapping[JobStatus, dict[str, str]] = {
    to: _padded(before)
    for to in JobStatus
    if (before := [status for status in JobStatus if to in MOVES[status]])
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one job at one time.

    Parameters
    ----------
    queries, connection
        The named queries, and a connection in a transaction.
    job_id
        The job's full id.
    now
        Microseconds since 1970.
    """

    queries: Any
    connection: Connection
    job_id: str
    now: int

    def add(self, row: dict[str, Any], *, indexed: bool) -> None:
        """Add the job's row, from `qjob.store.rows.job_to_row`; ``indexed``: to the text index as well.

        It gets the lowest free number of its microsecond, or of the next that is not full.
        """
        first = row["created_at"] * SLOTS
        while True:
            last: int | None = self.queries.last_number(self.connection, first=first, last=first + SLOTS - 1)
            if last is None or last < first + SLOTS - 1:
                break
            first += SLOTS
        number = first if last is None else last + 1
        self.queries.add_job(self.connection, number=number, **row)
        if indexed and row["search"]:
            self.queries.index_text(self.connection, number=number, search=row["search"])

    def move(
        self, to: JobStatus, *, failure: str | None = None, data: Mapping[str, Any] | None = None
    ) -> bool:
        """Move the job, if its status allows that, and log it; return whether it did.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        moved = to in _FROM and self.queries.move_job(
            self.connection,
            id=self.job_id,
            status=to,
            started_at=self.now if to is JobStatus.RUNNING else None,
            ended_at=self.now if to.ended else None,
            failure=failure,
            **_FROM[to],
        )
        if moved:
            self.log(EventKind[to.name], data)
        elif self.queries.get_number(self.connection, id=self.job_id) is None:
            raise no_such_job(self.job_id)
        return bool(moved)

    def log(self, kind: EventKind, data: Mapping[str, Any] | None) -> None:
        """Add an entry to the job's log under the next sequence number."""
        text = rows.to_json(dict(data)) if data else rows.NO_VALUES
        self.queries.add_entry(self.connection, id=self.job_id, at=self.now, kind=kind, data=text)

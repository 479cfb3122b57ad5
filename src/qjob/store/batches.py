"""What the store knows of batches."""

from collections import Counter
from collections.abc import Sequence

from qjob.model.batch import BatchRecord
from qjob.model.job import JobRecord, JobStatus
from qjob.model.snapshot import BatchSnapshot
from qjob.store import lookup, rows
from qjob.store.part import Part


class Batches(Part):
    """Jobs that were submitted together."""

    def batch(self, text: str) -> BatchRecord:
        """Return the batch of an id, the beginning of one, or a name: of several of one name, the newest.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            None; or the beginning of several ids.
        """
        with self._db.read() as connection:
            return lookup.batch(self._sql, connection, text)

    def jobs_of(self, batch_id: str) -> list[str]:
        """Return the ids of a batch's jobs, in their order."""
        with self._db.read() as connection:
            return [row[0] for row in self._sql.of_batch(connection, batch=batch_id)]

    def not_ended(self, job_ids: Sequence[str]) -> list[str]:
        """Return those of some ids, in their order, of which no job has ended."""
        with self._db.read() as connection:
            return [row[0] for row in self._sql.not_ended(connection, ids=rows.to_json(job_ids))]

    def records_of(self, batch_id: str) -> list[JobRecord]:
        """Return a batch's jobs, in their order."""
        with self._db.read() as connection:
            return [rows.job_from_row(row) for row in self._sql.records_of_batch(connection, batch=batch_id)]

    def statuses_of(self, batch_id: str) -> dict[JobStatus, int]:
        """Return how many jobs of a batch have each status; statuses that none has are missing."""
        with self._db.read() as connection:
            return {
                JobStatus(status): n for status, n in self._sql.batch_statuses(connection, batch=batch_id)
            }

    def batch_snapshot(self, batch: BatchRecord, max_jobs: int) -> BatchSnapshot:
        """Return a batch as it stands, with some of its jobs: two queries, however many it has.

        Raises
        ------
        NoSuchJob
            It has no jobs here.
        """
        with self._db.read_moment() as connection:
            sums = list(self._sql.batch_sums(connection, batch=batch.id))
            jobs = list(self._sql.batch_lines(connection, batch=batch.id, max_rows=max_jobs))
        if not sums:
            raise lookup.no_such_batch(batch.id)
        statuses: Counter[JobStatus] = Counter()
        for status, *_, count, _cost, _cap, _began, _ended, _pending in sums:
            statuses[JobStatus(status)] += count
        owners = {row[3] for row in sums if not JobStatus(row[0]).ended}
        costs, began, ended = ([row[i] for row in sums if row[i] is not None] for i in (5, 7, 8))
        shots = [row[2] for row in sums]
        return BatchSnapshot(
            batch=batch,
            statuses=dict(statuses),
            backends=tuple(sorted({row[1] for row in sums})),
            shots=(min(shots), max(shots)),
            held=int(sum(row[6] for row in sums if row[0] != JobStatus.INITIALIZING)),
            asked=int(sum(row[6] for row in sums if row[0] == JobStatus.INITIALIZING)),
            cost=int(sum(costs)) if costs else None,
            owner=owners.pop() if len(owners) == 1 else None,
            started_at=rows.from_time(min(began)) if began else None,
            ended_at=rows.from_time(max(ended)) if ended else None,
            pending=next((rows.pending_from_json(row[9]) for row in sums if row[9] is not None), None),
            jobs=tuple(rows.batch_job_from_row(row) for row in jobs),
        )

"""What the store knows of batches."""

from qjob.model.batch import BatchRecord
from qjob.model.job import JobStatus
from qjob.store import lookup
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

    def statuses_of(self, batch_id: str) -> dict[JobStatus, int]:
        """Return how many jobs of a batch have each status; statuses that none has are missing."""
        with self._db.read() as connection:
            return {
                JobStatus(status): n for status, n in self._sql.batch_statuses(connection, batch=batch_id)
            }

"""How stored jobs change: what happened is kept, and what the table of legal moves does not allow is refused."""

from collections.abc import Mapping
from typing import Any

from qjob.model.events import Progress
from qjob.model.job import Failure, JobStatus
from qjob.store import rows
from qjob.store.changes import Change
from qjob.store.completing import Completing

_ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING)


class Moving(Completing):
    """The life of a job in the store."""

    def move(
        self,
        job_id: str,
        to: JobStatus,
        *,
        failure: Failure | None = None,
        data: Mapping[str, Any] | None = None,
        cost: int | None = None,
        fence: int | None = None,
    ) -> bool:
        """Move a job to a status, if its present one allows that. What is held for it is settled at its end.

        Parameters
        ----------
        failure
            Why it ends without a result; FAILED needs one, CANCELLED may have one.
        data
            JSON values for the log.
        cost
            What it cost, in nano-dollars, where it ends: None for what was held where it completed, else nothing.
        fence
            The number of the lease under which it is moved; None: it needs none.

        Returns
        -------
        bool
            False where the move is not legal (any more), or the lease is lost; nothing is changed then.

        Raises
        ------
        ValueError
            A failure is missing, or given for a status that has none; a cost is negative, given for a job that does
            not end, or for one that has no team to pay it.
        NoSuchJob
            No job has this id.
        """
        if (failure is None and to is JobStatus.FAILED) or (
            failure is not None and to not in (JobStatus.FAILED, JobStatus.CANCELLED)
        ):
            raise ValueError(f"{to} with the failure {failure}")
        now = rows.to_time(self.clock())
        with self._db.write() as connection:
            change = Change.of(self._db, connection, now, job_id, ends=to.ended, bill=bool(cost), fence=fence)
            return change.move(to, failure=rows.failure_to_json(failure), data=data, cost=cost)

    def cancel(self, job_id: str) -> bool:
        """Ask for a job to end: it is CANCELLING, or CANCELLED at once where nobody has it in hand.

        Returns
        -------
        bool
            False where it has ended, or is being cancelled; nothing is changed then.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        now = rows.to_time(self.clock())
        with self._db.write() as connection:
            change = Change.of(self._db, connection, now, job_id, ends=True)
            waits = change.waits or change.status is JobStatus.INITIALIZING
            asked = change.move(JobStatus.CANCELLED if waits else JobStatus.CANCELLING)
            if asked:
                self._sql.hurry(connection, number=change.number)
            return asked

    def set_progress(self, job_id: str, progress: Progress, *, fence: int | None = None) -> bool:
        """Replace a job's progress; only while it is admitted and has not ended, else False. ``fence`` as for `move`.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        data = rows.to_json(progress)
        with self._db.write() as connection:
            change = Change.of(self._db, connection, 0, job_id, ends=False, fence=fence)
            if change.stale or change.status not in _ACTIVE:
                return False
            self._sql.set_progress(connection, number=change.number, data=data)
        return True

"""How jobs complete: any number at once, by hardly more statements than one of them takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from qjob.model.bits import BitLayout
from qjob.model.events import EventKind, Progress
from qjob.model.job import JobStatus
from qjob.store import rows
from qjob.store.changes import Change, entry
from qjob.store.database import Connection
from qjob.store.part import Part


@dataclass(frozen=True, slots=True)
class Completion:
    """A job's result, and how it came.

    Parameters
    ----------
    job_id
        The job.
    packed
        The result, from `qjob.model.packing.pack`.
    progress, layout
        The final progress, and the classical bits of the result, each as JSON text: `of` writes it.
    ran
        For how many seconds the job ran, where that it began is told by this as well; both are logged then. None, or
        of a job that is known to run: it was told before.
    data
        JSON values for the log.
    cost
        What it cost, in nano-dollars; None: what was held for it.
    fence
        The number of the lease under which it ran; None: it needs none.
    """

    job_id: str
    packed: bytes
    progress: str
    layout: str
    ran: float | None = None
    data: Mapping[str, Any] | None = None
    cost: int | None = None
    fence: int | None = None

    @classmethod
    def of(cls, job_id: str, packed: bytes, progress: Progress, layout: BitLayout, **how: Any) -> Self:
        """Return one of values; ``how``: the other ones."""
        return cls(job_id, packed, rows.to_json(progress), rows.to_json(layout), **how)


class Completing(Part):
    """The good end of a job in the store."""

    def complete(self, job_id: str, packed: bytes, progress: Progress, layout: BitLayout, **how: Any) -> bool:
        """Do what `complete_all` does with one job; the arguments are those of `Completion.of`."""
        return self.complete_all([Completion.of(job_id, packed, progress, layout, **how)])[0]

    def complete_all(self, completions: Sequence[Completion]) -> list[bool]:
        """Store results with the final progress and move the jobs to COMPLETED, all or nothing.

        Returns
        -------
        list of bool
            Whether each is stored: False where the job cannot complete any more, or the lease is lost.

        Raises
        ------
        NoSuchJob
            No job has this id.
        ValueError
            A cost is negative, or the job has no team to pay it.
        """
        now = rows.to_time(self.clock())
        done: list[bool] = []
        moved: dict[int, Completion] = {}  # by the numbers of the jobs
        free: list[tuple[Completion, Change]] = []
        with self._db.write() as connection:
            for one, change in zip(completions, self._changes(connection, now, completions), strict=True):
                done.append(change.number not in moved and self._moves(one, change))
                if done[-1]:
                    moved[change.number] = one
                    free += [(one, change)] if _is_free(one, change) else []
            self._end(connection, now, free)
            results = [
                {"number": number, "layout": one.layout, "data": one.packed} for number, one in moved.items()
            ]
            final = [{"number": number, "data": one.progress} for number, one in moved.items()]
            self._db.add(connection, "add_result", results)
            self._db.add(connection, "set_progress", final)
        return done

    @staticmethod
    def _moves(one: Completion, change: Change) -> bool:
        """Whether the job completes; one that is not free is moved by itself."""
        if _is_free(one, change):
            return change.allows(JobStatus.COMPLETED, ran=one.ran)
        return change.move(JobStatus.COMPLETED, data=one.data, ran=one.ran, cost=one.cost)

    def _changes(self, connection: Connection, now: int, completions: Sequence[Completion]) -> list[Change]:
        for one in completions:
            self._db.lock_job(connection, one.job_id, ends=True, bill=bool(one.cost))
        ids = [one.job_id for one in completions]
        return Change.of_all(self._sql, connection, now, ids, [one.fence for one in completions])

    def _end(self, connection: Connection, now: int, free: Sequence[tuple[Completion, Change]]) -> None:
        """Move jobs for which nobody pays."""
        jobs: dict[str, int | None] = {}  # when each began, where that is told only now
        entries = []
        for one, change in free:
            began = jobs[str(change.number)] = change.began(one.ran)
            if began is not None:
                entries.append(entry(change.number, change.seq, began, EventKind.RUNNING, None))
            place = change.seq + (began is not None)
            entries.append(entry(change.number, place, now, EventKind.COMPLETED, one.data))
        self._sql.complete_jobs(connection, jobs=rows.to_json(jobs), ended_at=now)
        self._db.add(connection, "add_entry", entries)


def _is_free(one: Completion, change: Change) -> bool:
    return change.free and not one.cost

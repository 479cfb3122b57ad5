"""How programs and results are erased, and tags are changed: of jobs that stay, with all that they cost."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from qjob.model.events import EventKind
from qjob.model.job import JobRecord, JobStatus
from qjob.model.upkeep import Erased
from qjob.store import rows
from qjob.store.changes import Change
from qjob.store.database import Connection
from qjob.store.lookup import no_such_job
from qjob.store.part import Part


class Erasing(Part):
    """What changes of jobs whose life is over, and the tags of any."""

    def erase(self, job_ids: Sequence[str], by: str) -> Erased:
        """Erase what ended jobs have run and what came out; those that have not ended, or are erased, are left.

        Times, money, rate slots, fingerprint, name and tags stay. A program stays as long as another job runs it that
        is not erased.

        Parameters
        ----------
        job_ids
            Some hundreds at the most, in one transaction: nobody else writes meanwhile.
        by
            Who erases them; kept with each.

        Raises
        ------
        NoSuchJob
            No job has one of these ids; nothing is erased then.
        """
        now, jobs, size = rows.to_time(self.clock()), 0, 0
        with self._db.write() as connection:
            self._db.lock_to_erase(connection, job_ids)
            programs = set()
            for job_id in dict.fromkeys(job_ids):
                row = self._sql.get_erasable(connection, id=job_id)
                if row is None:
                    raise no_such_job(job_id)
                number, status, erased_at, program = row
                if not JobStatus(status).ended or erased_at is not None:
                    continue
                jobs, size = jobs + 1, size + self._erase_rest(connection, number)
                change = Change.of(self._db, connection, now, job_id, ends=False)
                change.log(EventKind.ERASED, {"by": by})
                self._sql.mark_erased(connection, number=number, erased_at=now, erased_by=by)
                programs.add(program)
            size += sum(self._erase_program(connection, digest) for digest in sorted(programs))
        return Erased(jobs, size)

    def _erase_rest(self, connection: Connection, number: int) -> int:
        size = self._sql.size_of_rest(connection, number=number)
        self._sql.drop_result(connection, number=number)
        self._sql.drop_progress(connection, number=number)
        self._sql.drop_attachments(connection, number=number)
        self._sql.drop_checkpoint(connection, number=number)
        return int(size)

    def _erase_program(self, connection: Connection, digest: str) -> int:
        size = self._sql.size_of_unused(connection, digest=digest)
        if not size:
            return 0
        self._sql.set_program(connection, digest=digest, data=b"")
        return int(size)

    def ended_before(
        self, user: str, before: datetime, *, after: int = -1, limit: int
    ) -> list[tuple[int, str]]:
        """Return a user's jobs that ended before a time and are not erased: number and id, by their numbers.

        Parameters
        ----------
        after
            Only jobs with higher numbers.
        limit
            How many at the most.
        """
        with self._db.read() as connection:
            found = self._sql.ended_before(
                connection, username=user, before=rows.to_time(before), after=after, max_rows=limit
            )
            return [(number, job_id) for number, job_id in found]

    def sizes(self, job_ids: Sequence[str]) -> list[int]:
        """Return about how many bytes `erase` would free for each of these jobs; 0 for one that is no job."""
        with self._db.read() as connection:
            return [int(self._sql.size_of_job(connection, id=job_id) or 0) for job_id in job_ids]

    def count_ended_before(self, user: str, before: datetime) -> int:
        """Return how many jobs these are in all."""
        with self._db.read() as connection:
            count: int = self._sql.count_ended_before(connection, username=user, before=rows.to_time(before))
            return count

    def any_unfinished(self) -> bool:
        """Whether there is a job, of whomever, that has not ended."""
        with self._db.read() as connection:
            return bool(self._sql.any_unfinished(connection))

    def size(self) -> int:
        """Return how many bytes the store takes up."""
        return self._db.size()

    def shrink(self) -> int:
        """Give what is free in the store back to the disk; return how many bytes that was.

        Nobody else can write meanwhile: about a second for each 100 MB.

        Raises
        ------
        StoreUnavailable
            That cannot be done now; the message says why.
        """
        return self._db.shrink()

    def set_tags(self, job_id: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> JobRecord:
        """Give a job other tags, which a function makes of those that it has; nobody else changes them meanwhile.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        with self._db.write() as connection:
            self._db.lock_job(connection, job_id)
            row = self._sql.get_job(connection, id=job_id)
            if row is None:
                raise no_such_job(job_id)
            number, before = rows.number_of(row), rows.job_from_row(row)
            record = before._replace(tags=dict(change(before.tags)))
            search = rows.search_text(record)
            if self._db.fills_text_index:
                indexed = self._sql.search_of(connection, number=number)
                if indexed:
                    self._sql.drop_text(connection, number=number, search=indexed)
                if search:
                    self._sql.index_text(connection, number=number, search=search)
            self._sql.set_tags(connection, number=number, tags=rows.to_json(dict(record.tags)), search=search)
        return record

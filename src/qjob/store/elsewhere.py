"""Jobs that run at a service: what it calls them, who follows them, and the texts that went to and fro."""

import zstandard

from qjob.model.events import EventKind
from qjob.store import rows
from qjob.store.changes import Change
from qjob.store.part import Part

LONGEST_TEXT = 1 << 28
"""Bytes of an attachment at the most, unpacked."""


class Elsewhere(Part):
    """What the store knows of jobs that run elsewhere."""

    def submitted(self, job_id: str, remote_id: str, *, fence: int | None = None) -> bool:
        """Note what the service calls a job, and log it; the same again is harmless.

        Parameters
        ----------
        fence
            The number of the lease under which it is noted; None: it needs none.

        Returns
        -------
        bool
            False where that was known, or the lease is lost.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        now = rows.to_time(self.clock())
        with self._db.write(durable=True) as connection:
            change = Change.of(self._db, connection, now, job_id, ends=False, fence=fence)
            if change.stale:
                return False
            if rows.job_from_row(self._sql.get_job(connection, id=job_id)).remote_id == remote_id:
                return False
            self._sql.set_remote(connection, number=change.number, remote_id=remote_id)
            self._sql.got_on(connection, number=change.number)
            change.log(EventKind.SUBMITTED, {"remote_id": remote_id})
            return True

    def adopt(self, job_id: str, *, dead: str, owner: str) -> bool:
        """Follow a job whose owner has died; False where somebody else was faster, or it has ended."""
        with self._db.write() as connection:
            self._db.lock_job(connection, job_id)
            return bool(self._sql.adopt(connection, id=job_id, owner=owner, dead=dead))

    def attach(self, job_id: str, kind: str, text: str, *, fence: int | None = None) -> None:
        """Keep a text with a job, in place of one of the same kind, unless the lease is lost.

        Raises
        ------
        NoSuchJob
            No job has this id.
        """
        data = zstandard.ZstdCompressor(level=3).compress(text.encode())
        with self._db.write() as connection:
            now = rows.to_time(self.clock())
            change = Change.of(self._db, connection, now, job_id, ends=False, fence=fence)
            if not change.stale:
                self._sql.attach(connection, number=change.number, kind=kind, data=data)

    def attachments(self, job_id: str) -> dict[str, str]:
        """Return the texts that are kept with a job, by their kinds."""
        unpack = zstandard.ZstdDecompressor()
        with self._db.read() as connection:
            return {
                kind: unpack.decompress(data, max_output_size=LONGEST_TEXT).decode()
                for kind, data in self._sql.attachments(connection, id=job_id)
            }

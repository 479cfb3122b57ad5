"""The worker processes of a store: who runs durable jobs, and what they are asked. Runs nothing."""

from datetime import timedelta

from qjob.model.worker import Asked, Staff, WorkerRecord
from qjob.store import rows
from qjob.store.database import Connection
from qjob.store.leases import SECOND
from qjob.store.part import Part

REMEMBERED = timedelta(days=7)
"""How long workers that have ended are listed."""


class Workers(Part):
    """The table of worker processes."""

    def add_worker(self, worker: WorkerRecord, *, alone: bool) -> bool:
        """List a worker process, which holds its owner's lock already.

        Parameters
        ----------
        alone
            Whether it is only wanted where its user has no other one that lives and listens.

        Returns
        -------
        bool
            False where it is not wanted.
        """
        now = self.clock()
        with self._db.write() as connection:
            self._db.lock_user(connection, worker.user)  # of two that begin at once, one is wanted
            others = self._workers(connection, worker.user)
            if alone and any(self._listens(one) or self._stopped_since(one, worker) for one in others):
                return False
            self._sql.forget_workers(connection, before=rows.to_time(now - REMEMBERED))
            self._sql.add_worker(
                connection,
                id=worker.id,
                username=worker.user,
                host=worker.host,
                pid=worker.pid,
                version=worker.version,
                began_at=rows.to_time(worker.began_at),
                beat_at=self._db.lease_clock(connection),
            )
            return True

    def workers(self, user: str) -> list[WorkerRecord]:
        """Return the worker processes of a user, those that have ended too, the newest first."""
        with self._db.read() as connection:
            return self._workers(connection, user)

    def live_workers(self, user: str) -> list[WorkerRecord]:
        """Return those that live."""
        listed = [one for one in self.workers(user) if one.ended_at is None]
        return [one for one in listed if self._db.owners.alive(one.id)]

    def bury_workers(self, user: str) -> None:
        """Note that those have ended that were killed."""
        for one in self.workers(user):
            if one.ended_at is None and not self._db.owners.alive(one.id):
                self.end_worker(one.id)

    def staff(self, user: str) -> Staff:
        """Return the worker processes of a user, and what is asked of them."""
        listed = self.workers(user)
        ended = [one for one in listed if one.ended_at is not None]
        living = [one for one in listed if one.ended_at is None and self._db.owners.alive(one.id)]
        last = max(ended, key=lambda one: one.ended_at or one.began_at, default=None)
        with self._db.read() as connection:
            newest: int | None = self._sql.newest_durable(connection, username=user)
            cancels = bool(self._sql.wants_cancel(connection, username=user))
        return Staff(tuple(living), last, None if newest is None else rows.from_time(newest), cancels)

    def _workers(self, connection: Connection, user: str) -> list[WorkerRecord]:
        now = self._db.lease_clock(connection)
        return [
            rows.worker_from_row(row, silent=max(0.0, (now - row[6]) / SECOND))
            for row in self._sql.workers(connection, username=user)
        ]

    def _listens(self, worker: WorkerRecord) -> bool:
        return worker.listens and self._db.owners.alive(worker.id)

    def _stopped_since(self, other: WorkerRecord, worker: WorkerRecord) -> bool:
        """Whether somebody has had another worker stop since this one began, which is not wanted then either."""
        if other.asked != "stop":
            return False
        if other.ended_at is not None:
            return other.ended_at >= worker.began_at
        return not other.deaf and self._db.owners.alive(other.id)

    def worker_beats(self, worker_id: str) -> None:
        """Note that a worker process is there, whatever others took it for."""
        with self._db.write() as connection:
            self._sql.beat_worker(connection, id=worker_id, beat_at=self._db.lease_clock(connection))

    def worker_asked(self, worker_id: str) -> Asked | None:
        """Return what a worker process is asked.

        One that was taken for dead, as others may while its connection to a server is lost, is listed again.
        """
        with self._db.read() as connection:
            asked: Asked | None
            asked, ended = self._sql.worker_asked(connection, id=worker_id) or (None, None)
        if ended is not None:
            self.worker_beats(worker_id)
        return asked

    def ask_worker(self, worker_id: str, asked: Asked) -> None:
        """Ask a worker process to end."""
        with self._db.write() as connection:
            self._sql.ask_worker(connection, id=worker_id, asked=asked)

    def end_worker(self, worker_id: str) -> None:
        """Note that a worker process has ended; again is harmless."""
        with self._db.write() as connection:
            self._sql.end_worker(connection, id=worker_id, ended_at=rows.to_time(self.clock()))

    def durable_unfinished(self, user: str) -> int:
        """Return how many admitted durable jobs of a user have not ended."""
        with self._db.read() as connection:
            count: int = self._sql.count_durable(connection, username=user)
            return count

"""Who runs a direct job, told by locks in the server: for all machines that share it. Knows no job.

An owner holds an advisory lock in a session of its own. The server drops the lock when the session ends, which it
does when the process ends, however it ends. Where the machine vanishes with it, the server notices within a minute.
"""

import hashlib
import logging
import os
import select
import socket
import threading
import uuid
from typing import TYPE_CHECKING

from qjob.model.errors import StoreError, StoreUnavailable
from qjob.store.postgres.session import Session

if TYPE_CHECKING:
    from qjob.store.postgres.database import Database

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between tries to claim again; the last one goes on for ever."""

LOG = logging.getLogger(__name__)


def key_of(owner_id: str) -> int:
    """Return the number that stands for an owner among the server's advisory locks; 64 bits with a sign."""
    digest = hashlib.blake2b(owner_id.encode(), digest_size=8, person=b"qjob-owner").digest()
    return int.from_bytes(digest, "big", signed=True)


class LockOwner:
    """A process that runs jobs, alive until it ends or releases.

    A thread waits for the end of the session, which nobody should see but who looks for the dead; where it comes, the
    lock is claimed again as soon as the server can be reached.
    """

    def __init__(self, database: "Database", owner_id: str) -> None:
        self.id = owner_id
        self._database = database
        self._session = Session(database.address)
        self._released = threading.Event()
        self._wake, self._waker = socket.socketpair()
        try:
            self._claim()
        except BaseException:
            self._close()
            raise
        self._thread = threading.Thread(target=self._stay, name="qjob-owner", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Stop being an owner; again is harmless, and so it is in a forked child."""
        if self._session.pid != os.getpid() or self._released.is_set():
            return
        self._released.set()
        self._waker.send(b"\0")
        self._thread.join()
        self._close()

    def _close(self) -> None:
        self._session.close()
        self._wake.close()
        self._waker.close()

    def _claim(self) -> None:
        if not self._database.answers(self._try):
            raise StoreUnavailable(f"the lock of owner {self.id} is taken.", remedy="Try again.")

    def _try(self) -> bool:
        return bool(self._database.queries.try_to_own(self._session.connection, key=key_of(self.id)))

    def _stay(self) -> None:
        while not self._released.is_set():
            news = select.poll()
            news.register(self._wake, select.POLLIN)
            news.register(self._session.connection.pgconn.socket, select.POLLIN)
            news.poll()
            if not self._released.is_set() and self._session.lost():
                LOG.warning(
                    "the connection by which %s knows that this process lives was lost; until it is back, others may "
                    "take the jobs that run here for abandoned and end them",
                    self._database.address.shown,
                )
                self._claim_again()

    def _claim_again(self) -> None:
        tries = 0
        while not self._released.is_set():
            try:
                if self._session.lost():
                    self._session.connect_again()
                # taken, where the server has not noticed yet that the old session is gone
                if self._database.answers(self._try):
                    LOG.warning("%s knows again that this process lives", self._database.address.shown)
                    return
            except StoreError as error:
                LOG.debug("owner %s: %s", self.id, error)
            self._released.wait(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1


class LockOwners:
    """The owners that a server knows."""

    grace = 1.0

    def __init__(self, database: "Database") -> None:
        self._database = database

    def claim(self) -> LockOwner:
        """Become an owner.

        Raises
        ------
        StoreUnavailable
            The server cannot be reached.
        """
        return LockOwner(self._database, uuid.uuid4().hex)

    def alive(self, owner_id: str) -> bool:
        """Return whether an owner's process lives and has not released.

        For some seconds after the start of the server everybody counts as alive: all have lost their locks then, and
        may not have claimed them again yet.

        Raises
        ------
        StoreUnavailable
            The server cannot be asked.
        """
        with self._database.read() as connection:
            return bool(self._database.queries.is_owned(connection, key=key_of(owner_id)))

    def sweep(self) -> list[str]:
        """Do nothing: the dead leave nothing behind in the server."""
        return []

"""Waiting for what others write to a PostgreSQL store: whatever commits announces it, who waits listens.

An announcement costs the server about as much as a small write, and all that announce commit one after the other. So
a process announces at most once in `GAP` seconds, and what it commits shortly after an announcement goes without.
That is made up for by who listens: who has heard an announcement looks once more when the gap is over. A commit
that takes longer than that is announced after it.

The announcement is part of the transaction that it is about: it is heard where that is committed, and only then. A
transaction that changed nothing, and locked nothing that was there, announces nothing, so that those who look for
work do not wake each other for ever.
"""

import hashlib
import logging
import math
import time
from typing import TYPE_CHECKING

import psycopg

from qjob.store.postgres.session import Session
from qjob.store.watch import Changes

if TYPE_CHECKING:
    from qjob.store.postgres.database import Database

GAP = 0.04
"""Seconds between two announcements of a process, at least."""

ECHO = GAP + 0.01
"""Seconds after an announcement was heard until all is committed that was left out after it."""

LOG = logging.getLogger(__name__)


def channel_of(schema: str) -> str:
    """Return the name under which changes of a schema are announced in its database."""
    digest = hashlib.blake2b(schema.encode(), digest_size=8, person=b"qjob-changes").hexdigest()
    return f"qjob_{digest}"


class Announcer:
    """Commits, and says so to who listens. Any thread may use it.

    Parameters
    ----------
    schema
        The schema that the tables are in.
    """

    def __init__(self, schema: str) -> None:
        channel = channel_of(schema)
        self._aloud = (
            f"SELECT pg_notify('{channel}', '') WHERE pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT"
        ).encode()
        self._after = f"NOTIFY {channel}".encode()
        self._announced = -math.inf  # when a commit was begun that has been heard

    def commit(self, connection: psycopg.Connection) -> None:
        """Commit the transaction of a connection."""
        began = time.monotonic()
        if began - self._announced >= GAP:
            if connection.execute(self._aloud).rowcount:
                self._announced = began
            return
        connection.execute(b"COMMIT")
        if time.monotonic() - self._announced >= GAP:
            self._announce(connection)

    def _announce(self, connection: psycopg.Connection) -> None:
        """Announce what is committed already: who has heard the last announcement may have looked before that."""
        try:
            connection.execute(self._after)
        except (
            psycopg.Error
        ) as error:  # no reason to call the commit a failure: the next one is announced again
            LOG.warning("a change of the store was not announced: %s", error)


class HeardChanges(Changes):
    """What others write to a schema, this process included.

    Parameters
    ----------
    database
        The database.
    schema
        The schema that the tables are in.
    """

    def __init__(self, database: "Database", schema: str) -> None:
        super().__init__(database.address.shown)
        self._database = database
        self._listen = f"LISTEN {channel_of(schema)}".encode()
        self._session: Session | None = None
        self._echo = math.inf

    def _begin(self) -> None:
        session = self._session = Session(self._database.address)
        self._database.answers(lambda: session.connection.execute(self._listen))
        self._echo = math.inf

    def _seen(self, end: float) -> bool:
        assert self._session is not None  # noqa: S101 - begun
        wire = self._session.connection.pgconn
        while True:
            woken = self._rest(min(end, self._echo) - time.monotonic(), wire.socket)
            if self._database.answers(lambda: _heard(wire)):
                self._echo = time.monotonic() + ECHO
                return True
            if time.monotonic() >= self._echo:
                self._echo = math.inf
                return True
            if woken or time.monotonic() >= end:
                return False

    def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _heard(wire: psycopg.pq.abc.PGconn) -> bool:
    """Take what the server has said so far; return whether an announcement was among it."""
    wire.consume_input()
    heard = False
    while wire.notifies() is not None:
        heard = True
    return heard

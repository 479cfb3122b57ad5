"""One connection and what goes on in it; and what becomes of the connections of a process in a forked child.

A child that used an inherited connection would speak in the middle of its parent's sentences, and one that closed it
would end the parent's session. A child that merely keeps the socket keeps the session of a dead parent alive, with
every lock that it holds. So in a child each inherited socket is put away at once; it opens connections of its own.
"""

import os
import select
import weakref
from contextlib import suppress

import psycopg
from psycopg.pq import TransactionStatus

from qjob.store.postgres.address import Address


class Session:
    """A connection of one thread, or of an owner.

    Parameters
    ----------
    address
        Where it leads; it is connected at once.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self.pid = os.getpid()
        self.uses = 0  # how many calls are inside it now
        self.writing = False  # whether a transaction that writes is open
        self.doomed = False  # an inner transaction failed: the outer one must not commit
        self.connection = address.connect()
        self._closing = weakref.finalize(self, _close_own, self.connection, self.pid)
        # not at the interpreter's end: a daemon thread may be inside the connection then
        self._closing.atexit = False
        PROCESS.add(self)

    @property
    def status(self) -> TransactionStatus:
        """Whether a transaction is open, and whether it has failed."""
        return self.connection.info.transaction_status

    def connect_again(self) -> None:
        """Replace a connection that was lost."""
        self.close()
        self.connection = self._address.connect()
        self._closing = weakref.finalize(self, _close_own, self.connection, self.pid)
        self._closing.atexit = False

    def lost(self) -> bool:
        """Whether the server has ended the connection, as far as this machine has heard; asks nobody."""
        if self.connection.closed:
            return True
        inbox = select.poll()
        inbox.register(self.connection.pgconn.socket, select.POLLIN)
        with suppress(psycopg.Error):
            while inbox.poll(0):  # between two statements a server says little, but that it ends the session
                self.connection.pgconn.consume_input()
        return self.connection.closed

    def ready(self) -> bool:
        """Whether the next transaction may begin here: not after a loss, nor where an interrupt left one halfway."""
        return not self.lost() and self.status is TransactionStatus.IDLE

    def roll_back(self) -> None:
        """End an open transaction without a trace."""
        if self.status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            # where the connection is lost meanwhile, the server undoes it by itself
            with suppress(psycopg.OperationalError):
                self.connection.execute("ROLLBACK")
        if self.status is not TransactionStatus.IDLE:
            self.close()  # no statement of this transaction may ever be followed by one of the next

    def close(self) -> None:
        """Close the connection, in the process that has opened it."""
        self._closing()

    def put_away(self) -> None:
        """Let go of an inherited socket without a word to the server, in a forked child."""
        if not self.connection.closed:
            nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
            os.dup2(nowhere, self.connection.pgconn.socket, inheritable=False)
            os.close(nowhere)


def _close_own(connection: psycopg.Connection, pid: int) -> None:
    if os.getpid() == pid:
        connection.close()
    else:
        PROCESS.inherited.append(connection)


class Sessions:
    """All sessions of this process."""

    def __init__(self) -> None:
        self._sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self.inherited: list[
            psycopg.Connection
        ] = []  # kept: psycopg complains of one that is dropped while open
        os.register_at_fork(after_in_child=self._forked)

    def add(self, session: Session) -> None:
        """Keep account of a new session."""
        self._sessions.add(session)

    def _forked(self) -> None:
        for session in list(self._sessions):
            session.put_away()
            self.inherited.append(session.connection)
        self._sessions = weakref.WeakSet()


PROCESS = Sessions()
"""Module state, because a fork is one of the whole process."""

"""What the store asks of a database: the one seam between them. Knows neither SQLite nor PostgreSQL.

`qjob.store.sqlite` is the default, a file in the home folder; `qjob.store.postgres` is a server for several machines.
The queries that both understand are in ``sql/common.sql`` and ``sql/money.sql``; a query that stands in both
``sql/sqlite.sql`` and ``sql/postgres.sql`` has the same name and the same rows there.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from qjob.store.owners import Owners
from qjob.store.watch import LOOK, Changes

Connection: TypeAlias = Any
"""What the named queries take: a connection of `sqlite3` or of `psycopg`."""


class Database(Protocol):
    """Connections and transactions, one connection a thread.

    Attributes
    ----------
    queries
        The named queries, in this database's words.
    has_text_index
        Whether names and tags are searched by an index.
    fills_text_index
        Whether that index is one of its own, which each new job has to be added to.
    owners
        Who runs direct jobs of this store.
    """

    queries: Any
    has_text_index: bool

    @property
    def owners(self) -> Owners:
        """See above."""

    @property
    def fills_text_index(self) -> bool:
        """See above."""

    def text_pattern(self, text: str) -> str:
        """Return what the text index has to be asked for a text that is not too short for it; it may find more."""

    def text_phrase(self, text: str) -> str:
        """Return what the text index has to be asked to find nothing but what holds the text."""

    def read(self) -> AbstractContextManager[Connection]:
        """Give a connection to read with: each statement sees one moment, or the transaction around it."""

    def read_moment(self) -> AbstractContextManager[Connection]:
        """Give a connection all of whose statements see the same moment."""

    def write(self, *, durable: bool = False) -> AbstractContextManager[Connection]:
        """Give a connection to write with, in one transaction; inside another one it joins that.

        Where an inner transaction fails, the outer one is undone as a whole, even if the error was caught between.

        Parameters
        ----------
        durable
            Whether the commit waits for the disk, so that it survives a power cut.
        """

    def add(self, connection: Connection, query: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Add rows as a named query adds one, its parameters being their keys; return how many were added."""

    def is_current(self, connection: Connection) -> bool:
        """Whether the tables are still of the version that they had, or were brought to, when this was opened."""

    def lease_clock(self, connection: Connection) -> int:
        """Return the time that leases go by, in microseconds since whenever: the same for all who share the store.

        The server's; or the machine's since it was started, not counting the time that it slept.
        """

    def lock_user(self, connection: Connection, user: str) -> None:
        """Wait, in a transaction that writes, until nobody else admits jobs of a user, or makes the first team."""

    def lock_job(
        self, connection: Connection, job_id: str, *, ends: bool = False, bill: bool = False
    ) -> None:
        """Wait, in a transaction that writes, until nobody else changes a job, or, where it ends, its team's money.

        Parameters
        ----------
        ends
            Whether the change may end the job, so that what is held for it is settled.
        bill
            Whether it may cost something even if nothing is held for it.
        """

    def lock_jobs(self, connection: Connection, job_ids: Sequence[str]) -> None:
        """Wait, as a transaction begins, until nobody else changes any of these jobs or their teams' money."""

    def lock_to_erase(self, connection: Connection, job_ids: Sequence[str]) -> None:
        """Wait, as a transaction begins, until nobody else changes these jobs, or adds one with their programs."""

    def size(self) -> int:
        """Return how many bytes the database takes up."""

    def shrink(self) -> int:
        """Give what is free in the database back to the disk; return how many bytes that was.

        Nobody else can write meanwhile.

        Raises
        ------
        StoreUnavailable
            That cannot be done now; the message says why.
        """

    def changes(self, look: float = LOOK) -> Changes:
        """Return what others write, to wait for.

        Parameters
        ----------
        look
            Seconds between two looks, where the database does not tell by itself.

        Raises
        ------
        StoreUnavailable
            The store was closed.
        """

    def check(self) -> None:
        """Read everything for damage.

        Raises
        ------
        StoreCorrupt
            With the first fault found.
        """

    def close(self) -> None:
        """Close the connections of all threads; one that is in use is closed when that use ends. Ends all waits."""

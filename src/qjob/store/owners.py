"""Who runs a direct job, and whether that process still lives: the same questions to either database.

An owner is a process that holds a lock which its death takes away, however it dies; so a taken lock means alive,
without pids that are used again, heartbeats or time limits. With SQLite it is a lock on a file
(`qjob.store.sqlite.owners`), which all processes of one machine can see; with PostgreSQL a lock in the server
(`qjob.store.postgres.owners`), which those of every machine can see.
"""

from typing import Protocol


class Owner(Protocol):
    """A process that runs jobs, alive until it ends or releases."""

    @property
    def id(self) -> str:
        """What the jobs it runs carry as their owner."""

    def release(self) -> None:
        """Stop being an owner; again is harmless, and so it is in a forked child."""


class Owners(Protocol):
    """All owners of jobs in one store.

    Attributes
    ----------
    grace
        Seconds for which an owner may seem dead that lives: it has lost its connection, and is about to be back.
    """

    grace: float

    def claim(self) -> Owner:
        """Become an owner.

        Raises
        ------
        StoreUnavailable
            The lock cannot be had.
        WorkerError
            This system has no such locks.
        """

    def alive(self, owner_id: str) -> bool:
        """Return whether an owner's process lives and has not released.

        Raises
        ------
        StoreUnavailable
            It cannot be asked now.
        """

    def sweep(self) -> list[str]:
        """Clear away what dead owners have left behind, and return their ids; nothing where they leave nothing."""

"""Who waits for whom in SQLite: whatever writes holds the only lock of the file already."""

import sqlite3
from collections.abc import Sequence


class Locks:
    """Takes no locks: a transaction that writes is the only one."""

    def lock_user(self, connection: sqlite3.Connection, user: str) -> None:
        """Do nothing."""

    def lock_job(
        self, connection: sqlite3.Connection, job_id: str, *, ends: bool = False, bill: bool = False
    ) -> None:
        """Do nothing."""

    def lock_jobs(self, connection: sqlite3.Connection, job_ids: Sequence[str]) -> None:
        """Do nothing."""

    def lock_to_erase(self, connection: sqlite3.Connection, job_ids: Sequence[str]) -> None:
        """Do nothing."""

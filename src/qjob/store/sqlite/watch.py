"""Waiting for what others write to a SQLite file, which tells nobody: so its data version is looked at.

A look takes some microseconds: https://www.sqlite.org/pragma.html#pragma_data_version. The connection is one that
nobody writes with, so that whatever is committed by whomever changes what it sees.
"""

import time
from typing import TYPE_CHECKING

from qjob.store.sqlite.links import Link
from qjob.store.watch import LOOK, Changes

if TYPE_CHECKING:
    from qjob.store.sqlite.database import Database

SOONEST = 0.001
"""Seconds between two looks just after something has happened; they come ever later after that."""

BUSY_TIMEOUT = 1.0
"""Seconds for which a look waits where the file is locked as a whole, which is rare."""


class FileChanges(Changes):
    """What others write to a file.

    Parameters
    ----------
    database
        The file.
    look
        Seconds between two looks, where nothing has happened for a while.
    """

    def __init__(self, database: "Database", look: float = LOOK) -> None:
        super().__init__(str(database.path))
        self._database = database
        self._look = look
        self._link: Link | None = None
        self._version = 0
        self._stirred = time.monotonic()  # when something happened last

    def _begin(self) -> None:
        self._database.check_file()
        self._link = self._database.connect(BUSY_TIMEOUT)
        self._version = self._database.version_seen_by(self._link)

    def _seen(self, end: float) -> bool:
        assert self._link is not None  # noqa: S101 - begun
        while True:
            version = self._database.version_seen_by(self._link)
            if version != self._version:
                self._version = version
                self._stirred = time.monotonic()
                return True
            now = time.monotonic()
            pause = min(self._look, max(SOONEST, (now - self._stirred) / 4))
            if now >= end or self._rest(min(end - now, pause)):
                return False

    def wake(self) -> None:
        """End the wait that is under way, or else the next one, from any thread, and look more often for a while."""
        self._stirred = time.monotonic()
        super().wake()

    def _end(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

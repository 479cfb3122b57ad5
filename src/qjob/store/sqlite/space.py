"""How much of the disk a SQLite file takes up, and how it is given back what the file needs no more. Knows no job.

A file never shrinks by itself: what was deleted in it is free for what comes next. VACUUM writes it anew, which takes
as much room again beside it and, meanwhile, keeps everybody from writing: https://www.sqlite.org/lang_vacuum.html
"""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from qjob.model.errors import StoreUnavailable
from qjob.store.sqlite.guard import explain

BESIDE = ("", "-wal", "-shm")
"""What the names of SQLite's files end with."""

WORTH = 0.05
"""The share of a file that has to be free, for it to be written anew."""


def size(path: Path) -> int:
    """Return how many bytes a file and what SQLite keeps beside it take up."""
    files = (path.with_name(path.name + end) for end in BESIDE)
    return sum(file.stat().st_size for file in files if file.exists())


def shrink(connection: sqlite3.Connection, queries: Any, path: Path) -> int:
    """Write a file anew, if enough of it is free; return how many bytes smaller it is.

    Raises
    ------
    StoreUnavailable
        There is no room for that, or another process is writing.
    """
    before = size(path)
    whole, free = queries.pages(connection)
    if free < WORTH * whole:
        return 0
    room = shutil.disk_usage(path.parent).free
    if room < 2 * whole:  # a temporary file, and the log that it goes through
        raise StoreUnavailable(
            f"the disk has {room / 1e6:,.0f} MB left, and writing {path} anew takes {2 * whole / 1e6:,.0f} MB.",
            remedy="Make room on the disk, then %qjob gc again.",
            numbers={"free": room, "needed": 2 * whole},
        )
    try:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise explain(error, path) from error
    return max(0, before - size(path))

"""How much of the disk a SQLite file takes up, and how it is given back what the file needs no more. Knows no job.

A file never shrinks by itself: what was deleted in it is free for what comes next. VACUUM writes it anew, which takes
as much room again beside it and, meanwhile, keeps everybody from writing: https://www.sqlite.org/lang_vacuum.html
"""

import shlex
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

MOST = 400_000_000
"""Bytes in use up to which it is written anew: some seconds, less than others wait until they give up."""


def size(path: Path) -> int:
    """Return how many bytes a file and what SQLite keeps beside it take up."""
    files = (path.with_name(path.name + end) for end in BESIDE)
    return sum(file.stat().st_size for file in files if file.exists())


def shrink(connection: sqlite3.Connection, queries: Any, path: Path) -> int:
    """Write a file anew, if enough of it is free, and end its log; return how many bytes smaller both are.

    Raises
    ------
    StoreUnavailable
        There is no room for that, it would take too long, or another process is writing or reading.
    """
    before = size(path)
    whole, free = queries.pages(connection)
    worth = free >= WORTH * whole
    kept = _reason(path, whole, whole - free) if worth else None
    try:
        if worth and kept is None:
            connection.execute("VACUUM")
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise explain(error, path) from error
    if kept is not None:
        raise kept
    if (
        busy
    ):  # what was written anew is in the log still, and comes into the file when nobody reads the old one
        raise StoreUnavailable(
            f"another process was reading or writing {path}.", remedy="Try again: %qjob gc --older 90d"
        )
    return max(0, before - size(path))


def _reason(path: Path, whole: int, living: int) -> StoreUnavailable | None:
    """Return why a file is not to be written anew now; None where it is."""
    room = shutil.disk_usage(path.parent).free
    if room < 2 * whole:  # a temporary file, and the log that it goes through
        return StoreUnavailable(
            f"the disk has {room / 1e6:,.0f} MB left, and writing {path} anew takes {2 * whole / 1e6:,.0f} MB.",
            remedy="Make room on the disk, then %qjob gc --older 90d again.",
            numbers={"free": room, "needed": 2 * whole},
        )
    if living > MOST:
        code = f"import sqlite3; sqlite3.connect({str(path)!r}).execute('VACUUM')"
        return StoreUnavailable(
            f"{living / 1e6:,.0f} MB of {path} are in use, and whoever submits would wait too long while it is "
            f"written anew. When nobody works with it, in a shell: python -c {shlex.quote(code)}",
            remedy="It is used again for what comes next.",
            numbers={"living": living, "most": MOST},
        )
    return None

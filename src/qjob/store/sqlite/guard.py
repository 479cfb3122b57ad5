"""What makes a store unusable, said clearly: where it lies, what SQLite reports, what file it is.

The one place that turns errors of SQLite and of the file system into the project's own. Knows no query.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from qjob.model.errors import (
    InvalidRequest,
    QjobError,
    StoreCorrupt,
    StoreError,
    StoreOnNetwork,
    StoreTooNew,
    StoreUnavailable,
)

MOVE_HOME = "Set QJOB_HOME to a folder on a local disk that you may write to, such as ~/qjob."

STORE_ERRORS = (sqlite3.Error, sqlite3.Warning, OSError, OverflowError, UnicodeEncodeError)
"""What may come out of SQLite or the file system and has to go through `explain`."""

# fmt: off
NETWORK_FILESYSTEMS = frozenset({
    "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "curlftpfs", "davfs", "davfs2", "gcsfuse",
    "glusterfs", "goofys", "gpfs", "juicefs", "lustre", "mfs", "ncp", "ncpfs", "nfs", "nfs3", "nfs4", "openafs",
    "orangefs", "panfs", "pvfs2", "rclone", "s3fs", "smb", "smb2", "smb3", "smbfs", "sshfs", "webdav",
})
# fmt: on
"""Types of file systems where locks or shared memory do not hold between machines."""


class Partition(NamedTuple):
    """A mounted file system."""

    mountpoint: str
    fstype: str


def partitions() -> list[Partition]:
    """Return what is mounted on this machine."""
    import psutil

    return [Partition(part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True)]


def check_place(path: Path, mounted: Iterable[Partition]) -> None:
    """Refuse a path on a network file system.

    SQLite in WAL mode shares memory between processes, which two machines cannot; and the locks of many network
    file systems are not kept: https://www.sqlite.org/wal.html

    Raises
    ------
    StoreOnNetwork
        With the kind of file system and where it is mounted.
    """
    place = path.resolve()
    above = [part for part in mounted if place.is_relative_to(part.mountpoint)]
    if not above:
        return
    longest = max(len(part.mountpoint) for part in above)
    mount = [part for part in above if len(part.mountpoint) == longest][-1]  # a later mount hides an earlier
    if mount.fstype.lower().removeprefix("fuse.") in NETWORK_FILESYSTEMS:
        raise StoreOnNetwork(
            f"{path} lies on a network file system ({mount.fstype} at {mount.mountpoint}), where the locks of "
            "SQLite do not hold.",
            remedy=MOVE_HOME,
            numbers={"path": str(path), "fstype": mount.fstype, "mountpoint": mount.mountpoint},
        )


def make_place(path: Path) -> None:
    """Create the folder (for this user alone) and the empty file, where they are missing.

    Raises
    ------
    StoreUnavailable
        They cannot be created here.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise explain(error, path) from error


def check_identity(
    path: Path, application_id: int, version: int, tables: int, *, ours: int, newest: int
) -> None:
    """Refuse a database that is not ours, or of a later version than this code knows.

    Parameters
    ----------
    application_id, version, tables
        What the file says: its two marks and how many tables it has; all 0 in a new file.
    ours, newest
        The application id of qjob stores, and the version this code writes.
    """
    if application_id == version == tables == 0:
        return
    if application_id != ours:
        raise StoreCorrupt(
            f"{path} is a database of another program (application id {application_id:#x}, not {ours:#x}).",
            remedy=f"Move that file away. Or: {MOVE_HOME}",
            numbers={"application_id": application_id},
        )
    if version > newest:
        raise StoreTooNew(
            f"{path} has the store's version {version}; this qjob knows versions up to {newest}.",
            remedy="Update qjob: pip install --upgrade qjob. Or use another folder: set QJOB_HOME.",
            numbers={"version": version, "newest": newest},
        )


def explain(error: BaseException, path: Path) -> QjobError:
    """Return the project's error for one of `STORE_ERRORS`."""
    if isinstance(error, UnicodeEncodeError):
        return InvalidRequest(f"{error.object!r} holds characters that are no Unicode text.")
    if isinstance(error, OverflowError):
        return InvalidRequest(f"a value is too large for the store: {error}.")
    if isinstance(error, OSError):
        return _unusable(path, error.strerror or str(error))
    code: int = getattr(error, "sqlite_errorcode", 0)
    say = _BY_CODE.get(code) or _BY_CODE.get(code & 0xFF, _failed)  # the low byte is the kind of a finer code
    return say(path, str(error).rstrip("."))


def damaged(path: Path, reason: str) -> StoreError:
    """Return the error for a damaged file."""
    return StoreCorrupt(
        f"{path} is damaged or no database: {reason}.",
        remedy=f"Keep a copy of it and of {path.name}-wal, then try to save what is left:\n"
        f"  sqlite3 {path} .recover | sqlite3 {path.with_name('recovered.sqlite')}\n"
        "Put that file in its place, or move the damaged one away to begin anew.",
        numbers={"path": str(path)},
    )


def _locked(path: Path, reason: str) -> StoreError:
    return StoreUnavailable(
        f"{path} stayed locked by another process for too long ({reason}).",
        remedy=f"Try again. If it stays so, find the process that holds it and end it (on Linux: fuser {path}).",
        numbers={"path": str(path)},
        retry_after=1.0,
    )


def _full(path: Path, reason: str) -> StoreError:
    return StoreUnavailable(
        f"the disk under {path} is full ({reason}).",
        remedy=f"What was stored is safe. Free some space and try again. Or: {MOVE_HOME}",
        numbers={"path": str(path)},
    )


def _unwritable(path: Path, reason: str) -> StoreError:
    return StoreUnavailable(
        f"{path} cannot be written ({reason}).",
        remedy=f"Make {path.parent} and every {path.name}* in it writable for you. Or: {MOVE_HOME}",
        numbers={"path": str(path)},
    )


def _unusable(path: Path, reason: str) -> StoreError:
    return StoreUnavailable(
        f"{path} cannot be used: {reason}.",
        remedy=f"Look at that disk and folder. Or: {MOVE_HOME}",
        numbers={"path": str(path)},
    )


def _too_big(path: Path, reason: str) -> StoreError:
    return StoreError(
        f"a result is too large for {path} ({reason}): SQLite takes at most 1 GB in one value.",
        remedy="Run the job without its state vector, or with fewer qubits.",
        numbers={"path": str(path)},
    )


def _failed(path: Path, reason: str) -> StoreError:
    return StoreError(
        f"the store {path} refused: {reason}.",
        remedy="Please report this as a fault of qjob, with the text of this message.",
        numbers={"path": str(path)},
    )


_BY_CODE: Mapping[int, Callable[[Path, str], StoreError]] = {
    sqlite3.SQLITE_BUSY: _locked,
    sqlite3.SQLITE_LOCKED: _locked,
    sqlite3.SQLITE_FULL: _full,
    # no space for the shared memory or the log beside the file
    sqlite3.SQLITE_IOERR_SHMSIZE: _full,
    sqlite3.SQLITE_IOERR_WRITE: _full,
    sqlite3.SQLITE_IOERR: _unusable,
    sqlite3.SQLITE_READONLY: _unwritable,
    sqlite3.SQLITE_CANTOPEN: _unwritable,
    sqlite3.SQLITE_PERM: _unwritable,
    sqlite3.SQLITE_AUTH: _unwritable,
    sqlite3.SQLITE_CORRUPT: damaged,
    sqlite3.SQLITE_NOTADB: damaged,
    sqlite3.SQLITE_TOOBIG: _too_big,
}

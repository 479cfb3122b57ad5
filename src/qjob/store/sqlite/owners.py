"""Who runs a direct job, told by locks on files in the home folder. Knows no job and no database.

An owner is a process that holds a lock on a file of its own. The kernel of the operating system drops the lock
when the process ends, however it ends; so a taken lock means alive, exactly, without pids that are used again,
heartbeats or time limits.
"""

import os
import uuid
import weakref
from pathlib import Path

from qjob.model.errors import WorkerError
from qjob.store.sqlite.guard import explain

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # looked at before each use

SUFFIX = ".lock"


class FileOwner:
    """A process that runs jobs, alive until it ends or releases.

    Attributes
    ----------
    id : str
        What the jobs it runs carry as their owner.
    """

    def __init__(self, owner_id: str, path: Path, descriptor: int) -> None:
        self.id = owner_id
        self._path = path
        self._descriptor: int | None = descriptor
        # A forked child shares the lock with us and would keep it after our death. Closing its copy of the
        # descriptor leaves ours locked. What is started by exec does not inherit it: it is close-on-exec.
        forget = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def release(self) -> None:
        """Stop being an owner; again is harmless, and so it is in a forked child."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            self._forget()

    def _forget(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class FileOwners:
    """The owners whose files are in the folder ``owners`` of a home folder."""

    grace = 0.0

    def __init__(self, home: Path) -> None:
        self._folder = home / "owners"

    def claim(self) -> FileOwner:
        """Become an owner.

        Raises
        ------
        StoreUnavailable
            The folder ``owners`` cannot be written.
        WorkerError
            This system has no such locks.
        """
        _need_locks()
        owner_id = uuid.uuid4().hex
        path = self._path(owner_id)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # locked before it has its name: whoever sees the name sees the lock
            unnamed = path.with_suffix(".new")
            descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            unnamed.rename(path)
        except OSError as error:
            raise explain(error, path) from error
        return FileOwner(owner_id, path, descriptor)

    def alive(self, owner_id: str) -> bool:
        """Return whether an owner's process lives and has not released.

        Raises
        ------
        StoreUnavailable
            The lock file cannot be read.
        WorkerError
            This system has no such locks.
        """
        _need_locks()
        path = self._path(owner_id)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise explain(error, path) from error
        try:
            # shared, so that several who look at the same time do not take each other for the owner
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError as error:
            raise explain(error, path) from error
        finally:
            os.close(descriptor)
        return False

    def sweep(self) -> list[str]:
        """Remove the files of dead owners and return their ids. No lock is ever taken again, so dead stays dead."""
        dead = [path.stem for path in sorted(self._folder.glob(f"*{SUFFIX}")) if not self.alive(path.stem)]
        for owner_id in dead:
            self._path(owner_id).unlink(missing_ok=True)
        return dead

    def _path(self, owner_id: str) -> Path:
        return self._folder / f"{owner_id}{SUFFIX}"


def _need_locks() -> None:
    if fcntl is None:
        raise WorkerError(
            "this system has no file locks of the kind that tell whether a process lives.",
            remedy="qjob runs jobs on Linux and macOS; on Windows use WSL.",
        )

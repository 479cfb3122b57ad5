"""What an engine holds while it is in use: the store, its place among the owners of jobs, and the executor."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qjob.execution.direct import DirectExecutor
from qjob.execution.feed import Feed
from qjob.execution.local import clear_logs, drop_empty_log, local_runner
from qjob.model.job import Failure, JobStatus
from qjob.settings import Settings
from qjob.store import owners
from qjob.store.owners import Owner, alive
from qjob.store.store import Store


@dataclass(frozen=True, slots=True)
class Opened:
    """The parts, in the order in which they are opened; closed in the reverse one."""

    home: Path
    store: Store
    owner: Owner
    executor: DirectExecutor

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], datetime], feed: Feed) -> "Opened":
        """Open everything, end what dead processes have left behind and clear their files away.

        Raises
        ------
        StoreError
            The store cannot be used.
        WorkerError
            This system cannot tell whether a process lives.
        """
        home = settings.home
        with ExitStack() as undo:
            store = Store.open(settings.database, clock=clock)
            undo.callback(store.close)
            sweep(store, home)
            owners.sweep(home)
            clear_logs(home, clock().timestamp())
            owner = Owner.claim(home)
            undo.callback(owner.release)
            executor = DirectExecutor(local_runner(store, owner.id, settings), feed)
            undo.pop_all()
        return cls(home, store, owner, executor)

    def close(self) -> None:
        """End the workers, then stop being an owner: jobs in hand are left as a dead process leaves them."""
        self.executor.close()
        drop_empty_log(self.home, self.owner.id)
        self.owner.release()
        self.store.close()


def sweep(store: Store, home: Path) -> None:
    """End the direct jobs whose process has died: they are FAILED with their reason, never left hanging."""
    for record in store.unfinished():
        if record.owner is not None and alive(home, record.owner):
            continue
        if record.status is JobStatus.CANCELLING:
            store.move(record.id, JobStatus.CANCELLED)
        else:
            store.move(record.id, JobStatus.FAILED, failure=_left_behind(record.id))


def _left_behind(job_id: str) -> Failure:
    return Failure(
        "kernel_ended",
        "The kernel that ran it ended before the job did.",
        f"Run it again: %qjob retry {job_id[:8]}",
        transient=True,
    )

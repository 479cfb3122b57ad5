"""What an engine holds while it is in use: the store, its place among its owners, the executor, and the watcher."""

import logging
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from qjob.execution.direct import DirectExecutor
from qjob.execution.feed import Feed
from qjob.execution.keeper import Keeper
from qjob.execution.local import clear_logs, drop_empty_log, local_runner
from qjob.execution.tracing import Tracing, load_tracing
from qjob.execution.tracks import Telling
from qjob.execution.watcher import Watcher
from qjob.model.errors import StoreError
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.settings import Settings
from qjob.store.owners import Owner
from qjob.store.store import Store

SHOWN = 5
"""How many jobs a message names."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """The parts, in the order in which they are opened; closed in the reverse one."""

    home: Path
    store: Store
    owner: Owner
    executor: DirectExecutor
    keeper: Keeper  # of the worker process that runs durable jobs
    watcher: Watcher
    tracing: Tracing
    others: dict[str, Keeper] = field(default_factory=dict)  # of the workers of other users, by these

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
            store = Store.of(settings, clock)
            undo.callback(store.close)
            sweep(store)
            store.owners.sweep()
            clear_logs(home, store.owners.alive, clock().timestamp())
            owner = store.owners.claim()
            undo.callback(owner.release)
            tracing = load_tracing(os.environ)
            tracks = Telling(tracing, f"{socket.gethostname()}:{os.getpid()}") if tracing.on else None
            executor = DirectExecutor(local_runner(store, owner.id, settings, tracks=tracks), feed)
            keeper = Keeper(store, settings, version("qjob"))
            if store.durable_unfinished(settings.user):
                keeper.look()
            undo.pop_all()
        return cls(home, store, owner, executor, keeper, Watcher(store.changes, feed), tracing)

    def acting_as(self, settings: Settings, store: Store, own: str) -> "Opened":
        """Return the same parts for jobs of another user; only this one, not that, is to be closed.

        Parameters
        ----------
        settings
            As those that this was opened with, but for the user, whose workers are looked after as well from now on,
            and at once where durable jobs wait for one.
        store
            This one's, perhaps bound to a team.
        own
            The user that this was opened for.
        """
        if settings.user == own:
            return replace(self, store=store)
        # one for all engines of a user: each has a lock of its own, and this is one step
        keeper = self.others.setdefault(settings.user, Keeper(self.store, settings, version("qjob")))
        if store.durable_unfinished(settings.user):
            keeper.look()
        return replace(self, store=store, keeper=keeper)

    def close(self) -> None:
        """End the workers and the jobs they had in hand, then stop being an owner."""
        for keeper in (self.keeper, *list(self.others.values())):
            keeper.close()
        self.watcher.close()
        self.executor.close()
        drop_empty_log(self.home, self.owner.id)
        self._end_own()
        self.tracing.close()
        self.owner.release()
        self.store.close()

    def _end_own(self) -> None:
        try:
            mine = [
                record
                for record in self.store.unfinished()
                if record.owner == self.owner.id and not record.elsewhere
            ]
            for record in mine:
                end(self.store, record)
        except StoreError as error:  # whoever opens the store next ends them, as those of a dead process
            LOG.warning("jobs in hand could not be ended: %s", error)
            return
        if mine:
            some = [record.id[:8] for record in mine[:SHOWN]] + ["..."] * (len(mine) > SHOWN)
            LOG.warning(
                "unfinished jobs that ended with what ran them: %d (%s). Run one again: %%qjob retry ID",
                len(mine),
                ", ".join(some),
            )


def sweep(store: Store) -> None:
    """End the direct local jobs whose process has died: they are FAILED with their reason, never left hanging."""
    dead = {
        owner for owner in store.owners_of_direct() if not store.owners.alive(owner)
    }  # each is asked once
    for record in store.unfinished() if dead else ():
        if record.owner in dead and not record.elsewhere and not record.durable:
            end(store, record)


def end(store: Store, record: JobRecord) -> None:
    """End a job that nobody runs any more: one that was to be cancelled is CANCELLED, any other FAILED."""
    if record.status is JobStatus.CANCELLING:
        store.move(record.id, JobStatus.CANCELLED)
        return
    if record.status is JobStatus.INITIALIZING:
        failure = Failure(
            "not_admitted",
            "The kernel or script that proposed it ended before it was admitted. Nothing was paid.",
            f"Submit it again: %qjob retry {record.id[:8]}",
        )
        store.move(record.id, JobStatus.CANCELLED, failure=failure)
        return
    failure = Failure(
        "kernel_ended",
        "The kernel or script that ran it ended before the job did.",
        f"Run it again: %qjob retry {record.id[:8]}",
        transient=True,
    )
    store.move(record.id, JobStatus.FAILED, failure=failure)

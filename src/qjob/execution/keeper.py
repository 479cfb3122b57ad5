"""Sees to it that a worker process runs as long as there are durable jobs: one is started, detached, where none is.

A kernel's affair: a thread of its own looks once a second while jobs of its user have not ended, and not at all
otherwise. Decides by `needed`; runs no job itself.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from packaging.version import Version

from qjob.execution.detached import log_of_start, start
from qjob.execution.pool import last_line
from qjob.model.errors import QjobError
from qjob.model.worker import Staff
from qjob.settings import Settings
from qjob.store.store import Store

LOOK = 1.0
"""Seconds between two looks."""

PATIENCE = 15.0
"""Seconds that a worker process may take until it is listed."""

AGAIN = (1.0, 5.0, 30.0, 60.0)
"""Seconds until another one is started, where one after the other came to nothing."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Needed:
    """What is to be done about the workers of a user.

    Parameters
    ----------
    start
        Whether one is to be started.
    drain
        Those that are to end once they have nothing in hand.
    """

    start: bool = False
    drain: tuple[str, ...] = ()


def needed(staff: Staff, version: str) -> Needed:
    """Return what is to be done where there are durable jobs.

    After somebody has stopped the workers, only newer jobs start one, and those to be cancelled at a service, since
    these may cost money there.

    Parameters
    ----------
    staff
        The worker processes, and what is asked of them.
    version
        Of this package: a worker of an older one makes room for one of this.
    """
    last = staff.last
    listening = [one for one in staff.living if one.listens]
    if any(Version(one.version) >= Version(version) for one in listening):
        return Needed()
    if listening:
        return Needed(start=True, drain=tuple(one.id for one in listening))
    if any(one.asked == "stop" and not one.deaf for one in staff.living):
        return Needed()  # it gives its jobs back in a moment
    stopped_at = last.ended_at if last is not None and last.asked == "stop" else None
    newer = stopped_at is None or (staff.newest is not None and staff.newest > stopped_at)
    if not newer and not staff.cancels:
        return Needed()
    return Needed(start=True)


class Keeper:
    """Keeps a worker process running for one user.

    Parameters
    ----------
    store, settings
        Where the jobs are, and what a worker is to begin with.
    version
        Of this package.
    start
        Starts one.
    """

    def __init__(
        self, store: Store, settings: Settings, version: str, start: Callable[[Settings], None] = start
    ) -> None:
        self._store = store
        self._settings = settings
        self._version = version
        self._start = start
        self._changed = threading.Condition()
        self._missed = False  # there was none to be seen at the last look
        self._wanted = False
        self._looking = False  # every second, of itself
        self._closing = False
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """See to it that a worker runs, from now on until no durable job is left. Returns at once."""
        if self._looking:  # the next look comes within a second; one more for each of many jobs would cost
            return
        with self._changed:
            self._wanted = True
            if self._thread is None and not self._closing:
                thread = threading.Thread(target=self._loop, name="qjob-keeper", daemon=True)
                try:
                    thread.start()
                except RuntimeError as error:
                    LOG.warning("no worker is started, since no thread could be: %s", error)
                else:
                    self._thread = thread
            self._changed.notify()

    def close(self) -> None:
        """Look no more. Workers go on."""
        with self._changed:
            self._closing, thread = True, self._thread
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _loop(self) -> None:
        failures = 0
        pause: float | None = 0.0
        while self._nap(pause):
            try:
                self._looking = False  # before the look: what comes after it wakes us again
                if not self._store.durable_unfinished(self._settings.user):
                    pause = None
                    continue
                began = self._looking = self._act()
            except QjobError as error:
                LOG.warning("no worker could be started for the durable jobs: %s", error)
                began = False
            failures = 0 if began else failures + 1
            pause = LOOK if began else AGAIN[min(failures, len(AGAIN)) - 1]

    def _nap(self, pause: float | None) -> bool:
        """Wait so long, None: until something is wanted; return whether to go on."""
        with self._changed:
            if not self._wanted and not self._closing:
                self._changed.wait(pause)
            wanted, self._wanted = self._wanted, False
            return wanted or not self._closing  # what a script submits as its last act needs a worker as well

    def _act(self) -> bool:
        """Start or drain what is needed; return whether there is a worker that listens, or needs to be none."""
        user = self._settings.user
        self._store.bury_workers(user)
        staff = self._store.staff(user)
        todo, last = needed(staff, self._version), staff.last
        for worker_id in todo.drain:
            self._store.ask_worker(worker_id, "drain")
        missed, self._missed = self._missed, todo.start
        fresh = last is not None and last.asked is None and not last.deaf and self._store.owners.grace > 0
        if not todo.start or (fresh and not missed):
            return True  # one that seems dead may be about to be back
        before = {one.id for one in self._store.workers(user)}
        self._start(self._settings)
        return self._appeared(before)

    def _appeared(self, before: set[str]) -> bool:
        """Wait until a worker is listed that was not, or none is needed any more; return whether that came."""
        user, waited = self._settings.user, 0.0
        while waited < PATIENCE and not self._closing:
            listed = {one.id for one in self._store.workers(user)}
            if listed - before or not needed(self._store.staff(user), self._version).start:
                return True
            with self._changed:
                self._changed.wait(0.1)
            waited += 0.1
        if not self._closing:
            said = last_line(log_of_start(self._settings.home))
            LOG.warning("the worker process that was started is not there%s", f": {said}" if said else "")
        return False

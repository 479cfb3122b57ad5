"""Waiting for jobs and ending them, whichever process runs them. Submits nothing and opens nothing itself."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from qjob.adopting import adopt
from qjob.catalog.loader import Catalogue
from qjob.execution.feed import Feed
from qjob.execution.opened import Opened, sweep
from qjob.model.errors import ConsentNeeded, QjobError, WaitTimeout
from qjob.model.job import JobRecord, JobStatus
from qjob.model.money import format_usd, from_nano
from qjob.settings import Settings
from qjob.store.store import Store

LOG = logging.getLogger(__name__)

OWNER_POLL = 1.0
"""Seconds between looks whether a process whose jobs are waited for still lives."""


class Watching(ABC):
    """Jobs under way, as an engine watches over them."""

    settings: Settings
    feed: Feed
    _open: Opened | None = None
    _swept: float = 0.0

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where the jobs are."""

    @property
    @abstractmethod
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""

    @abstractmethod
    def _opened(self) -> Opened:
        """Return what is open, opened where it is not."""

    def wait(self, job_id: str, timeout: float | None = None) -> None:
        """Return once the job has ended, whichever way.

        Raises
        ------
        WaitTimeout
            ``timeout`` seconds are over; the job goes on.
        ConsentNeeded
            This is the main thread, and the job waits for a confirmation that only it could take.
        """
        end = None if timeout is None else time.monotonic() + timeout
        tick, held_by = self.feed.tick, None
        while True:
            executor = self._opened().executor
            mine = held = executor.holds(job_id)
            if not held:
                if executor is held_by or self.store.has_ended(job_id):  # one lets go once the end is stored
                    return
                record = self.store.job(job_id)
                mine = self.runs_here(record)
                if record.pending is not None and self._owns(record):
                    _check_may_wait(record)
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise WaitTimeout(
                    f"job {job_id[:8]} is still {self.store.job(job_id).status} after {timeout:g} s.",
                    remedy=f"It goes on. See it with %qjob status {job_id[:8]}",
                    numbers={"timeout": timeout},
                )
            held_by = executor if held else None
            tick = self.wait_for_news(tick, left, mine=mine, job_id=job_id)

    def wait_for_news(
        self, tick: int, timeout: float | None, *, mine: bool, job_id: str | None = None
    ) -> int:
        """Wait until the store may have changed; return the new tick to hand in next time.

        Parameters
        ----------
        tick
            What the last call returned, or ``engine.feed.tick``.
        timeout
            Seconds to wait at the most; None waits as long as it takes.
        mine
            Whether this process runs all the jobs in question; then nobody else has to be watched.
        job_id
            The only job in question, where there is but one.

        Raises
        ------
        StoreError
            The store cannot be watched or swept.
        """
        if mine:
            return self.feed.wait(tick, timeout, job_id)
        watcher = self._opened().watcher
        end = None if timeout is None else time.monotonic() + timeout
        with watcher.watching():
            while True:
                self.sweep_now_and_then()
                left = OWNER_POLL if end is None else min(OWNER_POLL, end - time.monotonic())
                now = self.feed.wait(tick, max(0.0, left), job_id)
                if now != tick or watcher.blind or left < OWNER_POLL:
                    return now

    def runs_here(self, record: JobRecord) -> bool:
        """Whether this process runs the job, and so hears of all that happens to it."""
        return self._owns(record) and record.status is not JobStatus.INITIALIZING

    def _owns(self, record: JobRecord) -> bool:
        return self.is_owner(record.owner)

    def is_owner(self, owner: str | None) -> bool:
        """Whether an owner of jobs is this process."""
        opened = self._open
        return opened is not None and owner == opened.owner.id

    def wait_for_all(self, job_ids: Sequence[str], timeout: float | None = None) -> None:
        """Return once all these jobs have ended, whichever way.

        Raises
        ------
        WaitTimeout
            ``timeout`` seconds are over; the jobs go on.
        """
        end = None if timeout is None else time.monotonic() + timeout
        waiting: Sequence[str] = job_ids
        while waiting := self.store.not_ended(waiting):
            # the last one: the others have ended then, or nearly
            self.wait(waiting[-1], None if end is None else max(0.0, end - time.monotonic()))

    def cancel(self, job_id: str) -> bool:
        """Ask for a job to end, whichever process runs it.

        Returns
        -------
        bool
            False where the job had ended already, or is being cancelled.
        """
        opened = self._opened()
        asked = opened.store.cancel(job_id)
        if asked and self.runs_here(opened.store.job(job_id)):
            opened.executor.cancels_asked()
        elif asked:
            self.sweep()  # nobody is left to obey where the owner has died
            opened.keeper.look()
        self.feed.bump()
        return asked

    def cancel_batch(self, batch_id: str) -> int:
        """Ask for all jobs of a batch to end, whichever process runs them; return how many had not ended yet."""
        return self.cancel_all(self.store.jobs_of(batch_id))

    def cancel_all(self, job_ids: list[str]) -> int:
        """Ask for jobs, by their full ids, to end; return how many had not ended yet."""
        opened = self._opened()
        with opened.store.transaction(jobs=job_ids):
            asked = sum(map(opened.store.cancel, job_ids))
        opened.executor.cancels_asked()
        opened.keeper.look()
        self.sweep()  # nobody is left to obey where the owner has died
        self.feed.bump()
        return asked

    def sweep(self) -> None:
        """Take care of jobs whose process has died: local ones are FAILED, those at a service followed from here."""
        self._swept = time.monotonic()
        sweep(self.store)
        self._adopt(self._opened())

    def _adopt(self, opened: Opened) -> None:
        """Follow the user's jobs at services that nobody follows any more; what prevents it is no reason to stop."""
        try:
            adopt(opened, self.catalogue, self.settings.user)
        except QjobError as error:
            LOG.warning("jobs at services are not followed: %s", error)

    def sweep_now_and_then(self) -> bool:
        """Sweep, but not more often than once in `OWNER_POLL` seconds; return whether it did."""
        if time.monotonic() - self._swept < OWNER_POLL:
            return False
        self.sweep()
        return True


def _check_may_wait(record: JobRecord) -> None:
    """Refuse to wait where that keeps the card's Confirm button, which the same thread serves, from being heard."""
    pending = record.pending
    if pending is None or not pending.consent or threading.current_thread() is not threading.main_thread():
        return
    what, of = ("job", record.id) if record.batch is None else ("batch", record.batch)
    amount = format_usd(from_nano(record.cap)) + (" a job" if record.batch else "")
    raise ConsentNeeded(
        f"{what} {of[:8]} waits for somebody to agree to what it can cost, {amount}.",
        remedy=f'Press Confirm on its card and run this again, or agree in Python: engine.admit("{of}")',
        numbers={"cap": f"{from_nano(record.cap):f}"},
    )

"""A worker process: takes up durable jobs, keeps its leases, and gives back what it cannot finish.

One thread, the caller's of `DurableWorker.run`, talks to the store about who has which job; another one, the
executor's, runs the jobs, as in a kernel. A worker may forget everything: another one finds it in the store.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qjob.backends.registry import Registry
from qjob.backends.work import Work
from qjob.catalog.loader import Catalogue
from qjob.execution.direct import DirectExecutor
from qjob.execution.job_log import of_job
from qjob.execution.retrying import Retrying
from qjob.execution.stored import claimed_order
from qjob.execution.taking import FEW, Size, Waiting, chosen, room_in, size_of
from qjob.model.errors import AdapterMissing, Refusal, StoreError, UnknownBackend
from qjob.model.job import Failure, JobRecord
from qjob.model.worker import Asked, WorkerRecord
from qjob.store.leases import LEASE, MOST, Claim, Place
from qjob.store.store import Store
from qjob.store.watch import Changes

BEAT = LEASE / 4
"""Seconds between two renewals of the leases."""

CHECK = 1.0
"""Seconds between two looks for jobs of dead workers, and for what this one is asked."""

SIGN_OF_LIFE = 10.0
"""Seconds between two signs of life of a worker that has nothing in hand."""

STORE_RETRY = 1.0
"""Seconds until the store is asked again, where it did not answer."""

GIVEN_BACK = Failure(
    "given_back",
    "The worker was asked to end, and gave the job back.",
    "It goes on with the next worker: qjob worker",
    transient=True,
)

UNKNOWN = Failure(
    "given_back", "The store did not answer when a worker took it up.", GIVEN_BACK.remedy, transient=True
)

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker process works with.

    Parameters
    ----------
    catalogue
        Returns the backends as this installation knows them now.
    registry
        Its adapters.
    retrying
        Decides what follows attempts that came to nothing.
    processes
        How many local jobs it runs at the same time.
    quiet
        Seconds without any job after which it ends; None: it stays.
    """

    catalogue: Callable[[], Catalogue]
    registry: Registry
    retrying: Retrying
    processes: int
    quiet: float | None


class DurableWorker:
    """Runs the durable jobs of one user.

    Parameters
    ----------
    store, executor
        Where they are, and what runs them.
    record
        This process as the store lists it.
    means
        What it works with.
    changes
        Ends its naps.
    clock
        A monotonic clock in seconds.
    """

    def __init__(
        self,
        store: Store,
        executor: DirectExecutor,
        record: WorkerRecord,
        means: Means,
        changes: Changes,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._executor = executor
        self._record = record
        self._means = means
        self._changes = changes
        self._clock = clock
        self._asked: Asked | None = None
        self.interrupted = False
        self._sizes: dict[str, Size] = {}
        self._next_beat = self._next_check = self._next_sign = 0.0
        self._busy_at = clock()
        self._catalogue = means.catalogue()
        self._suspects: dict[str, float] = {}  # owners that seem dead, and since when
        self._unsure = False  # whether a job may have been taken up without our knowing of it
        self._orphans: set[str] = set()  # ours by the store, but not in hand, at the last look

    def stop(self, *, by_hand: bool) -> None:
        """Have it end at once; from any thread, or a signal's handler. ``by_hand``: somebody has pressed Ctrl+C."""
        self.interrupted = by_hand
        self._asked = "stop"
        self._changes.wake()

    def run(self) -> None:
        """Take up and run jobs until it is asked to end, or has been quiet for long enough."""
        self._executor.begin()
        while not self._over():
            try:
                self._turn()
                if self._quiet() and self._leaves():
                    return
                pause = CHECK
            except StoreError as error:  # a full disk, a server that restarts: what runs goes on
                LOG.warning("the store does not answer: %s", error)
                self._unsure = True
                pause = STORE_RETRY
            self._changes.wait(pause)

    def _over(self) -> bool:
        return self._asked == "stop" or (self._asked == "drain" and not self._executor.held)

    def _quiet(self) -> bool:
        """Whether there was nothing to do for so long that this worker is not needed."""
        if self._executor.held:
            self._busy_at = self._clock()
        quiet = self._means.quiet
        return quiet is not None and self._clock() - self._busy_at >= quiet

    def _leaves(self) -> bool:
        """Leave the list of workers, unless there is a job: who has stored that may have counted on this one."""
        self._store.end_worker(self._record.id)
        if not self._store.any_claimable(self._record.user):
            return True
        self._store.worker_beats(self._record.id)  # on the list again
        return False

    def _turn(self) -> None:
        now = self._clock()
        if now >= self._next_beat:
            self._beat()
            self._next_beat = now + BEAT
        if now >= self._next_check:
            self._check()
            self._next_check = now + CHECK
        if now >= self._next_sign:
            self._store.worker_beats(self._record.id)
            self._next_sign = now + SIGN_OF_LIFE
        if self._asked is None:
            self._claim()

    def _beat(self) -> None:
        """Renew the leases, and let go of what somebody else has by now."""
        held = self._executor.held
        if not held and not self._unsure:
            return
        mine = self._store.renew(self._record.id)
        lost = held - mine
        if lost:
            LOG.info("not in hand any more: %s", ", ".join(sorted(each[:8] for each in lost)))
            self._executor.drop(lost)
        orphans = mine - self._executor.held  # some of them may just have ended
        if unknown := orphans & self._orphans:
            self._store.give_back(self._record.id, UNKNOWN, jobs=unknown)
        self._orphans = orphans
        self._unsure = bool(orphans)

    def _check(self) -> None:
        """Take back the jobs of workers that are gone, and look what this one is asked."""
        now, grace = self._clock(), self._store.owners.grace
        dead = set(self._store.dead_holders()) - {self._record.id}
        self._suspects = {owner: self._suspects.get(owner, now) for owner in dead}
        for owner, since in self._suspects.items():
            if now - since >= grace:
                LOG.warning("a worker is gone: %s", owner)
                self._store.end_leases(owner)
        for job_id in self._store.reclaim(self._means.retrying.after_loss):
            of_job(LOG, job_id).warning("taken back from a worker that is gone")
        asked = self._store.worker_asked(self._record.id)
        self._asked = "stop" if asked == "stop" else self._asked or asked
        if not self._store.is_current():
            LOG.warning("the store belongs to a newer qjob now; this worker of %s ends", self._record.version)
            self._asked = "stop"
        if self._means.quiet is not None and self._store.durable_unfinished(self._record.user):
            self._busy_at = self._clock()

    # -- taking up --------------------------------------------------------------------------------------------

    def _claim(self) -> None:
        held = self._executor.held
        self._sizes = {job_id: size for job_id, size in self._sizes.items() if job_id in held}
        local, elsewhere = room_in(self._sizes.values(), self._means.processes)
        if local < FEW:  # others are at their end: soon there is room for more at once
            local = 0
        if not local and not elsewhere:
            return
        works: dict[str, Work | None] = {}

        def take(waiting: Sequence[JobRecord]) -> list[JobRecord]:
            works.update((record.id, _work(record)) for record in waiting)
            sized = [Waiting(job_id, _size(work)) for job_id, work in works.items()]
            ids = set(chosen(sized, self._sizes.values(), self._means.processes))
            return [record for record in waiting if record.id in ids]

        most = min(local or elsewhere, MOST)
        place: Place = "any" if local and elsewhere else "here" if local else "elsewhere"
        for claim in self._store.claim(self._record, take, place=place, max_rows=most):
            self._busy_at = self._clock()
            self._begin(claim, works[claim.record.id])

    def _begin(self, claim: Claim, work: Work | None) -> None:
        record = claim.record
        if (missing := self._missing(record)) is not None:
            self._fail(record, missing)
            return
        try:
            order = claimed_order(self._store, claim, work)
        except StoreError:
            raise  # it is given back: see `_beat`
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this job's row, it is this job's; logged
            of_job(LOG, record.id, record.attempt).exception("cannot be run")
            self._fail(
                record, Failure("executor_error", f"its row cannot be read: {error!r}", transient=True)
            )
        else:
            self._sizes[record.id] = size_of(order.needs)
            self._executor.submit(order)

    def _missing(self, record: JobRecord) -> Failure | None:
        """Return what is not here that a job needs; another worker may have it, or this one soon."""
        where = f"the worker {self._record.name}"
        try:
            self._find(record.backend)
        except (UnknownBackend, AdapterMissing) as lacking:  # somebody may have mended the file since
            try:
                self._catalogue = self._means.catalogue()
                self._find(record.backend)
            except (UnknownBackend, AdapterMissing) as error:
                return Failure(error.code, f"{where}: {error.message}", error.remedy, transient=True)
            except Refusal as error:  # the file cannot be read just now: what was known before has to do
                return Failure(lacking.code, f"{where}: {error.message}", error.remedy, transient=True)
        return None

    def _find(self, slug: str) -> None:
        self._means.registry.provider(self._catalogue.get(slug).adapter)

    def _fail(self, record: JobRecord, failure: Failure) -> None:
        of_job(LOG, record.id, record.attempt).warning("%s: %s", failure.code, failure.reason)
        decide = self._means.retrying.after_trouble(failure)
        self._store.attempt_failed(record.id, record.fence, decide, handed=False)


def _work(record: JobRecord) -> Work | None:
    """Return what a job's row says of its work; None where that cannot be read."""
    try:
        return None if record.work is None else Work.from_text(record.work)
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ):  # it fails once it is taken up, and others do not
        return None


def _size(work: Work | None) -> Size:
    return Size.WHOLE if work is None else size_of(work.needs)

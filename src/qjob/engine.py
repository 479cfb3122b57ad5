"""The one door: submit, find, watch, cancel and repeat jobs. Notebook, server and command line come through here.

An engine is cheap until it is used: the store opens with the first question, worker processes start with the
first job. All methods may be called from any thread.
"""

import atexit
import os
import random
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self, TypedDict, Unpack, overload

from qjob.archive import Archive
from qjob.backends.registry import Registry
from qjob.batch import Batch
from qjob.catalog.loader import Catalogue, load_catalogue
from qjob.execution.feed import Feed
from qjob.execution.opened import Opened, sweep
from qjob.handle import Job
from qjob.model.errors import IllegalMove, WaitTimeout
from qjob.model.job import JobRecord, JobStatus
from qjob.quoting import Quoting
from qjob.request import Checker
from qjob.settings import Settings, load_settings
from qjob.store.store import Store
from qjob.submitter import Submitter
from qjob.treasury import Treasury

DEFAULT_BACKEND = "marqov-sim"
DEFAULT_SHOTS = 1000

_DEFAULTS: Mapping[str, Any] = {"backend": DEFAULT_BACKEND, "shots": DEFAULT_SHOTS}

ELSEWHERE_POLL = 0.1
"""Seconds between looks at the store for a job that another process runs."""

OWNER_POLL = 1.0
"""Seconds between looks whether that process still lives."""


class Common(TypedDict, total=False):
    """What all jobs of one submission share."""

    backend: str
    shots: int
    mode: str
    tags: Mapping[str, str] | None
    options: Mapping[str, object] | None


class Asked(Common, total=False):
    """What `Engine.submit` takes beside the program."""

    name: str | None
    seed: int | None
    reuse: bool


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Engine(Archive, Quoting, Treasury):
    """Submits jobs and answers for them; what can be asked about them is in `qjob.archive` and `qjob.quoting`.

    Parameters
    ----------
    settings
        Where the store is, who the user is, how many workers.
    clock
        Tells the time in UTC.
    draw
        Returns an integer of so many random bits, for ids and seeds; from a generator of this engine's own,
        seeded by the system, where none is given.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        draw: Callable[[int], int] | None = None,
    ) -> None:
        self.settings = settings
        self.feed = Feed()
        self._clock = clock
        self._given_draw = draw
        self._random = random.Random(secrets.randbits(256))  # noqa: S311 - ids and seeds, no secrets
        self._lock = threading.RLock()
        self._open: Opened | None = None
        self._of_parent: Opened | None = None
        self._swept = 0.0
        begin_anew = weakref.WeakMethod(self._begin_anew)
        os.register_at_fork(after_in_child=lambda: (method := begin_anew()) and method())

    # -- submitting -------------------------------------------------------------------------------------------

    @overload
    def submit(self, program: list[Any] | tuple[Any, ...], **asked: Unpack[Asked]) -> Batch: ...  # type: ignore[overload-overlap]  # a list is an object too, but the first that fits counts

    @overload
    def submit(self, program: object, **asked: Unpack[Asked]) -> Job: ...

    def submit(
        self,
        program: object,
        *,
        backend: str = DEFAULT_BACKEND,
        shots: int = DEFAULT_SHOTS,
        mode: str = "direct",
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
        options: Mapping[str, object] | None = None,
        seed: int | None = None,
        reuse: bool = False,
    ) -> Job | Batch:
        """Check, store and start a job, or, for a list of programs, a batch of them: all of it or nothing.

        Parameters
        ----------
        program
            A qiskit or Braket circuit, or OpenQASM 2 or 3 text; or a list of up to 1,000 of them.
        backend
            The slug of a backend, such as ``"marqov-sim"``.
        shots
            How often to measure.
        mode
            ``"direct"``: the job runs in worker processes of this process and ends with it.
        name, tags
            For people to find it again. The jobs of a batch are called ``name[0]``, ``name[1]`` and so on.
        options
            As the backend takes them; ``%qjob backends`` lists them.
        seed
            For the same counts again; one is drawn and stored where none is given. The jobs of a batch get the
            seed, the seed + 1 and so on.
        reuse
            Whether to return the team's newest job that was asked for the same (circuit, backend, shots, options,
            seed) and did not come to nothing, where there is one, instead of a new one.

        Returns
        -------
        Job or Batch
            Stored and on its way.

        Raises
        ------
        Refusal
            With what does not fit and the way out; nothing was stored.
        StoreError
            The store cannot be used.
        """
        asked = Common(backend=backend, shots=shots, mode=mode, tags=tags, options=options)
        if isinstance(program, (list, tuple)):
            checks = self._checker.check_all(program, name=name, seed=seed, reuse=reuse, **asked)
            label = None if name is None else name.strip()
            batch = self._submitter.batch(self._opened(), checks, label, reuse=reuse)
            return Batch(self, batch, self.store.jobs_of(batch.id))
        checked = self._checker.check(program, name=name, seed=seed, reuse=reuse, **asked)
        return Job(self, self._submitter.one(self._opened(), checked, reuse=reuse).id)

    def find(self, program: object, **asked: Unpack[Asked]) -> Job | None:
        """Return the team's newest job that was asked for the same and did not come to nothing; submits nothing.

        Raises
        ------
        Refusal
            With what does not fit, as for `submit`.
        """
        checked = self._checker.check(program, **{**_DEFAULTS, **asked, "reuse": True})
        found = self.store.same_job(self.settings.user, checked.fingerprint or "")
        return None if found is None else Job(self, found.id)

    def retry(self, job_id: str) -> Job:
        """Submit an ended job again as a new one, linked to it.

        Raises
        ------
        IllegalMove
            The job has not ended yet.
        """
        old = self.store.job(self.resolve(job_id))
        if not old.status.ended:
            raise IllegalMove(
                f"job {old.id[:8]} is still {old.status}.",
                remedy=f"Cancel it first: %qjob cancel {old.id[:8]}",
            )
        checked = self._checker.check(
            self.store.program(old.program),
            backend=old.backend,
            shots=old.shots,
            mode=old.mode,
            name=old.name,
            tags=old.tags,
            options=old.options,
            seed=old.seed,
        )
        return Job(self, self._submitter.one(self._opened(), checked, retry_of=old.id).id)

    def prepare(self) -> None:
        """Start warming up worker processes, so that the first job finds them ready."""
        self._opened().executor.prepare()

    # -- waiting and cancelling -------------------------------------------------------------------------------

    def wait(self, job_id: str, timeout: float | None = None) -> JobRecord:
        """Return the job's row once it has ended, whichever way.

        Raises
        ------
        WaitTimeout
            ``timeout`` seconds are over; the job goes on.
        """
        end = None if timeout is None else time.monotonic() + timeout
        tick = self.feed.tick
        while True:
            mine = self._opened().executor.holds(job_id)
            if not mine:
                record = self.store.job(job_id)
                if record.status.ended:
                    return record
                mine = self.runs_here(record)
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise WaitTimeout(
                    f"job {job_id[:8]} is still {self.store.job(job_id).status} after {timeout:g} s.",
                    remedy=f"It goes on. See it with %qjob status {job_id[:8]}",
                    numbers={"timeout": timeout},
                )
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
        """
        if mine:
            return self.feed.wait(tick, timeout, job_id)
        self.sweep_now_and_then()
        pause = ELSEWHERE_POLL if timeout is None else min(ELSEWHERE_POLL, timeout)
        self.feed.wait(tick, pause, job_id)
        return self.feed.tick

    def runs_here(self, record: JobRecord) -> bool:
        """Whether this process runs the job."""
        opened = self._open
        return opened is not None and record.owner == opened.owner.id

    def wait_for_all(self, job_ids: Sequence[str], timeout: float | None = None) -> None:
        """Return once all these jobs have ended, whichever way.

        Raises
        ------
        WaitTimeout
            ``timeout`` seconds are over; the jobs go on.
        """
        end = None if timeout is None else time.monotonic() + timeout
        for job_id in reversed(job_ids):  # the last one first: the others have ended then, or nearly
            self.wait(job_id, None if end is None else max(0.0, end - time.monotonic()))

    def cancel(self, job_id: str) -> bool:
        """Ask for a job to end, whichever process runs it.

        Returns
        -------
        bool
            False where the job had ended already, or is being cancelled.
        """
        opened = self._opened()
        asked = opened.store.move(job_id, JobStatus.CANCELLING)
        if asked and self.runs_here(opened.store.job(job_id)):
            opened.executor.cancels_asked()
        elif asked:
            self.sweep()  # nobody is left to obey where the owner has died
        self.feed.bump()
        return asked

    def cancel_batch(self, batch_id: str) -> int:
        """Ask for all jobs of a batch to end, whichever process runs them; return how many had not ended yet."""
        opened = self._opened()
        job_ids = opened.store.jobs_of(batch_id)
        with opened.store.transaction():
            asked = sum(opened.store.move(job_id, JobStatus.CANCELLING) for job_id in job_ids)
        opened.executor.cancels_asked()
        self.sweep()  # nobody is left to obey where the owner has died
        self.feed.bump()
        return asked

    # -- opening, sweeping, closing ---------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The store, opened with the first use."""
        return self._opened().store

    @cached_property
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""
        return load_catalogue(self.settings.home)

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.catalogue, Registry(), self._draw)

    @cached_property
    def _submitter(self) -> Submitter:
        return Submitter(self.settings.user, self._clock, self._draw)

    def sweep(self) -> None:
        """End the direct jobs whose process has died: they are FAILED with their reason, never left hanging."""
        self._swept = time.monotonic()
        sweep(self.store, self.settings.home)

    def sweep_now_and_then(self) -> bool:
        """Sweep, but not more often than once in `OWNER_POLL` seconds; return whether it did."""
        if time.monotonic() - self._swept < OWNER_POLL:
            return False
        self.sweep()
        return True

    def close(self) -> None:
        """End the workers and the jobs in hand, which are FAILED then with that reason; let go of the store.

        An engine that is used again opens again.
        """
        with self._lock:
            opened, self._open = self._open, None
            atexit.unregister(self.close)
            if opened is not None:
                opened.close()
        self.feed.bump()  # who waits for a job of ours has to look elsewhere now

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> Opened:
        opened = self._open
        if opened is not None:
            return opened
        with self._lock:
            if self._open is None:
                self._open = Opened.open(self.settings, self._clock, self.feed)
                atexit.register(self.close)  # before the interpreter pulls the ground from under our threads
                self._swept = time.monotonic()
            return self._open

    def _begin_anew(self) -> None:
        """Forget, in a forked child, what belongs to its parent: locks, threads, workers, and the next ids."""
        self._lock = threading.RLock()
        self.feed = Feed()
        # kept, not closed: the parent uses the same sockets
        self._of_parent, self._open = self._open or self._of_parent, None
        self._random.seed(secrets.randbits(256))

    def _draw(self, bits: int) -> int:
        """Return random bits; not from the system's own source, which hands the lock of Python to another thread."""
        return self._given_draw(bits) if self._given_draw else self._random.getrandbits(bits)


def connect(**settings: Any) -> Engine:
    """Return an engine for this environment.

    Parameters
    ----------
    **settings
        Fields of `qjob.settings.Settings` that win over environment and file, such as ``home=``.

    Raises
    ------
    InvalidRequest
        A setting that does not fit.
    """
    return Engine(load_settings(os.environ, **settings))

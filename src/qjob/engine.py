"""The one door: submit, find, watch, cancel and repeat jobs. Notebook, server and command line come through here.

An engine is cheap until it is used: the store opens with the first question, worker processes start with the
first job. All methods may be called from any thread.
"""

import os
import random
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self

from qjob.backends.base import Task
from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue, load_catalogue
from qjob.execution.direct import DirectExecutor
from qjob.execution.feed import Feed
from qjob.execution.local import local_runner
from qjob.execution.runner import Order
from qjob.handle import Job
from qjob.model.errors import IllegalMove, JobEnded, UnknownBackend, WaitTimeout
from qjob.model.events import LogEntry
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.packing import unpack
from qjob.model.result import Result
from qjob.model.snapshot import JobSnapshot
from qjob.request import Checked, Checker
from qjob.settings import Settings, load_settings
from qjob.store.owners import Owner, alive
from qjob.store.listing import JobFilter
from qjob.store.store import Store

DEFAULT_BACKEND = "marqov-sim"
DEFAULT_SHOTS = 1000

ELSEWHERE_POLL = 0.1
"""Seconds between looks at the store for a job that another process runs."""

OWNER_POLL = 1.0
"""Seconds between looks whether that process still lives."""


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Engine:
    """Submits jobs and answers for them.

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
        # not the system's own source: each draw from it would hand the interpreter's lock to another thread
        self._draw = draw or random.Random(secrets.randbits(256)).getrandbits  # noqa: S311 - ids, no secrets
        self._lock = threading.RLock()
        self._open: tuple[Store, Owner, DirectExecutor] | None = None
        self._swept = 0.0

    # -- submitting -------------------------------------------------------------------------------------------

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
    ) -> Job:
        """Check, store and start a job.

        Parameters
        ----------
        program
            A qiskit or Braket circuit, or OpenQASM 2 or 3 text.
        backend
            The slug of a backend, such as ``"marqov-sim"``.
        shots
            How often to measure.
        mode
            ``"direct"``: the job runs in worker processes of this process and ends with it.
        name, tags
            For people to find it again.
        options
            As the backend takes them; ``%qjob backends`` lists them.
        seed
            For the same counts again; one is drawn and stored where none is given.

        Returns
        -------
        Job
            Stored and on its way.

        Raises
        ------
        Refusal
            With what does not fit and the way out; nothing was stored.
        StoreError
            The store cannot be used.
        """
        checked = self._checker.check(
            program,
            backend=backend,
            shots=shots,
            mode=mode,
            name=name,
            tags=tags,
            options=options,
            seed=seed,
        )
        return self._accept(checked, retry_of=None)

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
        return self._accept(checked, retry_of=old.id)

    def prepare(self) -> None:
        """Start warming up worker processes, so that the first job finds them ready."""
        self._opened()[2].prepare()

    def _accept(self, checked: Checked, *, retry_of: str | None) -> Job:
        store, owner, executor = self._opened()
        request = checked.request
        job_id = str(uuid.UUID(int=self._draw(128), version=4))
        record = JobRecord(
            id=job_id,
            user=self.settings.user,
            name=request.name,
            backend=request.backend,
            program=request.program.digest,
            num_qubits=checked.profile.num_qubits,
            shots=request.shots,
            seed=request.seed,
            options=request.options,
            mode=request.mode,
            tags=request.tags,
            status=JobStatus.QUEUED,
            failure=None,
            owner=owner.id,
            retry_of=retry_of,
            created_at=self._clock(),
            started_at=None,
            ended_at=None,
        )
        store.accept(record, request.program)
        executor.submit(Order(Task(job_id, 1, request, checked.memory), checked.memory))
        return Job(self, job_id)

    # -- asking -----------------------------------------------------------------------------------------------

    def job(self, text: str) -> Job:
        """Return a job by its id, the beginning of its id, or its name.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            None, or several, with what is near.
        """
        return Job(self, self.resolve(text))

    def jobs(
        self,
        *,
        status: JobStatus | str | Iterable[JobStatus | str] | None = None,
        backend: str | None = None,
        text: str | None = None,
        limit: int = 50,
        after: Job | str | None = None,
    ) -> list[Job]:
        """Return jobs, newest first.

        Parameters
        ----------
        status
            One status or several.
        backend
            A slug.
        text
            Something in the name, the tags or the id.
        limit
            How many at the most.
        after
            The last job of the page before, to go on from there.
        """
        cursor = None if after is None else (after.id if isinstance(after, Job) else self.resolve(after))
        records = self.records(
            JobFilter.of(status=status, backend=backend, text=text), limit=limit, after=cursor
        )
        return [Job(self, record.id) for record in records]

    def records(self, wanted: JobFilter, *, limit: int = 50, after: str | None = None) -> list[JobRecord]:
        """Return rows of jobs, newest first; ``after`` is the full id of the last row of the page before."""
        return self.store.jobs(wanted, limit=limit, after=after)

    def resolve(self, text: str) -> str:
        """Return the full id that an id, the beginning of one, or a name stands for."""
        return self.store.resolve(text)

    def snapshot(self, job_id: str) -> JobSnapshot:
        """Return a job as it stands."""
        found = self.store.snapshot(job_id)
        return JobSnapshot(
            found.job, self._backend_of(found.job), found.progress, found.queue_position, found.layout
        )

    def events(self, job_id: str) -> list[LogEntry]:
        """Return a job's log, oldest first."""
        return self.store.log(job_id)

    def result(self, job_id: str) -> Result:
        """Return the result of a completed job.

        Raises
        ------
        JobEnded
            It failed or was cancelled.
        IllegalMove
            It has not ended yet.
        """
        packed = self.store.result(job_id)
        if packed is not None:
            return unpack(packed)
        record = self.store.job(job_id)
        short = job_id[:8]
        if not record.status.ended:
            raise IllegalMove(
                f"job {short} is still {record.status}.", remedy=f"Wait for it: %qjob status {short}"
            )
        reason = f": {record.failure.reason}" if record.failure else "."
        remedy = (record.failure.remedy if record.failure else "") or f"Run it again: %qjob retry {short}"
        raise JobEnded(f"job {short} was {record.status} and has no result{reason}", remedy=remedy)

    # -- waiting and cancelling -------------------------------------------------------------------------------

    def wait(self, job_id: str, timeout: float | None = None) -> JobSnapshot:
        """Return once the job has ended, whichever way.

        Raises
        ------
        WaitTimeout
            ``timeout`` seconds are over; the job goes on.
        """
        end = None if timeout is None else time.monotonic() + timeout
        tick = self.feed.tick
        while not (record := self.store.job(job_id)).status.ended:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise WaitTimeout(
                    f"job {job_id[:8]} is still {record.status} after {timeout:g} s.",
                    remedy=f"It goes on. See it with %qjob status {job_id[:8]}",
                    numbers={"timeout": timeout},
                )
            tick = self.wait_for_news(tick, left, mine=self.runs_here(record))
        return self.snapshot(job_id)

    def wait_for_news(self, tick: int, timeout: float | None, *, mine: bool) -> int:
        """Wait until the store may have changed; return the new tick to hand in next time.

        Parameters
        ----------
        tick
            What the last call returned, or ``engine.feed.tick``.
        timeout
            Seconds to wait at the most; None waits as long as it takes.
        mine
            Whether this process runs all the jobs in question; then nobody else has to be watched.
        """
        if mine:
            return self.feed.wait(tick, timeout)
        self.sweep_now_and_then()
        pause = ELSEWHERE_POLL if timeout is None else min(ELSEWHERE_POLL, timeout)
        self.feed.wait(tick, pause)
        return self.feed.tick

    def runs_here(self, record: JobRecord) -> bool:
        """Whether this process runs the job."""
        return self._open is not None and record.owner == self._open[1].id

    def cancel(self, job_id: str) -> bool:
        """Ask for a job to end, whichever process runs it.

        Returns
        -------
        bool
            False where the job had ended already, or is being cancelled.
        """
        store, _, executor = self._opened()
        asked = store.move(job_id, JobStatus.CANCELLING)
        record = store.job(job_id)
        if asked and self.runs_here(record):
            executor.cancels_asked()
        elif asked:
            self.sweep()  # nobody is left to obey where the owner has died
        self.feed.bump()
        return asked

    # -- opening, sweeping, closing ---------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The store, opened with the first use."""
        return self._opened()[0]

    @cached_property
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""
        return load_catalogue(self.settings.home)

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.catalogue, Registry(), self._draw)

    def sweep(self) -> None:
        """End the direct jobs whose process has died: they are FAILED with their reason, never left hanging."""
        store, _, _ = self._opened()
        self._swept = time.monotonic()
        for record in store.unfinished():
            if record.owner is not None and alive(self.settings.home, record.owner):
                continue
            if record.status is JobStatus.CANCELLING:
                store.move(record.id, JobStatus.CANCELLED)
            else:
                store.move(record.id, JobStatus.FAILED, failure=_left_behind(record.id))

    def sweep_now_and_then(self) -> None:
        """Sweep, but not more often than once in `OWNER_POLL` seconds."""
        if time.monotonic() - self._swept >= OWNER_POLL:
            self.sweep()

    def close(self) -> None:
        """End the workers, let go of the store. Jobs in hand are left as a dead process leaves them."""
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None:
            store, owner, executor = opened
            executor.close()
            owner.release()
            store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> tuple[Store, Owner, DirectExecutor]:
        opened = self._open
        if opened is not None:
            return opened
        with self._lock:
            if self._open is None:
                home = self.settings.home
                store = Store.open(self.settings.database, clock=self._clock)
                owner = Owner.claim(home)
                executor = DirectExecutor(local_runner(store, owner.id, self.settings), self.feed)
                self._open = (store, owner, executor)
                self.sweep()
            return self._open

    def _backend_of(self, record: JobRecord) -> Any:
        try:
            return self.catalogue.get(record.backend)
        except UnknownBackend:
            return None  # a row that the user's own catalogue had and has no more


def _left_behind(job_id: str) -> Failure:
    return Failure(
        "kernel_ended",
        "The kernel that ran it ended before the job did.",
        f"Run it again: %qjob retry {job_id[:8]}",
        transient=True,
    )


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

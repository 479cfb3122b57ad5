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
from typing import Any, Self, Unpack, overload

from qjob.archive import Archive
from qjob.batch import Batch
from qjob.clearing import Clearing
from qjob.examining import Examined, examined
from qjob.execution.feed import Feed
from qjob.execution.opened import Opened
from qjob.exporting import Exporting
from qjob.grouping import Grouping
from qjob.handle import Job
from qjob.ideal import Ideals
from qjob.keyring import Keyring
from qjob.knowing import Knowing
from qjob.membership import Membership
from qjob.model.job import Pending
from qjob.proposing import Proposing
from qjob.quoting import Quoting
from qjob.rehearsing import Rehearsing
from qjob.repeating import Repeating
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS, Checked, Checker
from qjob.requesting import Asked, Common, Requesting
from qjob.reusing import Reusing
from qjob.settings import Settings, load_settings
from qjob.store.store import Store
from qjob.submitter import Submitter
from qjob.treasury import Treasury
from qjob.upkeep import Upkeep
from qjob.waitlist import Waitlist
from qjob.watching import Watching

MOST_ACTING = 64
"""For how many pairs of user and team an engine acts at a time; one that is let go of begins anew when asked for."""


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Engine(
    Knowing,
    Watching,
    Ideals,
    Repeating,
    Archive,
    Upkeep,
    Exporting,
    Clearing,
    Proposing,
    Reusing,
    Requesting,
    Rehearsing,
    Quoting,
    Treasury,
    Membership,
    Keyring,
    Grouping,
):
    """Submits jobs and answers for them; the rest is in the classes it is made of.

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
        self.examine: Callable[[object], Examined] = examined
        self._clock = clock
        self._given_draw = draw
        self._random = random.Random(secrets.randbits(256))  # noqa: S311 - ids and seeds, no secrets
        self._lock, self._pending_lock = threading.RLock(), threading.Lock()
        self._open: Opened | None = None
        self._acting: dict[tuple[str, str | None], Engine] = {}
        self._of_parent: Opened | None = None
        self._swept = 0.0
        self._proposed, self._waitlist = {}, Waitlist(self._attempt)
        self._mind_forks()

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
        source: str | None = None,
        partial: bool = False,
        request_key: str | None = None,
        request_digest: str | None = None,
        group: str | None = None,
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
            ``"direct"``: the job runs in worker processes of this process and ends with it. ``"durable"``: it runs in
            a process of its own, which is started where there is none; it outlives this one, goes on where a worker
            that died has left it, and is tried again where what went wrong passes.
        name, tags
            For people to find it again. The jobs of a batch are called ``name[0]``, ``name[1]`` and so on.
        options
            As the backend takes them; ``%qjob backends`` lists them.
        seed
            For the same counts again; one is drawn and stored where none is given. The jobs of a batch get the
            seed, the seed + 1 and so on.
        reuse
            Whether to return the team's newest job that was asked for the same (circuit, backend, shots, options,
            seed) and did not come to nothing, where there is one, instead of a new one. Only jobs that cost something
            or were themselves submitted with ``reuse`` are found.
        source
            The text that the program came from, such as a notebook cell's; `from_source` finds what it was
            submitted from before. A digest of it is stored of a job that can cost something.
        partial
            Whether, where the budgets do not admit the whole list, as many of its first programs as fit are a batch:
            ``programs[len(batch):]`` are left then.
        request_key, request_digest
            What who asks calls the request, and a digest of all that it says. Where the user has submitted under this
            key for this team in the last 7 days, the job or batch of then is returned, and nothing is checked, stored
            or paid; also of two that come at once. A refused submission leaves the key free.
        group
            The id of an open group of the team, which the job, or all jobs of the batch, are put into.

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
        filing = self._filing(request_key, request_digest, group)
        if (known := self._requested(filing.request)) is not None:
            return known
        asked = Common(backend=backend, shots=shots, mode=mode, tags=tags, options=options)
        if isinstance(program, (list, tuple)):
            checks = self._checker.check_all(
                program, name=name, seed=seed, reuse=reuse, source=source, **asked
            )
            label = None if name is None else name.strip()
            checks = self._cleared(checks)
            submit = self._submitter.as_many_as_fit if partial else self._submitter.batch
            batch = self._batch(submit(self._opened(), checks, label, reuse=reuse, filing=filing))
            if reuse:
                self._agree(batch.id, batch.snapshot().pending)
            return batch
        checked = self._checker.check(program, name=name, seed=seed, reuse=reuse, source=source, **asked)
        (checked,) = self._cleared([checked])
        record = self._submitter.one(self._opened(), checked, reuse=reuse, filing=filing)
        self._agree(record.id, record.pending)
        return self._job(record.id)

    def _agree(self, of: str, pending: Pending | None) -> None:
        """Admit what was found and waits for a consent: the call that found it is one."""
        if pending is not None and pending.consent:
            self.admit(of)

    def prepare(self, backend: str = DEFAULT_BACKEND) -> None:
        """Start warming up what runs a backend's jobs, so that the first one finds it ready."""
        self._opened().executor.prepare(self._adapters.agent_of(self.catalogue.get(backend)))

    def acting_as(self, user: str, team: str | None = None) -> "Engine":
        """Return an engine of another user that shares what this one has open.

        The same one for the same arguments, unless `MOST_ACTING` others were asked for since.

        Parameters
        ----------
        user
            Who asks and submits.
        team
            The id of the only team that it admits for and looks into, whatever the user has chosen; None: the chosen
            one. Who is taken out of the team later is refused from then on.

        Raises
        ------
        NoSuchTeam
            The user is not in this team.
        """
        from qjob.acting import ActingEngine

        if team is not None:
            self.store.bound(team).expect_member(user)
        with self._lock:
            acting = self._acting.pop((user, team), None)
            if acting is None:
                acting = ActingEngine(self, user, team)
            # those that have something to admit yet stay, and so does what is asked for
            idle = [key for key, each in self._acting.items() if not each._proposed]  # noqa: SLF001 - our own kind
            gone = [self._acting.pop(key) for key in idle[: max(0, len(self._acting) + 1 - MOST_ACTING)]]
            self._acting[user, team] = acting  # the last one is the one that was asked for last
        for each in gone:
            each.close()
        return acting

    # -- opening, sweeping, closing ---------------------------------------------------------------------------

    @property
    def store(self) -> Store:
        """The store, opened with the first use."""
        return self._opened().store

    @cached_property
    def _checker(self) -> Checker:
        return Checker(
            self.catalogue, self._adapters, self._draw, self._seconds_of, self._clock, self.examine
        )

    def _forget_catalogue(self) -> None:
        for made in ("catalogue", "_checker"):
            self.__dict__.pop(made, None)

    @cached_property
    def _submitter(self) -> Submitter:
        return Submitter(self.settings.user, self._clock, self._draw, self._advise)

    def _seconds_of(self, likeness: str) -> Sequence[float]:
        elsewhere = self.settings.database_url is not None
        if self._open is None and not elsewhere and not self.settings.database.exists():
            return ()  # a quote makes no store
        return self.store.seconds_of_like(likeness)

    def _advise(self, checked: Checked, room: int) -> str:
        from qjob.policy.advice import advice

        others = [info for info in self.catalogue if self.can_run(info)]
        return advice(checked.info, checked.profile, checked.request.shots, room, others)

    def close(self) -> None:
        """End the workers and the jobs in hand, which are FAILED then with that reason; let go of the store.

        An engine that is used again opens again.
        """
        for acting in list(self._acting.values()):
            acting.close()
        self._waitlist.close()
        with self._lock:
            self._proposed, self._waitlist = {}, Waitlist(self._attempt)
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
                self._adopt(self._open)
            return self._open

    def _mind_forks(self) -> None:
        begin_anew = weakref.WeakMethod(self._begin_anew)
        os.register_at_fork(after_in_child=lambda: (method := begin_anew()) and method())

    def _begin_anew(self) -> None:
        """Forget, in a forked child, what belongs to its parent: locks, threads, workers, and the next ids."""
        self._lock, self._pending_lock = threading.RLock(), threading.Lock()
        self.feed = Feed()
        self._proposed, self._waitlist = {}, Waitlist(self._attempt)
        # kept, not closed: the parent uses the same sockets
        self._of_parent, self._open = self._open or self._of_parent, None
        self._random.seed(secrets.randbits(256))
        for acting in self._acting.values():
            acting._begin_anew()  # noqa: SLF001 - our own kind

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

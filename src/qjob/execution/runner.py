"""The executor's state machine: which job waits, which worker runs what, and what happened to it.

One thread calls `Runner.wait` and `Runner.step` in turn; everything here belongs to that thread. `wait` reads what
the workers said; `step` hands free workers the next jobs, and only then writes to the store.
"""

import selectors
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from qjob.backends.base import Task
from qjob.execution.agencies import Agencies
from qjob.execution.agency import Agency, Agent, Question
from qjob.execution.cancels import POLL, Cancels
from qjob.execution.crew import Crew
from qjob.execution.frames import Frame, FrameError, decode_event
from qjob.execution.hands import Order
from qjob.execution.news import News, Outcome, is_end
from qjob.execution.pool import Spawner
from qjob.execution.retrying import Retrying
from qjob.execution.tracks import Tracks
from qjob.execution.worker import RETRY, Worker, explain
from qjob.model.errors import WorkerError
from qjob.model.events import Cancelled, Failed, Running
from qjob.model.job import Failure
from qjob.store.store import Store

SILENCE = 0.2
"""Seconds after which a job that a worker holds is called RUNNING, whatever the worker says."""

STORE_RETRY = 1.0
"""Seconds until a write that the store refused (a full disk) is tried again."""


LINGER = 0.002
"""Seconds in which news and orders of many tiny jobs come together, to be dealt with at once."""

Linger = Callable[[float], None]
"""Lets news and orders of tiny jobs come together for so many seconds, or for longer where nobody minds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the executor may use."""

    workers: int  # jobs at the same time
    idle_seconds: float  # after which idle workers end


@dataclass(frozen=True, slots=True)
class Starters:
    """How processes begin."""

    spawner: Callable[[], Spawner]  # of the workers of this machine
    agent: Callable[[str], Agent]  # of an adapter, that talks to a service


class Runner:
    """Drives worker processes. Not thread-safe: see `qjob.execution.direct` for the door.

    Parameters
    ----------
    store, owner
        Where jobs are kept, and under which owner this process runs them.
    start
        Start processes; called when there is work and none is there.
    limits
        How many workers, how long idle.
    free_memory
        Tells how many bytes this machine can still give; None where unknown.
    retrying
        Decides what follows a failed attempt at a durable job; None where there are none.
    tracks
        Are told what becomes of the jobs; None: nobody is.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        start: Starters,
        limits: Limits,
        free_memory: Callable[[], int | None],
        *,
        retrying: Retrying | None = None,
        tracks: Tracks | None = None,
    ) -> None:
        self._limits = limits
        self._free_memory = free_memory
        self._selector = selectors.DefaultSelector()
        self._agencies = Agencies(start.agent, self._selector)
        self._crew = Crew(start.spawner, self._selector)
        # by job, first come first served; a plain dict would step over all that left before it finds the first
        self._waiting: OrderedDict[str, Order] = OrderedDict()
        self._news = News(store, retrying, tracks)
        self._cancels = Cancels(store, owner)
        self._cancelled_early: set[str] = set()  # before their orders came
        self._worked = time.monotonic()  # when there was local work last
        self._silent: dict[str, float] = {}  # jobs with a worker that has said nothing yet, since when

    # -- what the door asks -----------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether any job is in hand."""
        return bool(self._local_work or self._news or self._agencies.busy)

    @property
    def _local_work(self) -> bool:
        return bool(self._crew.hands or self._waiting)

    def add(self, order: Order) -> None:
        """Take a job that the store has admitted; not twice, and not where its cancel was faster."""
        self._news.expect(order)
        if order.job_id in self._cancelled_early:
            self._cancelled_early.remove(order.job_id)
            self._news.add(order.job_id, Cancelled())  # again: who handed it over has not heard it yet
        elif order.needs.agent is not None:
            self._agencies.give(order)
            self._cancels.look_again()  # one may have come before it
        elif order.job_id not in self._waiting and self._crew.hands.holder(order.job_id) is None:
            self._waiting[order.job_id] = order

    def drop(self, job_ids: Collection[str]) -> None:
        """Let go of jobs that somebody else has now: nothing is said of them any more."""
        for job_id in job_ids:
            self._waiting.pop(job_id, None)
            self._agencies.let_go(job_id)
        holders = {holder for job_id in job_ids if (holder := self._crew.hands.holder(job_id)) is not None}
        for holder in holders:
            self._kill(holder, without=set(job_ids))
        for job_id in job_ids:
            self._news.forget(job_id)

    def ask(self, question: Question) -> None:
        """Have a service asked; the answer comes into the question."""
        self._agencies.ask(question)

    def watch(self, sock: socket.socket) -> None:
        """Let `step` wake up when this socket becomes readable, and read from it."""
        self._selector.register(sock, selectors.EVENT_READ, sock)

    def prepare(self, agent: str | None = None) -> None:
        """Start the spawner, or the agent of an adapter, ahead of the first job."""
        self._worked = time.monotonic()
        if agent is not None:
            self._agencies.of(agent).prepare()
        else:
            self._crew.prepare()

    def wait(self, linger: Linger = time.sleep) -> None:
        """Sleep until something happens or is due; where there are tiny jobs in hand, ``linger`` first."""
        if self._news:
            timeout = STORE_RETRY
        elif self.busy:
            timeout = POLL
        else:
            timeout = self._limits.idle_seconds
        if self._crew.hands.tiny:
            linger(LINGER if self._crew.hands.shared else 0.0)
        ready = self._selector.select(timeout)
        if not ready and not self.busy:
            self.rest()
        elif self._local_work:
            self._worked = time.monotonic()
        elif time.monotonic() - self._worked >= self._limits.idle_seconds:
            self._rest_workers()  # while jobs wait at a service, which may take days
        for key, _ in ready:
            self._hear(key.data)

    def step(self, *, look_for_cancels: bool) -> dict[str, bool]:
        """Hand out work and write down what happened; return the jobs of which that was, and whether they ended."""
        self._bury()
        self._cancel(look_for_cancels=look_for_cancels)
        self._dispatch()
        self._agencies.begin()
        self._announce()
        return self._news.write()

    def rest(self) -> None:
        """End the workers, their template and idle agents; the next job starts them again."""
        self._agencies.rest()
        self._rest_workers()

    def _rest_workers(self) -> None:
        self._crew.rest()
        self._silent.clear()

    def end(self) -> None:
        """Write down what is known and end the workers. Jobs in hand are left as a dead process leaves them."""
        self._news.write()
        self.rest()
        self._agencies.end()
        self._selector.close()

    def abandon(self, error: BaseException) -> None:
        """Fail the jobs in hand and begin afresh: what happened was not foreseen, but nobody shall wait for ever."""
        failure = Failure("executor_error", f"qjob's executor failed: {error!r}", RETRY, transient=True)
        held = [order for _, order in self._crew.hands.orders()]
        for order in (*held, *self._waiting.values()):
            self._news.add(order.job_id, Failed(failure))
        self._waiting.clear()
        self.rest()

    # -- from the workers and agents --------------------------------------------------------------------------

    def _hear(self, source: object) -> None:
        """Take what waits in a socket, told by what it was registered with."""
        if isinstance(source, Worker):
            if not source.closed:  # the control socket, read before it, may have told of its end
                self._listen(source, source.receive())
        elif isinstance(source, Agency):
            for job_id, outcome in self._agencies.listen(source):
                self._news.add(job_id, outcome)
        elif isinstance(source, socket.socket):
            source.recv(4096)
        else:
            self._hear_control()

    def _listen(self, worker: Worker, frames: Iterator[Frame]) -> None:
        try:
            for head, tail in frames:
                self._take(worker, *decode_event(head, tail))
        except (FrameError, KeyError, TypeError, ValueError) as error:
            reason = f"The worker process sent what cannot be read: {error!r}"
            self._blame(worker, Failure("worker_error", reason, RETRY))
            self._kill(worker, without=set())
        if worker.closed:
            self._crew.leave(worker)

    def _take(self, worker: Worker, job_id: str, outcome: Outcome) -> None:
        if self._crew.hands.holder(job_id) is not worker:
            return  # a killed worker's last words
        self._silent.pop(job_id, None)
        self._news.add(job_id, outcome)
        if is_end(outcome):
            self._crew.hands.finish(worker, job_id)

    def _hear_control(self) -> None:
        for worker in self._crew.ended():
            if not worker.closed:
                self._listen(worker, worker.last_words())

    def _bury(self) -> None:
        """Explain the jobs whose workers have died, as soon as it is known how."""
        for worker in self._crew.buried():
            self._blame(worker, explain(worker))
        self._crew.rest_if_gone()

    def _blame(self, worker: Worker, failure: Failure) -> None:
        """Fail the job that a worker broke down with; of several each is tried again alone, to see which it was."""
        held = self._crew.hands.take_back(worker)
        if len(held) == 1:
            self._silent.pop(held[0].job_id, None)
            self._news.add(held[0].job_id, Failed(failure))
        else:
            self._wait_again([order.alone() for order in held])

    def _kill(self, worker: Worker, *, without: set[str]) -> None:
        """End a worker; what it held waits again, but for some jobs."""
        self._crew.kill(worker)
        held = self._crew.hands.take_back(worker)
        for job_id in without:
            self._silent.pop(job_id, None)
        self._wait_again([order for order in held if order.job_id not in without])

    def _wait_again(self, orders: list[Order]) -> None:
        """Let jobs that a worker held wait again, before all others."""
        for order in reversed(orders):
            self._silent.pop(order.job_id, None)
            self._waiting[order.job_id] = order
            self._waiting.move_to_end(order.job_id, last=False)

    def _announce(self) -> None:
        """Call jobs RUNNING whose workers are at work without a word: tiny ones say all at their end."""
        if not self._silent:
            return
        now = time.monotonic()
        for worker, order in self._crew.hands.orders():
            since = self._silent.get(order.job_id, now)
            if worker.up and now - since >= SILENCE:
                del self._silent[order.job_id]
                self._news.add(order.job_id, Running())

    # -- to the workers ---------------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        tasks: dict[Worker, list[Task]] = {}
        while self._waiting:
            order = next(iter(self._waiting.values()))
            try:
                worker = self._worker_for(order)
            except WorkerError as error:
                failure = Failure(error.code, error.message, error.remedy, transient=True)
                self._news.add(order.job_id, Failed(failure))
                del self._waiting[order.job_id]
                continue
            if worker is None:
                break
            # the order stays among the waiting until a worker holds it, so that `abandon` finds it
            self._crew.hands.give(worker, order)
            self._silent[order.job_id] = time.monotonic()
            del self._waiting[order.job_id]
            tasks.setdefault(worker, []).append(self._limited(order))
        for worker, held in tasks.items():
            worker.send(*held)

    def _worker_for(self, order: Order) -> Worker | None:
        """Return the worker that is to hold this job; None where it has to wait."""
        if len(self._crew.hands) >= self._limits.workers:
            return self._crew.hands.room_for(order)
        if not self._fits(order):
            return None
        return self._crew.hands.idle.pop() if self._crew.hands.idle else self._crew.hire()

    def _fits(self, order: Order) -> bool:
        """Whether there is memory for one more; a job alone always starts, under its own limit."""
        memory = order.needs.memory
        if memory is None or order.small or not self._crew.hands:
            return True
        free = self._free_memory()
        return free is None or memory <= free

    def _limited(self, order: Order) -> Task:
        """Return the task, held to what is free now where no formula tells what it needs."""
        if order.needs.memory is not None or order.task.memory_limit is not None:
            return order.task
        return replace(order.task, memory_limit=self._free_memory())

    def _cancel(self, *, look_for_cancels: bool) -> None:
        """Let cancels take effect: those of this process at once, those of others within `POLL`."""
        found = self._cancels.wanted(now=look_for_cancels, busy=self.busy)
        # what runs at a service ends when that says so; its order may still be on its way here
        wanted = {job_id for job_id, site in found if not self._agencies.cancel(job_id) and site is None}
        if not wanted:
            return
        ended = self._news.ended()
        workers = {job_id: self._crew.hands.holder(job_id) for job_id in wanted}
        for job_id, holder in workers.items():
            if holder is None and job_id not in self._waiting and job_id not in ended:
                self._cancelled_early.add(job_id)
            self._waiting.pop(job_id, None)
        for worker in {holder for holder in workers.values() if holder is not None}:
            self._kill(worker, without=wanted)
        for job_id in wanted - ended:
            self._news.add(job_id, Cancelled())

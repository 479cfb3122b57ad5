"""Direct execution: jobs run in worker processes of this process, or are followed by its agents, from one thread.

The door to `qjob.execution.runner` that other threads may use. Local jobs live as long as this process; what it
leaves behind when it dies is swept up by whoever opens the store next. Jobs at a service go on there.
"""

import contextlib
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable

from qjob.execution.agency import Question
from qjob.execution.feed import Feed
from qjob.execution.hands import Order
from qjob.execution.runner import Runner
from qjob.model.errors import WorkerError

LOG = logging.getLogger(__name__)

UNHEARD = 0.03
"""Seconds for which news of tiny jobs may lie about while nobody waits for any."""

RECOVERY_PAUSE = 1.0
"""Seconds to wait where beginning afresh has failed as well, so as not to spin."""


class DirectExecutor:
    """Runs admitted jobs. Every method may be called from any thread.

    Parameters
    ----------
    runner
        The state machine; from now on only this executor's thread touches it.
    feed
        Is told whenever the store has changed.
    """

    def __init__(self, runner: Runner, feed: Feed) -> None:
        self._runner = runner
        self._feed = feed
        self._inbox: deque[Order | str] = deque()  # a string: the job is to be let go of
        self._unended: set[str] = set()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_write.settimeout(0)
        self._prepare: deque[str | None] = deque()
        self._questions: deque[Question] = deque()
        self._poked = False
        self._signalled = False
        self._closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        runner.watch(self._wake_read)

    def begin(self) -> None:
        """Start the thread, where it does not run yet. To be called before a job is stored for `submit`.

        Raises
        ------
        WorkerError
            The system gives no more threads.
        """
        with self._lock:
            if self._thread is not None or self._closing:
                return
            self._thread = threading.Thread(target=self._loop, name="qjob-executor", daemon=True)
            try:
                self._thread.start()
            except RuntimeError as error:
                self._thread = None
                raise WorkerError(
                    f"no thread could be started: {error}.",
                    remedy="End some threads or processes, then try again.",
                ) from error

    def submit(self, *orders: Order) -> None:
        """Run jobs that the store has admitted, as soon as a worker is free. The same one again is harmless."""
        self._unended.update(order.job_id for order in orders)
        self._inbox.extend(orders)
        self._wake()

    def holds(self, job_id: str) -> bool:
        """Whether a job was submitted here whose end is not stored yet, so that there is no need to look."""
        return job_id in self._unended

    @property
    def held(self) -> frozenset[str]:
        """The jobs that were submitted here and whose end is not stored yet."""
        return frozenset(self._unended)

    def drop(self, job_ids: Iterable[str]) -> None:
        """Let go of jobs that somebody else has now."""
        gone = list(job_ids)
        self._unended.difference_update(gone)
        self._inbox.extend(gone)
        self._wake()

    def cancels_asked(self) -> None:
        """Look into the store for jobs to cancel, now."""
        self._poked = True
        self._wake()

    def prepare(self, agent: str | None = None) -> None:
        """Start warming up the workers, or the agent of an adapter, so that the first job does not wait for it."""
        self.begin()
        self._prepare.append(agent)
        self._wake()

    def ask(self, question: Question) -> None:
        """Have a service asked by its agent; the answer comes into the question."""
        self.begin()
        self._questions.append(question)
        self._wake()

    def close(self) -> None:
        """End the workers and the thread. Jobs in hand are left as a dead process leaves them."""
        with self._lock:
            thread, self._closing = self._thread, True
        if thread is None:
            self._runner.end()
        else:
            self._wake()
            thread.join()
        self._wake_read.close()
        self._wake_write.close()

    def _wake(self) -> None:
        if self._signalled and not self._closing:  # one wake-up is enough for any number of news
            return
        try:
            self._signalled = True
            with contextlib.suppress(OSError):  # full: it is awake already; closed: nobody is left to wake
                self._wake_write.send(b"\0")
        except BaseException:  # an interrupt between these two lines: the next wake-up has to be sent
            self._signalled = False
            raise

    def _loop(self) -> None:
        failed = False
        while not self._closing:
            try:
                self._round()
                self._runner.wait(self._linger)
                failed = False
            except Exception as error:  # the end of this thread would leave every job hanging
                LOG.exception("the executor begins afresh")
                self._recover(error, again=failed)
                failed = True
        try:
            while self._questions:  # so that nobody waits for their answers
                self._runner.ask(self._questions.popleft())
            self._runner.end()
        except Exception:
            LOG.exception("the executor ends untidily")

    def _linger(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._feed.linger(UNHEARD)  # each round takes Python's lock from who submits, and writes to the store
        if (left := until - time.monotonic()) > 0:
            time.sleep(left)

    def _recover(self, error: Exception, *, again: bool) -> None:
        try:
            self._runner.abandon(error)
        except Exception:
            LOG.exception("some of it cannot be let go of")
        if again:
            time.sleep(RECOVERY_PAUSE)

    def _round(self) -> None:
        self._signalled = False  # before the news are taken: what comes later wakes us again
        while self._prepare:
            # what goes wrong here goes wrong again for the first job, which fails with the reason
            with contextlib.suppress(WorkerError):
                self._runner.prepare(self._prepare.popleft())
        while self._questions:
            self._runner.ask(self._questions.popleft())
        while self._inbox:
            item = self._inbox.popleft()
            if isinstance(item, str):
                self._runner.drop([item])
            else:
                self._runner.add(item)
        poked, self._poked = self._poked, False
        if jobs := self._runner.step(look_for_cancels=poked):
            self._unended.difference_update(job_id for job_id, ended in jobs.items() if ended)
            self._feed.bump(jobs)

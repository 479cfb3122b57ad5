"""How a worker process is put together, and how it ends. Prints nothing; its log says everything."""

import logging
import os
import random
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TextIO

from qjob.backends.known import catalogue_of
from qjob.backends.registry import Registry
from qjob.cache import Cache, DeviceBook
from qjob.execution import logs
from qjob.execution.direct import DirectExecutor
from qjob.execution.durable import GIVEN_BACK, DurableWorker, Means
from qjob.execution.feed import Feed
from qjob.execution.local import clear_logs, drop_empty_log, local_runner
from qjob.execution.logs import log_of, logging_to
from qjob.execution.masking import Mask, secrets_of
from qjob.execution.opened import sweep
from qjob.execution.retrying import Retrying
from qjob.execution.tracing import load_tracing
from qjob.execution.tracks import Telling
from qjob.model.errors import StoreError
from qjob.model.worker import WorkerRecord
from qjob.policy.retries import Patience
from qjob.settings import Settings
from qjob.store.store import Store
from qjob.store.watch import Changes

LOG = logging.getLogger(__name__)

LOOK = 0.06
"""Seconds between two looks for new jobs, where the store does not tell by itself."""

QUIET = 60.0
"""Seconds without any job after which a worker process that began by itself ends."""


class Waking(Feed):
    """Ends the naps of a worker process whenever its executor has written something."""

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self._changes = changes

    def bump(self, jobs: Iterable[str] | None = None) -> None:
        """Wake the worker as well."""
        super().bump(jobs)
        self._changes.wake()


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def work(settings: Settings, *, alone: bool, quiet: float | None, terminal: TextIO | None = None) -> bool:
    """Be a worker process until it is asked to end, or has been quiet; return whether it was wanted.

    Parameters
    ----------
    settings
        Which store, whose jobs, how many at the same time.
    alone
        Whether it is only wanted where there is no other one that lives and listens.
    quiet
        Seconds without any job after which it ends; None: it stays.
    terminal
        Where plain lines of its log go; None: nowhere.

    Raises
    ------
    StoreError
        The store cannot be used.
    WorkerError
        This system cannot tell whether a process lives, or gives no threads.
    """
    with ExitStack() as undo:
        store = Store.of(settings, now)
        undo.callback(store.close)
        owner = store.owners.claim()
        undo.callback(owner.release)
        record = WorkerRecord(
            owner.id, settings.user, socket.gethostname(), os.getpid(), version("qjob"), now()
        )
        if not store.add_worker(record, alone=alone):
            return False
        undo.callback(_leave, store, record)
        undo.enter_context(
            logging_to(log_of(settings.home, owner.id), record.name, _mask(settings), terminal)
        )
        sweep(store)
        store.owners.sweep()
        clear_logs(settings.home, store.owners.alive, time.time())
        logs.clear_logs(settings.home, store.owners.alive, time.time())
        undo.callback(drop_empty_log, settings.home, owner.id)
        retrying = Retrying(
            Patience(settings.attempts, settings.retry_minutes * 60),
            random.Random(secrets.randbits(64)).random,  # noqa: S311 - pauses, no secrets
        )
        changes = store.changes(LOOK)
        undo.callback(changes.close)
        tracing = load_tracing(os.environ)
        undo.callback(tracing.close)
        tracks = Telling(tracing, record.name)
        runner = local_runner(store, owner.id, settings, retrying=retrying, tracks=tracks)
        executor = DirectExecutor(runner, Waking(changes))
        undo.callback(executor.close)
        book = DeviceBook(Cache(settings.home, now))
        means = Means(
            lambda: catalogue_of(settings.home, lambda: book.all().values()),
            Registry(),
            retrying,
            settings.workers,
            quiet,
        )
        worker = DurableWorker(store, executor, record, means, changes)
        with _signals(worker):
            LOG.info("worker %s of qjob %s takes up the jobs of %s", record.name, record.version, record.user)
            worker.run()
            if not alone and worker.interrupted:  # as by `qjob worker --stop`: no kernel is to start another
                store.ask_worker(record.id, "stop")
            LOG.info("worker %s ends", record.name)
    return True


def _mask(settings: Settings) -> Mask:
    url = settings.database_url
    return Mask(secrets_of({**os.environ, "": "" if url is None else url.get_secret_value()}))


def _leave(store: Store, record: WorkerRecord) -> None:
    """Give back what is left, and leave the list of workers; where that fails, others see that this one is gone."""
    try:
        store.give_back(record.id, GIVEN_BACK)
        store.end_worker(record.id)
    except StoreError as error:
        LOG.warning("the store does not answer at the end: %s", error)


@contextmanager
def _signals(worker: DurableWorker) -> Iterator[None]:
    """Let the signals that ask a process to end ask the worker, where signals can be taken."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda sent, _: worker.stop(by_hand=sent == signal.SIGINT))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

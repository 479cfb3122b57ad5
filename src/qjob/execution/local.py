"""How this machine's executor is put together: which spawner, which agents, which log file, which limits."""

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

from qjob.backends.base import Service
from qjob.backends.machine import free_memory
from qjob.backends.registry import Registry
from qjob.execution.agency import Agent, part_of_environment
from qjob.execution.pool import FreshSpawner, Spawner, TemplateSpawner, best_start, start_linked
from qjob.execution.retrying import Retrying
from qjob.execution.runner import Limits, Runner, Starters
from qjob.execution.tracks import Tracks
from qjob.model.errors import QjobError, WorkerError
from qjob.settings import Settings
from qjob.store.store import Store

LOG_SIZE = 1 << 20
"""Bytes from which a log of workers begins anew with the next template."""

KEEP_LOGS = 30 * 86400.0
"""Seconds that the logs of ended kernels are kept, where anything is in them."""


def local_runner(
    store: Store,
    owner: str,
    settings: Settings,
    *,
    retrying: Retrying | None = None,
    tracks: Tracks | None = None,
) -> Runner:
    """Return a runner that starts processes with the first job; ``retrying`` and ``tracks`` as for `Runner`."""
    limits = Limits(settings.workers, settings.worker_idle_minutes * 60)
    log = log_of(settings.home, owner)

    def spawner() -> Spawner:
        kind = TemplateSpawner if (settings.worker_start or best_start()) == "fork" else FreshSpawner
        _make_room(log)
        return kind(settings.home, log)

    registry = Registry()

    def agent(adapter: str) -> Agent:
        best_start()  # this system can hand a socket to a process
        _make_room(log)
        try:
            reads = cast(Service, registry.provider(adapter)).environment
        except (QjobError, AttributeError) as error:
            raise WorkerError(f"the adapter {adapter!r} follows no jobs here: {error}.") from error
        environment = part_of_environment(reads)  # before it starts: what changes meanwhile is new
        link, process = start_linked("qjob.execution.agent", settings.home, log)
        return Agent(link, process, log, reads, environment)

    starters = Starters(spawner, agent)
    return Runner(store, owner, starters, limits, free_memory, retrying=retrying, tracks=tracks)


def _make_room(log: Path) -> None:
    """Make the folder of a log, and begin the log anew where it has grown large."""
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.is_file() and log.stat().st_size > LOG_SIZE:
            log.unlink()
    except OSError as error:
        raise WorkerError(
            f"the workers' log {log} cannot be written: {error.strerror}.",
            remedy=f"Make {log.parent} writable for you, or set QJOB_HOME to another folder.",
        ) from error


def log_of(home: Path, owner: str) -> Path:
    """Return the file that takes what the workers of an owner print."""
    return home / "logs" / f"workers-{owner}.log"


def drop_empty_log(home: Path, owner: str) -> None:
    """Remove the log of an owner that ends, if nothing is in it."""
    log = log_of(home, owner)
    with contextlib.suppress(OSError):  # there is none, or the folder is not ours any more
        if log.stat().st_size == 0:
            log.unlink()


def clear_logs(home: Path, alive: Callable[[str], bool], now: float) -> None:
    """Remove logs of owners that have ended: the empty ones, and those older than `KEEP_LOGS`.

    Parameters
    ----------
    alive
        Tells whether an owner's process lives.
    now
        The time in seconds since 1970.
    """
    remove_old((home / "logs").glob("workers-*.log"), alive, now, empty=True)


def remove_old(
    logs: Iterable[Path], alive: Callable[[str], bool], now: float, *, empty: bool = False
) -> None:
    """Remove those of some logs, each named ``KIND-OWNER.SUFFIX``, that nobody needs; see `clear_logs`.

    Parameters
    ----------
    empty
        Whether those in which nothing is go however young they are.
    """
    for log in logs:
        with contextlib.suppress(OSError):  # another process clears as well, or the folder is not ours
            about = log.stat()
            owner = log.name.partition("-")[2].partition(".")[0]
            over = now - about.st_mtime > KEEP_LOGS or (empty and about.st_size == 0)
            if over and not alive(owner):
                log.unlink()

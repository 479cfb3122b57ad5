"""An engine with a worker process for its durable jobs, and schemas of their own in a server. All of it ends here.

The worker is `qjob worker`, started before the first durable job, so that the engine finds it and starts none. Where
it is killed, the engine starts another one, detached; so at the end whatever was begun with this home is ended.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from circuits import bell
from lab import Lab

PATIENCE = 20.0
"""Seconds in which what was asked to end, or to come, does so."""


@contextlib.contextmanager
def durable_engine(lab: Lab, *, url: str | None = None, workers: int = 2) -> Iterator[Any]:
    """Give an engine on a new store with a worker process, both of which have run jobs already."""
    home = lab.home()
    with contextlib.ExitStack() as undo:
        worker = start_worker(home, workers=workers, url=url)
        undo.callback(worker.wait, PATIENCE)
        undo.callback(end_workers, home)  # after the engine's end, which would start another one
        engine = undo.enter_context(lab.engine(home=home, workers=workers, database_url=url))
        until(lambda: pids(engine))
        for job in [engine.submit(bell(), shots=100, mode="durable") for _ in range(4)]:
            job.wait(60)
        yield engine


def start_worker(home: Path, *, workers: int, url: str | None) -> subprocess.Popen[bytes]:
    """Start a `qjob worker`. Whoever does has it ended by `end_workers`."""
    from qjob.execution.detached import environment
    from qjob.settings import load_settings

    settings = load_settings(dict(os.environ), home=home, workers=workers, database_url=url)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qjob.cli", "worker"],
        env=environment(settings, dict(os.environ)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def pids(engine: Any) -> list[int]:
    """Return the numbers of the worker processes that live."""
    return [one.pid for one in engine.store.live_workers(engine.settings.user)]


def until(happens: Callable[[], Any]) -> Any:
    """Wait until something is there, and return it."""
    end = time.monotonic() + PATIENCE
    while not (found := happens()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {PATIENCE:g} s: {happens}")
        time.sleep(0.005)
    return found


def end_workers(home: Path) -> None:
    """End every process that was begun with a home, however it is related to this one: asked first, then killed."""
    for process in _of(home):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "qjob.execution.detached" in process.cmdline() or process.cmdline()[-1:] == ["worker"]:
                process.terminate()  # its children end with it
    end = time.monotonic() + PATIENCE
    while (left := _of(home)) and time.monotonic() < end:
        time.sleep(0.05)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _of(home: Path) -> list[psutil.Process]:
    """Return the processes whose environment names this home, but for this one."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(
            psutil.Error, OSError
        ):  # somebody else's, or gone; a zombie has no environment
            if process.environ().get("QJOB_HOME") == str(home) and process.pid != os.getpid():
                found.append(process)
    return found


@contextlib.contextmanager
def schema(lab: Lab, name: str) -> Iterator[str]:
    """Give the URL of an empty schema in the server; it is dropped at the end."""
    import psycopg
    from psycopg import sql

    if lab.server is None:
        raise RuntimeError("there is no server")
    name = f"bench_{name}_{os.getpid()}"
    named = sql.Identifier(name)
    with psycopg.connect(lab.server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(named))
    try:
        yield f"{lab.server}{'&' if '?' in lab.server else '?'}options=-csearch_path%3D{name}"
    finally:
        with psycopg.connect(lab.server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(named))

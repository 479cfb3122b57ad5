"""A worker process's loop: tasks in, their events out, until the executor closes the socket.

Runs in a child of the template, or as a process of its own that `qjob.execution.start` begins. Never imports the
user's ``__main__`` and never touches the store.
"""

import contextlib
import select
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from zstandard import ZstdCompressor

from qjob.backends.base import Local, Task
from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue, load_catalogue
from qjob.execution.frames import arrivals, decode_task, encode_event
from qjob.model.errors import QjobError
from qjob.model.events import Checkpoint, Event, Failed, Progress, Running
from qjob.model.job import Failure
from qjob.model.packing import compressor

TOGETHER = 16
"""The most tasks that take turns."""

INSTALL = "Install it in the environment in which the job runs, then: %qjob retry {job}"


class _End:
    """Stands for the event that an exhausted iterator does not give."""


def serve(sock: socket.socket, registry: Registry, catalogue: Catalogue) -> None:
    """Run the tasks that arrive; return when the executor is gone."""
    compress = compressor()
    try:
        for arrived in arrivals(sock):
            tasks = [decode_task(head, tail) for head, tail in arrived]
            for first in range(0, len(tasks), TOGETHER):
                some = tasks[first : first + TOGETHER]
                _run({task.job_id: events(task, registry, catalogue) for task in some}, sock, compress)
    except (BrokenPipeError, ConnectionResetError):
        return


def _run(running: dict[str, Iterator[Event | None]], sock: socket.socket, compress: ZstdCompressor) -> None:
    """Let tasks take turns until all have ended; what they say in one turn is sent together.

    Several of them are tiny ones. One after the other they would take twice the time: each step of one finds the
    processor's caches full of the others.
    """
    begun: dict[str, float] = {}  # when; goes with the next event: a tiny job has news for the kernel once
    while running:
        said = [(job_id, next(events, _End())) for job_id, events in running.items()]
        news = b""
        for job_id, event in said:
            if isinstance(event, _End):
                del running[job_id]
            elif isinstance(event, Running):
                begun[job_id] = time.monotonic()
            # a starved kernel must not hold up the simulation: what a later one replaces is dropped without room
            elif event is not None and (not isinstance(event, (Progress, Checkpoint)) or _writable(sock)):
                began = begun.pop(job_id, None)
                ran = None if began is None else time.monotonic() - began
                news += encode_event(job_id, event, compress, ran=ran)
        if news:
            sock.sendall(news)


def events(task: Task, registry: Registry, catalogue: Catalogue) -> Iterator[Event | None]:
    """Yield a task's events; what a backend raises becomes its last one."""
    try:
        backend = cast(Local, registry.backend(catalogue.get(task.request.backend)))
        yield from backend.run(task)
    except QjobError as error:
        yield Failed(Failure(error.code, error.message, error.remedy))
    except MemoryError:
        yield Failed(Failure("out_of_memory", "The worker ran out of memory.", "Use fewer qubits."))
    except ImportError as error:
        traceback.print_exc()
        reason = f"A package that {task.request.backend} needs is missing here, or broken: {error}"
        yield Failed(Failure("package_missing", reason, INSTALL, transient=True))
    except Exception as error:  # noqa: BLE001 - the boundary of a process: told to the user, logged whole
        traceback.print_exc()
        yield Failed(Failure("backend_error", f"{type(error).__name__}: {error}"))


def _writable(sock: socket.socket) -> bool:
    return bool(select.select([], [sock], [], 0)[1])


def main(sock: socket.socket, home: str) -> int:
    """Serve a socket in a process of its own, not forked from a template; return the exit code."""
    die_first_when_memory_is_short()
    serve(sock, Registry(), load_catalogue(Path(home)))
    return 0


def die_first_when_memory_is_short() -> None:
    """Tell Linux to end this worker before the kernel that it works for."""
    with contextlib.suppress(OSError):  # other systems have no such file
        Path("/proc/self/oom_score_adj").write_text("1000")

"""A worker process's loop: a task in, its events out, until the executor closes the socket.

Runs in a child of the template, or as a process of its own that `qjob.execution.start` begins. Never imports the
user's ``__main__`` and never touches the store.
"""

import contextlib
import select
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

from qjob.backends.base import Task
from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue, load_catalogue
from qjob.execution.frames import decode_task, encode_event, frames
from qjob.model.errors import QjobError
from qjob.model.events import Event, Failed, Progress, Running
from qjob.model.job import Failure
from qjob.model.packing import compressor


def serve(sock: socket.socket, registry: Registry, catalogue: Catalogue) -> None:
    """Run the tasks that arrive, one after another; return when the executor is gone."""
    compress = compressor()
    try:
        for head, tail in frames(sock):
            begun = b""
            for event in events(decode_task(head, tail), registry, catalogue):
                if isinstance(event, Running):
                    begun = encode_event(event)  # goes with the next one: a tiny job has news once
                # a starved kernel must not hold up the simulation: progress that finds no room is dropped
                elif not isinstance(event, Progress) or _writable(sock):
                    sock.sendall(begun + encode_event(event, compress))
                    begun = b""
    except (BrokenPipeError, ConnectionResetError):
        return


def events(task: Task, registry: Registry, catalogue: Catalogue) -> Iterator[Event]:
    """Yield a task's events; what a backend raises becomes its last one."""
    try:
        yield from registry.backend(catalogue.get(task.request.backend)).run(task)
    except QjobError as error:
        yield Failed(Failure(error.code, error.message, error.remedy))
    except MemoryError:
        yield Failed(Failure("out_of_memory", "The worker ran out of memory.", "Use fewer qubits."))
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

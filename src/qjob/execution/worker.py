"""A worker process as the executor sees it: given tasks, listened to, and explained when it dies.

Does not know how the process was started.
"""

import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qjob.backends.base import Task
from qjob.execution.control import UNFIT_TO_FORK
from qjob.execution.frames import RECEIVE, Frame, FrameReader, encode_task
from qjob.model.job import Failure

SOCKET_BUFFER = 1 << 20

FROM_OUTSIDE = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGXCPU})
"""Signals that people and systems send; the others come of a fault."""

RETRY = "Run it again: %qjob retry {job}"
START_FRESH = "Set QJOB_WORKER_START=fresh, restart the kernel, then: %qjob retry {job}"
LESS_MEMORY = "Use fewer qubits, or --backend qb-sim-tensor-network for a circuit of low entanglement."


@dataclass(frozen=True, slots=True)
class Exit:
    """How a worker process ended."""

    code: int  # as of subprocess: negative for a signal
    peak_bytes: int | None  # the most memory it held; None where unknown
    memory_kills: int | None  # processes the system ended for lack of memory since boot, read afterwards
    said: str = ""  # what is known of the reason beside the code


@dataclass(eq=False)
class Worker:
    """One worker process and the executor's end of its socket."""

    token: int
    sock: socket.socket
    memory_kills: int | None  # at the start
    reader: FrameReader = field(default_factory=FrameReader)
    exit: Exit | None = None
    closed: bool = False  # the socket reached its end
    up: bool = False  # the process is known to exist

    def send(self, *tasks: Task) -> None:
        """Hand over tasks; a worker that has died meanwhile is noticed by the end of its socket."""
        self.send_frame(b"".join(encode_task(task) for task in tasks))

    def send_frame(self, frame: bytes) -> None:
        """Send bytes that `qjob.execution.frames.encode` returned."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.sock.sendall(frame)

    def receive(self) -> Iterator[Frame]:
        """Yield the frames that one read completes; marks the worker closed at the end."""
        try:
            data = self.sock.recv(RECEIVE)
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = True
        yield from self.reader.feed(data)

    def last_words(self) -> Iterator[Frame]:
        """Yield what a worker that is known to be dead had sent, and mark it closed.

        Without waiting for the socket's end, which does not come while a child that the user's code forked at the
        wrong moment holds a copy of it.
        """
        self.closed = True
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while data := self.sock.recv(RECEIVE, socket.MSG_DONTWAIT):
                yield from self.reader.feed(data)


def memory_kills() -> int | None:
    """Return how many processes Linux has ended for lack of memory since boot; None elsewhere."""
    try:
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except OSError:
        return None
    return None


def explain(worker: Worker) -> Failure:
    """Say why a worker died with a job in its hands."""
    end = worker.exit
    if end is None:
        return Failure("worker_lost", "The worker process disappeared.", RETRY, transient=True)
    peak = f" It had reached {end.peak_bytes / 2**20:,.0f} MiB." if end.peak_bytes else ""
    if end.code == -signal.SIGKILL:
        if (
            end.memory_kills is not None
            and worker.memory_kills is not None
            and end.memory_kills > worker.memory_kills
        ):
            return Failure(
                "out_of_memory", f"The system ended the worker for lack of memory.{peak}", LESS_MEMORY
            )
        return Failure(
            "worker_killed", f"The worker process was killed from outside.{peak}", RETRY, transient=True
        )
    if -end.code in FROM_OUTSIDE:
        name = signal.Signals(-end.code).name
        return Failure(
            "worker_killed", f"The worker process was ended by {name}.{peak}", RETRY, transient=True
        )
    if end.code < 0:
        name = _signal_name(-end.code)
        return Failure("worker_crashed", f"The worker process crashed with {name}.{peak}", LESS_MEMORY)
    if end.code == UNFIT_TO_FORK:
        return Failure("worker_lost", f"Workers cannot be forked here: {end.said}.", START_FRESH)
    said = f": {end.said}" if end.said else ""
    return Failure(
        "worker_lost", f"The worker process ended with code {end.code}{said}.{peak}", RETRY, transient=True
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals have none
        return f"signal {number}"

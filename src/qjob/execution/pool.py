"""Worker processes as the executor sees them: spawned, given tasks, killed, and explained when they die.

Two ways to spawn with one face: `TemplateSpawner` forks from a warm template (Linux), `FreshSpawner` starts a
process each time. Neither decides which job runs where, and neither knows the store.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Protocol

from qjob.backends.base import Task
from qjob.execution.control import Record, RecordReader, Word
from qjob.execution.frames import Frame, FrameReader, encode_task
from qjob.model.errors import WorkerError
from qjob.model.job import Failure

SOCKET_BUFFER = 1 << 20
CONTROL_READ = 1 << 16


@dataclass(frozen=True, slots=True)
class Exit:
    """How a worker process ended."""

    code: int  # as of subprocess: negative for a signal
    peak_bytes: int | None  # the most memory it held; None where unknown
    memory_kills: int | None  # processes the system ended for lack of memory since boot, read afterwards


@dataclass(eq=False)
class Worker:
    """One worker process and the executor's end of its socket."""

    token: int
    sock: socket.socket
    memory_kills: int | None  # at the start
    reader: FrameReader = field(default_factory=FrameReader)
    exit: Exit | None = None
    closed: bool = False  # the socket reached its end
    killed: bool = False  # by us

    def send(self, task: Task) -> None:
        """Hand over a task; a worker that has died meanwhile is noticed by the end of its socket."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.sock.sendall(encode_task(task))

    def receive(self) -> Iterator[Frame]:
        """Yield the frames that one read completes; marks the worker closed at the end."""
        try:
            data = self.sock.recv(SOCKET_BUFFER)
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = True
        yield from self.reader.feed(data)


class Spawner(Protocol):
    """Starts and ends workers. Used from one thread, the executor's."""

    gone: bool
    """Whether it has died by itself, so that another is needed."""

    @property
    def control(self) -> socket.socket | None:
        """A socket to select on, whose news `control_ready` takes; None where there is none."""
        ...

    def spawn(self) -> Worker:
        """Start a worker; it can be given a task at once."""
        ...

    def kill(self, worker: Worker) -> None:
        """End a worker now, whatever it does."""
        ...

    def control_ready(self) -> list[Worker]:
        """Take the news of the control socket; return the workers that are known to have ended by it."""
        ...

    def reap(self, worker: Worker) -> bool:
        """Whether it is known how a worker with a closed socket ended; sets ``worker.exit``."""
        ...

    def close(self) -> None:
        """End everything that was started."""
        ...


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
    if end.code < 0:
        name = signal.Signals(-end.code).name
        return Failure("worker_crashed", f"The worker process crashed with {name}.{peak}", LESS_MEMORY)
    return Failure(
        "worker_lost", f"The worker process ended with code {end.code}.{peak}", RETRY, transient=True
    )


RETRY = "Run it again: %qjob retry {job}"
LESS_MEMORY = "Use fewer qubits, or --backend qb-sim-tensor-network for a circuit of low entanglement."


def _environment() -> dict[str, str]:
    # threads of a BLAS or of qiskit's own parallelism would make the template unfit to fork
    return {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "QISKIT_IN_PARALLEL": "TRUE",
        "QISKIT_PARALLEL": "FALSE",
    }


def _start(module: str, descriptor: int, home: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start one of this package's modules in a session of its own, inheriting one descriptor."""
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(descriptor), str(home)],
            pass_fds=[descriptor],
            start_new_session=True,  # Jupyter's interrupt and shutdown go to the kernel's whole process group
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
        )
    except OSError as error:
        raise WorkerError(
            f"no worker process could be started: {error}.",
            remedy="Free some memory or processes, then submit again.",
        ) from error


def _pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):  # room for a long silence of the kernel before a worker has to wait
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
    return ours, theirs


class TemplateSpawner:
    """Forks workers from a warm template process."""

    def __init__(self, home: Path, log: IO[bytes]) -> None:
        ours, theirs = socket.socketpair()
        self._control = ours
        try:
            self.process = _start("qjob.execution.template", theirs.fileno(), home, log)
        finally:
            theirs.close()
        self._records = RecordReader()
        self._tokens = count(1)
        self._workers: dict[int, Worker] = {}
        self.ready = False
        self.gone = False

    @property
    def control(self) -> socket.socket | None:
        """The socket to the template."""
        return self._control

    def spawn(self) -> Worker:
        """Ask for a worker. Its tasks wait in the socket until the fork has happened."""
        ours, theirs = _pair()
        worker = Worker(next(self._tokens), ours, memory_kills())
        self._workers[worker.token] = worker
        try:
            socket.send_fds(self._control, [Record(Word.FORK, worker.token).pack()], [theirs.fileno()])
        except (BrokenPipeError, ConnectionResetError):
            pass  # the template died: the closed socket of this worker tells, and the executor starts another
        finally:
            theirs.close()
        return worker

    def kill(self, worker: Worker) -> None:
        """Kill through the template, which knows whether the process id is still the worker's."""
        worker.killed = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._control.sendall(Record(Word.KILL, worker.token).pack())

    def control_ready(self) -> list[Worker]:
        """Take the template's news; when it has died, every worker has died with it."""
        try:
            data = self._control.recv(CONTROL_READ)
        except ConnectionResetError:
            data = b""
        if not data:
            self.gone = True
            code = self.process.wait()
            return [self._ended(token, Exit(code, None, memory_kills())) for token in list(self._workers)]
        ended = []
        for record in self._records.feed(data):
            if record.word is Word.READY:
                self.ready = True
            elif record.word is Word.EXITED:
                ended.append(self._ended(record.token, Exit(record.value, record.extra, memory_kills())))
            elif record.word is Word.REFUSED:
                ended.append(self._ended(record.token, Exit(record.value, None, memory_kills())))
        return ended

    def _ended(self, token: int, end: Exit) -> Worker:
        worker = self._workers.pop(token)
        worker.exit = end
        return worker

    def reap(self, worker: Worker) -> bool:
        """Whether the template has told how the worker ended."""
        return worker.exit is not None

    def close(self) -> None:
        """Close the control socket, upon which the template ends with all its workers."""
        self._control.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for worker in self._workers.values():
            worker.sock.close()


class FreshSpawner:
    """Starts each worker as a process of its own: slower to begin, for systems without a safe fork."""

    def __init__(self, home: Path, log: IO[bytes]) -> None:
        self._home = home
        self._log = log
        self._tokens = count(1)
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.gone = False

    @property
    def control(self) -> socket.socket | None:
        """There is none: a worker's own socket tells everything."""
        return None

    def spawn(self) -> Worker:
        """Start a worker process."""
        ours, theirs = _pair()
        worker = Worker(next(self._tokens), ours, memory_kills())
        try:
            process = _start("qjob.execution.child", theirs.fileno(), self._home, self._log)
        finally:
            theirs.close()
        self._processes[worker.token] = process
        return worker

    def kill(self, worker: Worker) -> None:
        """Kill the process, which this one has not yet reaped."""
        worker.killed = True
        self._processes[worker.token].kill()

    def control_ready(self) -> list[Worker]:
        """Nothing ever comes this way."""
        return []

    def reap(self, worker: Worker) -> bool:
        """Wait for the process whose socket has closed; it ends at once after that."""
        process = self._processes.pop(worker.token, None)
        if process is not None:
            worker.exit = Exit(process.wait(), None, memory_kills())
        return True

    def close(self) -> None:
        """Kill and reap every worker."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()


def best_start() -> str:
    """Return how workers start on this system: forking is safe on Linux only.

    Raises
    ------
    WorkerError
        This system can hand no socket to a child process.
    """
    if sys.platform == "win32":
        raise WorkerError(
            "local simulators do not run on Windows in this release.",
            remedy="Use WSL, Linux or macOS.",
        )
    return "fork" if sys.platform.startswith("linux") else "fresh"

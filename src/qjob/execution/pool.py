"""How worker processes are started, killed and reaped.

Two ways to spawn with one face: `TemplateSpawner` forks from a warm template (Linux), `FreshSpawner` starts a
process each time. Neither decides which job runs where, and neither knows the store.
"""

import contextlib
import os
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Protocol

from qjob.execution.control import Record, RecordReader, Word
from qjob.execution.worker import SOCKET_BUFFER, Exit, Worker, memory_kills
from qjob.model.errors import WorkerError

CONTROL_READ = 1 << 16
CLOSE_SECONDS = 5.0
"""How long a process that was told to end may take before it is killed."""

LAST_WORDS = 4096
"""How much of the end of a log is looked at for its last line, in bytes."""


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


def _environment() -> dict[str, str]:
    # threads of a BLAS or of qiskit's own parallelism would make the template unfit to fork
    return {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "QISKIT_IN_PARALLEL": "TRUE",
        "QISKIT_PARALLEL": "FALSE",
    }


def _start(module: str, descriptor: int, home: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start one of this package's modules in a session of its own, inheriting one descriptor."""
    try:
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "qjob.execution.start", module, str(descriptor), str(home)],
                pass_fds=[descriptor],
                start_new_session=True,  # Jupyter's interrupt and shutdown go to the kernel's whole process group
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=_environment(),
            )
    except OSError as error:
        raise _no_worker(error) from error


def _no_worker(error: OSError) -> WorkerError:
    return WorkerError(
        f"no worker process could be started: {error}.",
        remedy="Free some memory, files or processes, then submit again.",
    )


def last_line(log: Path) -> str:
    """Return the last line of a log: of a traceback, the error itself."""
    try:
        lines = log.read_bytes()[-LAST_WORDS:].decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip().rstrip(".") for line in reversed(lines) if line.strip()), "")


def _pair() -> tuple[socket.socket, socket.socket]:
    try:
        ours, theirs = socket.socketpair()
    except OSError as error:
        raise _no_worker(error) from error
    for end in (ours, theirs):  # room for a long silence of the kernel before a worker has to wait
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
    return ours, theirs


def start_linked(
    module: str, home: Path, log: Path, token: int = 0
) -> tuple[Worker, "subprocess.Popen[bytes]"]:
    """Start one of this package's modules as a process of its own; return the link to it, and the process.

    Raises
    ------
    WorkerError
        The system gives no more processes or files.
    """
    ours, theirs = _pair()
    worker = Worker(token, ours, memory_kills())
    try:
        process = _start(module, theirs.fileno(), home, log)
    except WorkerError:
        ours.close()
        raise
    finally:
        theirs.close()
    worker.up = True
    return worker, process


class TemplateSpawner:
    """Forks workers from a warm template process."""

    def __init__(self, home: Path, log: Path) -> None:
        ours, theirs = _pair()
        self._control = ours
        self._log = log
        try:
            self.process = _start("qjob.execution.template", theirs.fileno(), home, log)
        except WorkerError:
            ours.close()
            raise
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
            said = last_line(self._log) if code > 0 else ""
            end = Exit(code, None, memory_kills(), said)
            return [self._ended(token, end) for token in list(self._workers)]
        ended = []
        for record in self._records.feed(data):
            if record.word is Word.READY:
                self.ready = True
            elif record.word is Word.FORKED:
                self._workers[record.token].up = True
            elif record.word is Word.EXITED:
                said = last_line(self._log) if record.value > 0 else ""
                end = Exit(record.value, record.extra, memory_kills(), said)
                ended.append(self._ended(record.token, end))
            elif record.word is Word.REFUSED:
                said = f"it could not be forked ({os.strerror(record.value)})"
                ended.append(self._ended(record.token, Exit(record.value, None, None, said)))
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
        with contextlib.suppress(OSError):  # not connected any more where the template has died
            # closing would tell it nothing where a child that the user's code forked holds a copy
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        if not self.ready:  # it would notice only after its warm-up, and has nothing to tidy up
            self.process.kill()
        _ended_within(self.process, CLOSE_SECONDS)
        for worker in self._workers.values():
            worker.sock.close()


class FreshSpawner:
    """Starts each worker as a process of its own: slower to begin, for systems without a safe fork."""

    def __init__(self, home: Path, log: Path) -> None:
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
        worker, process = start_linked("qjob.execution.child", self._home, self._log, next(self._tokens))
        self._processes[worker.token] = process
        return worker

    def kill(self, worker: Worker) -> None:
        """Kill the process, which this one has not yet reaped."""
        self._processes[worker.token].kill()

    def control_ready(self) -> list[Worker]:
        """Nothing ever comes this way."""
        return []

    def reap(self, worker: Worker) -> bool:
        """Wait for the process whose socket has closed; it ends at once after that."""
        process = self._processes.pop(worker.token, None)
        if process is not None:
            code = _ended_within(process, CLOSE_SECONDS)
            worker.exit = Exit(code, None, memory_kills(), last_line(self._log) if code > 0 else "")
        return True

    def close(self) -> None:
        """Kill and reap every worker."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> int:
    """Return the exit code of a process that ends by itself, or is killed after these seconds."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


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

"""Starts the process that runs the code, listens to it, ends it in time, and leaves nothing behind."""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from qjob.model.errors import WorkerError
from qjob.sandbox.child import Request, request_bytes
from qjob.sandbox.folders import LIBRARIES, Folders
from qjob.sandbox.messages import HEAD_ROOM

BEGIN = (
    "import sys; words = sys.argv[1:]; sys.argv[1:] = []; sys.path[:] = [words[3], *sys.path, *words[4:]]; "
    "from qjob.sandbox.child import main; main(*map(int, words[:3]))"
)
LOOK_SECONDS = 0.05
"""How often the working folder is measured."""
READ = 1 << 16
FILES = 1000
"""Files that the code may have in its folder."""
TEMPORARY = "qjob-code-"


class Why(Enum):
    """Why the process was ended before it had said its last word."""

    TIME = "time"
    PRINTED = "printed"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: what it answered and printed, or why it was stopped."""

    message: bytes
    printed: bytes
    code: int
    stopped: Why | None


def perform(request: Request, where: Folders, bubblewrap: str | None) -> Ended:
    """Run a request to its end and return what came of it.

    The thread that calls this has to stay until it returns: the process ends with it.

    Raises
    ------
    WorkerError
        The system gives no processes, files or folders.
    """
    try:
        with _folder() as folder, tempfile.TemporaryFile() as asked:
            asked.write(request_bytes(request))
            asked.seek(0)
            read, write = os.pipe()
            with os.fdopen(read, "rb", buffering=0) as answers:
                process = _start(request, where, bubblewrap, folder, (asked.fileno(), write))
                with process:
                    try:
                        return _listen(process, answers.fileno(), request, folder)
                    finally:
                        if process.returncode is None:  # else its number may be another's by now
                            _kill(process)
    except OSError as error:
        raise WorkerError(
            f"no process could be started for the code: {error}.",
            remedy="Free some memory, files or processes, then send it again.",
        ) from error


def environment(folder: str, libraries: str | None) -> dict[str, str]:
    """Return the whole environment of the process: its own folder, and no threads."""
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
    given = {
        **dict.fromkeys(one, "1"),
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "NUMBA_DISABLE_JIT": "1",  # it would write a cache beside the packages
        "QISKIT_PARALLEL": "FALSE",
        "QISKIT_IN_PARALLEL": "TRUE",
    }
    return given if libraries is None else {**given, LIBRARIES: libraries}


def _start(
    request: Request, where: Folders, bubblewrap: str | None, folder: str, descriptors: tuple[int, int]
) -> "subprocess.Popen[bytes]":
    # the interpreter itself, not a virtual environment's link to it: -S leaves all paths to us
    python = [os.path.realpath(sys.executable), "-I", "-S", "-c", BEGIN]
    parent = 0 if bubblewrap else os.getpid()
    command = [*python, *map(str, descriptors), str(parent), where.source, *where.packages]
    if bubblewrap:
        command = [
            *wrapping(bubblewrap, [*where.readable, python[0]], folder, request.limits.file_bytes),
            *command,
        ]
    try:
        return subprocess.Popen(
            command,
            pass_fds=descriptors,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(folder, os.environ.get(LIBRARIES)),
            cwd=folder,
        )
    finally:
        os.close(descriptors[1])  # the process has the only one, so its end is seen


def wrapping(bubblewrap: str, readable: Sequence[str], folder: str, size: int) -> list[str]:
    """Return the command that puts a namespace of everything around another: its own files, network, processes."""
    plain = [path for path in dict.fromkeys(readable) if not path.startswith("/proc/")]  # it gets its own
    binds = [word for path in plain for word in ("--ro-bind", path, path)]
    devices = [word for path in ("/dev/null", "/dev/urandom") for word in ("--dev-bind", path, path)]
    return [
        *(bubblewrap, "--unshare-all", "--die-with-parent"),
        *(*devices, "--proc", "/proc", *binds),
        *("--size", str(size), "--tmpfs", folder, "--remount-ro", "/", "--chdir", folder, "--"),
    ]


def _listen(process: "subprocess.Popen[bytes]", answers: int, request: Request, folder: str) -> Ended:
    limits = request.limits
    if process.stdout is None:
        raise OSError("the process has no output")
    said = process.stdout.fileno()
    kept = {answers: bytearray(), said: bytearray()}
    most = {answers: limits.program_bytes + HEAD_ROOM, said: limits.output_bytes}
    end = time.monotonic() + limits.seconds
    stopped: Why | None = None
    with selectors.DefaultSelector() as selector:
        for descriptor in kept:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map() and stopped is None:
            for key, _ in selector.select(max(0.0, min(LOOK_SECONDS, end - time.monotonic()))):
                part = os.read(key.fd, READ)
                kept[key.fd] += part
                if not part:
                    selector.unregister(key.fd)
                elif len(kept[key.fd]) > most[key.fd]:
                    stopped = Why.PRINTED
            if time.monotonic() >= end:
                stopped = Why.TIME
            elif _too_much(folder, limits.file_bytes):
                stopped = Why.FILES
    _kill(
        process
    )  # whoever is in its group; where both pipes are closed it has ended, with a code that stays
    code = process.wait()
    return Ended(bytes(kept[answers]), bytes(kept[said]), code, stopped)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End the process and the one it split into, which is in its group and can leave it no more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _too_much(folder: str, size: int) -> bool:
    total = 0
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries, 1):
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                total += entry.stat(follow_symlinks=False).st_size
            if total > size or number > FILES:
                return True
    return False


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    """Give a fresh folder and remove it, whatever is in it."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix=TEMPORARY))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if Path(folder).exists():  # no wall kept the code from making folders, and closing them
            for root, inner, _ in os.walk(folder):
                for name in inner:
                    Path(root, name).chmod(0o700)  # before the walk goes into it
            shutil.rmtree(folder)

"""The process behind the walls: it puts them up, splits in two, and reads what the half with the code says.

The half that runs the code can do nothing afterwards but write into one pipe. The other half never runs a line of
it: it reads the circuits back, as anybody's, within the same limits and walls, checks them, and writes them anew. So
bytes that would bring a reader down bring down this process, and not a server.
"""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from qjob.model.errors import ProgramRefused
from qjob.model.program import Program, ProgramFormat
from qjob.programs.text import MAX_BITS
from qjob.sandbox import landlock, seccomp
from qjob.sandbox.kernel import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    drop_capabilities,
    prctl,
)
from qjob.sandbox.limits import Limits
from qjob.sandbox.messages import (
    HEAD_ROOM,
    MessageError,
    complaint,
    pack,
    programs_head,
    read_complaint,
    read_programs,
    unpack,
)

LINUX = sys.platform.startswith("linux")
OPEN_FILES = 64
FEWER = "Leave out the qubits that it does not use."
QPY_MAGIC, QPY_SAFE = b"QISKIT", 13
"""Versions of QPY before this one hold expressions that run code when they are read."""

MEMORY_SIGNALS = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS)


@dataclass(frozen=True, slots=True)
class Request:
    """What the process is given to do, and the walls that it has to put up first.

    Parameters
    ----------
    params
        JSON values.
    landlock, seccomp
        The walls, as `qjob.sandbox.walls.Walls` has them. One that fails to stand ends the process.
    readable
        See `qjob.sandbox.folders.Folders`.
    """

    code: str
    params: Mapping[str, Any]
    limits: Limits
    landlock: int | None
    seccomp: bool
    readable: Sequence[str]


def main(request_fd: int, result_fd: int, parent: int) -> NoReturn:
    """Do what a request asks; never returns.

    Parameters
    ----------
    request_fd
        A descriptor to read the request from.
    result_fd
        A descriptor to write the message to: programs, or a complaint.
    parent
        The process that started this one, with which it ends; 0 where it cannot be told.
    """
    _end_with_parent(parent)
    with os.fdopen(request_fd, "rb") as source:
        head, (code,) = unpack(source.read())
    limits = Limits(**head.pop("limits"))
    request = Request(code=code.decode("utf-8", "surrogatepass"), limits=limits, **head)
    _put_up(request)
    import qiskit  # noqa: F401 - once, for both halves

    me = os.getpid()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        os.close(result_fd)
        _run_code(request, write, me)
    os.close(write)
    _filter(request)
    _write(result_fd, _result(pid, read, limits))
    os._exit(0)


def request_bytes(request: Request) -> bytes:
    """Return the message that `main` reads."""
    limits = request.limits
    names = limits.__slots__
    return pack(
        {
            "params": dict(request.params),
            "limits": {name: getattr(limits, name) for name in names},
            "landlock": request.landlock,
            "seccomp": request.seccomp,
            "readable": list(request.readable),
        },
        [request.code.encode("utf-8", "surrogatepass")],
    )


def _end_with_parent(parent: int) -> None:
    if LINUX:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        os._exit(1)  # it died before the tie was made


def _put_up(request: Request) -> None:
    """Put up every wall but the filter of system calls, which would forbid the split."""
    limits = request.limits
    if LINUX:
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(
                "1000"
            )  # when memory is short, this process goes first
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        prctl(PR_SET_DUMPABLE, 0)
        drop_capabilities()
    for kind, most in _ceilings(limits):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
    if request.landlock is not None:
        landlock.restrict(request.readable, str(Path.cwd()), request.landlock)
    del sys.path[0]  # where qjob's own source is, perhaps beside much else; it has been found


def _ceilings(limits: Limits) -> list[tuple[int, int]]:
    ceilings = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(limits.seconds) + 1),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ]
    if LINUX:  # elsewhere it is not kept, or refused
        ceilings.append((resource.RLIMIT_AS, limits.memory_mb * 1_000_000))
    return ceilings


def _filter(request: Request) -> None:
    if request.seccomp:
        kind = seccomp.machine()
        if kind is None:
            raise OSError("no filter can be made for this processor")
        seccomp.install(kind, os.getpid())
    else:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _run_code(request: Request, pipe: int, parent: int) -> NoReturn:
    try:
        _end_with_parent(parent)
        _filter(request)
        from qjob.sandbox.script import perform

        message = perform(request.code, request.params, request.limits)
        with contextlib.suppress(BaseException):  # a stranger's stream
            sys.stdout.flush()
        _write(pipe, message)
    finally:
        os._exit(0)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _result(pid: int, pipe: int, limits: Limits) -> bytes:
    most = limits.program_bytes + HEAD_ROOM
    data = bytearray()
    while len(data) <= most and (part := os.read(pipe, 1 << 16)):
        data += part
    os.close(pipe)
    if len(data) > most:
        return pack(_too_big(limits))
    _, status = os.waitpid(pid, 0)
    if not data:
        return pack(_no_word(os.waitstatus_to_exitcode(status), limits))
    try:
        head, blobs = unpack(bytes(data))
        if (said := read_complaint(head)) is not None:
            return pack(said)
        found, single = read_programs(head, blobs)
    except MessageError:
        return pack(complaint("the code wrote into a pipe that is not its own.", "Leave descriptors alone."))
    if sum(len(program.data) for program in found) > limits.program_bytes:
        return pack(_too_big(limits))
    if len(found) > limits.circuits:
        return pack(complaint(f"the code makes more than {limits.circuits:,} circuits."))
    return _read_back(found, single=single)


def _too_big(limits: Limits) -> dict[str, Any]:
    return complaint(
        f"the circuits take more than {limits.program_bytes:,} bytes together.",
        "Send fewer or smaller ones.",
        {"maximum": limits.program_bytes},
    )


def _no_word(code: int, limits: Limits) -> dict[str, Any]:
    """Return what to say of code that has ended its process without a word."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return complaint(
            f"the code was stopped: it used more than {limits.seconds:g} s of processor time, or the machine ran "
            "short of memory.",
            "Make a smaller circuit, or simplify how it is made.",
            {"seconds": limits.seconds},
        )
    if code < 0:
        name = signal.Signals(-code).name
        hint = f" It may use {limits.memory_mb:,} MB of address space." if -code in MEMORY_SIGNALS else ""
        return complaint(f"the code crashed its process ({name}).{hint}", "Make a smaller circuit.")
    return complaint("the code ended its own process.", "Leave out os._exit(); just let the code end.")


def _read_back(found: Sequence[Program], *, single: bool) -> bytes:
    from qjob import programs

    again = []
    for index, program in enumerate(found):
        place = "" if single else f"circuit {index} of the list: "
        try:
            if program.format is ProgramFormat.QPY and (
                program.data[:6] != QPY_MAGIC or program.data[6:7] < bytes([QPY_SAFE])
            ):
                return pack(complaint(f"{place}it is in an old version of QPY, which is not read."))
            circuit = programs.circuit(program)
            if (bits := circuit.num_qubits + circuit.num_clbits) > MAX_BITS:
                return pack(
                    complaint(f"{place}{bits:,} bits are declared; at most {MAX_BITS:,} are read.", FEWER)
                )
            programs.check(circuit, programs.profile(circuit))
            again.append(programs.recognise(circuit) if program.format is ProgramFormat.QPY else program)
        except ProgramRefused as error:
            return pack(complaint(place + error.message, error.remedy))
        except BaseException as error:  # noqa: BLE001 - bytes of a stranger; panics of Rust are no Exception
            return pack(complaint(f"{place}the circuit cannot be read back: {type(error).__name__}: {error}"))
    return pack(programs_head(again, single=single), [program.data for program in again])

"""A seccomp filter: the calling process may make the system calls of one list and no other.

So there are no sockets, no processes or threads, no programs to execute, no signals to others, no debugging of
others, no mounts, no keys, no io_uring. The filter is a program in the kernel's classic BPF, written here by hand:
it is short, and a library for it would have to be compiled.
"""

import ctypes
import errno
import platform
import sys
from collections.abc import Iterable

from qjob.sandbox.kernel import PR_SET_SECCOMP, prctl
from qjob.sandbox.syscalls import ALLOWED, JUDGED

MODE_FILTER = 2

# struct seccomp_data: the call's number, the processor's kind, the instruction, six arguments of 64 bits
NUMBER, KIND, ARGUMENTS = 0, 4, 16

LOAD, JUMP_EQUAL, AND, RETURN = 0x20, 0x15, 0x54, 0x06  # of 32 bits, with a constant
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000

KINDS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""

WITH_ACCESS_MODE = 0o1003
READ_AND_TRUNCATE = (0o1000, 0o1003)
"""Opening a file to read and emptying it on the way: old versions of Landlock do not see it."""
CLONE_THREAD = 0x10000

FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
"""Duplicates, flags, locks and a pipe's size; not who gets its signals."""
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal, how wide, how much is there to read, non-blocking, close on exec."""
PRCTL = (15, 16, 0x53564D41)
"""A thread's name, set and get, and names of memory."""


def machine() -> str | None:
    """Return the kind of processor that a filter can be made for; None on any other, and on other systems."""
    kind = platform.machine()
    whole = sys.maxsize > 1 << 32
    return kind if sys.platform.startswith("linux") and whole and kind in KINDS else None


def offered() -> bool:
    """Whether this kernel takes a filter, and one can be made for this processor."""
    if machine() is None:
        return False
    try:
        prctl(
            PR_SET_SECCOMP, MODE_FILTER, None
        )  # a filter that is nowhere: it looks whether it knows filters first
    except OSError as error:
        return error.errno == errno.EFAULT
    return False


def install(kind: str, pid: int) -> None:
    """Let this thread, which has to be the only one, make the listed calls alone, for good.

    Needs ``no_new_privs``.

    Raises
    ------
    OSError
        The kernel refused the filter.
    """
    code = program(kind, pid)
    filters = (_Instruction * len(code))(*(_Instruction(*each) for each in code))
    prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(_Program(len(code), filters)))


def program(kind: str, pid: int) -> list[Instruction]:
    """Return the filter for a kind of processor and a process, which may send signals to itself."""
    column = list(KINDS).index(kind)
    code: list[Instruction] = [
        (LOAD, 0, 0, KIND),
        (JUMP_EQUAL, 1, 0, KINDS[kind]),
        (RETURN, 0, 0, KILL),  # a call by the rules of another processor, with other numbers
        (LOAD, 0, 0, NUMBER),
    ]
    for pair in ALLOWED.values():
        code += _when(pair[column], [(RETURN, 0, 0, ALLOW)])
    for name, body in _judgements(pid).items():
        code += _when(JUDGED[name][column], body)
    return [*code, _refuse(errno.EPERM)]


def _judgements(pid: int) -> dict[str, list[Instruction]]:
    return {
        "open": _but(1, WITH_ACCESS_MODE, READ_AND_TRUNCATE),
        "openat": _but(2, WITH_ACCESS_MODE, READ_AND_TRUNCATE),
        "openat2": [_refuse(errno.ENOSYS)],  # flags in memory, which a filter cannot see: then openat is used
        "fcntl": _only(1, FCNTL),
        "ioctl": _only(1, IOCTL),
        "prctl": _only(0, PRCTL),
        "prlimit64": [
            *_zero(0),
            *_zero(16),
            *_zero(20),
            (RETURN, 0, 0, ALLOW),
        ],  # look at one's own; set none
        "tgkill": _only(0, (pid,)),
        # libraries that want a pool of threads take "no such call" for a system without, and work in this one
        "clone": [
            (LOAD, 0, 0, ARGUMENTS),
            (AND, 0, 0, CLONE_THREAD),
            (JUMP_EQUAL, 1, 0, 0),
            _refuse(errno.ENOSYS),
            _refuse(errno.EPERM),
        ],
        "clone3": [_refuse(errno.ENOSYS)],
    }


def _when(number: int | None, body: list[Instruction]) -> list[Instruction]:
    """Return instructions that do something, and end, for one call."""
    return [] if number is None else [(JUMP_EQUAL, 0, len(body), number), *body]


def _only(argument: int, values: Iterable[int]) -> list[Instruction]:
    """Return instructions that allow a call with one of these values of an argument."""
    code: list[Instruction] = [(LOAD, 0, 0, ARGUMENTS + 8 * argument)]
    for value in values:
        code += [(JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
    return [*code, _refuse(errno.EPERM)]


def _zero(offset: int) -> list[Instruction]:
    """Return instructions that refuse a call in whose arguments the 32 bits at an offset are not 0."""
    return [(LOAD, 0, 0, ARGUMENTS + offset), (JUMP_EQUAL, 1, 0, 0), _refuse(errno.EPERM)]


def _but(argument: int, mask: int, values: Iterable[int]) -> list[Instruction]:
    """Return instructions that allow a call unless some bits of an argument are one of these values."""
    code: list[Instruction] = [(LOAD, 0, 0, ARGUMENTS + 8 * argument), (AND, 0, 0, mask)]
    for value in values:
        code += [(JUMP_EQUAL, 0, 1, value), _refuse(errno.EPERM)]
    return [*code, (RETURN, 0, 0, ALLOW)]


def _refuse(number: int) -> Instruction:
    return (RETURN, 0, 0, REFUSE | number)


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))

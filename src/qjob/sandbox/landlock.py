"""Landlock: the calling process gives up every file but those it names, TCP, and signals to others.

Linux since 5.13; what a version of its interface (ABI) adds is in the tables below, from the kernel's
``Documentation/userspace-api/landlock.rst``. It holds for root too. It says nothing of ``stat``, ``chmod``, UDP and
Unix sockets: `qjob.sandbox.seccomp` does.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Sequence

from qjob.sandbox.kernel import syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
PATH_BENEATH = 1

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_FILE = 1 << 5, 1 << 8
TRUNCATE = 1 << 14

ALL_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""By the version that brought the last of them: what is asked of a file system from then on is denied."""
TCP = {4: 0b11}  # bind and connect
SCOPES = {6: 0b11}  # abstract Unix sockets and signals

READ = READ_FILE | READ_DIR
WRITE = WRITE_FILE | TRUNCATE | REMOVE_FILE | MAKE_FILE
"""No folders, links, pipes or sockets: a flat working folder is measured and removed easily."""
ON_A_FILE = WRITE_FILE | READ_FILE | TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int | None:
    """Return the version of Landlock's interface that this kernel has; None where it has none, or it is off."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
    except OSError:
        return None


def restrict(readable: Sequence[str], writable: str, version: int) -> None:
    """Deny this thread, and all that it starts, everything but these files.

    Parameters
    ----------
    readable
        Folders and files to read. One that is not there is passed over. A symbolic link stands for its target.
    writable
        The folder to read and write files in.
    version
        What `abi` returned.

    Raises
    ------
    OSError
        The kernel refused it: nothing, or not all, is denied.
    """
    rights = _up_to(ALL_FILE_RIGHTS, version)
    attributes = _Ruleset(rights, _up_to(TCP, version), _up_to(SCOPES, version))
    size = (
        8 if version < min(TCP) else 16 if version < min(SCOPES) else 24
    )  # older kernels know a shorter one
    ruleset = syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, READ & rights)
        for device in ("/dev/null",):
            _allow(ruleset, device, (READ | WRITE_FILE) & rights)
        _allow(ruleset, writable, (READ | WRITE) & rights)
        syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _up_to(table: dict[int, int], version: int) -> int:
    return max((bits for since, bits in table.items() if since <= version), default=0)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= ON_A_FILE
        syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(_Beneath(access, descriptor)), 0)
    finally:
        os.close(descriptor)

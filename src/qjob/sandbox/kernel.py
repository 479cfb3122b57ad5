"""The calls of Linux that Python has no name for. Knows numbers and error codes, no purpose."""

import ctypes
import os
from typing import Any

CAPABILITIES_VERSION = 0x20080522
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38


def prctl(option: int, *values: Any) -> int:
    """Call ``prctl`` with up to four values.

    Raises
    ------
    OSError
        The kernel refused it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    padded = [*values, *[0] * (4 - len(values))]
    longs = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in padded]
    return _checked(libc.prctl(ctypes.c_int(option), *longs), "prctl")


def syscall(number: int, *values: Any) -> int:
    """Call a system call by its number.

    Raises
    ------
    OSError
        The kernel refused it, or does not have it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    longs = [ctypes.c_long(value) if isinstance(value, int) else value for value in values]
    return _checked(libc.syscall(ctypes.c_long(number), *longs), f"system call {number}")


def drop_capabilities() -> None:
    """Give up what root may do beyond its own files, such as raising its limits; for good, with ``no_new_privs``.

    Raises
    ------
    OSError
        The kernel refused it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)  # of this process
    none = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, twice 32 of each
    _checked(libc.capset(header, none), "capset")


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result

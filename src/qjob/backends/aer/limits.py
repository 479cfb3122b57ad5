"""A memory limit for simulations whose need no formula tells. Knows the operating system and no simulator."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STATUS = Path("/proc/self/status")


@contextmanager
def data_limit(extra: int | None) -> Iterator[None]:
    """Let this process take ``extra`` more bytes of private memory inside the context; None: no limit.

    Beyond that, allocations fail instead of driving the machine out of memory. On Linux only; elsewhere nothing is
    limited.
    """
    if extra is None or not sys.platform.startswith("linux"):
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = data_size() + extra
    if soft != resource.RLIM_INFINITY:
        wanted = min(wanted, soft)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def data_size() -> int:
    """Return the bytes of private memory this process has mapped, which is what the limit counts."""
    line = next(line for line in STATUS.read_text("ascii").splitlines() if line.startswith("VmData:"))
    return int(line.split()[1]) * 1024

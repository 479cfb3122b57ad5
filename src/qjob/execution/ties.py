"""The tie between a process and the one that started it: when that one ends, Linux ends this one.

Without it, a worker in the middle of a simulation, or a template in the middle of its imports, would notice the
death of the kernel only at its next look at a socket. Elsewhere than on Linux that look has to do.
"""

import ctypes
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial

PR_SET_PDEATHSIG = 1


def parent_death_signal() -> Callable[[], object]:
    """Return a function that ties the process that calls it to its parent.

    Made before a fork and called after it: loading a library is not safe in a forked child. "Its parent" is the
    *thread* that started the process, so that thread has to live as long as the process is wanted. A parent that
    has ended already is not noticed: ask `peer_gone` afterwards.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)
    return partial(libc.prctl, PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def peer_gone(sock: socket.socket) -> bool:
    """Whether the other end of a socket has been closed, even where some of what it sent is still unread."""
    watch = select.poll()
    watch.register(sock, 0)  # an end is told unasked
    return bool(watch.poll(0))

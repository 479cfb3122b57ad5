"""Which walls this machine offers around code of strangers. Looks and tells; puts none up."""

import shutil
import subprocess
import sys
from dataclasses import dataclass

from qjob.sandbox import landlock, seccomp

PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Walls:
    """The walls that inline code runs behind here.

    Parameters
    ----------
    landlock
        The version of Landlock's interface: files, TCP from 4 on, signals from 6 on. None: there is none.
    seccomp
        Whether a filter of system calls can be put up: sockets, processes, all else.
    bubblewrap
        The path of a ``bwrap`` that works here; None where there is none.
    """

    landlock: int | None
    seccomp: bool
    bubblewrap: str | None

    @property
    def enough(self) -> bool:
        """Whether code can neither read the user's files, nor open a socket, nor start processes.

        The filter of system calls is needed in any case: Landlock says nothing of UDP and Unix sockets, and a
        namespace holds any number of processes.
        """
        return self.seccomp and (self.landlock is not None or self.bubblewrap is not None)


def walls() -> Walls:
    """Return the walls that this machine offers, to this user, now."""
    return Walls(landlock.abi(), seccomp.offered(), _bubblewrap())


def _bubblewrap() -> str | None:
    """Return the path of a ``bwrap`` that was seen to work: many systems have one and forbid it its namespaces."""
    path = shutil.which("bwrap") if sys.platform.startswith("linux") else None
    if path is None:
        return None
    command = [path, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"]
    command += ["--size", "4096", "--tmpfs", "/tmp"]  # noqa: S108 - a mount of its own, gone with it
    try:
        done = subprocess.run(
            [*command, "--", "/bin/true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if done.returncode == 0 else None

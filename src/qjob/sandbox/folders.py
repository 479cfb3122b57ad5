"""Which folders code in the sandbox may read: those that Python and its packages are in, each by its own path.

Never a prefix, for a virtual environment often lies in the user's home folder, and some have the store in them.
"""

import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qjob.model.errors import WorkerError

SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
"""Where shared libraries are."""
MACHINE = ("/proc/meminfo", "/proc/cpuinfo")
"""What numerical libraries ask when they are imported; nothing of any process is in them."""
PACKAGES = ("site-packages", "dist-packages")
LIBRARIES = "LD_LIBRARY_PATH"


@dataclass(frozen=True, slots=True)
class Folders:
    """What the process reads, and where Python in it looks for modules.

    Parameters
    ----------
    readable
        Folders and files, absolute, that are there.
    packages
        Folders of packages, in their order on the import path.
    source
        The folder that has ``qjob`` in it: looked into before the walls go up, and readable only where it is one of
        the above.
    """

    readable: tuple[str, ...]
    packages: tuple[str, ...]
    source: str


def folders(path: Sequence[str], environ: Mapping[str, str], private: Sequence[Path]) -> Folders:
    """Return the folders for an interpreter like this one.

    Parameters
    ----------
    path
        This process's import path. Of it, only folders of installed packages are taken.
    environ
        This process's environment, for where else shared libraries are.
    private
        Folders that must not be read: the user's home, the store's.

    Raises
    ------
    WorkerError
        A private folder lies in one that Python needs.
    """
    here = Path(__file__).resolve().parents[1]
    packages = [entry for entry in path if Path(entry).name in PACKAGES and Path(entry).is_dir()]
    needed = [
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib")),
        *packages,
        str(here),
        os.path.join(sys.base_prefix, "lib"),  # noqa: PTH118 - text in, text out
        *SYSTEM,
        *MACHINE,
        *(entry for entry in environ.get(LIBRARIES, "").split(os.pathsep) if Path(entry).is_absolute()),
    ]
    readable = tuple(dict.fromkeys(each for each in needed if Path(each).exists()))
    for folder in readable:
        for secret in private:
            if secret.resolve().is_relative_to(Path(folder).resolve()):
                raise WorkerError(
                    f"inline code cannot run here: it may read {folder}, as Python has to, and {secret} lies in it.",
                    remedy="Keep your files and QJOB_HOME outside the folders of Python's packages.",
                )
    return Folders(readable, tuple(dict.fromkeys(packages)), str(here.parent))

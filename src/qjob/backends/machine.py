"""What this machine has to give: free memory and processors. Knows the operating system and no simulator."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

CGROUPS = Path("/sys/fs/cgroup")
UNLIMITED = 1 << 60
"""cgroup v1 writes a number near 2^63 where there is no limit."""


def cores() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def free_memory(membership: Path = Path("/proc/self/cgroup"), root: Path = CGROUPS) -> int:
    """Return the bytes this process may still take.

    The machine's available memory, cut by the limit of every cgroup (v2 or v1) that this process is in.

    Parameters
    ----------
    membership
        The file that names this process's cgroups.
    root
        Where the cgroup filesystem is mounted.
    """
    return max(0, min([int(psutil.virtual_memory().available), *_cgroup_rooms(membership, root)]))


def _cgroup_rooms(membership: Path, root: Path) -> Iterator[int]:
    """Yield what each limited cgroup above this process still allows, in bytes."""
    try:
        lines = membership.read_text("ascii").splitlines()
    except OSError:  # no cgroups on this system
        return
    for line in lines:
        hierarchy, controllers, path = line.split(":", 2)
        if hierarchy == "0":
            base, names = root, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            base = root / "memory"
        else:
            continue
        group = base / path.strip("/")
        for folder in (group, *group.parents):
            room = _room(folder, *names)
            if room is not None:
                yield room
            if folder == base:
                break


def _room(folder: Path, limit_name: str, usage_name: str, cache_name: str) -> int | None:
    """Return limit - usage + cache that the kernel would give back; None where there is no limit."""
    try:
        limit = (folder / limit_name).read_text("ascii").strip()
        if limit == "max" or int(limit) >= UNLIMITED:
            return None
        usage = int((folder / usage_name).read_text("ascii"))
        stat = (folder / "memory.stat").read_text("ascii").splitlines()
    except OSError:  # a group whose files are not visible from inside a container
        return None
    cache = next((int(line.split()[1]) for line in stat if line.startswith(cache_name + " ")), 0)
    return int(limit) - usage + cache

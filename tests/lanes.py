"""In which order the tests run: what takes long first, and dealt out among the processes of a run in parallel.

`--dist worksteal` gives each process a run of neighbours, as many to each, and who is done takes from the end of what
another has left. So each part begins with its share of the long ones and ends with tests of milliseconds: nobody is
left alone with one that takes minutes. What stands together stays together, for what its tests share.
"""

from pathlib import Path

LONG = {
    "browser": 400,
    "chaos": 260,
    "test_durable_crashes.py": 150,
    "test_durable_troubles.py": 120,
    "server": 110,
    "benchmarks": 70,
    "test_braket_chaos.py": 50,
    "test_durable_services.py": 40,
    "test_braket.py": 40,
    "test_durable_server.py": 35,
    "test_two_processes.py": 35,
    "test_notebooks.py": 25,
    "execution": 130,
    "notebook/test_live.py": 22,
}
"""Folders and files of `tests`, with about the seconds that they take."""


def dealt(items, here, count):
    """Return the tests in the order for so many processes.

    Parameters
    ----------
    items
        What was collected, each with a ``path``.
    here
        The folder that the names of `LONG` are in.
    count
        How many processes there are.
    """
    groups = {name: [] for name in sorted(LONG, key=LONG.get, reverse=True)}
    rest = []
    for item in items:
        groups.get(_group(item.path, here), rest).append(item)
    sizes = [(len(items) + place) // count for place in range(count)]  # as they are given out
    lanes, seconds = [[] for _ in sizes], [0.0] * count
    for name, group in groups.items():
        open_lanes = [lane for lane in range(count) if len(lanes[lane]) + len(group) <= sizes[lane]]
        if not open_lanes:  # few tests were asked for: it does not matter
            rest += group
            continue
        lane = min(open_lanes, key=seconds.__getitem__)
        lanes[lane] += group
        seconds[lane] += LONG[name]
    for lane, size in zip(lanes, sizes, strict=True):
        short = size - len(lane)
        lane.extend(rest[:short])
        del rest[:short]
    return [item for lane in lanes for item in lane]


def _group(path: Path, here: Path) -> str | None:
    for above in (path, *path.parents):
        if above.is_relative_to(here) and (name := above.relative_to(here).as_posix()) in LONG:
            return name
    return None

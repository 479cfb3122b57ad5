"""How much memory is free: the machine's, cut by cgroups of both versions."""

import psutil
import pytest

from qjob.backends.machine import cores, free_memory

MIB = 1 << 20


@pytest.fixture
def cgroup(tmp_path):
    """Writes one cgroup's files below a root of the test's own."""

    def write(path, files):
        folder = tmp_path / path
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in files.items():
            (folder / name).write_text(f"{value}\n")

    return write


def v2(limit, used, cache=0):
    return {"memory.max": limit, "memory.current": used, "memory.stat": f"anon 5\ninactive_file {cache}"}


def v1(limit, used, cache=0):
    stat = f"inactive_file 1\ntotal_inactive_file {cache}"
    return {"memory.limit_in_bytes": limit, "memory.usage_in_bytes": used, "memory.stat": stat}


@pytest.mark.parametrize(
    ("membership", "groups", "free"),
    [
        pytest.param("0::/job\n", {"job": v2(100 * MIB, 30 * MIB)}, 70 * MIB, id="v2"),
        pytest.param(
            "0::/job\n", {"job": v2(100 * MIB, 30 * MIB, 5 * MIB)}, 75 * MIB, id="v2, cache counts as free"
        ),
        pytest.param(
            "0::/a/b\n", {"a": v2(50 * MIB, 10 * MIB), "a/b": v2("max", 9)}, 40 * MIB, id="v2, parent limits"
        ),
        pytest.param("0::/job\n", {"job": v2(10 * MIB, 30 * MIB)}, 0, id="v2, over its limit"),
        pytest.param(
            "5:cpu:/x\n3:memory,hugetlb:/job\n",
            {"memory/job": v1(90 * MIB, 30 * MIB, MIB)},
            61 * MIB,
            id="v1",
        ),
    ],
)
def test_a_cgroup_limits_what_is_free(tmp_path, cgroup, membership, groups, free):
    for path, files in groups.items():
        cgroup(path, files)
    (tmp_path / "self").write_text(membership)
    assert free_memory(tmp_path / "self", tmp_path) == free


@pytest.mark.parametrize(
    ("membership", "groups"),
    [
        pytest.param(None, {}, id="no cgroups"),
        pytest.param("0::/job\n", {}, id="files not visible"),
        pytest.param("0::/job\n", {"job": v2("max", 5)}, id="v2 without a limit"),
        pytest.param("3:memory:/job\n", {"memory/job": v1(2**63 - 4096, 5)}, id="v1 without a limit"),
    ],
)
def test_without_a_limit_the_machine_decides(tmp_path, cgroup, membership, groups):
    for path, files in groups.items():
        cgroup(path, files)
    if membership is not None:
        (tmp_path / "self").write_text(membership)
    available = psutil.virtual_memory().available
    assert free_memory(tmp_path / "self", tmp_path) == pytest.approx(available, rel=0.5)


def test_there_is_a_processor():
    assert 1 <= cores() <= psutil.cpu_count()

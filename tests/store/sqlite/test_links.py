"""A forked child gets locks of its own, or is told that it cannot use the store."""

import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from qjob.model.job import JobStatus

BOTH = "['q.sqlite', 'q.sqlite-shm']"


@pytest.fixture
def file(tmp_path, new_world):
    """A store with one job."""
    world = new_world(tmp_path / "home" / "q.sqlite")
    world.job()
    world.store.close()
    return world.path


needs_proc = pytest.mark.skipif(
    not Path("/proc/locks").exists(), reason="only Linux tells who holds which lock"
)


@needs_proc
@pytest.mark.parametrize(
    ("case", "lines"),
    [
        pytest.param(
            "use",
            [
                f"parent [True] {BOTH}",
                f"child [True] {BOTH}",
                "child ended 0",
                f"parent [True] {BOTH}",
                "parent ['CANCELLING']",
            ],
            id="a child that uses the inherited store",
        ),
        pytest.param(
            "anew",
            [f"child [True] {BOTH}", "child ended 0", f"parent {BOTH}", "parent ['QUEUED']"],
            id="a child that opens the store anew",
        ),
    ],
)
def test_a_child_gets_locks_of_its_own_and_the_parent_keeps_its(file, script, case, lines):
    assert script("sqlite/forks.py", case, file) == lines


@pytest.mark.parametrize("case", ["inside", "thread"])
def test_a_child_forked_in_the_middle_of_a_write_is_refused(file, script, case):
    refusal, ended, parent = script("sqlite/forks.py", case, file)
    assert refusal.startswith("StoreUnavailable: process ")
    assert "forked in the middle of a use of the store" in refusal
    assert (ended, parent) == ("child ended 1", "parent ['QUEUED']")


@pytest.mark.slow
def test_a_fork_waits_for_who_uses_the_store_unasked(file, script):
    assert script("sqlite/forks.py", "background", file) == [
        "child [True]",
        "child ended 0",
        "parent ['RUNNING']",
    ]


@needs_proc
def test_a_child_that_outlives_its_parent_goes_on(file, new_world):
    command = [sys.executable, str(Path(__file__).with_name("forks.py")), "orphan", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -9
    assert done.stdout.splitlines() == [f"orphan [True] {BOTH}"], done.stderr
    world = new_world(file)
    world.store.check()
    assert [job.status for job in world.store.jobs()] == [JobStatus.QUEUED]
    world.store.close()


def test_the_connection_of_a_thread_ends_with_it(world):
    links = []

    def read():
        world.store.jobs()
        links.append(weakref.ref(world.store._db._local.link))

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert links[0]() is None

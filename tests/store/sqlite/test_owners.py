"""Whether a process lives, told by its lock: with real processes that are really killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qjob.model.errors import StoreUnavailable, WorkerError
from qjob.store.sqlite import owners
from qjob.store.sqlite.owners import FileOwners


@pytest.fixture
def start(tmp_path):
    """Start an owner; return the process and its lines up to the one that names the owner, as a dict."""
    started = []

    def run(case, expected):
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("owning.py")), case, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, dict(process.stdout.readline().split() for _ in range(expected))

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_an_owner_is_alive_until_it_releases(tmp_path):
    owner = FileOwners(tmp_path).claim()
    assert FileOwners(tmp_path).alive(owner.id)
    assert FileOwners(tmp_path).sweep() == []
    owner.release()
    assert not FileOwners(tmp_path).alive(owner.id)
    owner.release()
    assert list((tmp_path / "owners").iterdir()) == []


def test_owners_do_not_share_an_id(tmp_path):
    first, second = FileOwners(tmp_path).claim(), FileOwners(tmp_path).claim()
    assert first.id != second.id
    first.release()
    assert FileOwners(tmp_path).alive(second.id)
    second.release()


def test_who_was_never_there_is_dead(tmp_path):
    assert not FileOwners(tmp_path).alive("nobody")
    assert FileOwners(tmp_path).sweep() == []


def test_a_killed_owner_is_dead_at_once_and_swept(tmp_path, start):
    process, said = start("alone", 1)
    assert FileOwners(tmp_path).alive(said["owner"])
    process.kill()
    process.wait()
    assert not FileOwners(tmp_path).alive(said["owner"])
    assert (tmp_path / "owners" / f"{said['owner']}.lock").exists()
    assert FileOwners(tmp_path).sweep() == [said["owner"]]
    assert FileOwners(tmp_path).sweep() == []
    assert not FileOwners(tmp_path).alive(said["owner"])


@pytest.mark.parametrize("case", ["fork", "exec"])
def test_a_child_that_outlives_its_owner_does_not_keep_it_alive(tmp_path, start, case):
    process, said = start(case, 2)
    assert FileOwners(tmp_path).alive(said["owner"])  # also after the forked child tried to release
    process.kill()
    process.wait()
    os.kill(int(said["child"]), 0)  # raises where there is no such process
    assert not FileOwners(tmp_path).alive(said["owner"])
    process.stdin.close()
    assert process.stdout.read() == ""  # returns when the child has ended too


def test_many_who_look_at_once_do_not_take_each_other_for_the_owner(tmp_path, start):
    process, said = start("alone", 1)
    process.kill()
    process.wait()
    path = tmp_path / "owners" / f"{said['owner']}.lock"
    looking = os.open(path, os.O_RDONLY)
    owners.fcntl.flock(looking, owners.fcntl.LOCK_SH)
    assert not FileOwners(tmp_path).alive(said["owner"])
    os.close(looking)


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "owners").write_text("a file")
    with pytest.raises(StoreUnavailable, match="owners"):
        FileOwners(tmp_path).claim()


def test_a_system_without_such_locks_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(owners, "fcntl", None)
    for ask in (lambda: FileOwners(tmp_path).claim(), lambda: FileOwners(tmp_path).alive("x")):
        with pytest.raises(WorkerError, match="no file locks"):
            ask()

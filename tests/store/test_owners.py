"""Whether a process lives, told by its lock: with real processes that are really killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qjob.model.errors import StoreUnavailable, WorkerError
from qjob.store import owners
from qjob.store.owners import Owner, alive, sweep


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
    owner = Owner.claim(tmp_path)
    assert alive(tmp_path, owner.id)
    assert sweep(tmp_path) == []
    owner.release()
    assert not alive(tmp_path, owner.id)
    owner.release()
    assert list((tmp_path / "owners").iterdir()) == []


def test_owners_do_not_share_an_id(tmp_path):
    first, second = Owner.claim(tmp_path), Owner.claim(tmp_path)
    assert first.id != second.id
    first.release()
    assert alive(tmp_path, second.id)
    second.release()


def test_who_was_never_there_is_dead(tmp_path):
    assert not alive(tmp_path, "nobody")
    assert sweep(tmp_path) == []


def test_a_killed_owner_is_dead_at_once_and_swept(tmp_path, start):
    process, said = start("alone", 1)
    assert alive(tmp_path, said["owner"])
    process.kill()
    process.wait()
    assert not alive(tmp_path, said["owner"])
    assert (tmp_path / "owners" / f"{said['owner']}.lock").exists()
    assert sweep(tmp_path) == [said["owner"]]
    assert sweep(tmp_path) == []
    assert not alive(tmp_path, said["owner"])


@pytest.mark.parametrize("case", ["fork", "exec"])
def test_a_child_that_outlives_its_owner_does_not_keep_it_alive(tmp_path, start, case):
    process, said = start(case, 2)
    assert alive(tmp_path, said["owner"])  # also after the forked child tried to release
    process.kill()
    process.wait()
    os.kill(int(said["child"]), 0)  # raises where there is no such process
    assert not alive(tmp_path, said["owner"])
    process.stdin.close()
    assert process.stdout.read() == ""  # returns when the child has ended too


def test_many_who_look_at_once_do_not_take_each_other_for_the_owner(tmp_path, start):
    process, said = start("alone", 1)
    process.kill()
    process.wait()
    path = tmp_path / "owners" / f"{said['owner']}.lock"
    looking = os.open(path, os.O_RDONLY)
    owners.fcntl.flock(looking, owners.fcntl.LOCK_SH)
    assert not alive(tmp_path, said["owner"])
    os.close(looking)


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "owners").write_text("a file")
    with pytest.raises(StoreUnavailable, match="owners"):
        Owner.claim(tmp_path)


def test_a_system_without_such_locks_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(owners, "fcntl", None)
    for ask in (lambda: Owner.claim(tmp_path), lambda: alive(tmp_path, "x")):
        with pytest.raises(WorkerError, match="no file locks"):
            ask()

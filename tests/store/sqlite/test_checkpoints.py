"""What was written comes into the file beside the commits."""

import threading

import pytest

from qjob.model.errors import StoreUnavailable
from qjob.store.sqlite import checkpoints
from qjob.store.sqlite.checkpoints import Checkpoints

EVERY = 50
"""Rows between two checkpoints of these tests; a job comes to some."""


@pytest.fixture
def soon(monkeypatch, new_world, tmp_path):
    """A store that makes a checkpoint every few rows."""
    monkeypatch.setattr(checkpoints, "CHANGES", EVERY)
    world = new_world(tmp_path / "home" / "q.sqlite")
    yield world
    world.store.close()


@pytest.fixture
def held(soon):
    """Holds up every checkpoint until it is set."""
    free = threading.Event()
    connect = soon.store._db.connect

    def later(busy_timeout):
        free.wait(20)
        return connect(busy_timeout)

    soon.store._db.connect = later
    yield free
    free.set()


def passes():
    return [thread for thread in threading.enumerate() if thread.name == "qjob-checkpoint"]


def test_what_was_written_comes_into_the_file_without_a_commit_that_does_it(soon):
    small = soon.path.stat().st_size
    for _ in range(EVERY):
        soon.job()
    for thread in passes():
        thread.join(10)
    assert soon.path.stat().st_size > small
    soon.store.check()
    assert len(soon.store.jobs()) == EVERY


def test_a_few_rows_begin_none(world):
    world.job()
    assert not passes()


def test_who_writes_is_not_held_up_and_there_is_one_at_a_time(soon, held):
    for _ in range(3 * EVERY):
        soon.job()
    assert soon.store.count_jobs() == 3 * EVERY
    assert len(passes()) == 1
    held.set()
    soon.store.close()
    assert not passes()


def test_one_that_fails_loses_nothing_and_the_next_one_is_made(monkeypatch):
    monkeypatch.setattr(checkpoints, "CHANGES", 10)
    asked = []

    def connect():
        asked.append(threading.current_thread().name)
        raise StoreUnavailable("locked.", remedy="Wait.")

    checks = Checkpoints(connect)
    for changes in (9, 1, 9, 1):
        checks.written(changes)
        for thread in passes():
            thread.join(10)
    assert asked == ["qjob-checkpoint"] * 2
    checks.end()
    checks.written(100)
    assert len(asked) == 2


def test_without_a_thread_the_next_commit_asks_again(monkeypatch):
    def start(_):
        raise RuntimeError("can't start new thread")

    done = threading.Event()
    monkeypatch.setattr(checkpoints, "CHANGES", 10)
    monkeypatch.setattr(Checkpoints, "_run", lambda _: done.set())
    checks = Checkpoints(lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        checks.written(10)
    checks.written(0)
    assert done.wait(10)
    checks.end()

"""A SQLite file becomes smaller again, where there is room to write it anew."""

import shlex
import subprocess
import sys
from types import SimpleNamespace

import pytest

from qjob.model.errors import StoreUnavailable
from qjob.model.job import JobStatus
from qjob.store.listing import JobFilter
from qjob.store.sqlite import space


def fill(world):
    ids = [world.job(JobStatus.RUNNING, name=f"job-{number}") for number in range(4)]
    for job_id in ids:
        world.store.complete(job_id, b"x" * 500_000, world.progress, world.layout)
    return ids


def test_what_was_erased_is_given_back_and_the_rest_is_found_as_before(world):
    ids = fill(world)
    full = world.store.size()
    assert full >= 2_000_000
    world.store.shrink()
    assert world.store.shrink() == 0  # nothing in it is free
    world.store.erase(ids[1:], "ada")
    freed = world.store.shrink()
    assert freed > 1_500_000
    assert world.store.size() < 1_000_000
    assert len(world.store.result(ids[0])) == 500_000
    assert [job.id for job in world.store.jobs(JobFilter(text="job-0"))] == ids[:1]
    world.store.check()


def test_without_room_for_a_copy_nothing_is_written(world, monkeypatch):
    ids = fill(world)
    world.store.erase(ids, "ada")
    size = world.store.size()
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000))
    with pytest.raises(StoreUnavailable, match="the disk has 0 MB left") as caught:
        world.store.shrink()
    assert caught.value.numbers["free"] == 10_000
    assert world.store.size() <= size  # only the log was ended


def test_while_another_one_writes_it_says_so(new_world, tmp_path):
    world = new_world(tmp_path / "home" / "q.sqlite")
    world.store.erase(fill(world), "ada")
    world.store.close()
    with world.raw as other:
        store = world.places.open(world.path, world.clock, busy_timeout=0.05)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"locked|writing"):
            store.shrink()
        other.execute("ROLLBACK")
        store.close()


@pytest.mark.parametrize("erased", [True, False], ids=["much is free", "little is free"])
def test_while_another_one_reads_it_says_so(new_world, tmp_path, erased):
    world = new_world(tmp_path / "home" / "q.sqlite")
    ids = fill(world)
    world.store.close()
    with world.raw as other:
        store = world.places.open(world.path, world.clock, busy_timeout=0.05)
        store.erase(ids if erased else [], "ada")
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM jobs").fetchone()
        store.set_tags(ids[0], lambda _: {"run": "7"})
        with pytest.raises(StoreUnavailable, match="another process was reading"):
            store.shrink()
        other.execute("ROLLBACK")
        assert store.shrink() > 0
        assert world.path.with_name("q.sqlite-wal").stat().st_size == 0
        store.close()


def test_where_much_is_in_use_it_is_left_and_the_way_is_told(world, monkeypatch):
    ids = fill(world)
    world.store.erase(ids[:1], "ada")
    monkeypatch.setattr(space, "MOST", 1_000_000)
    with pytest.raises(StoreUnavailable, match=r"[12] MB of .* are in use.* python -c ") as caught:
        world.store.shrink()
    file = world.path.stat().st_size
    assert world.path.with_name(world.path.name + "-wal").stat().st_size == 0
    command = shlex.split(caught.value.message.partition("in a shell: python ")[2])
    world.store.close()
    subprocess.run([sys.executable, *command], check=True)
    assert world.path.stat().st_size < file

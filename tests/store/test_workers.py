"""The table of worker processes: who is there, who is wanted, and what they are asked."""

import threading
from datetime import timedelta

import pytest

from durable_lab import until
from leasing import Durable
from qjob.model.job import JobStatus
from qjob.model.worker import DEAF
from qjob.store.sqlite.schema import VERSION


@pytest.fixture
def durable(world):
    return Durable(world)


@pytest.fixture
def lived(durable):
    """Return workers that hold their locks, until the end of the test."""
    owners = []

    def make(**changes):
        owners.append(durable.store.owners.claim())
        worker = durable.worker(id=owners[-1].id, **changes)
        worker_of[worker.id] = owners[-1]
        return worker

    worker_of = make.owners = {}
    yield make
    for owner in owners:
        owner.release()


def silent(durable, worker, seconds):
    """Let a worker not have been heard of for so long."""
    with durable.world.raw as connection:
        ago = int(seconds * 1_000_000)
        connection.execute(f"UPDATE workers SET beat_at = beat_at - {ago} WHERE id = '{worker.id}'")  # noqa: S608 - ours


def test_a_worker_is_listed_as_it_is(durable, lived):
    worker = lived()
    assert durable.store.add_worker(worker, alone=False)
    (listed,) = durable.store.workers("ada")
    assert (listed.id, listed.name, listed.version, listed.began_at) == (
        *(worker.id, worker.name, worker.version, worker.began_at),
    )
    assert (listed.asked, listed.ended_at, listed.jobs, listed.deaf) == (None, None, 0, False)
    assert durable.store.workers("bob") == []


ALREADY = {
    "nobody": (lambda *_: None, True),
    "one that listens": (lambda durable, worker, _: durable.store.add_worker(worker, alone=False), False),
    "one of another user": (
        lambda durable, worker, _: durable.store.add_worker(
            type(worker)(**{**fields(worker), "user": "bob"}), alone=False
        ),
        True,
    ),
    "one that is asked to stop": (lambda durable, worker, _: added(durable, worker, "stop"), False),
    "one that was asked to stop and died": (
        lambda durable, worker, owner: added(durable, worker, "stop") or died(durable, owner),
        True,
    ),
    "one that was stopped before": (
        lambda durable, worker, _: added(durable, worker, "stop") or durable.store.end_worker(worker.id),
        True,
    ),
    "one that was asked to drain": (lambda durable, worker, _: added(durable, worker, "drain"), True),
    "one that has ended": (
        lambda durable, worker, _: added(durable, worker) or durable.store.end_worker(worker.id),
        True,
    ),
    "one that is deaf": (
        lambda durable, worker, _: added(durable, worker) or silent(durable, worker, DEAF + 1),
        True,
    ),
    "one that has died": (
        lambda durable, worker, owner: added(durable, worker) or died(durable, owner),
        True,
    ),
}


def died(durable, owner):
    owner.release()
    until(lambda: not durable.store.owners.alive(owner.id))


def fields(worker):
    return {name: getattr(worker, name) for name in worker.__slots__}


def added(durable, worker, asked=None):
    durable.store.add_worker(worker, alone=False)
    if asked:
        durable.store.ask_worker(worker.id, asked)


@pytest.mark.parametrize(("there", "wanted"), ALREADY.values(), ids=ALREADY)
def test_who_wants_to_be_alone_is_wanted_where_nobody_listens(durable, lived, there, wanted):
    first = lived()
    there(durable, first, lived.owners[first.id])
    second = lived()
    assert durable.store.add_worker(second, alone=True) is wanted
    assert (second.id in [one.id for one in durable.store.workers("ada")]) is wanted


def test_who_wants_to_be_alone_is_not_wanted_where_somebody_has_stopped_all_since_it_began(durable, lived):
    first, second = lived(), lived()
    added(durable, first, "stop")
    durable.store.end_worker(first.id)
    assert not durable.store.add_worker(second, alone=True)


def test_who_does_not_want_to_be_alone_is_always_wanted(durable, lived):
    assert durable.store.add_worker(lived(), alone=False)
    assert durable.store.add_worker(lived(), alone=False)
    assert len(durable.store.live_workers("ada")) == 2


def test_of_those_who_begin_at_once_one_is_wanted(world, lived):
    workers = [lived() for _ in range(4)]
    stores = [world.places.open(world.path, world.clock) for _ in workers]
    barrier, wanted = threading.Barrier(len(workers)), []

    def begin(store, worker):
        barrier.wait()
        wanted.append(store.add_worker(worker, alone=True))

    threads = [threading.Thread(target=begin, args=pair) for pair in zip(stores, workers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert sorted(wanted) == [False, False, False, True]


def test_one_that_was_killed_is_not_among_those_that_live_and_noted_as_ended_when_somebody_does(
    durable, lived
):
    worker, other = lived(), lived()
    for one in (worker, other):
        durable.store.add_worker(one, alone=False)
    lived.owners[worker.id].release()
    until(
        lambda: [one.id for one in durable.store.live_workers("ada")] == [other.id]
    )  # a server needs a moment
    assert all(one.ended_at is None for one in durable.store.workers("ada"))  # a look changes nothing
    durable.store.bury_workers("ada")
    ended = {one.id: one.ended_at is not None for one in durable.store.workers("ada")}
    assert ended == {worker.id: True, other.id: False}


def test_one_that_was_taken_for_dead_is_there_again_with_its_next_word(durable, lived):
    worker = lived()
    durable.store.add_worker(worker, alone=False)
    durable.store.end_worker(worker.id)
    assert durable.store.live_workers("ada") == []
    assert durable.store.worker_asked(worker.id) is None
    assert [one.id for one in durable.store.live_workers("ada")] == [worker.id]


def test_silence_is_counted_from_the_last_sign_of_life(durable, lived):
    worker = lived()
    durable.store.add_worker(worker, alone=False)
    silent(durable, worker, 100)
    (listed,) = durable.store.workers("ada")
    assert 100 <= listed.silent < 160
    assert listed.deaf
    durable.store.worker_beats(worker.id)
    (listed,) = durable.store.workers("ada")
    assert listed.silent < 60
    assert not listed.deaf


@pytest.mark.parametrize("asked", ["stop", "drain"])
def test_what_a_worker_is_asked(durable, lived, asked):
    worker = lived()
    durable.store.add_worker(worker, alone=False)
    assert durable.store.worker_asked(worker.id) is None
    durable.store.ask_worker(worker.id, asked)
    assert durable.store.worker_asked(worker.id) == asked
    assert durable.store.workers("ada")[0].asked == asked


def test_who_has_ended_is_asked_nothing(durable, lived):
    worker = lived()
    durable.store.add_worker(worker, alone=False)
    durable.store.end_worker(worker.id)
    before = durable.store.workers("ada")[0].ended_at
    durable.store.ask_worker(worker.id, "stop")
    durable.store.end_worker(worker.id)
    (listed,) = durable.store.workers("ada")
    assert (listed.asked, listed.ended_at) == (None, before)


def test_a_worker_is_listed_with_the_jobs_that_it_has_in_hand(durable, lived):
    worker = lived()
    durable.store.add_worker(worker, alone=False)
    durable.held(worker)
    job_id, fence = durable.held(worker)
    assert durable.store.workers("ada")[0].jobs == 2
    durable.store.move(job_id, JobStatus.CANCELLED, fence=fence)
    assert durable.store.workers("ada")[0].jobs == 1


@pytest.mark.parametrize(("days", "listed"), [(6, 2), (8, 1)])
def test_those_that_have_ended_are_listed_for_a_week(durable, world, lived, days, listed):
    old = lived()
    durable.store.add_worker(old, alone=False)
    durable.store.end_worker(old.id)
    world.clock.now += timedelta(days=days)
    durable.store.add_worker(lived(), alone=False)
    assert len(durable.store.workers("ada")) == listed


def test_a_sweep_of_dead_kernels_leaves_durable_jobs_alone(durable):
    from qjob.execution.opened import sweep

    waiting = durable.job()
    held, _ = durable.held(durable.worker(id="dead"))
    sweep(durable.store)
    assert [str(durable.store.job(job).status) for job in (waiting, held)] == ["QUEUED", "QUEUED"]


def test_a_store_that_a_newer_version_has_changed_is_not_current_any_more(durable, world):
    sqlite = world.places.kind == "sqlite"
    newer = "PRAGMA user_version = 999" if sqlite else "UPDATE qjob SET version = version + 100"
    again = f"PRAGMA user_version = {VERSION}" if sqlite else "UPDATE qjob SET version = version - 100"
    for statement, current in ((newer, False), (again, True)):  # schemas are used again
        with world.raw as connection:
            connection.execute(statement)
        assert durable.store.is_current() is current

"""How long like runs took, by one look into an index."""

from datetime import timedelta

import pytest

from qjob.model.job import Failure, JobStatus
from qjob.store.money import MAX_LIKE
from qjob.store.queries import load_queries

S = JobStatus


def run(world, seconds, to=S.COMPLETED, likeness="like", *, begun=True):
    record = world.record(status=S.QUEUED, likeness=likeness)
    world.store.accept(record, world.program)
    if begun:
        world.store.move(record.id, S.RUNNING)
    world.clock.now += timedelta(seconds=seconds, microseconds=-1)
    if to is S.COMPLETED:
        world.store.complete(record.id, b"packed", world.progress, world.layout, ran=0.0)
    else:
        world.store.move(record.id, to, failure=Failure("a", "b") if to is S.FAILED else None)


def test_the_newest_first(world):
    for seconds in (3, 1, 2):
        run(world, seconds)
    assert world.store.seconds_of_like("like") == [2, 1, 3]
    assert world.store.seconds_of_like("another") == []


@pytest.mark.parametrize("to", [S.FAILED, S.CANCELLED])
def test_what_was_ended_early_counts_where_it_had_taken_longer_already(world, to):
    run(world, 9, to)
    world.store.set_billed_seconds(world.store.jobs()[0].id, 9)
    assert world.store.seconds_of_like("like") == []
    run(world, 5)
    run(world, 4, to)
    world.store.set_billed_seconds(world.store.jobs()[0].id, 4)
    assert world.store.seconds_of_like("like") == [5, 9]


def test_what_a_dead_process_left_behind_tells_nothing(world):
    """It ended when somebody looked, perhaps days after it had stopped."""
    run(world, 5)
    run(world, 200_000, S.FAILED)
    assert world.store.seconds_of_like("like") == [5]


def test_a_run_whose_beginning_nobody_saw_was_not_timed(world):
    run(world, 5, begun=False)
    run(world, 7, likeness=None)
    assert world.store.seconds_of_like("like") == []


def test_the_vendors_clock_goes_before_the_stores(world):
    run(world, 5)
    job_id = world.store.jobs()[0].id
    world.store.set_billed_seconds(job_id, 2.25)
    assert world.store.seconds_of_like("like") == [2.25]
    run(world, 9, begun=False)
    world.store.set_billed_seconds(world.store.jobs()[0].id, 3)
    assert world.store.seconds_of_like("like") == [3, 2.25]


def test_only_the_newest_are_looked_at(world):
    for seconds in range(1, MAX_LIKE + 3):
        run(world, seconds)
    found = world.store.seconds_of_like("like")
    assert (len(found), found[0], found[-1]) == (MAX_LIKE, MAX_LIKE + 2, 3)


def test_a_job_keeps_its_likeness(world):
    job_id = world.job(likeness="like")
    assert world.store.job(job_id).likeness == "like"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_they_are_found_by_an_index(world):
    with world.store._db.read() as connection:
        plan = connection.execute(
            f"EXPLAIN QUERY PLAN {load_queries('sqlite').like_runs.sql}", {"likeness": "like", "max_rows": 50}
        ).fetchall()
    assert [step[3] for step in plan] == ["SEARCH jobs USING INDEX jobs_likeness (likeness=?)"]

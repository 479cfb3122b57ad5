"""Changes that belong together, closing, and what the database itself refuses."""

import threading

import pytest

from qjob.model.errors import StoreError, StoreUnavailable
from qjob.model.job import JobStatus

S = JobStatus

# -- transactions ---------------------------------------------------------------------------------------------


def test_grouped_changes_are_kept_together(world, new_world):
    other = new_world(world.path)
    with world.store.transaction():
        job_id = world.job()
        with world.store.transaction():
            world.to(job_id, S.QUEUED)
        assert other.store.jobs() == []
        assert world.store.job(job_id).status is S.QUEUED
    assert other.store.job(job_id).status is S.QUEUED
    other.store.close()


def test_an_error_undoes_the_whole_group(world):
    job_id = world.job()

    def group():
        with world.store.transaction():
            world.to(job_id, S.QUEUED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        group()
    assert world.store.job(job_id).status is S.INITIALIZING
    assert len(world.store.log(job_id)) == 1
    assert world.to(job_id, S.QUEUED)


def test_a_failed_step_undoes_the_group_even_if_its_error_is_caught(world):
    job = world.record()

    def group():
        with world.store.transaction():
            world.store.accept(job, world.program)
            with pytest.raises(StoreError, match=r"(?i)unique"):
                world.store.accept(job, world.program)

    with pytest.raises(StoreError, match="undone"):
        group()
    assert world.store.jobs() == []
    world.store.accept(job, world.program)


def test_a_move_that_is_not_made_does_not_undo_the_group(world):
    job_id = world.job()
    with world.store.transaction():
        assert not world.to(job_id, S.COMPLETED)
        assert world.to(job_id, S.QUEUED)
    assert world.store.job(job_id).status is S.QUEUED


def test_a_closed_store_says_so(world):
    world.store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        world.store.jobs()
    with pytest.raises(StoreUnavailable, match="closed"):
        world.job()


def test_closing_lets_a_thread_finish_what_it_does(world, new_world):
    inside, closed, kept = threading.Event(), threading.Event(), []

    def write():
        with world.store.transaction():
            kept.append(world.job())
            inside.set()
            assert closed.wait(10)

    thread = threading.Thread(target=write)
    thread.start()
    assert inside.wait(10)
    world.store.close()
    closed.set()
    thread.join()
    again = new_world(world.path)
    assert [job.id for job in again.store.jobs()] == kept
    again.store.close()


# -- what the database itself refuses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE log SET at = 0", "append-only"),
        ("DELETE FROM log", "append-only"),
        ("UPDATE jobs SET status = 'RUNNING', ended_at = NULL", "keeps its status"),
        ("UPDATE jobs SET ended_at = NULL", "(?i)check"),
        ("DELETE FROM programs", "(?i)foreign key"),
    ],
)
def test_history_cannot_be_rewritten(world, statement, message):
    job_id = world.job(S.COMPLETED)
    before = (world.store.snapshot(job_id), world.store.log(job_id))
    with pytest.raises(StoreError, match=message), world.store._db.write() as connection:
        connection.execute(statement)
    assert (world.store.snapshot(job_id), world.store.log(job_id)) == before

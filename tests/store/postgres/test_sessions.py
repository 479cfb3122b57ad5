"""Connections that are lost, and those of a parent in a forked child."""

import os
import threading

import pytest

from qjob.model.errors import StoreError, StoreUnavailable
from qjob.model.job import JobStatus

S = JobStatus


def backend(world):
    return world.store._db._local.session.connection.info.backend_pid


def end_session(world):
    """Let the server end the session of this thread, and return when it has."""
    with world.raw as connection:
        pid = backend(world)
        assert connection.execute(f"SELECT pg_terminate_backend({pid}, 5000)").fetchone() == (True,)


def test_a_connection_that_is_lost_between_two_changes_is_replaced(world):
    job_id = world.job(S.QUEUED)
    before = backend(world)
    end_session(world)
    assert world.to(job_id, S.RUNNING)
    assert backend(world) != before
    end_session(world)
    assert world.store.job(job_id).status is S.RUNNING


def test_a_loss_that_nobody_has_heard_of_yet_is_met_at_the_beginning(world, monkeypatch):
    job_id = world.job(S.QUEUED)
    end_session(world)
    monkeypatch.setattr("qjob.store.postgres.session.Session.lost", lambda _: False)
    assert world.to(job_id, S.RUNNING)


def test_a_connection_that_an_interrupt_left_halfway_is_replaced(world):
    job_id = world.job(S.QUEUED)
    world.store._db._local.session.connection.execute("BEGIN")
    assert world.to(job_id, S.RUNNING)
    with world.raw as connection:
        assert connection.execute("SELECT status FROM jobs").fetchone() == ("RUNNING",)


def test_a_connection_that_is_lost_inside_a_group_undoes_all_of_it_and_says_so(world):
    kept = world.job(S.QUEUED)

    def group():
        with world.store.transaction():
            world.to(kept, S.RUNNING)
            world.job()
            end_session(world)
            world.job()

    with pytest.raises(StoreUnavailable, match="undone") as caught:
        group()
    assert caught.value.retry_after
    assert [(job.id, job.status) for job in world.store.jobs()] == [(kept, S.QUEUED)]


def test_a_connection_that_is_lost_before_the_commit_is_no_silence(world):
    def group():
        with world.store.transaction():
            world.job()
            end_session(world)

    with pytest.raises(StoreUnavailable, match="all of a change") as caught:
        group()
    assert "before you do it again" in caught.value.remedy
    assert world.store.jobs() == []


def test_a_loss_that_is_caught_between_does_not_commit_the_rest(world):
    def group():
        with world.store.transaction():
            world.job()
            end_session(world)
            with pytest.raises(StoreUnavailable):
                world.job()

    with pytest.raises(StoreError, match="undone"):
        group()
    assert world.store.jobs() == []


def test_a_failed_look_in_a_group_is_not_committed_as_if_nothing_were(world):
    """The server has undone a transaction in which a statement failed; its COMMIT is a ROLLBACK without a word."""

    def group():
        with world.store.transaction():
            world.job()
            with pytest.raises(StoreError), world.store._db.read() as connection:
                connection.execute("SELECT 1 / 0")

    with pytest.raises(StoreError, match="undone"):
        group()
    assert world.store.jobs() == []


def test_a_thread_that_ends_takes_its_connection_along(world):
    seen = []

    def look():
        world.store.jobs()
        seen.append(backend(world))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    with world.raw as connection:
        gone = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        for _ in range(1000):
            if connection.execute(gone, seen).fetchone() == (0,):
                return
    pytest.fail("the session is still there")


def in_a_child(work):
    """Run a function in a forked child; return what it returns as text."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        said = "an error of another kind"
        try:
            said = str(work())
        except StoreError as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = lines.read()
    os.waitpid(pid, 0)
    return said


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_has_connections_of_its_own_and_the_parent_keeps_its(world):
    job_id = world.job(S.QUEUED)
    mine = backend(world)

    def work():
        moved = world.to(job_id, S.RUNNING)
        return moved, backend(world) == mine

    assert in_a_child(work) == "(True, False)"
    assert world.to(job_id, S.CANCELLED)
    assert backend(world) == mine


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_that_is_forked_in_the_middle_of_a_change_is_refused(world):
    job_id = world.job(S.QUEUED)
    with world.store.transaction():
        world.to(job_id, S.RUNNING)
        said = in_a_child(lambda: world.to(job_id, S.CANCELLED))
        leaving = in_a_child(lambda: world.store._db._commit(world.store._db._local.session))
    for refusal in (said, leaving):
        assert refusal.startswith("StoreUnavailable: process ")
        assert "forked in the middle of a use of the store" in refusal
    assert world.store.job(job_id).status is S.RUNNING

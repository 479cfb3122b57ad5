"""A batch as it stands: sums over all its jobs, and the few of them that a display lists."""

import uuid
from dataclasses import replace

import pytest

from qjob.model.batch import BatchRecord
from qjob.model.errors import NoSuchJob
from qjob.model.job import JobStatus

S = JobStatus


@pytest.fixture
def filled(world):
    """Store a batch whose jobs have these statuses, with other jobs before and after; return its record."""

    def fill(*statuses, **changes):
        batch = BatchRecord(str(uuid.uuid4()), "ada", "sweep", len(statuses), world.clock())
        jobs = [world.record(batch=batch.id, place=place, **changes) for place in range(len(statuses))]
        world.job(S.FAILED)
        world.store.accept_batch(batch, [(job, world.program) for job in jobs])
        for job, status in zip(jobs, statuses, strict=True):
            for to in PATHS[status]:
                world.to(job.id, to)
        world.job(S.RUNNING)
        return batch

    return fill


PATHS = {
    S.INITIALIZING: [],
    S.QUEUED: [S.QUEUED],
    S.RUNNING: [S.QUEUED, S.RUNNING],
    S.COMPLETED: [S.QUEUED, S.RUNNING, S.COMPLETED],
    S.FAILED: [S.QUEUED, S.RUNNING, S.FAILED],
    S.CANCELLED: [S.CANCELLED],
}


def test_jobs_are_counted_by_status(world, filled):
    batch = filled(S.COMPLETED, S.FAILED, S.COMPLETED, S.RUNNING, S.QUEUED, S.CANCELLED)
    found = world.store.batch_snapshot(batch, 16)
    assert found.batch == batch
    assert found.statuses == {S.COMPLETED: 2, S.FAILED: 1, S.RUNNING: 1, S.QUEUED: 1, S.CANCELLED: 1}
    assert (found.backends, found.shots, found.owner) == (("marqov-sim",), (100, 100), "me")
    assert (found.held, found.cost) == (0, None)
    assert not found.ended


def test_its_time_is_from_the_first_start_to_the_last_end(world, filled):
    waiting = world.store.batch_snapshot(filled(S.QUEUED), 16)
    assert (waiting.started_at, waiting.ended_at) == (None, None)
    batch = filled(S.COMPLETED, S.FAILED)
    found = world.store.batch_snapshot(batch, 16)
    first, last = (world.store.job(job_id) for job_id in world.store.jobs_of(batch.id))
    assert (found.started_at, found.ended_at) == (first.started_at, last.ended_at)
    assert found.ended
    assert found.owner is None  # nobody runs it any more


def test_a_line_has_what_is_to_be_shown_of_its_job(world, filled):
    batch = filled(S.COMPLETED, S.FAILED, S.QUEUED)
    done, failed, queued = world.store.batch_snapshot(batch, 16).jobs
    assert (done.progress, done.layout, done.failure) == (world.progress, world.layout, None)
    assert (failed.progress, failed.layout, failed.failure.reason) == (None, None, "it died.")
    assert (queued.place, queued.id) == (2, world.store.jobs_of(batch.id)[2])
    assert (queued.name, queued.status, queued.shots) == (None, S.QUEUED, 100)


@pytest.mark.parametrize(
    ("statuses", "listed"),
    [
        pytest.param("CCCC", [0, 1, 2, 3], id="room for all"),
        pytest.param("CCCCCC", [0, 1, 2, 3], id="the first ones"),
        pytest.param("CCCCCF", [0, 1, 2, 5], id="a failed one is among them"),
        pytest.param("CCQQRR", [0, 1, 4, 5], id="so is what runs"),
        pytest.param("CRRFQF", [1, 2, 3, 5], id="failed before running before the others"),
        pytest.param("FFFFFRF", [0, 1, 2, 3], id="more failed than there is room for"),
    ],
)
def test_which_jobs_are_listed_where_there_is_room_for_four(world, filled, statuses, listed):
    names = {"C": S.COMPLETED, "Q": S.QUEUED, "R": S.RUNNING, "F": S.FAILED}
    batch = filled(*(names[letter] for letter in statuses))
    assert [job.place for job in world.store.batch_snapshot(batch, 4).jobs] == listed


def test_which_of_some_jobs_have_not_ended(world):
    jobs = [world.job(status) for status in (S.RUNNING, S.COMPLETED, S.QUEUED, S.FAILED, S.CANCELLED)]
    unknown = str(uuid.uuid4())
    asked = [unknown, *reversed(jobs)]
    assert world.store.not_ended(asked) == [unknown, jobs[2], jobs[0]]
    assert world.store.not_ended([jobs[1], jobs[3], jobs[4]]) == []
    assert world.store.not_ended([]) == []


def test_a_batch_of_another_store_is_not_here(world, filled):
    batch = replace(filled(S.QUEUED), id=str(uuid.uuid4()))
    with pytest.raises(NoSuchJob, match="no batch is called"):
        world.store.batch_snapshot(batch, 16)


def test_money_is_what_is_still_held_and_what_was_charged(payer):
    job_ids = payer.submit_batch(100, 200, 300)
    batch = payer.store.batch(payer.store.job(job_ids[0]).batch)
    assert (payer.store.batch_snapshot(batch, 16).held, payer.store.batch_snapshot(batch, 16).cost) == (
        600,
        None,
    )
    payer.end(job_ids[0], S.COMPLETED, cost=70)
    payer.end(job_ids[1], S.FAILED)
    found = payer.store.batch_snapshot(batch, 16)
    assert (found.held, found.cost) == (300, 70)

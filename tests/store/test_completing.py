"""Many jobs that complete in one transaction: as if one after the other, paid or not; all of them or none."""

from datetime import timedelta

import pytest

from qjob.model.errors import NoSuchJob
from qjob.model.job import JobStatus
from qjob.model.money import NANO
from qjob.store.completing import Completion

S = JobStatus


def completion(world, job_id, **how):
    return Completion.of(job_id, job_id.encode(), world.progress, world.layout, **{"ran": 0.25, **how})


def test_free_and_paid_ones_of_any_status_complete_together(world, payer):
    free = [world.job(S.QUEUED) for _ in range(21)]
    running, over, asked = (world.job(status) for status in (S.RUNNING, S.CANCELLED, S.CANCELLING))
    paid, charged = payer.submit(cap=3 * NANO), payer.submit(cap=0)
    order = [paid, *free, over, running, charged, asked]
    costs = {paid: 2 * NANO, charged: NANO}
    done = world.store.complete_all(
        [completion(world, job_id, cost=costs.get(job_id), data={"n": 1}) for job_id in order]
    )
    assert dict(zip(order, done, strict=True)) == {job_id: job_id != over for job_id in order}
    assert [world.store.job(job_id).status for job_id in order if job_id != over] == [S.COMPLETED] * 25
    assert all(world.store.result(job_id) == job_id.encode() for job_id in order if job_id != over)
    assert world.store.result(over) is None
    assert payer.moved(paid) == [("hold", 3 * NANO), ("charge", 2 * NANO), ("release", NANO)]
    assert payer.moved(charged) == [("overrun", NANO)]


def test_the_log_tells_the_same_as_of_one_alone(world):
    alone, together, running = world.job(S.QUEUED), world.job(S.QUEUED), world.job(S.RUNNING)
    how = {"ran": 0.25, "data": {"spent": [["sampling", 0.1]]}}
    assert world.store.complete(alone, b"packed", world.progress, world.layout, **how)
    assert all(world.store.complete_all([completion(world, each, **how) for each in (together, running)]))
    told = [
        [(entry.seq, entry.kind, entry.data) for entry in world.store.log(each)] for each in (alone, together)
    ]
    assert told[0] == told[1]
    assert [str(entry.kind) for entry in world.store.log(running)][-2:] == ["running", "completed"]
    job = world.store.job(together)
    assert job.ended_at - job.started_at == timedelta(seconds=0.25)
    assert [entry.at for entry in world.store.log(together)][-2:] == [job.started_at, job.ended_at]
    assert world.store.job(running).started_at < world.store.job(running).ended_at


@pytest.mark.parametrize("paid", [False, True])
def test_each_job_ran_as_long_as_it_is_said_to(world, payer, paid):
    lengths = [0.0, 0.002, 3.0]
    jobs = [payer.submit(cap=NANO) if paid else world.job(S.QUEUED) for _ in lengths]
    world.store.complete_all(
        [completion(world, job, ran=ran) for job, ran in zip(jobs, lengths, strict=True)]
    )
    records = [world.store.job(job) for job in jobs]
    assert [(each.ended_at - each.started_at).total_seconds() for each in records] == lengths


def test_a_job_completes_once(world):
    job_id, other = world.job(S.RUNNING), world.job(S.RUNNING)
    first, again = completion(world, job_id), completion(world, job_id, cost=None)
    assert world.store.complete_all([first, completion(world, other), again]) == [True, True, False]
    assert world.store.complete_all([first]) == [False]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"job_id": "nobody"}, NoSuchJob), ({"cost": -1}, ValueError), ({"cost": 1}, ValueError)],
    ids=["no such job", "a negative cost", "nobody to pay"],
)
def test_where_one_is_refused_none_is_stored(world, wrong, error):
    first, second = world.job(S.QUEUED), world.job(S.QUEUED)
    given = [completion(world, first), completion(world, **{"job_id": second, **wrong})]
    with pytest.raises(error):
        world.store.complete_all(given)
    assert world.store.job(first).status is S.QUEUED
    assert world.store.result(first) is None


def test_what_ran_under_a_lost_lease_is_not_stored(world):
    job_id, other = world.job(S.RUNNING), world.job(S.RUNNING)
    given = [completion(world, job_id, fence=7), completion(world, other, fence=0)]
    assert world.store.complete_all(given) == [False, True]
    assert world.store.job(job_id).status is S.RUNNING


def test_nothing_completes_without_a_word(world):
    assert world.store.complete_all([]) == []

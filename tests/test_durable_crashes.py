"""Durable jobs while workers, and those who submitted, are killed, frozen, stopped and starved: all of it real."""

from durable_lab import BELL
from qjob.model.job import JobStatus


def test_a_durable_job_runs_in_a_worker_that_begins_by_itself(durable_anywhere):
    job = durable_anywhere.submit(BELL, shots=1000)
    assert job.wait(30).status is JobStatus.COMPLETED
    assert dict(job.counts) == dict(durable_anywhere.engine.submit(BELL, shots=1000, seed=7).counts)
    assert [(one.number, one.failure) for one in job.attempts()] == [(1, None)]
    assert durable_anywhere.kinds(job) == ["accepted", "attempt", "running", "completed"]

"""What logs and traces say of a durable job: the same job and attempt in the kernel and in its worker."""

import json

import pytest

from collector import Collector, plain
from durable_lab import BELL, until
from qjob.execution.logs import log_of


@pytest.fixture
def collector():
    found = Collector()
    yield found
    found.close()


@pytest.fixture
def traced(collector, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    return collector


def lines(lab):
    (worker,) = lab.store.workers(lab.settings.user)
    return [json.loads(line) for line in log_of(lab.home, worker.id).read_text("utf-8").splitlines()]


def test_an_attempt_belongs_to_its_submission_across_processes(traced, durable):
    job = durable.submit(BELL, shots=100)
    job.wait(60)
    (attempt,) = until(lambda: traced.named("qjob.attempt"), what="the attempt's span")
    (submission,) = until(lambda: traced.named("qjob.submit"), what="the submission's span")
    assert attempt.trace_id == submission.trace_id
    assert attempt.parent_span_id == submission.span_id
    said = plain(attempt.attributes)
    assert said["qjob.job.id"] == job.id
    assert said["qjob.attempt"] == 1
    assert said["qjob.worker"] == job.attempts()[0].worker
    assert said["qjob.outcome"] == "completed"
    assert plain(submission.attributes)["qjob.outcome"] == "stored"


def test_so_does_the_attempt_at_a_direct_job(traced, durable):
    job = durable.submit(BELL, mode="direct")
    job.wait(60)
    (attempt,) = until(lambda: traced.named("qjob.attempt"), what="the attempt's span")
    (submission,) = until(lambda: traced.named("qjob.submit"), what="the submission's span")
    assert attempt.parent_span_id == submission.span_id
    assert plain(attempt.attributes)["qjob.job.id"] == job.id


def test_the_parts_of_a_batch_share_its_submission(traced, durable):
    batch = durable.submit([BELL, BELL])
    batch.wait(60)
    attempts = until(
        lambda: len(found := traced.named("qjob.attempt")) == 2 and found, what="the spans of two attempts"
    )
    (submission,) = until(lambda: traced.named("qjob.submit"), what="the submission's span")
    assert {each.parent_span_id for each in attempts} == {submission.span_id}


def test_a_refused_submission_says_why(traced, durable):
    durable.engine.limits(team_per_day=1, local=True)
    durable.submit(BELL).wait(60)
    with pytest.raises(Exception, match="1 submission"):
        durable.submit(BELL)
    spans = until(lambda: len(found := traced.named("qjob.submit")) == 2 and found, what="two submissions")
    refused = plain(spans[1].attributes)
    assert refused["qjob.outcome"] == "refused"
    assert refused["error.type"] == "rate_limited"


def test_nobody_traces_where_nobody_asked(durable):
    job = durable.submit(BELL)
    job.wait(60)
    assert '"trace":null' in job.record.work


def test_the_log_of_a_worker_tells_of_each_attempt(durable):
    job = durable.submit(BELL)
    job.wait(60)
    about = until(
        lambda: len(found := [line for line in lines(durable) if line.get("job") == job.id]) == 2 and found,
        what="two lines about the job",
    )
    assert [(line["message"], line["attempt"], line["worker"]) for line in about] == [
        ("taken up on marqov-sim", 1, job.attempts()[0].worker),
        ("completed", 1, job.attempts()[0].worker),
    ]

"""The one door, with real workers: everything a user may ask of it, in whatever order and from any thread."""

import threading
import time
from datetime import UTC, datetime

import pytest

import qjob
from offspring import Offspring
from qjob.engine import Engine, connect
from qjob.execution.direct import DirectExecutor
from qjob.model.errors import (
    IllegalMove,
    InvalidRequest,
    JobEnded,
    NoSuchJob,
    WaitTimeout,
)
from qjob.model.events import EventKind
from qjob.model.job import JobStatus
from qjob.settings import load_settings

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
SLOW = HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;"
WIDE = HEAD + "qreg q[60]; creg c[60]; h q; measure q->c;"
SLOW_SHOTS = 100_000


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """One for all tests that leave it as they found it."""
    offspring = Offspring()
    with connect(home=tmp_path_factory.mktemp("home"), workers=2) as engine:
        yield engine
    assert offspring.children() == []


@pytest.fixture
def slow(engine):
    job = engine.submit(SLOW, shots=SLOW_SHOTS, name="slow")
    yield job
    job.cancel()
    job.wait(60)


def running(job):
    end = time.monotonic() + 60
    while job.status is JobStatus.QUEUED:
        assert time.monotonic() < end
        time.sleep(0.005)
    return job


# -- submit, look, wait ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_job_and_everything_it_tells(engine):
    job = engine.submit(BELL, shots=50, name="bell", tags={"for": "a test"}, seed=3)
    assert job.wait(60) is job
    assert set(job.counts) <= {"00", "11"}
    assert job.result().counts.shots == 50
    record = job.record
    assert (record.name, record.backend, record.shots, record.seed) == ("bell", "marqov-sim", 50, 3)
    assert (record.tags, record.num_qubits, record.mode) == ({"for": "a test"}, 2, "direct")
    assert record.created_at <= record.started_at <= record.ended_at <= datetime.now(UTC)
    assert [entry.kind for entry in job.events()] == [
        EventKind.ACCEPTED,
        EventKind.RUNNING,
        EventKind.COMPLETED,
    ]
    assert [entry.seq for entry in engine.events(job.id)] == [0, 1, 2]
    assert job.snapshot().backend.slug == "marqov-sim"
    assert repr(job) == f"<Job {job.id[:8]} 'bell' COMPLETED on marqov-sim, 50 shots>"
    for text in (job.id, job.id[:8], "bell"):
        assert engine.job(text) == job
        assert engine.resolve(text) == job.id
    assert job in engine.jobs(status="completed", text="bell")
    assert job not in engine.jobs(status=["failed", "CANCELLED"])
    assert engine.jobs(limit=1, after=engine.submit(BELL, shots=1)) == [job]


def test_who_is_not_there(engine):
    for ask in (engine.job, engine.resolve, engine.retry):
        with pytest.raises(NoSuchJob):
            ask("no such job")
    for ask in (engine.result, engine.wait, engine.cancel, engine.snapshot):
        with pytest.raises(NoSuchJob):
            ask("00000000-0000-4000-8000-000000000000")
    with pytest.raises(InvalidRequest, match="done"):
        engine.jobs(status="done")


def test_a_wait_that_ends_before_the_job(engine, slow):
    with pytest.raises(WaitTimeout, match=r"still (QUEUED|RUNNING) after 0.05 s") as caught:
        slow.wait(0.05)
    assert caught.value.numbers == {"timeout": 0.05}
    with pytest.raises(TimeoutError):
        slow.result(timeout=0)
    with pytest.raises(IllegalMove, match="still"):
        engine.result(slow.id)
    with pytest.raises(IllegalMove, match="still"):
        slow.retry()
    assert not slow.status.ended


@pytest.mark.slow
def test_an_interrupted_wait_leaves_the_job_and_the_engine_as_they_were(engine, slow, monkeypatch):
    running(slow)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Condition, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            slow.wait()
    assert slow.status is JobStatus.RUNNING
    assert engine.submit(BELL, shots=5).wait(60).status is JobStatus.COMPLETED


def test_an_interrupt_behind_the_commit_of_a_submission_loses_no_job(engine, monkeypatch):
    real, handed = DirectExecutor.submit, []

    def interrupted_once(executor, order):
        handed.append(order)
        if len(handed) == 1:
            raise KeyboardInterrupt
        real(executor, order)

    monkeypatch.setattr(DirectExecutor, "submit", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        engine.submit(BELL, shots=5, name="interrupted")
    assert engine.job("interrupted").wait(60).status is JobStatus.COMPLETED


@pytest.mark.usefixtures("engine")
def test_cancel(slow):
    assert slow.cancel()
    assert slow.wait(60).status is JobStatus.CANCELLED
    assert not slow.cancel()
    with pytest.raises(JobEnded, match="CANCELLED") as caught:
        slow.result()
    assert caught.value.remedy == f"Run it again: %qjob retry {slow.id[:8]}"


def test_cancel_right_after_submit(engine):
    jobs = [engine.submit(SLOW, shots=SLOW_SHOTS) for _ in range(10)]
    for job in jobs:
        assert job.cancel()
    begin = time.monotonic()
    assert {job.wait(60).status for job in jobs} == {JobStatus.CANCELLED}
    assert time.monotonic() - begin < 20


def test_many_threads_at_once(engine):
    gate = threading.Barrier(8)
    jobs, problems = [], []

    def use():
        try:
            gate.wait()
            for _ in range(5):
                jobs.append(engine.submit(BELL, shots=5))
                jobs[-1].wait(60)
        except Exception as error:  # noqa: BLE001 - carried to the test
            problems.append(error)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len({job.id for job in jobs}) == 40
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


@pytest.mark.slow
def test_a_hundred_thousand_different_outcomes(engine):
    job = engine.submit(WIDE, shots=100_000)
    counts = job.counts
    assert (len(counts), counts.shots) == (100_000, 100_000)
    assert job.snapshot().progress.shots_done == 100_000


# -- seeds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{}, {"readout_error": 0.1, "gate_error_2q": 0.05}], ids=["ideal", "noisy"]
)
def test_the_same_seed_gives_the_same_counts(engine, options):
    backend = "qb-sim-noisy-aer" if options else "marqov-sim"
    first, second, other = (
        engine.submit(BELL, shots=1000, seed=seed, backend=backend, options=options) for seed in (5, 5, 6)
    )
    assert first.counts == second.counts
    assert first.counts != other.counts


def test_a_drawn_seed_is_stored_and_a_retry_repeats_it(engine):
    job = engine.submit(BELL, shots=1000).wait(60)
    again = job.retry()
    assert again != job
    assert again.record.retry_of == job.id
    assert again.record.seed == job.record.seed
    assert again.counts == job.counts
    assert engine.submit(BELL, shots=1000).record.seed != job.record.seed


@pytest.mark.slow
def test_clock_and_chance_are_arguments(tmp_path):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    settings = load_settings({}, home=tmp_path, user="ada")
    with Engine(settings, clock=lambda: now, draw=lambda bits: 1 << (bits - 1)) as engine:
        job = engine.submit(BELL, shots=5)
        job.wait(60)
        record = job.record
        assert (record.user, record.seed, record.created_at, record.ended_at) == ("ada", 1 << 52, now, now)
        assert job.id == "80000000-0000-4000-8000-000000000000"


@pytest.mark.slow
def test_fresh_workers_do_the_same(tmp_path):
    with connect(home=tmp_path, worker_start="fresh") as engine:
        jobs = [engine.submit(BELL, shots=50, seed=1), engine.submit(BELL, shots=50, seed=1)]
        assert jobs[0].counts == jobs[1].counts
        job = running(engine.submit(SLOW, shots=SLOW_SHOTS))
        job.cancel()
        assert job.wait(10).status is JobStatus.CANCELLED
        assert engine.submit(BELL, shots=50, seed=1).counts == jobs[0].counts


def test_the_public_names_are_the_engines(engine):
    assert qjob.connect is connect
    assert qjob.Engine is Engine
    assert isinstance(engine.submit(BELL, shots=5), qjob.Job)

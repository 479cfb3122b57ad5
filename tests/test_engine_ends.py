"""The engine is closed, broken or used up: nothing leaks, nothing hangs, nothing is lost."""

import subprocess
import sys
import threading
import time

import psutil
import pytest

from offspring import Offspring
from qjob.engine import connect
from qjob.model.errors import WorkerError
from qjob.model.job import JobStatus
from qjob.store.sqlite import checkpoints

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
SLOW = HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;"
SLOW_SHOTS = 100_000


@pytest.fixture
def offspring():
    return Offspring()


@pytest.fixture
def own(tmp_path, offspring):  # noqa: ARG001 - which looks before this starts anything
    """One for a test that closes or breaks it."""
    with connect(home=tmp_path / "own", workers=1) as engine:
        yield engine


def running(job):
    end = time.monotonic() + 60
    while job.status is JobStatus.QUEUED:
        assert time.monotonic() < end
        time.sleep(0.005)
    return job


def test_an_engine_is_cheap_until_it_is_used(tmp_path, offspring):
    engine = connect(home=tmp_path / "home")
    assert not (tmp_path / "home").exists()
    threads = threading.active_count()
    assert engine.jobs() == []
    assert threading.active_count() == threads
    assert offspring.children() == []
    engine.close()
    engine.close()


def test_closing_does_not_wait_for_the_warm_up(own, offspring):
    own.prepare()
    while not offspring.children():
        time.sleep(0.005)
    begin = time.monotonic()
    own.close()
    assert time.monotonic() - begin < 0.5
    assert offspring.children() == []


def test_two_hundred_jobs_then_close_then_again(own, offspring):
    before = set(threading.enumerate())
    jobs = [own.submit(BELL, shots=5) for _ in range(200)]
    own.close()
    assert offspring.children() == []
    assert set(threading.enumerate()) <= before
    states = {job.status for job in jobs}  # used again, it opens again
    assert states <= {JobStatus.COMPLETED, JobStatus.FAILED}
    failed = [job for job in jobs if job.status is JobStatus.FAILED]
    assert {job.record.failure.code for job in failed} <= {"kernel_ended"}
    assert all(job.counts.shots == 5 for job in jobs if job.status is JobStatus.COMPLETED)
    assert jobs[-1].retry().counts.shots == 5


def test_who_waits_while_the_engine_closes_is_told(own):
    job = running(own.submit(SLOW, shots=SLOW_SHOTS))
    ends = []
    waiter = threading.Thread(target=lambda: ends.append(job.wait(30).status))
    waiter.start()
    while not own.feed.waiting:
        time.sleep(0.005)
    own.close()
    waiter.join(30)
    assert ends == [JobStatus.FAILED]


def test_a_closed_engine_keeps_no_descriptor_and_no_file(own):
    own.submit(BELL, shots=5).wait(60)
    own.close()
    before = psutil.Process().num_fds()
    for _ in range(3):
        own.submit(BELL, shots=5).wait(60)
        own.close()
    assert psutil.Process().num_fds() <= before
    assert sorted(path.name for path in own.settings.home.rglob("*") if path.is_file()) == ["qjob.sqlite"]


@pytest.mark.slow
def test_five_hundred_jobs_leak_nothing(own):
    own.submit(BELL, shots=5).wait(60)
    (log,) = (own.settings.home / "logs").iterdir()

    def kept():
        for thread in threading.enumerate():
            if thread.name == "qjob-checkpoint":
                thread.join(60)
        return psutil.Process().num_fds(), threading.active_count(), log.stat().st_size

    # a first checkpoint: SQLite keeps the descriptor of a connection that was closed for the next one
    own.store._db._checkpoints.written(checkpoints.CHANGES)
    before = kept()
    for _ in range(20):
        jobs = [own.submit(BELL, shots=5) for _ in range(25)]
        assert {job.wait(60).status for job in jobs} == {JobStatus.COMPLETED}
    assert kept() == before


def test_a_template_killed_while_idle(own, offspring):
    own.submit(BELL, shots=5).wait(60)
    (template,) = offspring.children()
    template.kill()
    while template.is_running() and template.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.005)
    assert own.submit(BELL, shots=5).wait(60).status is JobStatus.COMPLETED


def test_no_thread_to_be_had_stores_nothing(own, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    own.jobs()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(WorkerError):
        own.submit(BELL)
    assert own.jobs() == []


def test_logs_that_cannot_be_written_fail_the_job_with_the_reason(own):
    own.jobs()
    (own.settings.home / "logs").write_text("a file in the way")
    job = own.submit(BELL).wait(60)
    assert job.record.failure.code == "worker_error"
    assert "logs" in job.record.failure.reason


LONG_SCRIPT = """
import qjob
engine = qjob.connect()
text = '''OPENQASM 3.0; include "stdgates.inc"; qubit[13] q; bit[13] c; h q; c[0] = measure q[0];
if (c[0] == 1) { x q[1]; } c = measure q;'''
job = engine.submit(text, shots=100_000)
job.wait(0.3) if WAIT else None
END
"""


@pytest.mark.slow
@pytest.mark.parametrize("end", ["pass", "raise SystemExit", "1 / 0"])
@pytest.mark.parametrize("wait", [False, True], ids=["at once", "while it runs"])
def test_a_script_that_ends_with_a_job_in_hand_ends_cleanly_and_says_so(home, end, wait):
    code = LONG_SCRIPT.replace("END", end).replace(
        "job.wait(0.3) if WAIT else None",
        "import contextlib\nwith contextlib.suppress(TimeoutError): job.wait(1.5)" if wait else "",
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == (1 if end == "1 / 0" else 0), done.stderr
    assert "ended with what ran them: 1 (" in done.stderr
    assert "fault of qjob" not in done.stderr
    with connect(home=home) as engine:
        (job,) = engine.jobs()
        assert job.record.failure.code == "kernel_ended"


def test_a_job_without_a_word_from_its_worker_is_running_after_a_moment(home):
    text = """OPENQASM 3.0; include "stdgates.inc"; qubit[1] q; bit[1] c; x q[0]; c[0] = measure q[0];
    while (c[0] == 1) { c[0] = measure q[0]; }"""
    with connect(home=home) as engine:
        job = engine.submit(text, shots=1)
        end = time.monotonic() + 20
        while job.status == "QUEUED":
            assert time.monotonic() < end
            engine.feed.wait(engine.feed.tick, 1)
        assert job.status == "RUNNING"
        assert job.cancel()
        assert job.wait(10).record.started_at is not None

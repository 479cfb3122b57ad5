"""Several processes on one home: each sees, waits for and cancels the others' jobs; the dead are swept up after."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import qjob
from qjob.model.events import EventKind
from qjob.model.job import JobStatus

SUBMITTING = Path(__file__).parent / "execution" / "submitting.py"
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@contextmanager
def other_process(case):
    """Yield a process that has submitted, and the id of its job."""
    process = subprocess.Popen(
        [sys.executable, str(SUBMITTING), case], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        said = {}
        while "ready" not in said:
            name, value = process.stdout.readline().split()
            said[name] = value
        yield process, said["job"]
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def engine(home):
    with qjob.connect(home=home) as engine:
        yield engine


def test_each_sees_waits_for_and_cancels_the_others_job(engine):
    with other_process("running") as (process, job_id):
        job = engine.job(job_id)
        assert (job.status, job in engine.jobs()) == (JobStatus.RUNNING, True)
        begin = time.monotonic()
        assert job.cancel()
        assert job.wait(10).status is JobStatus.CANCELLED
        assert time.monotonic() - begin < 1.5  # 0.1 s on an idle machine
        assert process.poll() is None
        assert job.record.failure is None


@pytest.mark.slow
def test_waiting_for_another_processs_job(engine):
    with other_process("ignoring") as (_, job_id):
        assert sum(engine.job(job_id).counts.values()) == 300


@pytest.mark.parametrize(
    ("case", "status"), [("running", JobStatus.FAILED), ("cancelling", JobStatus.CANCELLED)]
)
def test_what_a_killed_process_leaves_behind_is_ended_by_who_opens_next(home, case, status):
    with other_process(case) as (process, job_id):
        process.kill()
        process.wait()
    with qjob.connect(home=home) as engine:
        job = engine.job(job_id)
        assert job.status is status
        failure = job.record.failure
        if status is JobStatus.FAILED:
            assert (failure.code, failure.transient) == ("kernel_ended", True)
            assert failure.remedy == f"Run it again: %qjob retry {job_id[:8]}"
        else:
            assert failure is None
        assert job.events()[-1].kind is EventKind[status.name]
        assert sorted(path.name for path in (home / "owners").iterdir()) == [f"{engine._open.owner.id}.lock"]


def test_who_waits_for_a_process_that_is_killed_is_told_within_seconds(engine):
    with other_process("running") as (process, job_id):
        job = engine.job(job_id)
        assert job.status is JobStatus.RUNNING
        process.kill()
        assert job.wait(10).status is JobStatus.FAILED


@pytest.mark.parametrize(
    "look", [lambda _, job: job.status, lambda engine, _: engine.jobs()[0].status], ids=["status", "list"]
)
def test_who_only_looks_sees_it_end_too(engine, look):
    with other_process("running") as (process, job_id):
        job = engine.job(job_id)
        assert job.status is JobStatus.RUNNING
        process.kill()
        process.wait()
        end = time.monotonic() + 10
        while look(engine, job) is not JobStatus.FAILED:
            assert time.monotonic() < end


def test_cancelling_the_job_of_a_dead_process_ends_it_at_once(engine):
    with other_process("running") as (process, job_id):
        assert engine.job(job_id).status is JobStatus.RUNNING
        process.kill()
        process.wait()
        assert engine.cancel(job_id)
        assert engine.job(job_id).status is JobStatus.CANCELLED


def test_a_living_processs_job_is_never_swept(engine):
    with other_process("running") as (_, job_id):
        for _ in range(3):
            engine.sweep()
        assert engine.job(job_id).status is JobStatus.RUNNING


# -- plain scripts -----------------------------------------------------------------------------------------------

SCRIPT = f"""
import qjob
engine = qjob.connect()
job = engine.submit({BELL!r}, shots=40)
print(sum(job.counts.values()))
"""

POOLED = f"""
import multiprocessing, os, qjob
engine = qjob.connect()
first = engine.submit({BELL!r}, shots=40)
first.wait()
def work(n):
    own = engine.submit({BELL!r}, shots=n)      # the inherited engine begins anew in the child
    return own.id, own.record.owner, own.record.seed, sum(own.counts.values()), first.status.value
with multiprocessing.get_context("fork").Pool(2) as pool:
    children = pool.map(work, [5, 6, 7])
second = engine.submit({BELL!r}, shots=40)
assert sum(second.counts.values()) == 40
assert second.record.owner == first.record.owner
assert len({{child[0] for child in children}} | {{first.id, second.id}}) == 5
assert len({{child[2] for child in children}} | {{first.record.seed, second.record.seed}}) == 5
assert first.record.owner not in {{child[1] for child in children}}
assert [child[3:] for child in children] == [(n, "COMPLETED") for n in (5, 6, 7)]
engine.close()
print("fine")
"""


def run(arguments, **kwargs):
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **kwargs,
    )


@pytest.mark.parametrize("start", ["fork", "fresh"])
@pytest.mark.parametrize("how", ["file", "stdin", "command"])
def test_a_script_without_a_guard_submits_once(home, tmp_path, monkeypatch, how, start):
    monkeypatch.setenv("QJOB_WORKER_START", start)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = {
        "file": lambda: run([str(script)]),
        "stdin": lambda: run(["-"], input=SCRIPT),
        "command": lambda: run(["-c", SCRIPT]),
    }[how]()
    assert (done.stdout, done.stderr, done.returncode) == ("40\n", "", 0)
    with qjob.connect(home=home) as engine:
        assert [job.status for job in engine.jobs()] == [JobStatus.COMPLETED]


@pytest.mark.slow
def test_a_pool_that_is_forked_afterwards_disturbs_nobody(home, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(POOLED)
    done = run(["-W", "ignore::DeprecationWarning", str(script)])  # of os.fork beside threads
    assert (done.stdout, done.stderr) == ("fine\n", "")
    with qjob.connect(home=home) as engine:
        assert {job.status for job in engine.jobs()} == {JobStatus.COMPLETED}
        assert len(engine.jobs()) == 5


def test_a_forked_child_does_not_keep_its_dead_parents_jobs_alive(home):
    script = f"""
import os, signal, sys, time, qjob
engine = qjob.connect()
job = engine.submit({BELL!r}, shots=40)
job.wait()
if os.fork() == 0:
    time.sleep(60)
    os._exit(0)
engine._opened().executor.close()
slow = engine.submit({BELL!r}, shots=40)
print(slow.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    job_id = process.stdout.readline().strip()
    process.wait()
    with qjob.connect(home=home) as engine:
        assert engine.job(job_id).record.failure.code == "kernel_ended"
    os.killpg(process.pid, 9)
    process.stdout.close()

"""Durable jobs while workers, and those who submitted, are killed and frozen: all of it real."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import poison
from durable_lab import BELL, SHOTS, SLOW, codes, lab_at, until
from qjob.model.job import JobStatus
from qjob.store.leases import LEASE

S = JobStatus
RESUMED = 0.7 * LEASE
"""Seconds from the death of a worker until another one is at its job: two or three, or more where the machine is
busy, but not as long as it takes where nobody notices before the lease is over."""


def test_a_durable_job_runs_in_a_worker_that_begins_by_itself(durable_anywhere):
    job = durable_anywhere.submit(BELL, shots=1000)
    assert job.wait(30).status is S.COMPLETED
    assert dict(job.counts) == dict(durable_anywhere.engine.submit(BELL, shots=1000, seed=7).counts)
    assert codes(job) == [None]
    assert durable_anywhere.kinds(job) == ["accepted", "attempt", "running", "completed"]


# -- killed --------------------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_replaced_and_loses_a_chunk_at_the_most(
    durable_anywhere, uninterrupted, record_property
):
    lab = durable_anywhere
    job = lab.half_done()
    worker, progress = lab.holder(job), lab.store.snapshot(job.id).progress.shots_done
    os.kill(worker, signal.SIGKILL)
    killed = time.monotonic()
    until(lambda: len(job.attempts()) == 2, what="a second attempt")
    resumed = time.monotonic() - killed
    first, second = job.attempts()
    kept = lab.checkpoint(job)
    assert job.wait(60).status is S.COMPLETED
    assert dict(job.counts) == uninterrupted
    assert codes(job) == ["lease_lost", None]
    assert lab.kinds(job) == [
        *("accepted", "attempt", "running", "retrying", "attempt"),
        *(["running"] * (lab.kinds(job).count("running") - 1)),
        "completed",
    ]
    seconds = (first.ended_at - first.began_at).total_seconds()
    a_second = progress / max(seconds, 1.0)
    assert kept >= second.shots > 0
    assert progress - second.shots <= 1.5 * a_second
    assert resumed < RESUMED
    record_property("resumed", round(resumed, 2))
    print(
        f"resumed after {resumed:.2f} s at shot {second.shots} of {progress} seen before, {a_second:.0f} a second"
    )


def test_nothing_of_a_killed_worker_lives_on(durable):
    job = durable.half_done()
    worker = durable.holder(job)
    below = psutil.Process(worker).children(recursive=True)
    assert below
    os.kill(worker, signal.SIGKILL)
    _, left = psutil.wait_procs(below, 5)
    assert not left
    assert job.wait(60).status is S.COMPLETED


SUBMIT = """
import sys
from qjob.engine import Engine
from qjob.settings import load_settings
import os
import signal
# who runs the tests in the background may have had these ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
engine = Engine(load_settings(os.environ))
marked = open(sys.argv[3], "w")
os.set_inheritable(marked.fileno(), True)
print(engine.submit(sys.argv[1], shots=int(sys.argv[2]), seed=7, mode="durable").id, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def submitter(durable, tmp_path):
    """A process that leads a group and a session of its own, as a kernel does, and has submitted the slow circuit."""
    process = durable.popen(
        [sys.executable, "-c", SUBMIT, SLOW, str(SHOTS), str(tmp_path / "marked")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.job = process.stdout.readline().strip()
    assert process.job
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_ends_a_kernel_and_its_group_does_not_reach_the_job(durable, submitter, uninterrupted, number):
    job = durable.engine.job(submitter.job)
    worker = durable.holder(job)
    os.killpg(submitter.pid, number)
    submitter.wait(20)
    assert job.wait(60).status is S.COMPLETED
    assert dict(job.counts) == uninterrupted
    assert codes(job) == [None]
    assert durable.pids() == {worker}


def test_a_worker_has_nothing_of_the_kernel_that_started_it(durable, submitter, tmp_path):
    worker = durable.holder(durable.engine.job(submitter.job))
    assert os.getsid(worker) not in (os.getsid(submitter.pid), os.getsid(0))
    assert os.getpgid(worker) not in (os.getpgid(submitter.pid), os.getpgid(0))
    assert submitter.pid not in [each.pid for each in psutil.Process(worker).parents()]
    links = {int(link.name): str(link.readlink()) for link in Path(f"/proc/{worker}/fd").iterdir()}
    theirs = {str(Path(f"/proc/{submitter.pid}/fd/{number}").readlink()) for number in (0, 1)}
    assert links[0] == os.devnull
    assert links[1] == links[2] == str(durable.home / "logs" / "worker-start.log")
    assert not {str(tmp_path / "marked"), *theirs} & set(links.values())
    assert not [link for link in links.values() if link.startswith("/dev/pts")]


def test_a_script_that_ends_right_after_its_submission_has_a_worker_all_the_same(durable):
    script = SUBMIT.replace("sys.stdin.read()", "engine.close()")
    done = durable.popen(
        [sys.executable, "-c", script, BELL, "100", os.devnull], stdout=subprocess.PIPE, text=True
    )
    job_id = done.communicate(timeout=30)[0].strip()
    from datetime import UTC, datetime

    from qjob.store.store import Store

    store = Store.of(durable.settings, lambda: datetime.now(UTC))  # an engine would start a worker of its own
    try:
        until(lambda: store.job(job_id).status.ended, 30, "its end")
        assert store.job(job_id).status is S.COMPLETED
    finally:
        store.close()


# -- poison --------------------------------------------------------------------------------------------------------


@pytest.fixture
def poisoned(home, tmp_path, monkeypatch):
    """A lab whose workers know two backends that end processes; three attempts are enough."""
    folder = tmp_path / "site"
    folder.mkdir()
    poison.install(folder)
    home.mkdir()
    (home / "backends.toml").write_text(poison.CATALOGUE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    with lab_at(home, attempts=3) as lab:
        yield lab


def test_a_job_that_ends_every_simulator_is_parked_and_the_worker_goes_on(poisoned):
    before = poisoned.submit()
    bad = poisoned.submit(backend="poison-simulator")
    worker = poisoned.holder(bad)
    assert bad.wait(60).status is S.FAILED
    assert codes(bad) == ["worker_killed"] * 3
    failure = bad.record.failure
    assert failure.code == "worker_killed"
    assert failure.reason.startswith("Given up after 3 attempts in ")
    assert failure.remedy == f"Run it again: %qjob retry {bad.id[:8]}"
    after = poisoned.submit()
    assert {before.wait(30).status, after.wait(30).status} == {S.COMPLETED}
    assert poisoned.pids() == {worker}


def test_a_job_that_ends_every_worker_is_parked_and_others_run(poisoned):
    bad = poisoned.submit(backend="poison-worker")
    others = [poisoned.submit(shots=100 + number) for number in range(3)]
    assert bad.wait(90).status is S.FAILED
    assert codes(bad) == ["lease_lost"] * 3
    failure = bad.record.failure
    assert failure.code == "lease_lost"
    assert failure.reason.startswith("Given up after 3 attempts in ")
    assert failure.remedy == f"Run it again: %qjob retry {bad.id[:8]}"
    assert {job.wait(60).status for job in others} == {S.COMPLETED}
    assert len({one.worker for one in bad.attempts()}) == 3


# -- several workers -----------------------------------------------------------------------------------------------


def test_two_workers_take_different_jobs(durable_anywhere):
    lab = durable_anywhere
    workers = {lab.worker().pid, lab.worker().pid}
    jobs = [lab.submit(SLOW, shots=300), lab.submit(SLOW, shots=300)]
    assert {lab.holder(job) for job in jobs} == workers
    assert [job.wait(60).status for job in jobs] == [S.COMPLETED] * 2
    assert [codes(job) for job in jobs] == [[None], [None]]


def test_a_frozen_worker_that_wakes_up_writes_nothing_and_goes_on_with_other_jobs(
    durable_anywhere, uninterrupted
):
    lab = durable_anywhere
    frozen = lab.worker().pid
    job = lab.half_done()
    os.kill(frozen, signal.SIGSTOP)
    other = lab.worker().pid
    stopped = time.monotonic()
    until(lambda: len(job.attempts()) == 2, what="a second attempt")
    assert time.monotonic() - stopped < LEASE + 5
    lost = job.attempts()[0]
    assert (lost.failure.code, lost.worker.endswith(f":{frozen}")) == ("lease_lost", True)
    os.kill(
        frozen, signal.SIGCONT
    )  # its simulator had gone on: its news and perhaps its result are there to be told
    until(lambda: not lab.simulators(frozen) or not _busy(lab, frozen), what="the old one's letting go")
    assert job.wait(60).status is S.COMPLETED
    assert dict(job.counts) == uninterrupted
    assert job.attempts()[0] == lost
    assert codes(job) == ["lease_lost", None]
    assert lab.kinds(job).count("completed") == 1
    (ours,) = [one for one in lab.live() if one.pid == other]
    lab.store.ask_worker(ours.id, "drain")
    until(lambda: lab.pids() == {frozen}, what="the other one's end")
    again = lab.submit()
    assert again.wait(30).status is S.COMPLETED
    assert again.attempts()[0].worker.endswith(f":{frozen}")


def _busy(lab, pid):
    return [one.jobs for one in lab.live() if one.pid == pid] != [0]


WORK = """
import os, sys
from qjob.execution.working import work
from qjob.settings import load_settings
print(work(load_settings(os.environ), alone=sys.argv[1] == "alone", quiet=float(sys.argv[2])))
"""


def test_a_worker_that_is_only_wanted_alone_ends_where_there_is_one(durable):
    first = durable.worker()
    second = durable.popen([sys.executable, "-c", WORK, "alone", "60"], stdout=subprocess.PIPE, text=True)
    assert second.communicate(timeout=30)[0] == "False\n"
    assert durable.pids() == {first.pid}


def test_a_quiet_worker_ends_by_itself_but_not_while_a_job_runs(durable):
    worker = durable.popen([sys.executable, "-c", WORK, "alone", "0.5"], stdout=subprocess.PIPE, text=True)
    until(durable.pids, what="a worker")
    job = durable.submit(SLOW, shots=150)
    assert job.wait(30).status is S.COMPLETED
    assert job.attempts()[0].worker.endswith(f":{worker.pid}")
    assert worker.communicate(timeout=20)[0] == "True\n"
    (row,) = durable.store.workers("ada")
    assert row.ended_at is not None

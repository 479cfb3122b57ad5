"""Durable jobs while workers are stopped and drained, and while something around them is wrong: all of it real."""

import os
import resource
import signal
import subprocess
import time
from datetime import timedelta

import psutil
import pytest

import poison
from durable_lab import COMMAND, SHOTS, codes, until
from qjob.model.job import JobStatus

S = JobStatus


# -- stop and drain ------------------------------------------------------------------------------------------------


def asked(lab, what):
    """Return what ``qjob worker`` with an argument prints."""
    done = subprocess.run(
        [*COMMAND, what], env=lab.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_stop_gives_jobs_back_and_they_go_on(durable_anywhere, uninterrupted):
    lab = durable_anywhere
    job = lab.half_done()
    worker = lab.holder(job)
    for one in lab.simulators(worker):
        one.suspend()  # so that it does not end before the command has begun
    assert f":{worker}" in asked(lab, "--status")
    assert "ended" in asked(lab, "--stop")
    until(lambda: not alive(worker), 5, "the end of its process")
    record = job.record
    assert (record.status, record.owner) == (S.QUEUED, None)
    assert codes(job) == ["given_back"]
    time.sleep(1.5)  # longer than the engine's keeper needs to look: who stopped it wants none
    assert lab.pids() == set()
    lab.worker()
    assert job.wait(60).status is S.COMPLETED
    assert dict(job.counts) == uninterrupted
    assert codes(job) == ["given_back", None]
    assert job.attempts()[1].shots > 0


def test_after_a_stop_a_new_job_begins_a_worker_again(durable):
    durable.submit().wait(30)
    asked(durable, "--stop")
    assert durable.submit().wait(30).status is S.COMPLETED


def test_drain_lets_what_runs_end_and_takes_nothing_more(durable):
    worker = durable.worker()
    job = durable.half_done(300)
    running = durable.simulators(worker.pid)
    for one in running:
        one.suspend()
    assert "takes up nothing more" in asked(durable, "--drain")
    time.sleep(1.5)  # it looks once a second
    for one in running:
        one.resume()
    late = durable.submit()
    assert job.wait(60).status is S.COMPLETED
    worker.wait(20)
    assert codes(job) == [None]
    assert late.wait(60).status is S.COMPLETED
    assert not late.attempts()[0].worker.endswith(f":{worker.pid}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_by_a_signal_gives_its_jobs_back(durable, number):
    worker = durable.worker()
    job = durable.half_done(400)
    worker.send_signal(number)
    assert worker.wait(20) == 0
    assert codes(job)[0] == "given_back"
    if number == signal.SIGINT:  # by hand, as `qjob worker --stop`: nobody starts another one for this job
        assert durable.store.staff("ada").last.asked == "stop"
        durable.worker()
    assert job.wait(60).status is S.COMPLETED


# -- what is wrong around it ---------------------------------------------------------------------------------------


def test_a_job_goes_on_once_a_full_disk_has_room_again(durable, uninterrupted):
    job = durable.half_done()
    worker = durable.holder(job)
    before = durable.checkpoint(job)
    soft, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, hard))  # whatever it writes is refused by the system
    progress = durable.store.snapshot(job.id).progress
    below = until(lambda: durable.simulators(worker), what="its simulator")
    until(
        lambda: all(one.cpu_times().user < 0.02 for one in below) or _idle(below), what="the simulation's end"
    )
    assert durable.store.job(job.id).status is S.RUNNING
    assert durable.store.snapshot(job.id).progress == progress
    assert durable.checkpoint(job) == before
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (soft, hard))
    assert job.wait(60).status is S.COMPLETED
    assert dict(job.counts) == uninterrupted


def _idle(processes):
    before = [one.cpu_times().user for one in processes]
    time.sleep(0.5)
    return before == [one.cpu_times().user for one in processes]


def test_a_backend_that_the_worker_does_not_know_is_tried_again_later(durable):
    catalogue = durable.home / "backends.toml"
    durable.home.mkdir()
    catalogue.write_text(poison.ROW.format(slug="mine", adapter="aer"))
    assert durable.engine.catalogue.get("mine")
    row = catalogue.read_text()
    catalogue.unlink()
    worker = durable.worker()
    job = durable.submit(backend="mine")
    until(lambda: codes(job) == ["unknown_backend"], what="a failed attempt")
    assert job.status is S.QUEUED
    (retrying,) = [entry.data for entry in durable.store.log(job.id) if entry.kind == "retrying"]
    assert 30 <= retrying["seconds"] <= 60
    assert f"the worker {job.attempts()[0].worker}: " in retrying["reason"]
    assert "mine" in retrying["reason"]
    catalogue.write_text(row)
    _due_now(durable, job)
    assert job.wait(30).status is S.COMPLETED
    assert worker.poll() is None


def test_an_adapter_that_the_worker_lacks_is_missed_by_its_name(durable):
    durable.home.mkdir()
    catalogue = durable.home / "backends.toml"
    catalogue.write_text(poison.ROW.format(slug="mine", adapter="aer"))
    assert durable.engine.catalogue.get("mine")
    catalogue.write_text(poison.ROW.format(slug="mine", adapter="elsewhere"))
    durable.worker()
    job = durable.submit(backend="mine")
    until(lambda: codes(job) == ["adapter_missing"], what="a failed attempt")
    failure = job.attempts()[0].failure
    assert "elsewhere" in failure.reason
    assert failure.remedy
    assert job.status is S.QUEUED


def test_a_job_whose_row_cannot_be_read_fails_alone(durable):
    durable.worker()
    durable.store.ask_worker(durable.live()[0].id, "drain")
    until(lambda: not durable.pids(), what="the worker's end")
    good, bad = durable.submit(), None
    assert good.wait(30).status is S.COMPLETED
    worker = durable.pid()
    os.kill(worker, signal.SIGSTOP)
    bad, good = durable.submit(), durable.submit()
    with durable.store._db.write() as connection:
        connection.execute("UPDATE jobs SET work = '{}' WHERE id = ?", (bad.id,))
    os.kill(worker, signal.SIGCONT)
    assert good.wait(30).status is S.COMPLETED
    assert bad.wait(60).status is S.FAILED
    assert set(codes(bad)) == {"executor_error"}
    assert durable.pids() == {worker}


def _due_now(lab, job):
    """Let a job's pause be over."""
    with lab.store._db.write() as connection:
        connection.execute("UPDATE jobs SET due_at = 0 WHERE id = ?", (job.id,))


SHIFT = """
import datetime, time
seconds, real = {seconds}, time.time
time.time = lambda: real() + seconds
class Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)
datetime.datetime = Shifted
"""


@pytest.mark.parametrize(
    ("durable_anywhere", "hours"), [("sqlite", 1), ("postgres", -1)], indirect=["durable_anywhere"]
)
def test_a_wall_clock_that_is_wrong_by_an_hour_changes_no_lease(
    durable_anywhere, tmp_path, uninterrupted, hours
):
    lab = durable_anywhere
    (tmp_path / "sitecustomize.py").write_text(SHIFT.format(seconds=hours * 3600))
    path = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
    wrong = lab.worker(environ={"PYTHONPATH": path})
    job = lab.half_done()
    simulators = lab.simulators(wrong.pid)
    for one in simulators:
        one.suspend()  # so that the job is not over before there is somebody who could take it
    lab.worker()
    for one in simulators:
        one.resume()
    until(lambda: (lab.checkpoint(job) or SHOTS) > SHOTS * 0.6, what="the middle")
    (attempt,) = job.attempts()
    assert abs(attempt.began_at - job.record.created_at) > timedelta(minutes=59)
    wrong.kill()
    assert job.wait(60).status is S.COMPLETED
    assert dict(job.counts) == uninterrupted
    assert codes(job) == ["lease_lost", None]

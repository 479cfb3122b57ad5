"""Durable jobs at a service, whose workers die, change and lack things: each has one task, and that one is paid."""

import os
import signal
from collections import Counter
from decimal import Decimal

import pytest

import serving
from durable_lab import BELL, codes, lab_at, until
from qjob.model.job import JobStatus

S = JobStatus


class Served:
    """A lab whose workers talk to a service, and the files that are its tasks."""

    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        (folder / "first").write_text("queued 7")
        (folder / "log").touch()

    def submit(self):
        return self.lab.submit(BELL, backend="server", shots=20)

    def set(self, job, state, task=1):
        serving.write(self.folder / f"{job.id}-{task}.task", state)

    def created(self):
        """How often a task was made for each job."""
        lines = (self.folder / "log").read_text().splitlines()
        return Counter(line.split()[1][:36] for line in lines if line.startswith("create "))

    def due(self, job):
        """Let a job's pause be over."""
        with self.lab.store._db.write() as connection:
            connection.execute("UPDATE jobs SET due_at = 0 WHERE id = ?", (job.id,))


@pytest.fixture
def served(home, tmp_path, monkeypatch):
    site, service = tmp_path / "site", tmp_path / "service"
    for folder in (site, service, home):
        folder.mkdir()
    serving.install(site)
    (home / "backends.toml").write_text(serving.CATALOGUE)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=":")
    monkeypatch.setenv("QJOB_TEST_SERVICE", str(service))
    with lab_at(home, attempts=2) as lab:
        lab.engine.limits(user_per_minute=1000)
        yield Served(lab, service)
        assert lab.engine.audit().ok


def test_a_task_outlives_any_number_of_workers_and_is_paid_once(served):
    job = served.submit()
    until(lambda: job.record.remote_id, what="a task")
    for number in range(2, 6):  # more often than attempts that get no further are allowed
        os.kill(served.lab.holder(job), signal.SIGKILL)
        served.lab.worker()  # as soon as it can; an engine would start the third in a row only after a while
        until(lambda: codes(job)[-1] == "lease_lost", what="the loss")
        served.due(job)  # else ten minutes later, where none got any further
        until(lambda number=number: len(job.attempts()) == number, what="another attempt")
    served.set(job, "running")
    until(lambda: job.status is S.RUNNING)
    served.set(job, "done")
    assert job.wait(30).status is S.COMPLETED
    assert codes(job) == ["lease_lost"] * 4 + [None]
    assert served.created() == {job.id: 1}
    assert job.cost == Decimal("0.50")
    assert served.lab.engine.budget().held == 0


def test_a_worker_that_dies_right_after_the_task_was_made_leaves_one(served):
    (served.folder / "hang").touch()  # the service has made it, and does not answer
    job = served.submit()
    until(served.created, what="a task")
    os.kill(served.lab.holder(job), signal.SIGKILL)
    (served.folder / "hang").unlink()
    until(lambda: job.record.remote_id, what="its name")
    served.set(job, "done")
    assert job.wait(30).status is S.COMPLETED
    assert served.created() == {job.id: 1}


@pytest.mark.parametrize("lacks", ["row", "adapter"])
def test_a_worker_that_lacks_something_makes_no_second_task_and_gives_nothing_up(served, lacks):
    job = served.submit()
    until(lambda: job.record.remote_id, what="a task")
    row = '[[backend]]\nslug = "server"\n'
    catalogue = served.lab.home / "backends.toml"
    known = catalogue.read_text()
    catalogue.write_text(
        "" if lacks == "row" else known.replace('adapter = "serving"', 'adapter = "elsewhere"')
    )
    assert row in known
    os.kill(served.lab.holder(job), signal.SIGKILL)
    code = {"row": "unknown_backend", "adapter": "adapter_missing"}[lacks]
    until(lambda: codes(job)[-1:] == [code], what="a failed attempt")
    for number in range(2):  # more than two are not allowed
        served.due(job)
        until(lambda number=number: codes(job).count(code) == number + 2, what="another failed attempt")
    assert not job.status.ended
    catalogue.write_text(known)
    served.set(job, "done")
    served.due(job)
    assert job.wait(30).status is S.COMPLETED
    assert served.created() == {job.id: 1}


def test_a_cancel_while_no_worker_is_there_reaches_the_task(served):
    job = served.submit()
    until(lambda: job.record.remote_id, what="a task")
    worker = served.lab.holder(job)
    os.kill(worker, signal.SIGSTOP)
    job.cancel()
    os.kill(worker, signal.SIGKILL)
    assert job.wait(30).status is S.CANCELLED
    assert (served.folder / f"{job.id}-1.task").read_text() == "cancelled"
    assert served.lab.engine.budget().held == 0


def test_a_stop_leaves_the_task_alone(served):
    job = served.submit()
    until(lambda: job.record.remote_id, what="a task")
    (worker,) = served.lab.live()
    served.lab.store.ask_worker(worker.id, "stop")
    until(lambda: not served.lab.live(), what="its end")
    assert codes(job) == ["given_back"]
    assert not job.status.ended
    served.lab.worker()
    served.set(job, "done")
    assert job.wait(30).status is S.COMPLETED
    assert served.created() == {job.id: 1}

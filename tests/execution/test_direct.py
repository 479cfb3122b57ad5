"""The door to the executor, from many threads, and what happens when something unforeseen does."""

import threading
import time

import psutil
import pytest

from qjob.execution.direct import DirectExecutor
from qjob.execution.feed import Feed
from qjob.execution.pool import TemplateSpawner
from qjob.model.errors import WorkerError
from qjob.model.job import JobStatus


class Door:
    """An executor, with the lab whose runner it drives."""

    def __init__(self, lab):
        self.lab = lab
        self.feed = Feed()
        self.executor = DirectExecutor(lab.runner, self.feed)

    def submit(self, **kwargs):
        order = self.lab.accept(**kwargs)
        self.executor.submit(order)
        return order.job_id

    def wait(self, *job_ids, seconds=60):
        """Wait for the ends of jobs by the feed alone."""
        self.until(self.lab.ended(*job_ids), seconds)
        return [self.lab.status(job_id) for job_id in job_ids]

    def until(self, happens, seconds=60):
        tick, end = self.feed.tick, time.monotonic() + seconds
        while not happens():
            before, tick = tick, self.feed.wait(tick, seconds)
            assert tick != before, "no news"
            assert time.monotonic() < end, "it never happened"


@pytest.fixture
def make_door(make_lab):
    made = []

    def make(*, begin=True, **kwargs):
        made.append(Door(make_lab(**kwargs)))
        if begin:
            made[-1].executor.begin()
        return made[-1]

    yield make
    for door in made:
        door.executor.close()


@pytest.fixture(autouse=True)
def quiet(caplog):
    """What the executor logs about surprises is kept from the test's own output, and can be looked at."""
    return caplog


def executor_threads():
    return [thread for thread in threading.enumerate() if thread.name == "qjob-executor"]


def test_the_feed_tells_of_a_jobs_end(make_door):
    door = make_door()
    assert door.wait(door.submit()) == [JobStatus.COMPLETED]


def test_many_threads_submit_at_once(make_door):
    door = make_door(workers=2)
    jobs, gate = [], threading.Barrier(8)

    def submit():
        gate.wait()
        jobs.extend(door.submit(shots=5) for _ in range(5))

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(jobs)) == 40
    assert set(door.wait(*jobs)) == {JobStatus.COMPLETED}
    assert len(executor_threads()) == 1
    for job in jobs:
        assert door.lab.kinds(job) == ["accepted", "running", "completed"]


def test_close_ends_thread_workers_and_descriptors_and_leaves_jobs_as_they_are(
    make_door, slow_task, processes
):
    before = psutil.Process().num_fds()
    door = make_door()
    work = slow_task().request
    job = door.submit(text=work.program.data.decode(), shots=work.shots)
    door.until(door.lab.has(JobStatus.RUNNING, job))
    door.executor.close()
    assert processes() == []
    assert executor_threads() == []
    assert door.lab.status(job) is JobStatus.RUNNING
    door.executor.submit(door.lab.accept())  # harmless: nobody is left to run it
    door.executor.prepare()
    door.executor.cancels_asked()
    door.executor.close()
    assert executor_threads() == []
    door.lab.store.close()
    assert psutil.Process().num_fds() <= before


def test_an_executor_that_never_began_leaves_nothing(make_lab):
    before = psutil.Process().num_fds()
    lab = make_lab()
    DirectExecutor(lab.runner, Feed()).close()
    lab.store.close()
    assert psutil.Process().num_fds() <= before


def test_no_thread_to_be_had(make_lab, monkeypatch):
    executor = DirectExecutor(make_lab().runner, Feed())

    def refuse(_):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(WorkerError, match="can't start new thread"):
            executor.begin()
    executor.begin()
    assert len(executor_threads()) == 1
    executor.close()


def test_warming_up_that_fails_is_told_to_the_first_job(make_door):
    def start():
        raise WorkerError("no process left.")

    door = make_door(start=start)
    door.executor.prepare()
    job = door.submit()
    assert door.wait(job) == [JobStatus.FAILED]
    assert door.lab.store.job(job).failure.reason == "no process left."


@pytest.mark.parametrize("where", ["start", "spawn", "kill", "reap"])
def test_a_surprise_fails_the_jobs_in_hand_and_the_next_ones_run(
    make_door, monkeypatch, slow_task, where, caplog
):
    def surprise(*_):
        if where != "start":
            monkeypatch.undo()
        raise ZeroDivisionError("a surprise")

    def start():
        if where == "start" and door.lab.starts == 1:
            surprise()
        return TemplateSpawner(door.lab.home, door.lab.home / "workers.log")

    if where != "start":
        monkeypatch.setattr(TemplateSpawner, where, surprise)
    door = make_door(start=start, begin=False)
    work = slow_task().request
    jobs = [door.submit(text=work.program.data.decode(), shots=work.shots) for _ in range(2)]
    door.executor.begin()
    if where in ("kill", "reap"):
        door.until(door.lab.has(JobStatus.RUNNING, jobs[0]))
        if where == "kill":
            door.lab.store.move(jobs[0], JobStatus.CANCELLING)
            door.executor.cancels_asked()
        else:
            door.lab.workers()[0].kill()
    states = door.wait(*jobs)
    assert states[1] is JobStatus.FAILED
    failure = door.lab.store.job(jobs[1]).failure
    assert (failure.code, failure.transient) == ("executor_error", True)
    assert "a surprise" in failure.reason
    assert "ZeroDivisionError" in caplog.text
    assert door.wait(door.submit()) == [JobStatus.COMPLETED]


def test_an_interrupt_while_waking_does_not_put_the_executor_to_sleep(make_door, monkeypatch):
    door = make_door()

    class Interrupted:
        def send(self, _):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(door.executor, "_wake_write", Interrupted())
        with pytest.raises(KeyboardInterrupt):
            door.submit()
    assert door.wait(door.submit()) == [JobStatus.COMPLETED]


def test_who_hands_over_a_job_that_was_cancelled_before_is_told_of_its_end(make_door):
    door = make_door()
    order = door.lab.accept()
    door.lab.store.move(order.job_id, JobStatus.CANCELLING)
    busy = door.submit()  # cancels are looked for while there is work
    door.executor.cancels_asked()
    door.until(door.lab.has(JobStatus.CANCELLED, order.job_id))
    door.executor.submit(order)
    door.until(lambda: not door.executor.holds(order.job_id))
    assert door.lab.kinds(order.job_id) == ["accepted", "cancelling", "cancelled"]
    door.wait(busy)

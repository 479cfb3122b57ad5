"""Which jobs wait inside a worker, and what becomes of them when it does not get there."""

import os
import signal
from itertools import pairwise

import pytest

from qjob.backends.base import Needs
from qjob.execution.hands import AHEAD, SMALL, TINY_PROGRAM, TINY_SECONDS, Hands, Order
from qjob.execution.runner import Runner
from qjob.model.job import JobStatus

COMPLETED, FAILED, CANCELLED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED
QUEUED, RUNNING, CANCELLING = JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING
TINY = Needs(0, TINY_SECONDS)


@pytest.mark.parametrize(
    ("needs", "text", "tiny"),
    [
        (TINY, "", True),
        (Needs(SMALL - 1, 0.0), "", True),
        (Needs(SMALL, 0.0), "", False),
        (Needs(None, 0.0), "", False),
        (Needs(0, None), "", False),
        (Needs(0, TINY_SECONDS * 1.1), "", False),
        (TINY, " " * TINY_PROGRAM, False),
    ],
)
def test_what_is_tiny(make_task, needs, text, tiny):
    task = make_task()
    assert Order(make_task(task.request.program.data.decode() + text), needs).tiny is tiny


def test_the_worker_with_the_fewest_gets_the_next(make_task):
    hands, orders = Hands(), [Order(make_task(), TINY) for _ in range(5)]
    assert hands.room_for(orders[0]) is None  # nobody works
    assert hands.give("a", orders[0])
    assert not hands.give("a", orders[1])
    assert hands.give("b", orders[2])
    assert hands.room_for(orders[3]) == "b"
    hands.closing.add("b")
    assert hands.room_for(orders[3]) == "a"
    assert hands.holder(orders[1].job_id) == "a"
    assert hands.finish("a") == orders[1]
    assert hands.finish("a") is None
    assert (hands.idle, len(hands), list(hands.orders())) == (["a"], 1, [orders[2]])


def test_no_worker_holds_more_than_its_share_nor_anything_behind_a_longer_job(make_task):
    hands = Hands()
    for _ in range(AHEAD):
        hands.give("a", Order(make_task(), TINY))
    hands.give("b", Order(make_task(), Needs(0, 1.0)))
    assert hands.room_for(Order(make_task(), TINY)) is None
    assert hands.room_for(Order(make_task(), Needs(0, 1.0))) is None
    hands.finish("a")
    assert hands.room_for(Order(make_task(), TINY)) == "a"
    assert hands.room_for(Order(make_task(), Needs(0, 1.0))) is None


# -- with real workers -------------------------------------------------------------------------------------------


def add_tiny(lab, count=1):
    return [lab.add(seconds=TINY_SECONDS) for _ in range(count)]


def test_tiny_jobs_run_one_after_the_other_in_one_worker(lab):
    jobs = add_tiny(lab, 2 * AHEAD + 3)
    lab.step()
    assert len(list(lab.runner._hands.orders())) == AHEAD
    lab.drive(lab.ended(*jobs))
    records = [lab.store.job(job) for job in jobs]
    assert {record.status for record in records} == {COMPLETED}
    assert all(lab.kinds(job) == ["accepted", "running", "completed"] for job in jobs)
    for before, after in pairwise(records):
        assert before.started_at <= after.started_at
    assert len(lab.workers()) == 1


@pytest.fixture
def behind(lab):
    """A job that is at work, much longer than it was thought to be, and two behind it in its worker."""
    jobs = [lab.add_slow(seconds=TINY_SECONDS), *add_tiny(lab, 2)]
    lab.drive(lab.has(RUNNING, jobs[0]))
    assert lab.has(QUEUED, *jobs[1:])()
    assert len({lab.runner._hands.holder(job) for job in jobs}) == 1
    return jobs


def test_a_job_ahead_is_cancelled_and_what_its_worker_did_begins_again(lab, behind):
    lab.store.move(behind[1], CANCELLING)
    lab.runner.step(look_for_cancels=True)
    assert [lab.status(job) for job in behind] == [RUNNING, CANCELLED, QUEUED]
    lab.store.move(behind[0], CANCELLING)
    lab.runner.step(look_for_cancels=True)
    lab.drive(lab.ended(*behind))
    assert [lab.status(job) for job in behind] == [CANCELLED, CANCELLED, COMPLETED]
    assert not lab.runner.busy
    assert not lab.runner._cancelled_early


def test_a_killed_worker_fails_the_job_it_worked_at_alone(lab, behind):
    (worker,) = lab.workers()
    os.kill(worker.pid, signal.SIGKILL)
    lab.drive(lab.ended(*behind))
    assert [lab.status(job) for job in behind] == [FAILED, COMPLETED, COMPLETED]
    assert lab.store.job(behind[0]).failure.code == "worker_killed"


def test_an_executor_that_gives_up_fails_all_of_them(lab, behind):
    lab.runner.abandon(ValueError("no"))
    lab.step()
    assert lab.has(FAILED, *behind)()


def test_an_order_that_a_worker_holds_is_not_taken_twice(lab, behind):
    runner: Runner = lab.runner
    for order in list(runner._hands.orders()):
        runner.add(order)
    assert not runner._waiting
    assert lab.has(QUEUED, *behind[1:])()

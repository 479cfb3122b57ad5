"""Which jobs a worker holds together, and what becomes of them when it does not get to their end."""

import os
import signal

import pytest

from qjob.backends.base import Needs
from qjob.execution.hands import SHARE, SMALL, TINY_PROGRAM, TINY_SECONDS, Hands, Order
from qjob.execution.runner import LINGER
from qjob.model.job import JobStatus

COMPLETED, FAILED, CANCELLED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED
QUEUED, RUNNING, CANCELLING = JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.CANCELLING
TINY, LONGER = Needs(0, TINY_SECONDS), Needs(0, 1.0)


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
    order = Order(make_task(task.request.program.data.decode() + text), needs)
    assert order.tiny is tiny
    assert not order.alone().tiny


def test_the_worker_with_the_fewest_gets_the_next(make_task):
    hands, orders = Hands(), [Order(make_task(), TINY) for _ in range(5)]
    assert hands.room_for(orders[0]) is None  # nobody works
    hands.give("a", orders[0])
    assert not hands.shared
    hands.give("a", orders[1])
    assert hands.shared
    hands.give("b", orders[2])
    assert hands.room_for(orders[3]) == "b"
    hands.closing.add("b")
    assert hands.room_for(orders[3]) == "a"
    assert hands.holder(orders[1].job_id) == "a"
    hands.finish("a", orders[1].job_id)
    assert (hands.idle, len(hands)) == ([], 2)
    hands.finish("a", orders[0].job_id)
    assert (hands.idle, len(hands), list(hands.orders())) == (["a"], 1, [("b", orders[2])])
    assert hands.tiny
    assert hands.take_back("b") == [orders[2]]
    assert hands.holder(orders[2].job_id) is None
    hands.give("a", Order(make_task(), LONGER))
    assert not hands.tiny


def test_no_worker_holds_more_than_its_share_nor_anything_beside_a_longer_job(make_task):
    hands, many = Hands(), [Order(make_task(), TINY) for _ in range(SHARE)]
    for order in many:
        hands.give("a", order)
    hands.give("b", Order(make_task(), LONGER))
    assert hands.room_for(Order(make_task(), TINY)) is None
    assert hands.room_for(Order(make_task(), LONGER)) is None
    hands.finish("a", many[7].job_id)
    assert hands.room_for(Order(make_task(), TINY)) == "a"
    assert hands.room_for(Order(make_task(), LONGER)) is None


# -- with real workers -------------------------------------------------------------------------------------------


def add_tiny(lab, count=1):
    return [lab.add(seconds=TINY_SECONDS) for _ in range(count)]


def test_one_worker_runs_any_number_of_tiny_jobs(lab):
    jobs = add_tiny(lab, 3 * SHARE + 1)
    lab.step()
    assert len(list(lab.runner._crew.hands.orders())) == SHARE
    lab.drive(lab.ended(*jobs))
    assert {lab.status(job) for job in jobs} == {COMPLETED}
    assert all(lab.kinds(job) == ["accepted", "running", "completed"] for job in jobs)
    assert len(lab.workers()) == 1


@pytest.mark.parametrize(
    ("count", "seconds", "lingered"),
    [(2, TINY_SECONDS, [LINGER]), (1, TINY_SECONDS, [0.0]), (1, None, [])],
    ids=["tiny ones", "a tiny one", "another"],
)
def test_news_of_tiny_jobs_come_together(lab, count, seconds, lingered):
    for _ in range(count):
        lab.add(seconds=seconds)
    lab.step()
    told = []
    lab.runner.wait(told.append)
    assert told == lingered


@pytest.fixture
def together(lab):
    """Three jobs in one worker, the first of which takes much longer than it was thought to."""
    jobs = [lab.add_slow(seconds=TINY_SECONDS), *add_tiny(lab, 2)]
    lab.drive(lab.has(RUNNING, jobs[0]))
    holders = [lab.runner._crew.hands.holder(job) for job in jobs]
    assert holders[0] is not None
    assert set(holders) <= {holders[0], None}  # the other two may have ended
    return jobs


def held(lab, jobs):
    return [job for job in jobs if lab.runner._crew.hands.holder(job) is not None]


def test_a_cancelled_job_takes_nobody_along(lab, together):
    lab.store.move(together[0], CANCELLING)
    lab.runner.step(look_for_cancels=True)
    lab.drive(lab.ended(*together))
    assert [lab.status(job) for job in together] == [CANCELLED, COMPLETED, COMPLETED]
    assert not lab.runner.busy
    assert not lab.runner._cancelled_early


def test_cancelled_before_their_worker_is_up(lab):
    jobs = add_tiny(lab, 4)
    lab.step()
    for job in jobs[1:3]:
        lab.store.move(job, CANCELLING)
    lab.runner.step(look_for_cancels=True)
    lab.drive(lab.ended(*jobs))
    assert [lab.status(job) for job in jobs] == [COMPLETED, CANCELLED, CANCELLED, COMPLETED]
    assert not lab.runner._cancelled_early


def test_jobs_whose_worker_dies_are_tried_again_alone(lab):
    jobs = add_tiny(lab, 3)
    lab.step()
    lab.drive(lab.workers)
    lab.template().children()[0].send_signal(signal.SIGKILL)
    lab.drive(lab.ended(*jobs))
    assert lab.has(COMPLETED, *jobs)()


def test_the_one_that_kills_its_worker_fails_and_the_others_do_not(lab):
    jobs = [lab.add_slow(seconds=TINY_SECONDS), *add_tiny(lab, 2)]
    lab.step()
    kills = 0
    while not lab.ended(*jobs)():
        if lab.runner._crew.hands.holder(jobs[0]) is not None and (workers := lab.workers()):
            os.kill(workers[0].pid, signal.SIGKILL)
            kills += 1
        lab.runner.wait()
        lab.step()
    assert kills >= 1
    assert [lab.status(job) for job in jobs] == [FAILED, COMPLETED, COMPLETED]
    assert lab.store.job(jobs[0]).failure.code == "worker_killed"


def test_an_executor_that_gives_up_fails_what_is_held(lab, together):
    left = held(lab, together)
    lab.runner.abandon(ValueError("no"))
    lab.step()
    assert lab.has(FAILED, *left)()


def test_an_order_that_a_worker_holds_is_not_taken_twice(lab):
    add_tiny(lab, 3)
    lab.step()
    for _, order in list(lab.runner._crew.hands.orders()):
        lab.runner.add(order)
    assert not lab.runner._waiting

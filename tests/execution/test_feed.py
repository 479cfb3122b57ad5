"""Waiting for news."""

import threading
import time

from qjob.execution.feed import Feed


def test_news_that_came_before_the_wait_are_not_missed():
    feed = Feed()
    seen = feed.tick
    feed.bump()
    assert feed.wait(seen, None) == seen + 1


def test_a_wait_without_news_ends():
    feed = Feed()
    assert feed.wait(feed.tick, 0.01) == feed.tick


def test_who_waits_for_a_job_is_woken_by_its_news_alone():
    feed, woken = Feed(), []

    def wait_for(job_id):
        feed.wait(0, 10, job_id)
        woken.append(job_id)

    threads = {job_id: threading.Thread(target=wait_for, args=[job_id]) for job_id in ("a", "b", None)}
    for waiting, thread in enumerate(threads.values(), start=1):
        thread.start()
        while feed.waiting < waiting:
            time.sleep(0.001)
    for jobs, job_ids in ((["c"], [None]), (["b", "c"], ["b"]), (None, ["a"])):
        feed.bump(jobs)
        for job_id in job_ids:
            threads[job_id].join(10)
    assert woken == [None, "b", "a"]
    assert feed.waiting == 0


def test_every_waiting_thread_is_woken():
    feed, woken = Feed(), []
    threads = [threading.Thread(target=lambda: woken.append(feed.wait(0, 10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    feed.bump()
    for thread in threads:
        thread.join(10)
    assert woken == [1, 1, 1, 1]


def test_to_linger_ends_when_somebody_waits():
    feed, began = Feed(), time.monotonic()
    threads = [threading.Thread(target=feed.linger, args=[60]) for _ in range(2)]
    for thread in threads:
        thread.start()
    waiting = threading.Thread(target=feed.wait, args=[0, 20, "a"])
    waiting.start()
    for thread in threads:
        thread.join(10)
    feed.linger(60)  # somebody waits already
    assert time.monotonic() - began < 20
    feed.bump(["a"])
    waiting.join(10)


def test_where_nobody_waits_to_linger_takes_its_time():
    feed, began = Feed(), time.monotonic()
    feed.bump()
    feed.linger(0.05)
    assert time.monotonic() - began >= 0.05

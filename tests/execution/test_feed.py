"""Waiting for news."""

import threading

from qjob.execution.feed import Feed


def test_news_that_came_before_the_wait_are_not_missed():
    feed = Feed()
    seen = feed.tick
    feed.bump()
    assert feed.wait(seen, None) == seen + 1


def test_a_wait_without_news_ends():
    feed = Feed()
    assert feed.wait(feed.tick, 0.01) == feed.tick


def test_every_waiting_thread_is_woken():
    feed, woken = Feed(), []
    threads = [threading.Thread(target=lambda: woken.append(feed.wait(0, 10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    feed.bump()
    for thread in threads:
        thread.join(10)
    assert woken == [1, 1, 1, 1]

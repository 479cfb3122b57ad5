"""One watch of the store for all who wait, against a real store in a file and, where there is one, in a server."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qjob.execution.feed import Feed
from qjob.execution.watcher import REST, Watcher
from qjob.model.errors import StoreUnavailable
from qjob.store.store import Store

WRITING = Path(__file__).parent / "writing.py"
LONG = 20.0
"""Seconds that nothing here takes, unless it fails."""


def clock():
    return datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """Where a store is, as `writing.py` takes it."""
    if request.param == "sqlite":
        return str(tmp_path / "qjob.sqlite")
    return request.getfixturevalue("database_url")


@pytest.fixture
def store(place):
    store = Store.connect(place, clock=clock) if "://" in place else Store.open(Path(place), clock=clock)
    yield store
    store.close()


@pytest.fixture
def feed():
    return Feed()


@pytest.fixture
def watcher(store, feed):
    watcher = Watcher(store.changes, feed, linger=0.3)
    yield watcher
    watcher.close()


@pytest.fixture
def writer(place):
    """Another process that writes to the store whenever it is asked, and answers when that was."""
    process = subprocess.Popen(
        [sys.executable, str(WRITING), place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"

    def write():
        process.stdin.write("\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    yield write
    process.stdin.close()
    process.wait()
    process.stdout.close()


def watchers():
    return [thread for thread in threading.enumerate() if thread.name == "qjob-watcher"]


def wait_for(condition):
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def settled(feed):
    """Return the tick when nothing new comes any more."""
    tick = feed.tick
    while (newer := feed.wait(tick, 0.15)) != tick:
        tick = newer
    return tick


class Waiter(threading.Thread):
    """Waits as a card does, and counts how often it would have looked into the store."""

    def __init__(self, watcher, feed):
        super().__init__(daemon=True)
        self.watcher, self.feed = watcher, feed
        self.looks, self.error, self.woken, self.leaving = 0, None, 0.0, False
        self.start()

    def run(self):
        tick = self.feed.tick
        while not self.leaving:
            try:
                with self.watcher.watching():
                    tick = self.feed.wait(tick, LONG)
            except StoreUnavailable as error:
                self.error = error
                return
            self.looks, self.woken = self.looks + 1, time.monotonic()


def leave(waiters, feed):
    for waiter in waiters:
        waiter.leaving = True
    feed.bump()
    for waiter in waiters:
        waiter.join(LONG)
        assert not waiter.is_alive()


def test_nobody_who_waits_no_watch(watcher, feed, writer):
    writer()
    assert watchers() == []
    assert feed.tick == 0
    assert not watcher.blind


@pytest.mark.slow
def test_one_watch_for_twenty_who_wait_and_they_look_only_when_something_is_written(watcher, feed, writer):
    waiters = [Waiter(watcher, feed) for _ in range(20)]
    wait_for(lambda: feed.waiting == 20)
    settled(feed)
    assert len(watchers()) == 1
    looks = [waiter.looks for waiter in waiters]
    time.sleep(0.5)
    assert [waiter.looks for waiter in waiters] == looks  # nothing happens, nobody looks
    writer()
    wait_for(lambda: all(waiter.looks > before for waiter, before in zip(waiters, looks, strict=True)))
    leave(waiters, feed)
    for watch in watchers():
        watch.join(LONG)
    assert watchers() == []


@pytest.mark.slow
def test_what_another_process_writes_is_known_within_a_fifth_of_a_second(watcher, feed, writer):
    waiter, lags = Waiter(watcher, feed), []
    wait_for(lambda: feed.waiting == 1)
    for _ in range(9):
        settled(feed)
        looks = waiter.looks
        written = writer()
        wait_for(lambda: waiter.looks > looks)  # noqa: B023 - called before the next round
        lags.append(waiter.woken - written)
    leave([waiter], feed)
    assert sorted(lags)[4] < 0.2  # the median: other load may delay a few


def test_who_comes_back_soon_finds_the_same_watch(watcher, feed):
    with watcher.watching():
        settled(feed)
        (first,) = watchers()
    with watcher.watching():
        assert watchers() == [first]
    first.join(LONG)
    with watcher.watching():
        (second,) = watchers()
    assert second is not first


def test_what_was_written_before_the_watch_began_is_not_missed(watcher, feed, writer):
    """Between a look at the store and the beginning of the wait, which may have to begin the watch as well."""
    tick = feed.tick
    writer()
    with watcher.watching():
        assert feed.wait(tick, LONG) != tick


@pytest.mark.slow
def test_a_busy_store_keeps_nobody_busy(watcher, feed, writer):
    with watcher.watching():
        before = settled(feed)
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            writer()
        assert feed.tick - before <= 1.0 / REST + 2


def test_the_end_of_the_watch_wakes_who_waits(watcher, feed):
    waiter = Waiter(watcher, feed)
    wait_for(lambda: feed.waiting == 1)
    settled(feed)
    looks = waiter.looks
    watcher.close()
    assert watchers() == []
    wait_for(lambda: waiter.looks > looks)
    leave([waiter], feed)
    assert waiter.error is None


def test_who_waits_with_a_closed_watch_has_to_look_by_itself(watcher):
    watcher.close()
    watcher.close()
    with watcher.watching():
        assert watcher.blind
        assert watchers() == []


def test_a_store_that_is_closed_meanwhile_is_said_to_all_who_wait(watcher, feed, store):
    waiters = [Waiter(watcher, feed) for _ in range(3)]
    wait_for(lambda: feed.waiting == 3)
    settled(feed)
    store.close()
    for waiter in waiters:
        waiter.join(LONG)
        assert "was closed" in str(waiter.error)
    with pytest.raises(StoreUnavailable, match="was closed"), watcher.watching():
        feed.wait(settled(feed), 0)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_file_that_is_removed_is_said_and_watched_again_when_it_is_back(
    watcher, feed, place, tmp_path, writer
):
    waiter = Waiter(watcher, feed)
    wait_for(lambda: feed.waiting == 1)
    settled(feed)
    Path(place).rename(tmp_path / "aside")
    waiter.join(LONG)
    assert "removed or replaced" in str(waiter.error)
    (tmp_path / "aside").rename(place)
    with watcher.watching():
        tick = settled(feed)
        writer()
        assert feed.wait(tick, LONG) != tick


def test_what_nobody_has_foreseen_ends_no_wait_in_silence(store, feed, monkeypatch, caplog):
    changes = store.changes()
    monkeypatch.setattr(changes, "wait", lambda _: 1 / 0)
    watcher = Watcher(lambda: changes, feed)
    with pytest.raises(ZeroDivisionError), watcher.watching():
        feed.wait(feed.tick, LONG)
    assert "ends" in caplog.text


def test_should_a_change_go_unheard_those_who_wait_look_all_the_same(store, feed, monkeypatch):
    monkeypatch.setattr("qjob.execution.watcher.UNPROMPTED", 0.2)
    watcher = Watcher(store.changes, feed, linger=0.1)
    with watcher.watching():
        tick = feed.wait(feed.tick, LONG)
        assert feed.wait(tick, LONG) != tick
    watcher.close()

"""Waiting for what others write to a store: the same for either database."""

import contextlib
import itertools
import os
import threading
import time
from pathlib import Path

import pytest

from qjob.model.errors import StoreError, StoreUnavailable
from qjob.model.job import JobStatus

S = JobStatus
LONG = 20.0
"""Seconds that no wait of these tests takes, unless it fails."""


@pytest.fixture
def changes(world):
    """What others write, from now on."""
    with_close = world.store.changes()
    assert with_close.wait(LONG)  # of what was written before, nobody knows
    settle(with_close)
    yield with_close
    with_close.close()


def settle(changes):
    """Wait until what was written last is no news any more."""
    while changes.wait(0.2):
        pass


class Wait(threading.Thread):
    """A wait in a thread of its own; what came of it, and how long it took after `done_after` was called."""

    def __init__(self, changes):
        super().__init__()
        self.changes, self.outcome = changes, None
        self.start()
        while not changes._turn.locked():
            time.sleep(0.001)

    def run(self):
        try:
            self.outcome = self.changes.wait(LONG)
        except StoreError as error:
            self.outcome = error
        self.ended = time.monotonic()

    def done_after(self, cause):
        begin = time.monotonic()
        cause()
        self.join(LONG)
        assert not self.is_alive()
        assert self.ended - begin < LONG / 4
        return self.outcome


def test_a_write_of_another_store_ends_the_wait(world, new_world, changes):
    other = new_world(world.path)
    assert Wait(changes).done_after(other.job) is True
    other.store.close()


@pytest.mark.slow
def test_a_write_of_another_process_ends_the_wait(world, changes, script):
    world.job(S.QUEUED)
    settle(changes)
    waiting = Wait(changes)
    assert waiting.done_after(lambda: script("moving.py", world.places.argument(world.path))) is True


def test_a_write_of_the_waiting_thread_itself_is_seen_as_well(world, changes):
    world.job()
    assert changes.wait(LONG)


def test_what_was_written_between_two_waits_ends_the_second(world, changes):
    job_id = world.job(S.QUEUED)
    settle(changes)
    world.to(job_id, S.RUNNING)
    began = time.monotonic()
    assert changes.wait(LONG)
    assert time.monotonic() - began < LONG / 4


def test_every_one_of_many_writes_is_followed_by_a_wait_that_ends(world, new_world, changes):
    """Also of those so close to the last one that a database might not tell of each."""
    other = new_world(world.path)
    job_id = other.job(S.RUNNING)
    for shots in range(40):
        other.store.set_progress(job_id, other.progress.__class__("sampling", shots, (("00", shots),), 1))
        while (progress := world.store.snapshot(job_id).progress) is None or progress.shots_done != shots:
            assert changes.wait(LONG)
        time.sleep(0.0007 * shots)
    other.store.set_progress(job_id, other.progress)
    assert changes.wait(LONG)
    other.store.close()


def change_nothing(world):
    with world.store._db.write() as connection:
        connection.execute("UPDATE jobs SET owner = 'me' WHERE owner = 'nobody'")


def fail(world):
    with contextlib.suppress(ZeroDivisionError), world.store.transaction():
        world.job()
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda world: world.store.jobs(), id="a read"),
        pytest.param(lambda world: world.store.check(), id="a check"),
        pytest.param(change_nothing, id="a change of nothing"),
        pytest.param(fail, id="a change that is undone"),
    ],
)
def test_what_changes_nothing_is_no_news(world, look):
    """Else two processes that look for work would wake each other for ever."""
    world.job(S.COMPLETED)
    changes = world.store.changes()
    settle(changes)
    for _ in range(3):
        look(world)
        assert not changes.wait(0.1)
    changes.close()


@pytest.mark.parametrize("timeout", [-1.0, 0.0, 0.2])
def test_a_wait_ends_with_its_time(changes, timeout):
    began = time.monotonic()
    assert changes.wait(timeout) is False
    assert max(0, timeout) - 0.01 <= time.monotonic() - began < timeout + 2


def test_waking_ends_the_wait_at_once(changes):
    assert Wait(changes).done_after(changes.wake) is False


@pytest.mark.slow
def test_waking_nobody_ends_the_next_wait_and_no_other(changes):
    for _ in range(100_000):  # more than any socket holds
        changes.wake()
    began = time.monotonic()
    while not changes._rest(0):
        pass
    changes.wake()
    assert changes.wait(LONG) is False
    assert time.monotonic() - began < LONG / 4
    settle(changes)
    assert changes.wait(0.1) is False


def test_closing_ends_the_wait(changes):
    assert Wait(changes).done_after(changes.close) is False
    with pytest.raises(StoreUnavailable, match="was closed"):
        changes.wait(LONG)
    changes.close()
    changes.wake()


def test_closing_the_store_ends_the_wait(world, changes):
    assert Wait(changes).done_after(world.store.close) is False
    with pytest.raises(StoreUnavailable, match="was closed"):
        changes.wait(LONG)
    with pytest.raises(StoreUnavailable, match="was closed"):
        world.store.changes()


def test_closing_leaves_no_connection_and_no_socket(world):
    def watch():
        changes = world.store.changes()
        changes.wait(0)
        changes.close()
        return len(list(Path("/proc/self/fd").iterdir()))

    first = watch()  # SQLite may keep one open, for the next connection
    assert [watch() for _ in range(3)] == [first] * 3


def test_two_wait_for_the_same(world, new_world, changes):
    second = world.store.changes()
    settle(second)
    other = new_world(world.path)
    waiting = [Wait(changes), Wait(second)]
    other.job()
    for each in waiting:
        each.join(LONG)
    assert [each.outcome for each in waiting] == [True, True]
    second.close()
    other.store.close()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_cannot_wait_but_ask_anew_and_the_parent_goes_on(world, changes):
    job_id = world.job(S.QUEUED)
    settle(changes)
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        said = "an error of another kind"
        try:
            with pytest.raises(StoreUnavailable, match="was forked"):
                changes.wait(LONG)
            changes.wake()
            changes.close()
            own = world.store.changes()
            assert own.wait(LONG)
            world.to(job_id, S.RUNNING)
            said = "seen" if own.wait(LONG) else "not seen"
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        assert lines.read() == "seen"
    os.waitpid(pid, 0)
    assert changes.wait(LONG)
    settle(changes)
    world.to(job_id, S.CANCELLED)
    assert changes.wait(LONG)


# -- trouble -----------------------------------------------------------------------------------------------------


@pytest.fixture
def away(world, monkeypatch):
    """Let the store be away for so many tries to reach it; return the moments of these tries."""

    def leave(changes, tries, **error):
        moments, begin = [], changes._begin

        def fail_first():
            moments.append(time.monotonic())
            if len(moments) <= tries:
                raise StoreUnavailable("it is away.", **error)
            begin()

        def lose(_):
            monkeypatch.undo()
            monkeypatch.setattr(changes, "_begin", fail_first)
            raise StoreUnavailable("it was lost.", retry_after=1.0)

        world.store.jobs()
        monkeypatch.setattr(changes, "_seen", lose)
        return moments

    return leave


@pytest.mark.slow
def test_a_store_that_is_away_is_come_back_to_with_growing_pauses_and_said_once(changes, away, caplog):
    moments = away(changes, 4, retry_after=1.0)
    assert changes.wait(0.05) is False
    assert changes.blind
    assert changes.wait(LONG) is True  # whatever was written meanwhile
    assert not changes.blind
    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    for pause, least in zip(pauses, (0.1, 0.2, 0.5, 1.0), strict=True):
        assert least - 0.01 <= pause < least + 1
    assert [("it is away" in record.getMessage()) for record in caplog.records] == [True, False]


def test_a_loss_that_is_mended_at_once_is_not_worth_a_word(changes, away, caplog):
    away(changes, 0)
    began = time.monotonic()
    assert changes.wait(LONG) is True
    assert time.monotonic() - began < LONG / 4
    assert caplog.records == []


def test_while_the_store_is_away_a_wait_can_be_woken_and_closed(changes, away):
    away(changes, 1000, retry_after=1.0)
    assert changes.wait(0.4) is False
    assert Wait(changes).done_after(changes.wake) is False
    assert Wait(changes).done_after(changes.close) is False


def test_what_time_does_not_heal_is_raised_and_can_be_tried_again(changes, away):
    away(changes, 1)
    with pytest.raises(StoreUnavailable, match="it is away"):
        changes.wait(LONG)
    assert changes.wait(LONG) is True

"""The lanes of the pool take so many calls, and say so when they take no more; nobody gets all threads of one."""

import asyncio
import threading
import time

import pytest

from qjob.model.errors import ServiceUnavailable
from qjob.server.pool import SLOW_EACH, SLOW_THREADS, Lane, Pool


@pytest.fixture
def go():
    """What calls wait for; given at the end of the test, or they would wait for ever."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def lane(go):
    lane = Lane("test", threads=2, each=1, waiting=2)
    yield lane
    go.set()
    lane.close(time.monotonic() + 5)


def ask(lane, function, who=None):
    return asyncio.wrap_future(lane.take(function, who))


def test_a_call_returns_and_raises_what_its_function_does():
    async def both():
        pool = Pool()
        for slow in (False, True):
            assert await pool.run(lambda: 3, slow=slow) == 3
            with pytest.raises(ZeroDivisionError):
                await pool.run(lambda: 1 / 0, slow=slow)
        pool.close()

    asyncio.run(both())


def test_what_is_too_much_is_told_to_come_again_and_there_is_room_afterwards(lane, go):
    async def crowd():
        taken = [ask(lane, go.wait) for _ in range(4)]
        with pytest.raises(ServiceUnavailable) as refused:
            lane.take(lambda: None, None)
        assert (refused.value.retry_after, refused.value.numbers) == (1.0, {"requests": 4})
        go.set()
        assert await asyncio.gather(*taken) == [True] * 4
        assert await ask(lane, lambda: "room") == "room"

    asyncio.run(crowd())


def test_who_goes_away_keeps_the_place_until_the_thread_is_done(lane, go):
    begun = threading.Barrier(3)

    async def impatient():
        asked = [ask(lane, lambda: begun.wait(5) < 0 or go.wait()) for _ in range(2)]
        await asyncio.to_thread(begun.wait, 5)
        asked += [ask(lane, go.wait) for _ in range(2)]
        for each in asked[:2]:  # these two are in a thread
            each.cancel()
        await asyncio.gather(*asked[:2], return_exceptions=True)
        with pytest.raises(ServiceUnavailable):
            lane.take(lambda: None, None)
        go.set()
        assert await asked[2]
        assert await ask(lane, lambda: 1) == 1

    asyncio.run(impatient())


def test_who_asks_for_much_leaves_threads_and_places_to_others(lane, go):
    async def two():
        for _ in range(2):  # one runs, one waits
            lane.take(go.wait, "ada")
        with pytest.raises(ServiceUnavailable) as refused:
            lane.take(go.wait, "ada")
        assert refused.value.numbers == {"requests": 2}
        assert await ask(lane, lambda: "bob's", "bob") == "bob's"
        assert await ask(lane, lambda: "again", "bob") == "again"

    asyncio.run(two())


def test_the_calls_of_one_caller_come_in_their_order(lane):
    async def several():
        order = []
        asked = [ask(lane, lambda number=number: order.append(number), "ada") for number in range(2)]
        await asyncio.gather(*asked)
        assert order == [0, 1]

    asyncio.run(several())


def test_what_reads_does_not_stand_behind_what_waits_for_a_service(go):
    async def many():
        pool = Pool()
        waiting = [
            asyncio.create_task(pool.run(go.wait, who=f"user {number % 8}", slow=True))
            for number in range(SLOW_EACH * SLOW_THREADS)
        ]
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await pool.run(lambda: "read", who="user 0") == "read"
        go.set()
        await asyncio.gather(*waiting)
        pool.close()

    asyncio.run(many())


def test_where_no_thread_can_be_started_those_that_are_there_do_it(lane, go, monkeypatch):
    def start(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(ServiceUnavailable):
            lane.take(lambda: 1, None)
    assert lane.take(lambda: 1, None).result(5) == 1
    first = lane.take(go.wait, None)
    monkeypatch.setattr(threading.Thread, "start", start)
    second = lane.take(lambda: 2, None)
    go.set()
    assert (first.result(5), second.result(5)) == (True, 2)


def test_the_end_drops_what_waits_and_does_not_wait_for_ever(go):
    lane = Lane("test", threads=1, each=1, waiting=5)
    begun = threading.Event()
    runs, waits = lane.take(lambda: begun.set() or go.wait(), None), lane.take(go.wait, None)
    assert begun.wait(5)
    began = time.monotonic()
    lane.close(began + 0.1)
    assert time.monotonic() - began < 2
    assert (waits.cancelled(), runs.done()) == (True, False)
    with pytest.raises(ServiceUnavailable, match="ends"):
        lane.take(lambda: None, None)
    go.set()
    assert runs.result(5)

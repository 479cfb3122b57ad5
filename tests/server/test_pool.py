"""The pool takes so many calls, and says so when it takes no more."""

import asyncio
import threading

import pytest

from qjob.model.errors import ServiceUnavailable
from qjob.server.pool import Pool


@pytest.fixture
def pool():
    pool = Pool(threads=2, waiting=1)
    yield pool
    pool.close()


def test_a_call_returns_and_raises_what_its_function_does(pool):
    async def both():
        assert await pool.run(lambda: 3) == 3
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 / 0)

    asyncio.run(both())


def test_what_is_too_much_is_told_to_come_again_and_there_is_room_afterwards(pool):
    go = threading.Event()

    async def crowd():
        taken = [asyncio.create_task(pool.run(go.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(ServiceUnavailable) as refused:
            await pool.run(lambda: None)
        assert (refused.value.retry_after, refused.value.numbers) == (1.0, {"requests": 3})
        go.set()
        assert await asyncio.gather(*taken) == [True] * 3
        await asyncio.sleep(0)
        assert await pool.run(lambda: "room") == "room"

    asyncio.run(crowd())


def test_who_goes_away_keeps_the_place_until_the_thread_is_done(pool):
    go = threading.Event()

    async def impatient():
        asked = [asyncio.create_task(pool.run(go.wait)) for _ in range(3)]
        await asyncio.sleep(0.01)
        for each in asked[:2]:  # these two are in a thread
            each.cancel()
        await asyncio.gather(*asked[:2], return_exceptions=True)
        with pytest.raises(ServiceUnavailable):
            await pool.run(lambda: None)
        go.set()
        assert await asked[2]
        assert await pool.run(lambda: 1) == 1

    asyncio.run(impatient())

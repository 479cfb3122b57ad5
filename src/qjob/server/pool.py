"""A bounded pool of threads for all calls of the engine, so that the server's event loop never waits for one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from qjob.model.errors import ServiceUnavailable

THREADS = 8
WAITING = 1_024
"""How many calls may wait for a thread; more are told to come again."""

T = TypeVar("T")


class Pool:
    """Runs functions in threads; used from one event loop.

    Parameters
    ----------
    threads
        How many run at a time.
    waiting
        How many more are taken.
    """

    def __init__(self, threads: int = THREADS, waiting: int = WAITING) -> None:
        self._most = threads + waiting
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="qjob-http")
        self._taken = 0

    async def run(self, function: Callable[[], T]) -> T:
        """Return what a function returns, or raise what it raises.

        Raises
        ------
        ServiceUnavailable
            Too many wait already.
        """
        if self._taken >= self._most:
            raise ServiceUnavailable(
                f"{self._taken:,} requests are being answered, and no more are taken.",
                remedy="Ask again in a second.",
                numbers={"requests": self._taken},
                retry_after=1.0,
            )
        self._taken += 1
        future = self._threads.submit(function)
        # it counts until the thread is done with it, also where the asker is gone by then
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        return await asyncio.wrap_future(future)

    def _done(self) -> None:
        self._taken -= 1

    def close(self) -> None:
        """Take nothing more; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

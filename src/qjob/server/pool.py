"""Bounded threads for all calls of the engine, so that the server's event loop never waits for one.

There are two lanes: what only reads the store never stands behind what waits for a service or runs code. In each lane
one caller holds so many threads and places at the most, so that there are some for the others.
"""

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from qjob.model.errors import ServiceUnavailable

THREADS, EACH = 8, 6
"""How many quick calls run at a time, and how many of them for one caller."""

SLOW_THREADS, SLOW_EACH = 16, 4
"""The same of calls that may wait for a service or run code."""

WAITING = 1_024
"""How many calls may wait for a thread of a lane, half of them for one caller; more are told to come again."""

PATIENCE = 5.0
"""Seconds that the end of the server waits for what is being done."""

T = TypeVar("T")


@dataclass(slots=True)
class _Call:
    function: Callable[[], Any]
    who: str | None
    future: "Future[Any]" = field(default_factory=Future)


class Lane:
    """Runs functions in threads of its own, which do not keep the process alive.

    Parameters
    ----------
    name
        Of the threads.
    threads, each
        How many functions run at a time, and how many of them for one caller.
    waiting
        How many more are taken, half of them for one caller.
    """

    def __init__(self, name: str, threads: int, each: int, waiting: int) -> None:
        self._name, self._threads, self._each = name, threads, each
        self._most, self._most_each = threads + waiting, each + (waiting + 1) // 2
        self._changed = threading.Condition()
        self._waiting: deque[_Call] = deque()
        self._running: Counter[str | None] = Counter()
        self._taken: Counter[str | None] = Counter()  # running or waiting
        self._started: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def take(self, function: Callable[[], T], who: str | None) -> "Future[T]":
        """Have a function run; return what becomes of it.

        Parameters
        ----------
        who
            For whom; None: for nobody in particular, and without a bound of its own.

        Raises
        ------
        ServiceUnavailable
            Too many wait already, or the server ends.
        """
        call = _Call(function, who)
        with self._changed:
            if self._closed:
                raise ServiceUnavailable("the server ends.", remedy="Ask again when it is back.")
            total, own = self._taken.total(), self._taken[who]
            if total >= self._most or (who is not None and own >= self._most_each):
                raise _busy(total if total >= self._most else own)
            if len(self._waiting) >= self._idle and len(self._started) < self._threads:
                self._start(total)
            self._taken[who] += 1
            self._waiting.append(call)
            self._changed.notify()
        return call.future

    def _start(self, taken: int) -> None:
        thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no more
            if not self._started:
                raise _busy(taken) from None
        else:
            self._started.append(thread)

    def close(self, until: float) -> None:
        """Take nothing more, drop what waits, and wait until then for what runs."""
        with self._changed:
            self._closed, dropped = True, list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for call in dropped:
            call.future.cancel()
        for thread in self._started:
            thread.join(max(0.0, until - time.monotonic()))

    def _loop(self) -> None:
        while (call := self._next()) is not None:
            self._do(call)
            del call  # with it goes the body of a request

    def _next(self) -> _Call | None:
        """Return the next call, in the order in which they came but for callers who hold their share of threads."""
        with self._changed:
            self._idle += 1
            try:
                while not self._closed:
                    for place, call in enumerate(self._waiting):
                        if call.who is None or self._running[call.who] < self._each:
                            del self._waiting[place]
                            self._running[call.who] += 1
                            return call
                    self._changed.wait()
                return None
            finally:
                self._idle -= 1

    def _do(self, call: _Call) -> None:
        result, error = None, None
        taken = call.future.set_running_or_notify_cancel()
        try:
            result = call.function() if taken else None
        except BaseException as caught:  # noqa: BLE001 - whoever waits for it gets it
            error = caught
        with (
            self._changed
        ):  # it counts until the thread is done with it, also where the asker is gone by then
            for count in (self._running, self._taken):
                count[call.who] -= 1
                if not count[call.who]:
                    del count[call.who]
        if error is not None:
            call.future.set_exception(error)
        elif taken:
            call.future.set_result(result)


def _busy(taken: int) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"{taken:,} requests are being answered, and no more are taken.",
        remedy="Ask again in a second.",
        numbers={"requests": taken},
        retry_after=1.0,
    )


class Pool:
    """Runs functions in threads; used from one event loop."""

    def __init__(self) -> None:
        self._quick = Lane("qjob-http", THREADS, EACH, WAITING)
        self._slow = Lane("qjob-http-slow", SLOW_THREADS, SLOW_EACH, WAITING)

    async def run(self, function: Callable[[], T], *, who: str | None = None, slow: bool = False) -> T:
        """Return what a function returns, or raise what it raises.

        Parameters
        ----------
        who
            For whom it is; None: for nobody in particular.
        slow
            Whether it may wait for a service, or run code.

        Raises
        ------
        ServiceUnavailable
            Too many wait already, of all or of this caller.
        """
        return await asyncio.wrap_future((self._slow if slow else self._quick).take(function, who))

    def close(self) -> None:
        """Take nothing more; what waits is dropped, and what runs has a few seconds to end."""
        until = time.monotonic() + PATIENCE
        for lane in (self._quick, self._slow):
            lane.close(until)

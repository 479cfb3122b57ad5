"""Answers the newest of many questions, off the thread that asks: what came before it is dropped, half done or done.

A thread of its own works as long as there is a question, and no longer. Knows neither questions nor answers.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

PAUSE = 0.15
"""Seconds without another question before one is worked on: who types is not asked after every letter."""


class Stale(Exception):
    """A newer question makes this one idle."""


class Desk(Generic[Q, A]):
    """Where questions are left.

    Parameters
    ----------
    work
        Answers a question; it may call its second argument now and then, which raises `Stale` to end it early. It
        must not raise anything else.
    tell
        Gets each answer to a question that is still the newest, in the thread of the desk, while nobody can ask.
    pause
        Seconds to wait for a newer question.
    """

    def __init__(
        self, work: Callable[[Q, Callable[[], None]], A], tell: Callable[[A], None], pause: float = PAUSE
    ) -> None:
        self._work = work
        self._tell = tell
        self._pause = pause
        self._change = threading.Condition()
        self._newest: list[Q] = []
        self._number = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(self, question: Q) -> None:
        """Leave a question; those before it are answered no more."""
        with self._change:
            if self._closed:
                return
            self._newest = [question]
            self._number += 1
            self._change.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="qjob-form", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Answer nothing more, and return once the thread has ended."""
        with self._change:
            self._closed = True
            self._number += 1
            self._change.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _loop(self) -> None:
        while True:
            with self._change:
                number = self._number
                self._change.wait(self._pause)
                if self._closed:
                    self._thread = None
                    return
                if number != self._number:
                    continue  # a newer one: the pause begins anew
                (question,) = self._newest
            try:
                answer = self._work(question, partial(self._check, number))
            except Stale:
                continue
            with self._change:
                if number == self._number:
                    self._thread = None
                    self._tell(answer)
                    return

    def _check(self, number: int) -> None:
        if number != self._number:
            raise Stale

"""The executor's end of an agent: the tasks that it follows, the questions it was asked, and its next beginning.

Used from one thread, the executor's; must not know the store. A task never ends because an agent has died: the next
one resumes it.
"""

import logging
import os
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from qjob.backends.base import Task
from qjob.execution.frames import Packed, decode_event, encode, task_head
from qjob.execution.hands import Order
from qjob.execution.pool import last_line
from qjob.execution.worker import Worker
from qjob.model import errors
from qjob.model.errors import WorkerError
from qjob.model.events import Attached, Cancelled, Event, Failed, Running, Submitted

LOG = logging.getLogger(__name__)

AGAIN = (0.0, 1.0, 5.0, 30.0)
"""Seconds until an agent that died is begun again, one death after the other without a word in between."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an adapter is asked.

    Parameters
    ----------
    adapter
        Whose agent is to answer.
    head, tail
        The frame, all but its number.
    answer
        Takes what it says, or the error.
    """

    adapter: str
    head: Mapping[str, Any]
    tail: bytes
    answer: "Future[Any]"


@dataclass(eq=False, slots=True)
class Agent:
    """A process that serves one adapter."""

    link: Worker
    process: "subprocess.Popen[bytes]"
    log: Path
    reads: tuple[str, ...]  # how the environment variables begin that it reads
    environment: Mapping[str, str] = field(repr=False)  # those that it began with: there may be secrets in it


def part_of_environment(beginnings: tuple[str, ...]) -> dict[str, str]:
    """Return the environment variables of this process whose names begin so."""
    names = [name for name in list(os.environ) if name.startswith(beginnings)]
    # the user's thread may take one away meanwhile
    return {name: value for name in names if (value := os.environ.get(name)) is not None}


class Agency:
    """All that one adapter's service runs for this executor.

    Parameters
    ----------
    adapter
        The entry point's name.
    start
        Starts its agent.
    """

    def __init__(self, adapter: str, start: Callable[[str], Agent]) -> None:
        self.adapter = adapter
        self.agent: Agent | None = None
        self._start = start
        self._held: dict[str, Order] = {}
        self._cancelled: set[str] = set()
        self._asked: dict[int, Question] = {}
        self._outlived: set[int] = set()  # questions whose agent died: once may be anybody's fault
        self._numbers = count(1)
        self._deaths = 0
        self._due = 0.0  # when the next agent may begin
        self._wanted = False

    def __len__(self) -> int:
        """Return how many tasks have not ended."""
        return len(self._held)

    @property
    def busy(self) -> bool:
        """Whether it follows a task or owes an answer."""
        return bool(self._held or self._asked)

    def holds(self, job_id: str) -> bool:
        """Whether it follows a job."""
        return job_id in self._held

    def give(self, order: Order) -> None:
        """Follow a job from now on; not twice."""
        if order.job_id not in self._held:
            self._held[order.job_id] = order
            if self.agent is not None:
                self.agent.link.send(order.task)

    def cancel(self, job_id: str) -> None:
        """Have a job ended that it follows; again is harmless."""
        if job_id not in self._cancelled:
            self._cancelled.add(job_id)
            if self.agent is not None:
                self._send_cancel(job_id)

    def let_go(self, job_id: str) -> None:
        """Follow a job no more; it goes on at the service. Unknown ones have ended."""
        if self._held.pop(job_id, None) is not None:
            self._cancelled.discard(job_id)
            if self.agent is not None:
                self.agent.link.send_frame(encode({"let_go": job_id}))

    def prepare(self) -> None:
        """Want an agent ahead of the first task."""
        self._wanted = True

    def ask(self, question: Question) -> None:
        """Pass a question on."""
        number = next(self._numbers)
        self._asked[number] = question
        if self.agent is not None:
            self._send_question(number)

    def begin(self) -> bool:
        """Start the agent where it is needed and due, and hand it everything; return whether it was started.

        Raises
        ------
        WorkerError
            The system gives no more processes; it is tried again when it is due.
        """
        needed = self.agent is None and (self.busy or self._wanted)
        if not needed or time.monotonic() < self._due:
            return False
        self._wanted = False
        self._put_off()
        self.agent = self._start(self.adapter)
        self.agent.link.send_frame(encode({"adapter": self.adapter}))
        for order in self._held.values():
            self.agent.link.send(order.task)
        for job_id in self._cancelled:
            self._send_cancel(job_id)
        for number in self._asked:
            self._send_question(number)
        return True

    def receive(self) -> Iterator[tuple[str, Event | Packed]]:
        """Yield what one read brings of jobs; answers go to who asked. `lost` says afterwards whether it goes on."""
        assert self.agent is not None  # noqa: S101 - its socket was selected
        try:
            for frame in self.agent.link.receive():
                yield from self._take(*frame)
                self._deaths = 0
        except (
            Exception
        ):  # whatever it is, it is this agent's: the executor has others, and workers, to care for
            LOG.exception("the agent of %s sent what cannot be read, and is begun again", self.adapter)
            self.agent.link.closed = True

    @property
    def lost(self) -> bool:
        """Whether the agent has died."""
        return self.agent is not None and self.agent.link.closed

    @property
    def is_outdated(self) -> bool:
        """Whether the agent began with another environment: it may be about other credentials."""
        return self.agent is not None and self.agent.environment != part_of_environment(self.agent.reads)

    def renew(self) -> None:
        """Take leave of an outdated agent; the next one resumes what it followed and answers its questions."""
        self.close()
        self._due = 0.0
        self._resume()

    def bury(self) -> None:
        """Take leave of an agent that died; the next one resumes what it followed.

        It is asked the questions once more; those that have lost an agent before fail.
        """
        said = "" if self.agent is None else last_line(self.agent.log)
        self.close()
        self._resume()
        self._fail(
            WorkerError(
                f"the process that talks to the service of {self.adapter} ended{': ' if said else ''}{said}.",
                remedy="Try again; its log is in the folder logs of QJOB_HOME.",
            ),
            self._outlived,
        )
        self._outlived = set(self._asked)

    def _resume(self) -> None:
        self._held = {
            job_id: replace(order, task=replace(order.task, resumed=True))
            for job_id, order in self._held.items()
        }

    def refuse(self, error: WorkerError) -> None:
        """Answer every question with an error: there is no agent."""
        self._fail(error)

    def close(self) -> None:
        """End the agent; its tasks go on at the service."""
        agent, self.agent = self.agent, None
        if agent is not None:
            agent.link.sock.close()
            agent.process.kill()  # it has nothing to tidy up
            agent.process.wait()

    def end(self) -> None:
        """End the agent for good."""
        self.close()
        self._fail(WorkerError("the engine was closed.", remedy="Ask again."))

    def _take(self, head: dict[str, Any], tail: bytes) -> Iterator[tuple[str, Event | Packed]]:
        if "answer" in head:
            error = errors.from_object(head["error"]) if "error" in head else None
            said = head["said"] if error is None else None
            question = self._asked.pop(head["answer"], None)  # only now: what cannot be read is no answer
            if question is not None and question.answer.set_running_or_notify_cancel():
                if error is not None:
                    question.answer.set_exception(error)
                else:
                    question.answer.set_result(said)
            return
        job_id, event = decode_event(head, tail)
        order = self._held.get(job_id)
        if order is None:
            return  # a repetition of its end
        if isinstance(event, Submitted):
            self._held[job_id] = replace(order, task=replace(order.task.after(event), resumed=True))
        elif isinstance(event, (Attached, Running)):
            self._held[job_id] = replace(order, task=order.task.after(event))
        elif isinstance(event, (Packed, Failed, Cancelled)):
            del self._held[job_id]
            self._cancelled.discard(job_id)
        yield job_id, event

    def _put_off(self) -> None:
        self._due = time.monotonic() + AGAIN[min(self._deaths, len(AGAIN) - 1)]
        self._deaths += 1

    def _fail(self, error: WorkerError, numbers: Collection[int] | None = None) -> None:
        """Answer questions with an error: those of these numbers, None: all."""
        failed = self._asked.keys() if numbers is None else self._asked.keys() & set(numbers)
        for question in [self._asked.pop(number) for number in list(failed)]:
            if question.answer.set_running_or_notify_cancel():
                question.answer.set_exception(error)

    def _send_cancel(self, job_id: str) -> None:
        assert self.agent is not None  # noqa: S101 - asked by the callers
        self.agent.link.send_frame(encode({"cancel": job_id}))

    def _send_question(self, number: int) -> None:
        assert self.agent is not None  # noqa: S101 - asked by the callers
        question = self._asked[number]
        self.agent.link.send_frame(encode({**question.head, "ask": number}, question.tail))


def preflight(adapter: str, task: Task) -> Question:
    """Return the question whether a service can run a task."""
    return Question(adapter, {**task_head(task), "about": "preflight"}, task.request.program.data, Future())


def devices(adapter: str, targets: tuple[str, ...]) -> Question:
    """Return the question what a service knows of its devices; ``targets``: which, none: all."""
    return Question(adapter, {"about": "devices", "targets": targets}, b"", Future())

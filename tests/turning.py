"""Tasks that take turns, for tests: their scripts, what they said, and a clock that moves when a test says so."""

import time
from dataclasses import dataclass, field
from queue import Queue

from qjob.backends.base import Task
from qjob.execution.turns import Turns
from qjob.model.events import Cancelled
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat

SOON = 10.0
"""Seconds that a test waits for what happens at once."""

REQUEST = JobRequest(Program(ProgramFormat.QASM2, b""), "any", 1, 1, {})


def task(name, **more):
    return Task(name, 1, REQUEST, None, **more)


def until(happens):
    """Wait for what the threads do without a word."""
    end = time.monotonic() + SOON
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.001)


@dataclass
class Stage:
    """Scripts of tasks, and what they said. Its clock moves when a test says so."""

    threads: int = 4
    now: float = 0.0
    scripts: dict = field(default_factory=dict)
    said: Queue = field(default_factory=Queue)
    begun: Queue = field(default_factory=Queue)

    def __post_init__(self):
        self.turns = Turns(self.follow, self.say, threads=self.threads, clock=lambda: self.now)

    def follow(self, task, cancelled):
        self.begun.put(task)
        return self.scripts[task.job_id](task, cancelled)

    def say(self, job_id, event):
        self.said.put((job_id, event))

    def add(self, name, script, **more):
        self.scripts[name] = script
        self.turns.add(task(name, **more))

    def heard(self):
        return self.said.get(timeout=SOON)

    def move(self, seconds):
        """Let time pass, for the threads that wait as well."""
        self.now += seconds
        with self.turns._changed:
            self.turns._changed.notify_all()

    def waiting(self, number):
        """Wait until so many tasks wait for a later turn."""
        until(lambda: sum(due > self.now for due, *_ in list(self.turns._due)) == number)

    def gone(self, name):
        """Wait until a task is forgotten."""
        until(lambda: name not in self.turns._turns)


def ends(*events):
    """A script of events, then the end."""

    def script(*_):
        yield from events
        yield Cancelled()

    return script

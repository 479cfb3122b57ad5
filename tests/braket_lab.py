"""Follows single tasks at the loopback Braket with the real SDK, in the test's own process: pauses are skipped.

Time is a clock of the lab, which each pause moves on.
"""

import os
from dataclasses import replace
from decimal import Decimal
from itertools import count

from botocore.config import Config

from qjob import programs
from qjob.backends.base import Pause, Task
from qjob.backends.braket import sessions
from qjob.backends.braket.devices import Devices
from qjob.backends.braket.following import Following
from qjob.backends.braket.identity import Identity
from qjob.backends.braket.preflight import Preflight
from qjob.catalog.loader import load_catalogue
from qjob.model.events import Cancelled, Completed, Failed
from qjob.model.job import JobRequest
from qjob.model.money import to_nano
from qjob.model.program import Program, ProgramFormat

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=16)
"""Botocore's own tries would sleep, and hide what a single fault does."""

SKEW = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[4]; x q[0]; cx q[0],q[2]; '
    "measure q[0]->c[0]; measure q[1]->c[3]; measure q[2]->c[2];"
)
"""Every shot reads c[0] = c[2] = 1 and c[3] = 0; c[1] is never written."""

SKEWED = "0101"


def program(text=SKEW, kind=ProgramFormat.QASM2):
    return Program(kind, text.encode())


def asked(slug, what, shots):
    return JobRequest(program=what or program(), backend=slug, shots=shots, seed=1, options={})


class Remembered:
    """Makes sessions, each only once for one environment; what a session has found out it forgets between tests."""

    def __init__(self, make, made):
        self.make, self.made, self.used = make, made, set()

    def __call__(self, profile, region):
        key = (
            profile,
            region,
            *sorted(pair for pair in os.environ.items() if pair[0].startswith(("AWS_", "AMZN_"))),
        )
        if os.environ["AWS_SHARED_CREDENTIALS_FILE"] != os.devnull:  # what is in there may change
            return self.make(profile, region)
        if key not in self.made:
            self.made[key] = self.make(profile, region)
        elif key not in self.used:
            self.made[key]._account_id = None
            self.made[key]._default_bucket = os.environ.get("AMZN_BRAKET_OUT_S3_BUCKET")
        self.used.add(key)
        return self.made[key]


class Lab:
    """An agent's parts, without an agent.

    Parameters
    ----------
    made
        Sessions of other labs, which are used again where the environment is the same: to make one takes long.
    """

    def __init__(self, loopback, monkeypatch, made):
        monkeypatch.setattr(sessions, "CONFIG", ONCE)
        monkeypatch.setattr(sessions, "Session", Remembered(sessions.Session, made))
        self.loopback = loopback
        self.now = 1000.0
        self.catalogue = load_catalogue()
        self.numbers = count(1)
        self.begin_again()

    def begin_again(self):
        """Be another agent, one that knows nothing."""
        self.sessions = sessions.Sessions(lambda: self.now)
        self.devices = Devices(self.sessions, lambda: self.now)

    def info(self, slug):
        return self.catalogue.get(slug)

    def preflight(self, slug="sv1", what=None, shots=100):
        request = asked(slug, what, shots)
        profile = programs.profile(programs.circuit(request.program))
        return Preflight(self.sessions, self.devices)(self.info(slug), request, profile)

    def task(self, slug="sv1", what=None, shots=100, cap="0.01"):
        """A task that is cleared, as an agent gets it."""
        clearance = self.preflight(slug, what, shots)
        request = asked(slug, what, shots)
        return Task(
            f"job-{next(self.numbers)}",
            1,
            request,
            None,
            cap=to_nano(Decimal(cap)),
            site=clearance.site,
            about={"user": "ada", "team": "", "since": "2026-01-01T00:00:00+00:00"},
        )

    def follow(self, task):
        return Run(self, task)

    def submitted(self, slug="sv1", **more):
        """A run whose task waits at a held device."""
        self.loopback.hold(slug_device(self, slug))
        run = self.follow(self.task(slug, **more))
        run.until("Queued")
        return run

    def arn(self):
        (task,) = self.loopback.tasks()
        return task.arn

    def step(self):
        return self.loopback.step(self.arn())


def slug_device(lab, slug):
    return lab.info(slug).target


class Run:
    """One task that is followed: what it said, without the pauses."""

    def __init__(self, lab, task):
        self.lab, self.task = lab, task
        self.cancel = False
        self.said, self.paused = [], 0.0
        identity = Identity(task.site, lab.sessions, lab.devices)
        self.events = Following(
            lab.info(task.request.backend),
            task,
            lambda: self.cancel,
            identity=identity,
            devices=lab.devices,
            clock=lambda: lab.now,
        ).events()

    def turn(self):
        """Go on to the next pause or the end; return what was said."""
        said = []
        for event in self.events:
            if isinstance(event, Pause):
                self.paused += event.seconds
                self.lab.now += event.seconds
                break
            said.append(event)
            self.said.append(event)
        return said

    def until(self, kind, turns=40):
        """Go on until an event of this kind is said, and return it."""
        for _ in range(turns):
            for event in self.turn():
                if type(event).__name__ == kind:
                    return event
        raise AssertionError(f"no {kind} among {self.said}")

    def end(self, turns=400):
        """Go on to the end, and return it."""
        for _ in range(turns):
            said = self.turn()
            if said and isinstance(said[-1], (Completed, Failed, Cancelled)):
                return said[-1]
        raise AssertionError(f"no end: {self.said}")

    def note(self, turns=10):
        """Go on until something is noted, and return it with its phase."""
        for _ in range(turns):
            for event in self.turn():
                if type(event).__name__ == "Progress" and event.note:
                    return event
        raise AssertionError(f"no note among {self.said}")

    @property
    def kinds(self):
        return [type(event).__name__ for event in self.said]

    def resumed(self, *, known):
        """What another process makes of it, which knows the task's name or not."""
        self.lab.begin_again()
        remote_id = self.lab.arn() if known else None
        return Run(self.lab, replace(self.task, resumed=True, remote_id=remote_id))

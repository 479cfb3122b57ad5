"""An engine whose Amazon Braket is the loopback, with a real agent: for tests of the whole way of a job."""

import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager

import psutil
import pytest

from qjob.engine import Engine
from qjob.settings import load_settings

SKEW = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[4]; x q[0]; cx q[0],q[2]; '
    "measure q[0]->c[0]; measure q[1]->c[3]; measure q[2]->c[2];"
)
"""Every shot reads c[0] = c[2] = 1 and c[3] = 0; c[1] is never written."""

SKEWED = "0101"


def until(happens, seconds=60.0):
    """Wait for what other processes do."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


class Cloud:
    """The engine of a test file, its agent, and the loopback."""

    def __init__(self, engine, loopback, home):
        self.engine, self.loopback, self.home = engine, loopback, home

    def submit(self, program=SKEW, *, backend="sv1", shots=100, **more):
        return self.engine.submit(program, backend=backend, shots=shots, **more)

    def agents(self):
        return [one for one in psutil.Process().children() if "qjob.execution.agent" in one.cmdline()]

    @property
    def agent(self):
        until(self.agents)
        return self.agents()[0]

    def kill_agent(self):
        """kill -9; return once it is gone."""
        agent = self.agent
        agent.kill()
        until(lambda: not agent.is_running() or agent.status() == psutil.STATUS_ZOMBIE)

    def task(self, job):
        """What the loopback made of a job; None before it has."""
        found = [task for task in self.loopback.tasks() if task.tags.get("qjob:job") == job.id]
        assert len(found) <= 1, "a job was submitted twice"
        return found[0] if found else None

    def state(self, job):
        task = self.task(job)
        return task and task.status

    def step(self, job):
        return self.loopback.step(self.task(job).arn)

    def check(self):
        """Whatever happened: each job has one task at the most, and the books are right."""
        tasks = Counter(task.tags["qjob:job"] for task in self.loopback.tasks())
        assert set(tasks.values()) <= {1}, tasks
        audit = self.engine.audit()
        assert audit.ok, audit.findings
        assert self.engine.budget().held == 0


@contextmanager
def cloud_at(loopback, home):
    """An engine on a loopback as new. The environment stays the same from test to test, and the agent with it."""
    loopback.reset()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in loopback.environment().items():
            patch.setenv(name, value)
        with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
            engine.limits(user_per_minute=100_000)
            engine.budget(day=100_000)
            yield Cloud(engine, loopback, home)


def calm(cloud):
    """Let everything be well and go on, end what is left, and look at the books."""
    for key in ("main", "session", "other"):
        cloud.loopback.renew(key)
        cloud.loopback.allow(key)
    cloud.loopback.calm()
    for device in cloud.loopback.devices():
        cloud.loopback.fail_tasks(device, None)
        cloud.loopback.release(device)
    left = cloud.engine.jobs(status=["INITIALIZING", "QUEUED", "RUNNING", "CANCELLING"])
    for job in left:
        job.wait(60)
    cloud.check()


OWNER = """
import sys
from qjob.engine import Engine
from qjob.settings import load_settings

engine = Engine(load_settings({}, home=sys.argv[1], user="ada", workers=1))
backend, shots, number = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
for _ in range(number):
    print(engine.submit(sys.argv[2], backend=backend, shots=shots).id, flush=True)
sys.stdin.readline()
engine.close()
"""


@contextmanager
def owner(home, *, backend="sv1", shots=100, number=1):
    """A process that submits jobs, one by one, and says their ids."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home), SKEW, backend, str(shots), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as process:
        try:
            yield process
        finally:
            process.kill()

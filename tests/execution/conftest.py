"""Tasks to run, an executor over a real store, and the promise that no process is left behind."""

import os
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from qjob import programs
from qjob.backends.base import Needs, Task
from qjob.execution.agency import Agent
from qjob.execution.hands import Order
from qjob.execution.pool import TemplateSpawner, start_linked
from qjob.execution.runner import Limits, Runner, Starters
from qjob.model.job import JobRecord, JobRequest, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.store.store import Store

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
SLOW = HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;"
"""Shot by shot, milliseconds each: some minutes for 100,000 shots, and no memory to speak of."""
SLOW_SHOTS = 100_000

GIB = 1 << 30


def own_processes():
    """Return the worker processes of this test run, templates included, wherever their parents are now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if any("qjob.execution." in word for word in process.cmdline()) and (
                process.environ().get("QJOB_TEST_RUN") == str(os.getpid())
            ):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def gone_within(seconds):
    end = time.monotonic() + seconds
    while (left := own_processes()) and time.monotonic() < end:
        time.sleep(0.01)
    return not left


@pytest.fixture(scope="module", autouse=True)
def no_process_is_left():
    """Every process that a test file starts has to be gone at its end."""
    os.environ["QJOB_TEST_RUN"] = str(os.getpid())
    yield
    assert gone_within(5), own_processes()
    del os.environ["QJOB_TEST_RUN"]


@pytest.fixture
def processes():
    return own_processes


@pytest.fixture
def all_gone_within():
    return gone_within


def until(happens, seconds=60.0):
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def wait_until():
    return until


def task(text=BELL, shots=100, *, backend="marqov-sim", memory_limit=None):
    program = Program(ProgramFormat.QASM2, text.encode())
    profile = programs.profile(programs.circuit(program))
    return Task(str(uuid.uuid4()), 1, JobRequest(program, backend, shots, 1, {}), profile, memory_limit)


@pytest.fixture
def make_task():
    return task


@pytest.fixture
def slow_task():
    return lambda: task(SLOW, SLOW_SHOTS)


class Lab:
    """A runner with its store; the test's own thread drives it."""

    owner = "me"

    def __init__(self, home: Path, *, workers=1, idle=60.0, start=None):
        self.home = home
        self.free = 64 * GIB
        self.starts = 0
        self.store = Store.open(home / "qjob.sqlite", clock=lambda: datetime.now(UTC))
        self._start = start or (lambda: TemplateSpawner(home, home / "workers.log"))
        self.runner = Runner(
            self.store, self.owner, Starters(self.start, self.agent), Limits(workers, idle), lambda: self.free
        )

    def start(self):
        self.starts += 1
        self.spawner = self._start()
        return self.spawner

    def agent(self, _adapter):
        log = self.home / "workers.log"
        return Agent(*start_linked("qjob.execution.agent", self.home, log), log, (), {})

    def close(self):
        self.runner.end()
        self.store.close()

    def accept(self, text=BELL, shots=100, *, memory=0, seconds=None, backend="marqov-sim"):
        """Store a job and return the order for it, which the runner does not have yet."""
        work = task(text, shots, backend=backend)
        request = work.request
        record = JobRecord(
            id=work.job_id,
            user="ada",
            name=None,
            backend=request.backend,
            program=request.program.digest,
            num_qubits=2,
            shots=request.shots,
            seed=request.seed,
            options={},
            mode="direct",
            tags={},
            status=JobStatus.QUEUED,
            failure=None,
            owner=self.owner,
            retry_of=None,
            created_at=datetime.now(UTC),
            started_at=None,
            ended_at=None,
        )
        self.store.accept(record, request.program)
        return Order(work, Needs(memory, seconds))

    def add(self, *args, **kwargs):
        """Store a job, hand it to the runner and return its id."""
        order = self.accept(*args, **kwargs)
        self.runner.add(order)
        return order.job_id

    def add_slow(self, **kwargs):
        return self.add(SLOW, SLOW_SHOTS, **kwargs)

    def step(self):
        self.runner.step(look_for_cancels=False)

    def drive(self, happens, seconds=60.0):
        """Let the runner work until something has happened."""
        end = time.monotonic() + seconds
        self.step()
        while not happens():
            assert time.monotonic() < end, "it never happened"
            self.runner.wait()
            self.step()

    def status(self, job_id):
        return self.store.job(job_id).status

    def has(self, status, *job_ids):
        return lambda: all(self.status(job_id) is status for job_id in job_ids)

    def ended(self, *job_ids):
        return lambda: all(self.status(job_id).ended for job_id in job_ids)

    def kinds(self, job_id):
        return [str(entry.kind) for entry in self.store.log(job_id)]

    def template(self):
        return psutil.Process(self.spawner.process.pid)

    def workers(self):
        return self.template().children()


@pytest.fixture
def make_lab(home):
    made = []

    def make(**kwargs):
        home.mkdir(exist_ok=True)
        made.append(Lab(home, **kwargs))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def lab(make_lab):
    return make_lab()

"""A store in a folder of its own, a clock that ticks, and jobs to put into it."""

import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qjob.model.bits import BitLayout
from qjob.model.events import Progress
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.store.store import Store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Tells a later microsecond every time it is asked."""

    def __init__(self):
        self.now = START

    def __call__(self):
        self.now += timedelta(microseconds=1)
        return self.now


class World:
    """A store with the shortest ways to fill it."""

    program = Program(ProgramFormat.QASM3, b"OPENQASM 3.0;")
    layout = BitLayout(2, (0, 1))
    progress = Progress("sampling", 10, (("00", 6), ("11", 4)), 2)

    def __init__(self, path):
        self.path = path
        self.clock = Clock()
        self.store = Store.open(path, clock=self.clock)

    def record(self, **changes):
        job = JobRecord(
            id=str(uuid.uuid4()),
            user="ada",
            name=None,
            backend="marqov-sim",
            program=self.program.digest,
            num_qubits=2,
            shots=100,
            seed=2**62,
            options={},
            mode="direct",
            tags={},
            status=JobStatus.INITIALIZING,
            failure=None,
            owner="me",
            retry_of=None,
            created_at=self.clock(),
            started_at=None,
            ended_at=None,
        )
        return replace(job, **changes)

    def job(self, status=JobStatus.INITIALIZING, **changes):
        """Accept a job and bring it to a status by legal moves; return its id."""
        record = self.record(**changes)
        self.store.accept(record, self.program)
        for to in PATHS[status]:
            self.to(record.id, to)
        return record.id

    def to(self, job_id, status):
        if status is JobStatus.COMPLETED:
            return self.store.complete(job_id, b"packed", self.progress, self.layout)
        failure = Failure("worker_killed", "it died.") if status is JobStatus.FAILED else None
        return self.store.move(job_id, status, failure=failure)


S = JobStatus
PATHS = {
    S.INITIALIZING: [],
    S.QUEUED: [S.QUEUED],
    S.RUNNING: [S.QUEUED, S.RUNNING],
    S.CANCELLING: [S.QUEUED, S.RUNNING, S.CANCELLING],
    S.COMPLETED: [S.QUEUED, S.RUNNING, S.COMPLETED],
    S.FAILED: [S.QUEUED, S.RUNNING, S.FAILED],
    S.CANCELLED: [S.QUEUED, S.CANCELLED],
}


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "home" / "qjob.sqlite")
    yield world
    world.store.close()


@pytest.fixture
def new_world():
    """Make a world in a file; the test closes its store."""
    return World


@pytest.fixture
def script():
    """Run one of the scripts beside the tests in a process of its own and return what it prints, by line."""

    def run(name, *arguments):
        command = [sys.executable, str(Path(__file__).with_name(name)), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run

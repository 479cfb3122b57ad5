"""A store in a folder of its own, a clock that ticks, and jobs to put into it."""

import contextlib
import sqlite3
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout
from qjob.model.events import Progress
from qjob.model.filing import UNFILED
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.money import NANO, to_nano
from qjob.model.program import Program, ProgramFormat
from qjob.policy.admission import Claim, refusal
from qjob.store.store import Store
from qjob.treasury import Treasury

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Tells a later microsecond every time it is asked."""

    def __init__(self):
        self.now = START

    def __call__(self):
        self.now += timedelta(microseconds=1)
        return self.now


class Files:
    """Each path is a SQLite file."""

    kind = "sqlite"

    def open(self, path, clock, **options):
        return Store.open(path, clock=clock, **options)

    def argument(self, path):
        """What a script of these tests takes in place of a path."""
        return str(path)

    @contextlib.contextmanager
    def raw(self, path):
        """A connection that is not the store's, in which every statement is a transaction unless one is begun."""
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield connection

    def clean(self):
        pass


class World:
    """A store with the shortest ways to fill it."""

    program = Program(ProgramFormat.QASM3, b"OPENQASM 3.0;")
    layout = BitLayout(2, (0, 1))
    progress = Progress("sampling", 10, (("00", 6), ("11", 4)), 2)

    def __init__(self, path, places):
        self.path, self.places = path, places
        self.clock = Clock()
        self.store = places.open(path, self.clock)

    @property
    def raw(self):
        """A connection past the store; use it in a ``with``."""
        return self.places.raw(self.path)

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
        return job._replace(**changes)

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


def deciding(*caps, counts=True):
    """Return what decides on jobs of these caps as a submission does."""

    def decide(standing):
        if (error := refusal(standing, Claim(caps, counts=counts))) is not None:
            raise error
        return counts

    return decide


class Payer:
    """Submits paid jobs to a world's store and looks at what that did."""

    def __init__(self, world):
        self.world = world
        self.store = world.store

    def submit(self, cap=3 * NANO, *, counts=True, filing=UNFILED, reuse=False, **changes):
        now = self.world.clock.now
        record = self.world.record(cap=cap, status=S.QUEUED, **changes)
        self.world.clock.now = now  # the next tick is the admission's
        decide = deciding(cap, counts=counts)
        return self.store.accept(record, self.world.program, decide=decide, filing=filing, reuse=reuse).id

    def submit_batch(self, *caps, filing=UNFILED, reuse=False):
        now = self.world.clock.now
        first = self.world.record()
        batch = BatchRecord(first.id, first.user, None, len(caps), first.created_at)
        jobs = [
            (self.world.record(cap=cap, status=S.QUEUED, batch=batch.id, place=place), self.world.program)
            for place, cap in enumerate(caps)
        ]
        self.world.clock.now = now
        decide = deciding(*caps)
        found = self.store.accept_batch(batch, jobs, decide=decide, filing=filing, reuse=reuse)
        return self.store.jobs_of(found.id)

    def end(self, job_id, to, cost=None):
        if to is S.COMPLETED:
            return self.store.complete(
                job_id, b"packed", self.world.progress, self.world.layout, ran=0.5, cost=cost
            )
        return self.store.move(
            job_id, to, failure=Failure("worker_killed", "it died.") if to is S.FAILED else None, cost=cost
        )

    def limit(self, user="ada", **changes):
        team = self.store.budget_of(user)[0]
        self.store.set_limits(team, team.limits.changed(**changes), user)

    def at(self, text):
        self.world.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(microseconds=1)

    def moved(self, job_id):
        return [(str(each.kind), to_nano(each.amount)) for each in self.store.movements(job_id)]

    def day(self, user="ada"):
        return self.store.budget_of(user)[1]

    def month(self, user="ada"):
        return self.store.budget_of(user)[2]

    def rows(self, statement):
        with self.world.raw as connection:
            return connection.execute(statement).fetchall()

    def everything(self):
        """Return all rows of all tables that a submission may write to."""
        tables = "programs", "batches", "teams", "members", "users", "ledger", "spending", "jobs", "log"
        tables += "request_keys", "group_jobs"
        return {table: sorted(self.rows(f"SELECT * FROM {table}"), key=repr) for table in tables}  # noqa: S608 - names of ours

    def audited(self, books):
        """Return what an audit finds in the books that a function returns."""
        return Treasury.audit(SimpleNamespace(store=SimpleNamespace(books=books)))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    """The kind of database that a test's stores are in; what is about one kind parametrizes this."""
    return request.param


@pytest.fixture
def places(database, request):
    """Where the stores of this test are."""
    places = Files() if database == "sqlite" else request.getfixturevalue("schemas")
    yield places
    places.clean()


@pytest.fixture
def world(tmp_path, places):
    world = World(tmp_path / "home" / "qjob.sqlite", places)
    yield world
    world.store.close()


@pytest.fixture
def new_world(places):
    """Make a world in a file, or what stands for it in a server; the test closes its store."""
    return lambda path: World(path, places)


@pytest.fixture
def script():
    """Run one of the scripts beside the tests in a process of its own and return what it prints, by line."""

    def run(name, *arguments):
        command = [sys.executable, str(Path(__file__).parent / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


@pytest.fixture
def payer(world):
    """Submit paid jobs; in the end the books agree."""
    payer = Payer(world)
    yield payer
    assert payer.audited(world.store.books).findings == ()

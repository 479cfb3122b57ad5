"""Durable jobs in a world's store, workers that take them up, and leases that run out when a test says so."""

import contextlib
import socket
import sqlite3
import uuid
from dataclasses import replace
from datetime import UTC, datetime

from qjob.model.attempt import Sequel
from qjob.model.job import DURABLE, Failure, JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.model.worker import WorkerRecord
from qjob.store.store import Store

LOST = Failure("lease_lost", "it went away.", transient=True)
SITE = {"account": "111122223333", "region": "us-east-1", "profile": "lab"}


def again(seconds=0.0, failure=LOST):
    """Decide that another attempt follows after so many seconds."""
    return lambda _: Sequel(failure, seconds)


def never(failure=LOST, words=None):
    """Decide that none does."""
    return lambda _: Sequel(failure, None, words)


class FileWorld:
    """A store in a file, for who has no world of the store's own tests."""

    program = Program(ProgramFormat.QASM2, b"OPENQASM 2.0; qreg q[1]; creg c[1]; measure q->c;")

    def __init__(self, path):
        self.path = path
        self.store = Store.open(path, clock=self.clock)

    def clock(self):
        return datetime.now(UTC)

    @property
    def raw(self):
        return contextlib.closing(sqlite3.connect(self.path, isolation_level=None))

    def record(self, **changes):
        job = JobRecord(
            id=str(uuid.uuid4()),
            user="ada",
            name=None,
            backend="marqov-sim",
            program=self.program.digest,
            num_qubits=1,
            shots=100,
            seed=1,
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


class Durable:
    """The shortest ways to have durable jobs in any state."""

    def __init__(self, world):
        self.world, self.store = world, world.store
        self.workers = 0

    def job(self, **changes):
        """Accept a durable job; return its id."""
        given = {"mode": DURABLE, "owner": None, "status": JobStatus.QUEUED, **changes}
        return self.store.accept(self.world.record(**given), self.world.program).id

    def worker(self, user="ada", **changes):
        """Return a worker that nobody has listed."""
        self.workers += 1
        record = WorkerRecord(
            f"w{self.workers}", user, socket.gethostname(), self.workers, "1.0", self.world.clock()
        )
        return replace(record, **changes)

    def claim(self, worker=None, *, most=None, store=None):
        """Take up what waits; return the claims."""
        return (store or self.store).claim(worker or self.worker(), lambda waiting: waiting[:most])

    def waiting(self):
        """Return how many jobs nobody has."""
        with self.world.raw as connection:
            return connection.execute("SELECT count(*) FROM jobs WHERE owner IS NULL").fetchone()[0]

    def held(self, worker=None, **changes):
        """Have a worker hold a new job; return its id and the number of the lease."""
        job_id = self.job(**changes)
        (claim,) = [one for one in self.claim(worker) if one.record.id == job_id]
        return job_id, claim.record.fence

    def expire(self, *job_ids):
        """Let leases run out."""
        self.set(job_ids, "lease_until = 1")

    def age(self, seconds):
        """Let all attempts so far have begun earlier, by the clock of leases."""
        with self.world.raw as connection:
            connection.execute(f"UPDATE attempts SET leased_at = leased_at - {int(seconds * 1e6)}")  # noqa: S608

    def due(self, *job_ids):
        """Let pauses be over."""
        self.set(job_ids, "due_at = 1")

    def set(self, job_ids, what):
        """Change columns of jobs behind the store's back."""
        names = ", ".join(f"'{job_id}'" for job_id in job_ids)
        with self.world.raw as connection:
            connection.execute(f"UPDATE jobs SET {what} WHERE id IN ({names})")  # noqa: S608 - ids of ours

    def column(self, job_id, name):
        """Return a column of a job's row."""
        with self.world.raw as connection:
            query = f"SELECT {name} FROM jobs WHERE id = '{job_id}'"  # noqa: S608 - as above
            return connection.execute(query).fetchone()[0]

    def everything(self):
        """Return all rows that a worker may write."""
        tables = ("jobs", "attempts", "checkpoints", "progress", "results", "attachments", "log", "ledger")
        with self.world.raw as connection:
            return {
                table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)  # noqa: S608 - as above
                for table in tables
            }

    def kinds(self, job_id):
        return [str(entry.kind) for entry in self.store.log(job_id)]

    def codes(self, job_id):
        return [one.failure and one.failure.code for one in self.store.attempts(job_id)]

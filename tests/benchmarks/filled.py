"""A store with many jobs in it, made by the store's own calls, a thousand jobs a transaction.

Of a hundred jobs 85 are COMPLETED with a result, ten FAILED and five CANCELLED; four backends; every job has a name,
one in ten a tag; a job a minute.
"""

import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.model.events import PROGRESS_TOP, Progress
from qjob.model.job import Failure, JobRecord, JobStatus
from qjob.model.packing import pack
from qjob.model.program import Program, ProgramFormat
from qjob.model.result import Result
from qjob.store.store import Store

BACKENDS = ("marqov-sim", "qb-sim-statevector", "qb-sim-noisy-aer", "qb-sim-tensor-network")
NAMES = ("bell", "ghz", "qft", "ising", "grover", "vqe", "teleport", "walk")
TEXT = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; rx({}) q[0]; cx q[0],q[1]; measure q->c;'
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BATCH = 1000
PROGRAMS = 5000


def fill(home: Path, jobs: int) -> None:
    """Store so many jobs in a new home."""
    now = [BEGIN]
    store = Store.open(home / "qjob.sqlite", clock=lambda: now[0])
    chance = random.Random(1)
    programs = [
        Program(ProgramFormat.QASM2, TEXT.format(i / 1000).encode()) for i in range(min(jobs, PROGRAMS))
    ]
    layout = BitLayout(2, (0, 1))
    counts = Counts(layout, np.array([[0], [3]], dtype=np.uint64), np.array([497, 503]))
    packed = pack(Result(counts, None, {"method": "statevector", "path": "sampled"}))
    progress = Progress("completed", 1000, tuple(counts.top(PROGRESS_TOP)), 2)
    for first in range(0, jobs, BATCH):
        with store.transaction():
            for number in range(first, min(jobs, first + BATCH)):
                now[0] = BEGIN + number * MINUTE
                record = _record(number, programs[number % len(programs)], now[0], chance)
                store.accept(record, programs[number % len(programs)])
                share = chance.randrange(100)
                store.move(record.id, JobStatus.RUNNING)
                if share < 85:
                    store.complete(record.id, packed, progress, layout)
                elif share < 95:
                    store.move(record.id, JobStatus.FAILED, failure=Failure("simulation_failed", "No."))
                else:
                    store.move(record.id, JobStatus.CANCELLED)
    store.close()


def _record(number: int, program: Program, at: datetime, chance: random.Random) -> JobRecord:
    name = f"{chance.choice(NAMES)}-{number % 997}"
    return JobRecord(
        id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        user="someone",
        name=name,
        backend=BACKENDS[chance.randrange(4)],
        program=program.digest,
        num_qubits=2,
        shots=1000,
        seed=number,
        options={},
        mode="direct",
        tags={"run": str(number % 100)} if number % 10 == 0 else {},
        status=JobStatus.QUEUED,
        failure=None,
        owner=None,
        retry_of=None,
        created_at=at,
        started_at=None,
        ended_at=None,
    )

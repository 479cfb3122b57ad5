"""Writes to a store whenever it gets a line, and says at what `time.monotonic`. Usage: writing.py FILE_OR_URL."""

import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from qjob.model.events import Progress
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.store.store import Store


def clock():
    return datetime.now(UTC)


def job(program):
    """Return the record of a job that nobody runs."""
    return JobRecord(
        id=str(uuid.uuid4()),
        user="ada",
        name=None,
        backend="marqov-sim",
        program=program.digest,
        num_qubits=1,
        shots=1_000_000,
        seed=1,
        options={},
        mode="direct",
        tags={},
        status=JobStatus.INITIALIZING,
        failure=None,
        owner="nobody",
        retry_of=None,
        created_at=clock(),
        started_at=None,
        ended_at=None,
    )


place = sys.argv[1]
store = Store.connect(place, clock=clock) if "://" in place else Store.open(Path(place), clock=clock)
program = Program(ProgramFormat.QASM3, b"OPENQASM 3.0;")
record = job(program)
store.accept(record, program)
store.move(record.id, JobStatus.QUEUED)
store.move(record.id, JobStatus.RUNNING)
print("ready", flush=True)
for shots, _ in enumerate(sys.stdin, start=1):
    store.set_progress(record.id, Progress("sampling", shots, (("0", shots),), 1))
    print(time.monotonic(), flush=True)
store.close()

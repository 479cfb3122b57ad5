"""A store of any number of jobs, made in seconds: some real ones, and copies of their rows, each with a result.

``python many_jobs.py HOME JOBS`` fills one by hand.
"""

import json
import random
import sqlite3
import sys
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

BACKENDS = ("marqov-sim", "qb-sim-noisy-aer", "qb-sim-statevector", "sv1")
NAMES = ("bell", "ghz", "grover", "qaoa", "vqe", "walk", "teleport", None)
STATUSES = (*("COMPLETED",) * 8, "FAILED", "CANCELLED")
SHOTS = (100, 1000, 1024, 20_000, 100_000)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\nh q[0];\ncx q[0], q[1];\nc = measure q;\n'
PROGRAM = Program(ProgramFormat.QASM3, TEXT.encode())
SPREAD = 230
"""Seconds between two jobs: 100,000 of them fill some nine months."""


def fill(home: Path, jobs: int, user: str = "someone") -> None:
    """Store so many jobs of a user in a new home; the newest ones are an hour old."""
    chance = random.Random(1)
    now = [BEGIN]
    store = Store.open(home / "qjob.sqlite", clock=lambda: now[0])
    models = [_model(store, now, status, user) for status in dict.fromkeys(STATUSES)]
    store.close()
    with sqlite3.connect(home / "qjob.sqlite") as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.row_factory = sqlite3.Row
        rows = {model: _row(connection, "jobs", "id", model) for model in models}
        by_status = {dict(row)["status"]: dict(row) for row in rows.values()}
        done = by_status["COMPLETED"]["number"]
        result, progress = (_row(connection, table, "job", done) for table in ("results", "progress"))
        log = connection.execute("SELECT * FROM log WHERE job = ?", (done,)).fetchall()
        end = datetime.now(UTC) - timedelta(hours=1)
        copies = [
            _copy(by_status[chance.choice(STATUSES)], end - timedelta(seconds=SPREAD * i), chance)
            for i in range(jobs)
        ]
        copies.reverse()  # in the order of their keys, which is the cheap one
        _insert(connection, "jobs", copies)
        completed = [copy["number"] for copy in copies if copy["status"] == "COMPLETED"]
        for table, row in (("results", result), ("progress", progress)):
            _insert(connection, table, [{**dict(row), "job": number} for number in completed])
        _insert(
            connection, "log", [{**dict(row), "job": number} for number in completed[-2000:] for row in log]
        )
        connection.execute("INSERT INTO jobs_text (jobs_text) VALUES ('rebuild')")
    connection.close()


def _model(store: Store, now: list[datetime], status: str, user: str) -> str:
    """Store a job and let it come to an end, as all others do."""
    job = JobRecord(
        id=str(uuid.uuid4()),
        user=user,
        name="model",
        backend="marqov-sim",
        program=PROGRAM.digest,
        num_qubits=2,
        shots=1000,
        seed=1,
        options={},
        mode="direct",
        tags={},
        status=JobStatus.QUEUED,
        failure=None,
        owner=None,
        retry_of=None,
        created_at=now[0],
        started_at=None,
        ended_at=None,
    )
    store.accept(job, PROGRAM)
    now[0] += timedelta(seconds=0.1)
    store.move(job.id, JobStatus.RUNNING)
    now[0] += timedelta(seconds=1.24)
    layout = BitLayout(2, (0, 1))
    counts = Counts(layout, np.array([[0], [3]], dtype=np.uint64), np.array([497, 503]))
    if status == "COMPLETED":
        top = tuple(counts.top(PROGRESS_TOP))
        packed = pack(Result(counts, None, {"method": "statevector", "path": "sampled"}))
        store.complete(job.id, packed, Progress("completed", 1000, top, 2), layout)
    elif status == "FAILED":
        store.move(job.id, JobStatus.FAILED, failure=Failure("simulation_failed", "It broke.", "Mend it."))
    else:
        store.move(job.id, JobStatus.CANCELLED)
    return job.id


def _copy(model: dict[str, object], at: datetime, chance: random.Random) -> dict[str, object]:
    created = int(at.timestamp() * 1e6)
    name = chance.choice(NAMES)
    name = name and f"{name}-{chance.randrange(1000)}"
    tags = {"run": str(chance.randrange(100))} if chance.random() < 0.3 else {}
    backend = chance.choice(BACKENDS)
    search = "\n".join(filter(None, [name, *(f"{key}={value}" for key, value in tags.items())]))
    return {
        **model,
        "number": created * 1000,
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "name": name,
        "backend": backend,
        "shots": chance.choice(SHOTS) if model["status"] != "COMPLETED" else 1000,
        "seed": chance.randrange(2**31),
        "tags": json.dumps(tags),
        "search": search,
        "created_at": created,
        "started_at": created + 100_000,
        "ended_at": created + 100_000 + chance.randrange(60_000_000),
        "cap": 3_750_000 if backend == "sv1" else 0,
        "cost": chance.randrange(3_750_000) if backend == "sv1" else None,
    }


def _row(connection: sqlite3.Connection, table: str, key: str, value: object) -> sqlite3.Row:
    return connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (value,)).fetchone()  # noqa: S608 - names of ours


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        names = list(rows[0])
        places = ", ".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)  # noqa: S608 - as above


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))

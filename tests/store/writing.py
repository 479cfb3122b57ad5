"""Processes that write to one store. Usage: writing.py together PLACE | writing.py killed PLACE SEED ROUNDS,
where PLACE is a file or the URL of a database.

``together``: four processes, started afresh, accept jobs and race for the moves of all of them. ``killed``: a
process that writes is killed after a random number of calls that returned, again and again; after each, all that
it was told is in the store.
"""

import os
import random
import signal
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from qjob.model.bits import BitLayout
from qjob.model.events import Progress
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.store.sqlite import checkpoints
from qjob.store.store import Store

CASE, PLACE = sys.argv[1:3]
PROGRAM = Program(ProgramFormat.QASM3, b"OPENQASM 3.0;")
LAYOUT = BitLayout(1, (0,))
JOBS, WRITERS = 50, 4


def clock():
    return datetime.now(UTC)


def opened():
    if "://" in PLACE:
        return Store.connect(PLACE, clock=clock)
    return Store.open(Path(PLACE), clock=clock)


def accept(store, name):
    job = JobRecord(
        id=str(uuid.uuid4()),
        user="ada",
        name=name,
        backend="marqov-sim",
        program=PROGRAM.digest,
        num_qubits=1,
        shots=1,
        seed=1,
        options={},
        mode="direct",
        tags={},
        status=JobStatus.INITIALIZING,
        failure=None,
        owner="me",
        retry_of=None,
        created_at=clock(),
        started_at=None,
        ended_at=None,
    )
    store.accept(job, PROGRAM)
    return job.id


def write(name):
    """Accept jobs, then try to move everybody's; print each move that was made."""
    store = opened()
    for _ in range(JOBS):
        print("accepted", accept(store, name), flush=True)
    for to in (JobStatus.QUEUED, JobStatus.CANCELLING):
        for job in store.jobs(limit=1000):
            if store.move(job.id, to):
                print(to.value, job.id)
    for job in store.jobs(limit=1000):
        if store.complete(job.id, name.encode(), Progress("done", 1), LAYOUT):
            print("COMPLETED", job.id)
    store.close()


def together():
    command = [sys.executable, __file__, "write", PLACE]
    writers = [
        subprocess.Popen([*command, f"writer{i}"], stdout=subprocess.PIPE, text=True) for i in range(WRITERS)
    ]
    for writer in writers:
        for line in writer.communicate()[0].splitlines():
            print(line)
        if writer.returncode:
            sys.exit(writer.returncode)


def write_until_killed(pipe):
    checkpoints.CHANGES = 20  # so that many are killed in one
    store = opened()
    while True:
        job_id = accept(store, "killed")
        os.write(pipe, f"{job_id} INITIALIZING\n".encode())
        for to in (JobStatus.QUEUED, JobStatus.RUNNING):
            store.move(job_id, to)
            os.write(pipe, f"{job_id} {to}\n".encode())
        store.set_progress(job_id, Progress("half"))
        store.complete(job_id, job_id.encode() * 500, Progress("done", 1), LAYOUT)
        os.write(pipe, f"{job_id} COMPLETED\n".encode())


def killed(seed, rounds):
    draw = random.Random(seed)
    told = {}
    for _ in range(rounds):
        reader, writer = os.pipe()
        if (pid := os.fork()) == 0:
            os.close(reader)
            write_until_killed(writer)
        os.close(writer)
        with os.fdopen(reader) as lines:
            for _ in range(draw.randint(1, 60)):
                job_id, status = lines.readline().split()
                told[job_id] = status
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            told.update(line.split() for line in lines)
        # in a child, as this process must never hold the store that it forks
        if (pid := os.fork()) == 0:
            os._exit(check(told))
        if status := os.waitpid(pid, 0)[1]:
            sys.exit(f"the check after {len(told)} jobs ended with {status}")
    print("told", len(told))


def check(told):
    """Compare the store with what its writers were told: never behind it, at most one step ahead."""
    order = [JobStatus.INITIALIZING, JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED]
    store = opened()
    store.check()
    stored = {job.id: job.status for job in store.jobs(limit=100_000)}
    wrong = [("lost", job_id) for job_id in told if job_id not in stored]
    for job_id, status in stored.items():
        at_least = order.index(JobStatus(told.get(job_id, "INITIALIZING")))
        if not at_least <= order.index(status) <= at_least + 1:
            wrong.append((job_id, status, told.get(job_id)))
        kinds = [entry.kind.value for entry in store.log(job_id)]
        if kinds != ["accepted", "queued", "running", "completed"][: order.index(status) + 1]:
            wrong.append((job_id, status, kinds))
        if (store.result(job_id) == job_id.encode() * 500) != (status is JobStatus.COMPLETED):
            wrong.append((job_id, status, "result"))
    print(*wrong, sep="\n", file=sys.stderr, flush=True)
    return 1 if wrong else 0


match CASE:
    case "together":
        together()
    case "write":
        write(sys.argv[3])
    case "killed":
        killed(int(sys.argv[3]), int(sys.argv[4]))

"""Processes that send requests to one store. Usage: requesting.py together PLACE | requesting.py killed PLACE,
where PLACE is a file or the URL of a database.

``together``: two processes send the same requests at the same time. ``killed``: one that sends request after request
is killed, five times, each time a little later. Both print the key and the job of every answer that they got.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from qjob.model.filing import Filing, RequestKey
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.store.store import Store

CASE, PLACE = sys.argv[1:3]
PROGRAM = Program(ProgramFormat.QASM3, b"OPENQASM 3.0;")


def clock():
    return datetime.now(UTC)


def opened():
    return Store.connect(PLACE, clock=clock) if "://" in PLACE else Store.open(Path(PLACE), clock=clock)


def send(store, key):
    job = JobRecord(
        id=str(uuid.uuid4()),
        user="ada",
        name=key,
        backend="marqov-sim",
        program=PROGRAM.digest,
        num_qubits=1,
        shots=1,
        seed=1,
        options={},
        mode="direct",
        tags={},
        status=JobStatus.QUEUED,
        failure=None,
        owner="me",
        retry_of=None,
        created_at=clock(),
        started_at=None,
        ended_at=None,
    )
    filing = Filing(RequestKey(key, "the same"))
    found = store.accept(job, PROGRAM, decide=lambda _: False, filing=filing)
    print(key, found.id, flush=True)


def child(case, argument=""):
    command = [sys.executable, __file__, case, PLACE, argument]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


if CASE == "together":
    children = [child("twenty") for _ in range(2)]
    for each in children:
        each.stdout.readline()  # it is ready
    for each in children:
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in children:
        print(each.communicate()[0], end="")
        assert each.returncode == 0
elif CASE == "twenty":
    store = opened()
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(20):
        send(store, f"key{number}")
    store.close()
elif CASE == "killed":
    for life in range(5):
        sender = child("on", str(life))
        first = sender.stdout.readline()
        time.sleep(0.01 * life)
        os.kill(sender.pid, signal.SIGKILL)
        rest = sender.communicate()[0]
        whole = (first + rest).rpartition("\n")[0]
        print(whole)
elif CASE == "on":
    store = opened()
    for number in range(100_000):
        send(store, f"{sys.argv[3]}-{number}")

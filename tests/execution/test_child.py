"""What a worker says while the executor does not listen, and how another goes on for one that was killed."""

import contextlib
import socket
import subprocess
import sys

import pytest
from qiskit import QuantumCircuit, qasm3

from qjob.backends.base import Task
from qjob.execution.child import _run
from qjob.execution.frames import FrameReader, Packed, decode_event, encode_task
from qjob.model.events import Attached, Cancelled, Checkpoint, Progress
from qjob.model.job import JobRequest
from qjob.model.packing import compressor, unpack
from qjob.model.program import Program, ProgramFormat


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(10)
        yield ours, theirs


def fill(sock):
    """Send until there is no more room; return how much."""
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            sent += sock.send(bytes(4096), socket.MSG_DONTWAIT)
    return sent


def drain(sock, size):
    while size:
        size -= len(sock.recv(min(size, 1 << 16)))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(Progress("running"), id="progress"),
        pytest.param(Checkpoint(5, b"counted"), id="a checkpoint"),
    ],
)
@pytest.mark.parametrize("room", [True, False], ids=["with room", "without"])
def test_what_a_later_one_replaces_is_dropped_where_there_is_no_room(pair, event, room):
    ours, theirs = pair

    def events():
        filled = 0 if room else fill(ours)
        yield event
        drain(theirs, filled)
        yield Attached("kind", "text")
        yield Cancelled()

    _run({"id": events()}, ours, compressor())
    ours.close()
    reader, said = FrameReader(), []
    while data := theirs.recv(1 << 16):
        said += [decode_event(*frame)[1] for frame in reader.feed(data)]
    assert said == [*([event] if room else []), Attached("kind", "text"), Cancelled()]


@contextlib.contextmanager
def worker(task, home):
    """Yield what a worker process says of a task, and kill it at the end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        start = [sys.executable, "-m", "qjob.execution.start", "qjob.execution.child"]
        descriptor = theirs.fileno()
        with subprocess.Popen([*start, str(descriptor), str(home)], pass_fds=[descriptor]) as process:
            theirs.close()
            ours.settimeout(100)
            ours.sendall(encode_task(task))
            yield heard(ours)
            process.kill()


def heard(sock):
    reader = FrameReader()
    while data := sock.recv(1 << 16):
        for frame in reader.feed(data):
            yield decode_event(*frame)[1]


@pytest.mark.slow
def test_another_worker_goes_on_for_one_that_was_killed(tmp_path):
    circuit = QuantumCircuit(3, 3)
    circuit.h([0, 1])
    circuit.measure(0, 0)
    circuit.h(0)
    circuit.measure([0, 1, 2], [2, 1, 0])
    program = Program(ProgramFormat.QASM3, qasm3.dumps(circuit).encode())
    task = Task("id", 1, JobRequest(program, "marqov-sim", 40_003, 7, {}, "durable"), None)
    with worker(task, tmp_path) as events:
        first = next(event for event in events if isinstance(event, Checkpoint))
    assert 0 < first.shots < 40_003
    with worker(task.after(first), tmp_path) as events:
        said = []
        while not said or not isinstance(said[-1], Packed):
            said.append(next(events))
    assert next(event.shots_done for event in said if isinstance(event, Progress)) == first.shots
    resumed = unpack(said[-1].result)
    assert resumed.metadata["resumed_at"] == first.shots
    with worker(task, tmp_path) as events:
        whole = unpack(next(event for event in events if isinstance(event, Packed)).result)
    assert resumed.counts == whole.counts
    assert whole.counts.shots == 40_003

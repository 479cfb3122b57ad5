"""What a worker says while the executor does not listen."""

import contextlib
import socket

import pytest

from qjob.execution.child import _run
from qjob.execution.frames import FrameReader, decode_event
from qjob.model.events import Attached, Cancelled, Checkpoint, Progress
from qjob.model.packing import compressor


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

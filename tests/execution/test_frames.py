"""What crosses between executor and worker arrives as it was sent."""

import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.base import Task
from qjob.execution.frames import (
    FrameError,
    FrameReader,
    Packed,
    decode_event,
    decode_task,
    encode,
    encode_event,
    encode_task,
)
from qjob.model.bits import BitLayout, Register
from qjob.model.counts import Counts
from qjob.model.events import Cancelled, Checkpoint, Completed, Failed, Progress, Queued, Running, Submitted
from qjob.model.job import Failure, JobRequest
from qjob.model.packing import unpack
from qjob.model.program import CircuitProfile, Program, ProgramFormat
from qjob.model.result import Result
from qjob.model.steps import Steps


def only(data):
    (frame,) = FrameReader().feed(data)
    return frame


@pytest.mark.parametrize(
    "event",
    [
        Running(),
        Cancelled(),
        Submitted("arn:aws:braket:::task"),
        Queued(3),
        Queued(None),
        Progress("evolving the state"),
        Progress("sampling", 10, (("00", 6), ("11", 4)), 2),
        Checkpoint(4_096, b"\0counted\n\xff"),
        Checkpoint(1, b""),
        Failed(Failure("out_of_memory", "no room", "fewer qubits", transient=True)),
        Failed(Failure("device", "it broke"), Decimal("0.300000001")),
        Cancelled(Decimal(0)),
        Cancelled(Decimal("1.25")),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_survives(event):
    assert decode_event(*only(encode_event("id", event))) == ("id", event)


def test_a_result_crosses_packed_with_what_displays_need():
    layout = BitLayout(3, (0, 2), (Register("a", 1), Register("b", 2)))
    counts = Counts.from_dict(layout, {"101": 3, "000": 5})
    job_id, packed = decode_event(
        *only(encode_event("id", Completed(Result(counts, np.array([1, 0j]), {"method": "x"}))))
    )
    assert job_id == "id"
    assert isinstance(packed, Packed)
    assert BitLayout.from_object(json.loads(packed.layout)) == layout
    assert Progress.from_object(json.loads(packed.progress)) == Progress(
        "completed", 8, (("000", 5), ("101", 3)), 2
    )
    result = unpack(packed.result)
    assert result.counts == counts
    assert result.statevector.tolist() == [1, 0j]
    assert result.metadata == {"method": "x"}


@pytest.mark.parametrize("ran", [None, 0.0, 1.5])
def test_that_a_job_began_is_told_with_what_comes_first(ran):
    result = Completed(Result(Counts.from_dict(BitLayout(1, (0,)), {"1": 3})))
    _, packed = decode_event(*only(encode_event("id", result, ran=ran)))
    assert packed.ran == ran
    frames = FrameReader().feed(encode_event("id", Queued(1), ran=ran))
    told = [decode_event(*frame)[1] for frame in frames]
    assert told == [*([] if ran is None else [Running()]), Queued(1)]


@pytest.mark.parametrize("cost", [None, Decimal(0), Decimal("0.000000001"), Decimal(10_000_000)])
def test_what_a_job_cost_crosses_exactly(cost):
    counts = Counts.from_dict(BitLayout(1, (0,)), {"1": 3})
    _, packed = decode_event(*only(encode_event("id", Completed(Result(counts), cost))))
    assert (packed.cost, packed.billed_seconds) == (cost, None)
    _, packed = decode_event(*only(encode_event("id", Completed(Result(counts), cost, 4.25))))
    assert (packed.cost, packed.billed_seconds) == (cost, 4.25)


def test_a_task_survives():
    program = Program(ProgramFormat.QASM3, "OPENQASM 3.0; // π".encode())
    request = JobRequest(
        program, "marqov-sim", 5, 1 << 61, {"t1": 50.0, "device": "cpu"}, "direct", "n", {"k": "v"}
    )
    layout = BitLayout(3, (0, 2), (Register("a", 1), Register("b", 2)))
    profile = CircuitProfile(4, 3, layout, 2, {"h": 2, "measure": 2}, terminal=True)
    task = Task("id", 2, request, profile, 1 << 33)
    assert decode_task(*only(encode_task(task))) == task


STEPS = Steps(2, (b"x" * 64, b"y" * 256), ((0, (1,)), (1, (1, 0))), (1, 1, 0))


@pytest.mark.parametrize("checkpoint", [None, Checkpoint(3, b"567")])
def test_steps_cross_between_program_and_checkpoint(checkpoint):
    task = replace(durable(b"1234", checkpoint), steps=STEPS)
    assert decode_task(*only(encode_task(task))) == task


def test_steps_that_are_no_part_of_their_frame_are_an_error():
    head, tail = only(encode_task(replace(durable(b"1234", None), steps=STEPS)))
    with pytest.raises(FrameError, match="matrices of 320 bytes in a tail of 300"):
        decode_task(head, tail[:300])


CHECKPOINTS = st.none() | st.builds(Checkpoint, st.integers(0, 10**12), st.binary(max_size=200))


def durable(program, checkpoint):
    request = JobRequest(Program(ProgramFormat.QPY, program), "marqov-sim", 5, 1, {}, "durable")
    return Task("id", 2, request, None, checkpoint=checkpoint)


@given(st.binary(max_size=200), CHECKPOINTS)
def test_a_checkpoint_crosses_behind_its_program(program, checkpoint):
    task = durable(program, checkpoint)
    assert decode_task(*only(encode_task(task))) == task


@given(CHECKPOINTS.filter(bool), st.lists(st.integers(1, 30), min_size=1, max_size=10))
def test_a_checkpoint_comes_whole_however_the_stream_is_cut(checkpoint, pieces):
    stream, reader, found, at = encode_event("id", checkpoint), FrameReader(), [], 0
    while at < len(stream):
        for piece in pieces:
            found += [decode_event(*frame) for frame in reader.feed(stream[at : at + piece])]
            at += piece
    assert found == [("id", checkpoint)]


@pytest.mark.parametrize("size", [-1, 8], ids=["negative", "longer than all there is"])
def test_a_checkpoint_that_is_no_part_of_its_frame_is_an_error(size):
    head, tail = only(encode_task(durable(b"1234", Checkpoint(3, b"567"))))
    with pytest.raises(FrameError, match=f"{size} bytes in a tail of 7"):
        decode_task({**head, "checkpoint": {"shots": 3, "size": size}}, tail)


@given(st.lists(st.binary(max_size=40), max_size=5), st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_frames_are_cut_wherever_the_stream_is_cut(tails, pieces):
    stream = b"".join(encode({"n": i}, tail) for i, tail in enumerate(tails))
    reader, found, at = FrameReader(), [], 0
    while at < len(stream):
        for piece in pieces:
            found += reader.feed(stream[at : at + piece])
            at += piece
    assert found == [({"n": i}, tail) for i, tail in enumerate(tails)]


@pytest.mark.parametrize("head", [b"[]", b"{", b"1"])
def test_what_is_no_frame_is_an_error(head):
    data = len(head).to_bytes(4, "little") + bytes(4) + head
    with pytest.raises(FrameError):
        list(FrameReader().feed(data))


def test_an_unknown_event_is_an_error():
    with pytest.raises(FrameError, match="teleported"):
        decode_event({"job": "id", "event": "teleported"}, b"")

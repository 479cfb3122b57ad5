"""What travels between an executor and its workers: frames of a JSON head and a binary tail. No pickle.

A frame is two u32 lengths (little-endian), the head as JSON, the tail as it is. Tasks go one way, events the
other; a completed job's result crosses packed and is stored unopened, so the kernel never decodes it.
"""

import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from zstandard import ZstdCompressor

from qjob.backends.base import Task
from qjob.model.events import (
    PROGRESS_TOP,
    Attached,
    Cancelled,
    Checkpoint,
    Completed,
    Event,
    Failed,
    Progress,
    Queued,
    Running,
    Submitted,
)
from qjob.model.job import Failure, JobRequest
from qjob.model.money import from_nano, to_nano
from qjob.model.packing import pack
from qjob.model.program import CircuitProfile, Program, ProgramFormat
from qjob.model.steps import Steps

LENGTHS = struct.Struct("<II")
RECEIVE = 1 << 16
"""Bytes asked of a socket at once: more would be allocated each time, and hardly ever come."""
Frame = tuple[dict[str, Any], bytes]

_Small = Submitted | Attached | Queued | Running | Progress | Checkpoint | Failed | Cancelled


class FrameError(ValueError):
    """The peer speaks another protocol."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A completed job as it crosses: the packed result, what displays need of it, and what it cost."""

    result: bytes
    progress: str  # the final one, as JSON text
    layout: str  # of the result's classical bits, as JSON text
    cost: Decimal | None = None  # US dollars; None where nobody said
    billed_seconds: float | None = None
    ran: float | None = None  # for how many seconds, where that it began to run is told by this as well


def to_text(value: object) -> str:
    """Return JSON text; dataclasses become objects."""
    return orjson.dumps(value).decode()


def encode(head: Mapping[str, Any], tail: bytes = b"") -> bytes:
    """Return one frame as bytes."""
    text = orjson.dumps(head)  # which writes dataclasses as objects
    return LENGTHS.pack(len(text), len(tail)) + text + tail


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes as they arrive and yield the frames that they complete."""
        self._buffer += data
        while len(self._buffer) >= LENGTHS.size:
            head_size, tail_size = LENGTHS.unpack_from(self._buffer)
            end = LENGTHS.size + head_size + tail_size
            if len(self._buffer) < end:
                return
            tail_at = LENGTHS.size + head_size
            with memoryview(self._buffer) as view:  # a slice of the buffer would be one more copy
                head, tail = bytes(view[LENGTHS.size : tail_at]), bytes(view[tail_at:end])
            del self._buffer[:end]
            yield _head(head), tail


def arrivals(sock: socket.socket) -> Iterator[list[Frame]]:
    """Yield the frames that arrive together, from a blocking socket until the peer closes it."""
    reader = FrameReader()
    while data := sock.recv(RECEIVE):
        if arrived := list(reader.feed(data)):
            yield arrived


def _head(text: bytes) -> dict[str, Any]:
    try:
        head = orjson.loads(text)
    except ValueError as error:
        raise FrameError("a frame's head is no JSON") from error
    if not isinstance(head, dict):
        raise FrameError("a frame's head is no object")
    return head


# -- tasks ------------------------------------------------------------------------------------------------------


def encode_task(task: Task) -> bytes:
    """Return a task as a frame; its tail is the program, the matrices of its steps, and its checkpoint, if any."""
    matrices = () if task.steps is None else task.steps.matrices
    counted = b"" if task.checkpoint is None else task.checkpoint.data
    return encode(task_head(task), b"".join((task.request.program.data, *matrices, counted)))


def task_head(task: Task) -> dict[str, Any]:
    """Return the head of a task's frame."""
    request, checkpoint, steps = task.request, task.checkpoint, task.steps
    return {
        "job": task.job_id,
        "attempt": task.attempt,
        "memory_limit": task.memory_limit,
        "profile": task.profile,
        "backend": request.backend,
        "shots": request.shots,
        "seed": request.seed,
        "options": dict(request.options),
        "mode": request.mode,
        "name": request.name,
        "tags": dict(request.tags),
        "format": request.program.format,
        "cap": task.cap,
        "site": None if task.site is None else dict(task.site),
        "remote_id": task.remote_id,
        "resumed": task.resumed,
        "ran": task.ran,
        "attachments": None if task.attachments is None else dict(task.attachments),
        "about": None if task.about is None else dict(task.about),
        "checkpoint": checkpoint and {"shots": checkpoint.shots, "size": len(checkpoint.data)},
        "steps": steps and steps.to_object(),
    }


def decode_task(head: Mapping[str, Any], tail: bytes) -> Task:
    """Return the task that `encode_task` made a frame of."""
    program, checkpoint = _parted(head["checkpoint"], tail)
    program, steps = _with_steps(head["steps"], program)
    request = JobRequest(
        program=Program(ProgramFormat(head["format"]), program),
        backend=head["backend"],
        shots=head["shots"],
        seed=head["seed"],
        options=head["options"],
        mode=head["mode"],
        name=head["name"],
        tags=head["tags"],
    )
    profile = None if head["profile"] is None else CircuitProfile.from_object(head["profile"])
    return Task(
        head["job"],
        head["attempt"],
        request,
        profile,
        head["memory_limit"],
        head["cap"],
        head["site"],
        head["remote_id"],
        head["resumed"],
        head["ran"],
        head["attachments"],
        head["about"],
        checkpoint,
        steps,
    )


def _with_steps(plain: Mapping[str, Any] | None, data: bytes) -> tuple[bytes, Steps | None]:
    """Return the program of a task's frame, and its steps where the head tells of them."""
    if plain is None:
        return data, None
    end = len(data) - sum(plain["sizes"])
    if end < 0:
        raise FrameError(f"matrices of {sum(plain['sizes'])} bytes in a tail of {len(data)}")
    return data[:end], Steps.from_object(plain, data[end:])


def _parted(counted: Mapping[str, int] | None, tail: bytes) -> tuple[bytes, Checkpoint | None]:
    """Return what a task's frame holds before its checkpoint, and that where the head tells of one."""
    if counted is None:
        return tail, None
    end = len(tail) - counted["size"]
    if not 0 <= end <= len(tail):
        raise FrameError(f"a checkpoint of {counted['size']} bytes in a tail of {len(tail)}")
    return tail[:end], Checkpoint(counted["shots"], tail[end:])


# -- events -----------------------------------------------------------------------------------------------------


def encode_event(
    job_id: str, event: Event, compress: ZstdCompressor | None = None, *, ran: float | None = None
) -> bytes:
    """Return a job's event as a frame.

    Parameters
    ----------
    compress
        As for `qjob.model.packing.pack`.
    ran
        For how many seconds the job has run, where nobody has told before that it began; None: that was told.
    """
    if isinstance(event, Completed):
        return _encode_completed(job_id, event, compress, ran)
    return (b"" if ran is None else encode_event(job_id, Running())) + _encode_event(job_id, event)


def _encode_event(job_id: str, event: _Small) -> bytes:
    match event:
        case Progress():
            return encode({"job": job_id, "event": "progress", "progress": event})
        case Checkpoint(shots, data):
            return encode({"job": job_id, "event": "checkpoint", "shots": shots}, data)
        case Failed(failure, cost):
            return encode(_with_cost({"job": job_id, "event": "failed", "failure": failure}, cost))
        case Submitted(remote_id):
            return encode({"job": job_id, "event": "submitted", "remote_id": remote_id})
        case Queued():
            return encode({"job": job_id, "event": "queued", "queue": event})
        case Attached(kind, text):
            return encode({"job": job_id, "event": "attached", "kind": kind}, text.encode())
        case Running():
            return encode({"job": job_id, "event": "running"})
        case Cancelled(cost, why):
            head = {"job": job_id, "event": "cancelled", "failure": why}
            return encode(_with_cost(head, cost))


def _encode_completed(
    job_id: str, event: Completed, compress: ZstdCompressor | None, ran: float | None
) -> bytes:
    counts = event.result.counts
    progress = Progress("completed", counts.shots, tuple(counts.top(PROGRESS_TOP)), len(counts))
    head: dict[str, Any] = {"job": job_id, "event": "completed"}
    head |= {"progress": to_text(progress), "layout": to_text(counts.layout)}  # which nobody reads on the way
    if ran is not None:
        head["ran"] = ran
    if event.billed_seconds is not None:
        head["billed_seconds"] = event.billed_seconds
    return encode(_with_cost(head, event.cost), pack(event.result, compress))


def _with_cost(head: dict[str, Any], cost: Decimal | None) -> dict[str, Any]:
    """Return the head of a frame with what was billed, in nano-dollars, where anybody said."""
    return head if cost is None else {**head, "cost": to_nano(cost)}


def _cost(head: Mapping[str, Any]) -> Decimal | None:
    nano = head.get("cost")
    return None if nano is None else from_nano(nano)


def decode_event(head: Mapping[str, Any], tail: bytes) -> tuple[str, Event | Packed]:
    """Return the job and the event that `encode_event` made a frame of; a completed one stays packed."""
    return head["job"], _event(head, tail)


def _event(head: Mapping[str, Any], tail: bytes) -> Event | Packed:
    match head.get("event"):
        case "completed":
            billed, ran = head.get("billed_seconds"), head.get("ran")
            return Packed(tail, head["progress"], head["layout"], _cost(head), billed, ran)
        case "progress":
            return Progress.from_object(head["progress"])
        case "checkpoint":
            return Checkpoint(head["shots"], tail)
        case "failed":
            return Failed(Failure(**head["failure"]), _cost(head))
        case "submitted":
            return Submitted(head["remote_id"])
        case "queued":
            return Queued.from_object(head["queue"])
        case "attached":
            return Attached(head["kind"], tail.decode())
        case "running":
            return Running()
        case "cancelled":
            why = head["failure"]
            return Cancelled(_cost(head), None if why is None else Failure(**why))
        case unknown:
            raise FrameError(f"an unknown event: {unknown!r}")

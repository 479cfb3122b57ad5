"""What the processes of a run say to each other: a JSON head and blobs. No pickle.

A message ends with its pipe. Whoever reads one trusts nothing in it: `unpack` and `read_programs` take what has the
right shape, and nothing else.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from qjob.model.program import Program, ProgramFormat

LENGTH = struct.Struct("<I")
HEAD_ROOM = 200_000
"""The most that a head takes beside its blobs, in bytes."""
FIGURES = ("line", "seconds", "maximum")
TEXT = 2000
"""Characters of one text of a complaint that are kept."""


class MessageError(ValueError):
    """The other side speaks another protocol, or was cut off."""


def pack(head: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """Return a message as bytes."""
    text = json.dumps({**head, "sizes": [len(blob) for blob in blobs]}).encode()
    return b"".join([LENGTH.pack(len(text)), text, *blobs])


def unpack(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return a message's head and blobs.

    Raises
    ------
    MessageError
        These bytes are no message, or not a whole one.
    """
    try:
        (length,) = LENGTH.unpack_from(data)
        head = json.loads(data[LENGTH.size : LENGTH.size + length])
        sizes = head.pop("sizes")
        blobs, at = [], LENGTH.size + length
        for size in sizes:
            if type(size) is not int or size < 0:
                raise MessageError(f"{size!r} is no length")
            blobs.append(data[at : at + size])
            at += size
    except (struct.error, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise MessageError(f"{len(data)} bytes are no message: {error}") from error
    if at != len(data):
        raise MessageError(f"the message says {at} bytes and has {len(data)}")
    return head, blobs


def complaint(message: str, remedy: str = "", numbers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the head that says why there are no programs."""
    return {"message": message, "remedy": remedy, "numbers": dict(numbers or {})}


def read_complaint(head: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a head's complaint, its texts cut and without control characters; None where there is none.

    Raises
    ------
    MessageError
        It is of another shape.
    """
    if "message" not in head:
        return None
    match head:
        case {"message": str(message), "remedy": str(remedy), "numbers": dict(numbers)}:
            kept: dict[str, Any] = {
                name: value
                for name, value in numbers.items()
                if name in FIGURES and type(value) in (int, float)
            }
            names = numbers.get("circuits")
            if isinstance(names, list) and all(isinstance(name, str) for name in names):
                kept["circuits"] = [_plain(name) for name in names[:100]]
            return complaint(_plain(message), _plain(remedy), kept)
        case _:
            raise MessageError("a complaint of another shape")


def programs_head(programs: Sequence[Program], *, single: bool) -> dict[str, Any]:
    """Return the head of a message whose blobs are these programs."""
    return {"formats": [program.format.value for program in programs], "single": single}


def read_programs(head: Mapping[str, Any], blobs: Sequence[bytes]) -> tuple[tuple[Program, ...], bool]:
    """Return the programs of a message, unread, and whether it is one by itself rather than a list.

    Raises
    ------
    MessageError
        Head and blobs do not go together.
    """
    match head:
        case {"formats": list(formats), "single": bool(single)} if len(formats) == len(blobs) >= 1:
            if single and len(blobs) != 1:
                raise MessageError(f"{len(blobs)} programs are not one")
            try:
                return tuple(map(Program, map(ProgramFormat, formats), blobs)), single
            except (ValueError, TypeError) as error:
                raise MessageError(f"an unknown format: {error}") from error
        case _:
            raise MessageError("programs of another shape")


def _plain(text: str) -> str:
    kept = "".join(
        sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text[:TEXT]
    )
    return kept + "..." * (len(text) > TEXT)

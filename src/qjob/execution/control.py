"""The few words between an executor and its template: fixed records over a socket, a descriptor beside some."""

import socket
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

_RECORD = struct.Struct("<iiqq")

UNFIT_TO_FORK = 70
"""The exit code of a template that cannot fork safely."""


class Word(IntEnum):
    """What a record says."""

    READY = 1  # template -> executor: warmed up, will fork
    FORK = 2  # executor -> template: fork a worker named `token`; its socket's descriptor comes along
    KILL = 3  # executor -> template: kill the worker `token`
    FORKED = 4  # template -> executor: `token` runs as process `value`
    EXITED = 5  # template -> executor: `token` ended with `value` (a signal is negative), peak memory `extra` bytes
    REFUSED = 6  # template -> executor: `token` could not be forked, errno `value`


class Record(NamedTuple):
    """One message of the control socket."""

    word: Word
    token: int
    value: int = 0
    extra: int = 0

    def pack(self) -> bytes:
        """Return the record as bytes."""
        return _RECORD.pack(self.word, self.value, self.token, self.extra)


class RecordReader:
    """Cuts a stream of bytes into records."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[Record]:
        """Take bytes as they arrive and yield the records that they complete."""
        self._buffer += data
        while len(self._buffer) >= _RECORD.size:
            word, value, token, extra = _RECORD.unpack_from(self._buffer)
            self._buffer = self._buffer[_RECORD.size :]
            yield Record(Word(word), token, value, extra)


def receive(sock: socket.socket) -> tuple[Record, int | None] | None:
    """Return the next record and the descriptor beside it; None where the peer has closed the socket."""
    data, descriptors, _, _ = socket.recv_fds(sock, _RECORD.size, 1)
    while data and len(data) < _RECORD.size:
        more = sock.recv(_RECORD.size - len(data))
        if not more:
            return None
        data += more
    if not data:
        return None
    record = next(RecordReader().feed(data))
    return record, descriptors[0] if descriptors else None

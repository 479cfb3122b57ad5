"""The records between an executor and its template."""

import os
import socket

import pytest

from qjob.execution.control import Record, RecordReader, Word, receive


@pytest.fixture
def pair():
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def test_records_are_cut_wherever_the_stream_is_cut():
    records = [Record(Word.READY, 0, 77), Record(Word.EXITED, 1 << 40, -9, 1 << 35), Record(Word.KILL, 3)]
    stream = b"".join(record.pack() for record in records)
    reader = RecordReader()
    assert [record for i in range(len(stream)) for record in reader.feed(stream[i : i + 1])] == records


def test_a_descriptor_comes_along(pair):
    ours, theirs = pair
    read, write = os.pipe()
    socket.send_fds(ours, [Record(Word.FORK, 5).pack()], [write])
    record, descriptor = receive(theirs)
    assert record == Record(Word.FORK, 5)
    os.write(descriptor, b"x")
    assert os.read(read, 1) == b"x"
    for each in (read, write, descriptor):
        os.close(each)


def test_a_record_in_two_pieces(pair):
    ours, theirs = pair
    data = Record(Word.KILL, 9).pack()
    ours.sendall(data[:5])
    ours.sendall(data[5:])
    assert receive(theirs) == (Record(Word.KILL, 9), None)


@pytest.mark.parametrize("sent", [b"", b"\x01\x00"], ids=["nothing", "half a record"])
def test_a_closed_peer_is_none(pair, sent):
    ours, theirs = pair
    ours.sendall(sent)
    ours.close()
    assert receive(theirs) is None

"""Messages of processes that are not believed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qjob.model.program import Program, ProgramFormat
from qjob.sandbox.messages import (
    LENGTH,
    TEXT,
    MessageError,
    complaint,
    pack,
    programs_head,
    read_complaint,
    read_programs,
    unpack,
)

PROGRAM = Program(ProgramFormat.QASM2, b"OPENQASM 2.0;")


@given(
    st.lists(st.binary(max_size=40), max_size=5),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)
@settings(max_examples=50)
def test_a_message_comes_back(blobs, head):
    head.pop("sizes", None)
    assert unpack(pack(head, blobs)) == (head, blobs)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_are_a_message_or_an_error(data):
    try:
        unpack(data)
    except MessageError:
        return
    assert len(data) > LENGTH.size


def raw(head, tail=b""):
    text = json.dumps(head).encode()
    return LENGTH.pack(len(text)) + text + tail


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(raw({}), id="no-sizes"),
        pytest.param(raw([1]), id="no-object"),
        pytest.param(raw({"sizes": [4]}, b"abc"), id="cut-off"),
        pytest.param(raw({"sizes": [2]}, b"abc"), id="too-much"),
        pytest.param(raw({"sizes": [-1]}), id="negative"),
        pytest.param(raw({"sizes": ["a"]}), id="a-text"),
        pytest.param(raw({"sizes": [True]}, b"a"), id="a-truth-value"),
        pytest.param(LENGTH.pack(6000) + b"[" * 6000, id="deep"),
    ],
)
def test_what_is_no_message(data):
    with pytest.raises(MessageError):
        unpack(data)


@pytest.mark.parametrize(
    ("head", "blobs"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"formats": [], "single": False}, [], id="none"),
        pytest.param({"formats": ["qpy"], "single": True}, [], id="no-blob"),
        pytest.param({"formats": ["pickle"], "single": True}, [b"x"], id="unknown-format"),
        pytest.param({"formats": [["qpy"]], "single": True}, [b"x"], id="no-format"),
        pytest.param({"formats": ["qpy", "qpy"], "single": True}, [b"x", b"y"], id="two-are-not-single"),
        pytest.param({"formats": ["qpy"], "single": 1}, [b"x"], id="not-said"),
    ],
)
def test_what_are_no_programs(head, blobs):
    with pytest.raises(MessageError):
        read_programs(head, blobs)


def test_programs_come_back():
    assert read_programs(programs_head([PROGRAM], single=False), [PROGRAM.data]) == ((PROGRAM,), False)


def test_a_complaint_is_cut_and_made_plain():
    said = read_complaint(
        complaint("\x1b[31mred" + "x" * 5000, "do", {"line": 3, "secret": {"a": 1}, "seconds": "2"})
    )
    assert said["message"].startswith("\N{REPLACEMENT CHARACTER}[31mred")
    assert len(said["message"]) == TEXT + 3
    assert said["numbers"] == {"line": 3}


@pytest.mark.parametrize(
    "head", [{"message": 3}, {"message": "a"}, {"message": "a", "remedy": [], "numbers": {}}]
)
def test_a_complaint_of_another_shape_is_refused(head):
    with pytest.raises(MessageError):
        read_complaint(head)

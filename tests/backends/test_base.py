"""What a task becomes by what happens to it."""

import pytest

from qjob.backends.base import Task
from qjob.model.events import Attached, Checkpoint, Progress, Running, Submitted
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat

FIRST, SECOND = Checkpoint(5, b"five"), Checkpoint(9, b"nine")


def task(mode, **known):
    return Task("id", 1, JobRequest(Program(ProgramFormat.QPY, b""), "sv1", 10, 1, {}, mode), None, **known)


@pytest.mark.parametrize(
    ("mode", "events", "known"),
    [
        pytest.param("direct", [Submitted("x")], {"remote_id": "x"}, id="submitted"),
        pytest.param("direct", [Running()], {"ran": True}, id="running"),
        pytest.param(
            "direct", [Attached("a", "1"), Attached("b", "2")], {"attachments": {"a": "1", "b": "2"}}
        ),
        pytest.param("durable", [FIRST], {"checkpoint": FIRST}, id="a checkpoint"),
        pytest.param("durable", [FIRST, SECOND], {"checkpoint": SECOND}, id="a later one"),
        pytest.param("direct", [FIRST], {}, id="a checkpoint that nobody goes on from"),
        pytest.param("durable", [Progress("sampling", 5)], {}, id="progress"),
    ],
)
def test_another_process_goes_on_with_what_has_happened(mode, events, known):
    found = task(mode)
    for event in events:
        found = found.after(event)
    assert found == task(mode, **known)


@pytest.mark.parametrize(("mode", "durable"), [("direct", False), ("durable", True)])
def test_durable(mode, durable):
    assert task(mode).durable is durable

"""The table of legal moves has the shape that everything else counts on."""

from dataclasses import FrozenInstanceError

import pytest

from qjob.model.events import EventKind
from qjob.model.job import MOVES, Failure, JobStatus
from qjob.model.program import Program, ProgramFormat

ENDS = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}


def reachable(start):
    seen, edge = set(), {start}
    while edge:
        seen |= edge
        edge = {to for status in edge for to in MOVES[status]} - seen
    return seen


def test_every_status_has_a_row():
    assert set(MOVES) == set(JobStatus)


def test_exactly_three_statuses_end():
    assert {status for status in JobStatus if status.ended} == ENDS


@pytest.mark.parametrize("status", [status for status in JobStatus if not status.ended])
def test_every_other_status_can_fail_and_be_cancelled(status):
    assert {JobStatus.FAILED, JobStatus.CANCELLED} <= MOVES[status]


def test_every_status_is_reached_from_the_first_and_none_returns_to_it():
    assert reachable(JobStatus.INITIALIZING) == set(JobStatus)
    assert all(JobStatus.INITIALIZING not in after for after in MOVES.values())


def test_no_status_follows_itself():
    assert all(status not in after for status, after in MOVES.items())


def test_nothing_runs_again_once_its_cancel_was_asked_for():
    assert MOVES[JobStatus.CANCELLING] == ENDS


def test_each_status_but_the_first_has_a_kind_of_log_entry():
    assert {status.name for status in JobStatus} - set(EventKind.__members__) == {"INITIALIZING"}


def test_the_table_and_the_values_cannot_be_changed():
    with pytest.raises(TypeError):
        MOVES[JobStatus.FAILED] = frozenset()
    with pytest.raises(FrozenInstanceError):
        Failure("code", "reason").reason = "other"


def test_the_digest_tells_formats_and_bytes_apart():
    programs = [
        Program(ProgramFormat.QASM2, b"x"),
        Program(ProgramFormat.QASM3, b"x"),
        Program(ProgramFormat.QASM3, b"y"),
    ]
    assert len({program.digest for program in programs}) == 3
    assert programs[0].digest == Program(ProgramFormat.QASM2, b"x").digest

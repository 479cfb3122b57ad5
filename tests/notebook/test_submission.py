"""A cell that comes too fast waits for its turn: a job on its card, a batch in the cell."""

from decimal import Decimal

import pytest

import qjob
from qjob.model.errors import RateLimited
from qjob.model.job import JobStatus
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.consent import Asking
from qjob.notebook.submission import LONGEST_WAIT, submit

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture
def engine():
    with qjob.connect(workers=1) as engine:
        engine.limits(user_per_minute=1, local=True)
        yield engine


def never(_seconds):
    raise AssertionError("it waited")


def go(engine, program=BELL, pause=never, **arguments):
    return submit(
        engine, program, SubmitArguments(**arguments), Asking(card=True, line=True, above=Decimal(0)), pause
    )


def test_the_first_does_not_wait(engine):
    assert go(engine, shots="5").counts.shots == 5


def test_the_second_waits_for_its_turn_without_keeping_the_cell(engine):
    go(engine)
    job = go(engine, shots="7")
    assert job.status is JobStatus.INITIALIZING
    left = job.record.pending.until - job.record.created_at
    assert 0 < left.total_seconds() <= 60
    assert job.cancel()


def test_a_batch_says_how_long_and_waits_until_it_may(engine, capsys):
    go(engine)
    waited = []

    def pause(seconds):
        waited.append(seconds)
        engine.limits(user_per_minute=2)  # the minute is over, as it were

    assert go(engine, [BELL], pause, shots="7").counts[0].shots == 7
    (seconds,) = waited
    assert 0 < seconds <= 60
    assert "it submits itself in" in capsys.readouterr().out


def test_an_interrupt_gives_up_and_nothing_is_stored(engine):
    go(engine)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(engine, [BELL], interrupted)
    assert len(engine.jobs()) == 1


@pytest.mark.parametrize("program", [BELL, [BELL]], ids=["job", "batch"])
def test_on_demand_it_is_refused_at_once(engine, program):
    go(engine)
    with pytest.raises(RateLimited) as caught:
        go(engine, program, no_wait=True)
    assert 0 < caught.value.retry_after <= 60


@pytest.mark.parametrize("program", [BELL, [BELL]], ids=["job", "batch"])
def test_what_takes_hours_is_refused(engine, program):
    engine.limits(user_per_minute=10, team_per_day=1)
    go(engine)
    with pytest.raises(RateLimited) as caught:
        go(engine, program)
    assert caught.value.retry_after > LONGEST_WAIT

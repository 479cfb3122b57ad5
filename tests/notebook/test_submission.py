"""A cell that comes too fast waits for its turn."""

import pytest

import qjob
from qjob.model.errors import RateLimited
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.submission import LONGEST_WAIT, submit

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture
def engine():
    with qjob.connect(workers=1) as engine:
        engine.limits(user_per_minute=1, local=True)
        yield engine


def never(_seconds):
    raise AssertionError("it waited")


def test_the_first_does_not_wait(engine):
    assert submit(engine, BELL, SubmitArguments(shots="5"), never).counts.shots == 5


def test_the_second_says_how_long_and_waits_until_it_may(engine, capsys):
    submit(engine, BELL, SubmitArguments(), never)
    waited = []

    def pause(seconds):
        waited.append(seconds)
        engine.limits(user_per_minute=2)  # the minute is over, as it were

    assert submit(engine, BELL, SubmitArguments(shots="7"), pause).counts.shots == 7
    (seconds,) = waited
    assert 0 < seconds <= 60
    assert "it submits itself in" in capsys.readouterr().out


def test_an_interrupt_gives_up_and_nothing_is_stored(engine):
    submit(engine, BELL, SubmitArguments(), never)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        submit(engine, BELL, SubmitArguments(), interrupted)
    assert len(engine.jobs()) == 1


def test_on_demand_it_is_refused_at_once(engine):
    submit(engine, BELL, SubmitArguments(), never)
    with pytest.raises(RateLimited) as caught:
        submit(engine, BELL, SubmitArguments(no_wait=True), never)
    assert 0 < caught.value.retry_after <= 60


def test_what_takes_hours_is_refused(engine):
    engine.limits(user_per_minute=10, team_per_day=1)
    submit(engine, BELL, SubmitArguments(), never)
    with pytest.raises(RateLimited) as caught:
        submit(engine, BELL, SubmitArguments(), never)
    assert caught.value.retry_after > LONGEST_WAIT

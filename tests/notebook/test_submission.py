"""A cell that comes too fast waits for its turn: on its card, while the kernel is free."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

import qjob
from qjob.model.errors import RateLimited
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.consent import Asking
from qjob.notebook.submission import submit
from qjob.policy.admission import LONGEST_WAIT

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture
def engine():
    with qjob.connect(workers=1) as engine:
        engine.limits(user_per_minute=1, local=True)
        yield engine


def go(engine, program=BELL, **arguments):
    return submit(
        engine, program, SubmitArguments(**arguments), Asking(card=True, line=True, above=Decimal(0))
    )


@pytest.mark.slow
def test_the_first_does_not_wait(engine):
    assert go(engine, shots="5").counts.shots == 5


@pytest.mark.slow
@pytest.mark.parametrize("program", [BELL, [BELL, BELL]], ids=["job", "batch"])
def test_the_second_waits_for_its_turn_without_keeping_the_cell(engine, program):
    go(engine)
    found = go(engine, program, shots="7")
    pending = found.snapshot().pending
    assert 0 < (pending.until - datetime.now(UTC)).total_seconds() <= 60
    assert len(engine.jobs(status="initializing")) == (2 if isinstance(program, list) else 1)
    engine.limits(user_per_minute=100)
    engine.admit(found.id)
    found.wait(60)
    assert len(engine.jobs(status="completed")) == (3 if isinstance(program, list) else 2)


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

"""What a vendor gives back, as a user puts it on record: who may, how much, why, and where it shows."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from qjob.engine import Engine
from qjob.model.errors import IllegalMove, InvalidRequest, NoSuchJob, NotAllowed
from qjob.model.movement import MovementKind
from qjob.settings import load_settings

PRICED = """
[[backend]]
slug = "qb-sim-statevector"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
NOW = datetime(2026, 12, 30, 22, 30, tzinfo=UTC)
D = Decimal
HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
SLOW = HEAD + "qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;"


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICED)
    return home


@pytest.fixture(scope="module")
def engine(module_home):
    with Engine(load_settings({}, home=module_home, user="ada", workers=1), clock=lambda: NOW) as engine:
        engine.budget(day=1000, month=10_000)
        engine.limits(user_per_minute=1000, team_per_day=1000)
        yield engine


@pytest.fixture
def paid(engine):
    """A job that cost $1.30."""
    yield engine.submit(BELL, backend="qb-sim-statevector", shots=100).wait()
    assert engine.audit().findings == ()


@pytest.mark.slow
def test_a_refund_lowers_what_the_job_cost_and_what_the_day_was_charged(engine, paid):
    before = engine.budget().charged
    assert engine.refund(paid.id[:8], "$0.50", " a credit note ") == D("0.80")
    assert paid.cost == D("0.80")
    assert engine.budget().charged == before - D("0.50")
    assert [(each.kind, each.amount, each.reason) for each in paid.movements()] == [
        (MovementKind.HOLD, D("1.30"), "admitted"),
        (MovementKind.CHARGE, D("1.30"), "completed"),
        (MovementKind.REFUND, D("0.50"), "a credit note"),
    ]
    assert {each.at for each in paid.movements()} == {NOW}
    assert paid.snapshot().movements == tuple(paid.movements())
    assert paid.events()[-1].data == {"amount": "0.5", "reason": "a credit note", "by": "ada"}
    assert engine.refund(paid.id, D("0.8"), "the rest") == 0


@pytest.mark.slow
def test_what_is_free_or_has_not_ended_has_no_lines_to_show(engine):
    free = engine.submit(BELL, shots=10).wait()
    assert (free.movements(), free.snapshot().movements) == ([], ())
    running = engine.submit(SLOW, backend="qb-sim-statevector", shots=5000)
    assert [each.kind for each in running.movements()] == [MovementKind.HOLD]
    assert running.snapshot().movements == ()
    with pytest.raises(IllegalMove, match="nothing was charged yet") as caught:
        engine.refund(running.id, 1, "too early")
    assert f"%qjob cancel {running.id[:8]}" in caught.value.remedy
    running.cancel()
    running.wait()
    with pytest.raises(InvalidRequest, match=r"costs \$0.00") as caught:
        engine.refund(running.id, 1, "it was cancelled")
    assert caught.value.remedy == "There is nothing to give back."
    with pytest.raises(InvalidRequest, match=r"costs \$0.00"):
        engine.refund(free.id, 1, "it was free")


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        pytest.param("1.300000001", r"job \w{8} costs \$1.30", id="more-than-it-cost"),
        pytest.param(0, r"\$0.00 cannot be refunded", id="nothing"),
        pytest.param("-1", "negative", id="negative"),
        pytest.param(0.5, "float is no exact amount", id="float"),
        pytest.param("NaN", "no amount", id="nan"),
        pytest.param("0.0000000001", "finer than a nano-dollar", id="too-fine"),
        pytest.param("some", "no number", id="words"),
    ],
)
def test_amounts_that_do_not_fit_are_refused_and_change_nothing(engine, paid, amount, why):
    with pytest.raises(InvalidRequest, match=why) as caught:
        engine.refund(paid.id, amount, "why")
    assert caught.value.remedy
    assert paid.cost == D("1.30")


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 201, None, 7, "\x1b[31m"])
def test_a_reason_is_one_short_line(engine, paid, reason):
    with pytest.raises(InvalidRequest, match="printable characters"):
        engine.refund(paid.id, 1, reason)
    assert paid.cost == D("1.30")


def test_what_is_no_job_is_refunded_nothing(engine):
    with pytest.raises(NoSuchJob):
        engine.refund("nothing-of-this-name", 1, "why")


def test_only_who_may_change_the_budget_of_the_paying_team_refunds(engine, paid, module_home):
    engine.invite("bob")
    with Engine(load_settings({}, home=module_home, user="eve", workers=1), clock=lambda: NOW) as eve:
        for _ in range(2):  # also as the owner of a team of her own, which did not pay
            with pytest.raises(NotAllowed, match="eve is no member of the team that paid"):
                eve.refund(paid.id, 1, "please")
            eve.team()
    with Engine(load_settings({}, home=module_home, user="bob", workers=1), clock=lambda: NOW) as bob:
        with pytest.raises(NotAllowed, match="bob is a member"):
            bob.refund(paid.id, 1, "please")
        assert paid.cost == D("1.30")
        engine.invite("bob", "admin")
        assert bob.refund(paid.id, 1, "a credit note") == D("0.30")
    engine.remove("bob")


def test_refunds_at_once_never_give_back_more_than_was_charged(engine, paid):
    gate, done = threading.Barrier(6), []

    def refund(number):
        gate.wait()
        try:
            done.append(engine.refund(paid.id, "0.50", f"note {number}"))
        except InvalidRequest as error:
            done.append(error.code)

    threads = [threading.Thread(target=refund, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, done)) == ["0.30", "0.80", *["invalid_request"] * 4]
    assert paid.cost == D("0.30")

"""Budget, limits and audit as a user asks for them: shown, set, refused, and seen by other processes."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, localcontext

import pytest

import qjob
from qjob.engine import Engine
from qjob.model.budget import Budget, Period
from qjob.model.errors import InvalidRequest, NotAllowed, OverBudget, Refusal
from qjob.settings import load_settings
from qjob.treasury import Rates

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
SLOW = (
    HEAD
    + "qreg q[20]; creg c[20];"
    + "".join(f"rx(0.{layer}{qubit}) q[{qubit}];" for layer in range(1, 60) for qubit in range(20))
    + "measure q[0] -> c[0]; h q[0]; measure q -> c;"
)


@pytest.fixture
def engine(home):
    home.mkdir()
    (home / "backends.toml").write_text(PRICED)
    with Engine(load_settings({}, home=home, user="ada", workers=1), clock=lambda: NOW) as engine:
        yield engine


def pay(engine, program=BELL, shots=100):
    return engine.submit(program, backend="qb-sim-statevector", shots=shots)


def sql(engine, *statements):
    with contextlib.closing(sqlite3.connect(engine.settings.database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# -- the budget -----------------------------------------------------------------------------------------------


def test_a_new_team_has_the_default_budget(engine):
    budget = engine.budget()
    assert budget == Budget(
        "ada",
        D(100),
        Period(D(100), D(0), D(0), datetime(2026, 12, 31, tzinfo=UTC)),
        Period(D(1000), D(0), D(0), datetime(2027, 1, 1, tzinfo=UTC)),
    )
    assert (budget.held, budget.charged, budget.remaining) == (0, 0, 100)
    assert str(budget) == (
        "Team ada\n"
        "  today       $0.00 charged, $0.00 held of $100.00; $100.00 remain until 2026-12-31 00:00 UTC\n"
        "  this month  $0.00 charged, $0.00 held of $1,000.00; $1,000.00 remain until 2027-01-01 00:00 UTC\n"
        "  a job       up to $100.00"
    )


def test_a_budget_shows_what_jobs_hold_and_cost(engine):
    pay(engine).wait()
    running = pay(engine, SLOW, shots=400)
    budget = engine.budget()
    assert (budget.charged, budget.held, budget.remaining) == (D("1.30"), D("4.30"), D("94.40"))
    assert str(budget.day) == (
        "$1.30 charged, $4.30 held of $100.00; $94.40 remain until 2026-12-31 00:00 UTC"
    )
    assert budget.month.remaining == D("994.40")
    running.cancel()
    running.wait()
    assert (engine.budget().charged, engine.budget().held) == (D("1.30"), 0)
    assert engine.audit().ok


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"day": "25.50"}, ("100", "25.50", "1000")),
        ({"day": "$25.50"}, ("100", "25.50", "1000")),
        ({"month": D("12.000000001")}, ("100", "100", "12.000000001")),
        ({"job": 7}, ("7", "100", "1000")),
        ({"job": 1, "day": 2, "month": 3}, ("1", "2", "3")),
        ({"day": 0}, ("100", "0", "1000")),
        ({"month": 10_000_000}, ("100", "100", "10000000")),
    ],
)
def test_a_budget_is_set_and_stays(engine, given, expected):
    for budget in (engine.budget(**given), engine.budget()):
        assert (budget.job, budget.day.limit, budget.month.limit) == tuple(map(D, expected))


def test_a_budget_that_was_set_holds(engine):
    engine.budget(day="1.30")
    pay(engine, shots=100)
    with pytest.raises(OverBudget) as caught:
        pay(engine, shots=1)
    assert caught.value.numbers["limit"] == "1.3"
    engine.budget(day="1.61")
    pay(engine, shots=1).wait()
    assert engine.budget().remaining == 0


@pytest.mark.parametrize("name", ["day", "month", "job"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param("-1", "negative", id="negative"),
        pytest.param(-1, "negative", id="negative-int"),
        pytest.param("NaN", "no amount", id="nan"),
        pytest.param(D("NaN"), "no amount", id="nan-decimal"),
        pytest.param(D("-Infinity"), "no amount", id="infinity"),
        pytest.param(1.5, "float is no exact amount", id="float"),
        pytest.param(True, "bool is no exact amount", id="bool"),
        pytest.param("10000000.01", "more than", id="absurd"),
        pytest.param(10**5000, "more than", id="thousands-of-digits"),
        pytest.param("1e400", "more than", id="exponent"),
        pytest.param("0.0000000001", "finer than a nano-dollar", id="too-fine"),
        pytest.param("ten", "no number", id="words"),
        pytest.param("", "no number", id="empty"),
        pytest.param("3,75", "no number", id="comma"),
        pytest.param(b"3", "bytes is no exact amount", id="bytes"),
        pytest.param([3], "list is no exact amount", id="list"),
    ],
)
def test_what_is_no_amount_is_refused_and_changes_nothing(engine, name, value, why):
    before = engine.budget()
    with pytest.raises(InvalidRequest, match=why) as caught:
        engine.budget(**{name: value})
    assert f"the budget of a {name} " in caught.value.message
    assert caught.value.remedy
    assert engine.budget() == before


def test_one_bad_amount_among_good_ones_changes_nothing(engine):
    with pytest.raises(InvalidRequest):
        engine.budget(job=5, day=6, month="-7")
    assert engine.budget().job == 100


def test_a_budget_below_what_is_held_is_refused(engine):
    running = pay(engine, SLOW, shots=400)
    for name, spoken in (("day", "today"), ("month", "this month")):
        with pytest.raises(InvalidRequest) as caught:
            engine.budget(**{name: "4.299999999"})
        assert caught.value.message == f"$4.299999999 is less than the $4.30 held {spoken}."
        assert caught.value.numbers == {"amount": "4.299999999", "held": "4.3"}
        assert "Cancel" in caught.value.remedy
    assert (engine.budget().day.limit, engine.budget().month.limit) == (100, 1000)
    engine.budget(job="0.01", day="4.30", month="4.30")
    assert engine.budget().remaining == 0
    running.cancel()
    running.wait()


def test_a_budget_may_be_set_below_what_was_charged(engine):
    pay(engine).wait()
    budget = engine.budget(day=1)
    assert (budget.charged, budget.day.limit, budget.remaining) == (D("1.30"), 1, 0)
    with pytest.raises(OverBudget, match="nothing remains"):
        pay(engine, shots=1)


@pytest.mark.parametrize("precision", [1, 3, 28])
def test_what_remains_is_exact_in_any_decimal_context(precision):
    period = Period(D("1000000.000000001"), D("0.123456789"), D("999999"), NOW)
    with localcontext() as context:
        context.prec = precision
        assert period.remaining == D("0.876543212")
        assert replace(period, charged=D(2_000_000)).remaining == 0


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param({"job": 2}, id="job"),
        pytest.param({"day": 2}, id="day"),
        pytest.param({"month": 2}, id="month"),
        pytest.param({"day": 3, "month": 2}, id="the-month-has-less-than-the-day"),
        pytest.param({"job": "2.50", "day": 2}, id="the-day-has-less-than-a-job-may-cost"),
    ],
)
def test_the_shots_that_would_fit_fit_and_one_more_does_not(engine, limits):
    engine.budget(**limits)
    with pytest.raises(OverBudget) as caught:
        pay(engine, shots=1000)
    assert caught.value.remedy.startswith("170 shots would fit.")  # $0.30 + 170 * $0.01
    with pytest.raises(OverBudget):
        pay(engine, shots=171)
    pay(engine, shots=170).wait()


# -- rights ---------------------------------------------------------------------------------------------------


@pytest.fixture
def member(engine):
    """Make bob a member of ada's team, and return his engine."""
    engine.budget()
    sql(
        engine,
        "INSERT INTO members SELECT id, 'bob', 'member', 0 FROM teams",
        "INSERT INTO users SELECT 'bob', id FROM teams",
    )
    with Engine(engine.settings.model_copy(update={"user": "bob"}), clock=lambda: NOW) as other:
        yield other


def test_a_member_sees_the_budget_and_may_not_set_it(engine, member):
    assert member.budget() == engine.budget()
    assert member.limits() == engine.limits()
    for attempt in (
        lambda: member.budget(day=1),
        lambda: member.budget(month="999999", job=1),
        lambda: member.limits(local=False),
        lambda: member.limits(user_per_minute=100),
    ):
        with pytest.raises(NotAllowed, match="bob is a member of team ada and may not change") as caught:
            attempt()
        assert (caught.value.http_status, caught.value.numbers) == (403, {"role": "member", "team": "ada"})
    assert engine.budget().day.limit == 100
    assert engine.limits() == Rates(10, 100, local=True)


def test_an_admin_may(engine, member):
    sql(engine, "UPDATE members SET role = 'admin' WHERE username = 'bob'")
    assert member.budget(day=5).day.limit == 5
    assert member.limits(team_per_day=9).team_per_day == 9
    assert (engine.budget().day.limit, engine.limits().team_per_day) == (5, 9)


def test_members_spend_one_budget(engine, member):
    engine.budget(day="1.50")
    pay(member).wait()
    with pytest.raises(OverBudget, match=r"\$1\.30 charged"):
        pay(engine)


# -- others ---------------------------------------------------------------------------------------------------

OTHER = """
import json, qjob
with qjob.connect(user="ada") as engine:
    budget = engine.budget()
    print(json.dumps([str(budget.job), str(budget.day.limit), engine.limits().team_per_day, engine.limits().local]))
    engine.limits(user_per_minute=3)
"""


def test_another_process_sees_what_was_set_and_sets_it_here(engine):
    engine.budget(job=1, day="2.5")
    engine.limits(team_per_day=7, local=False)
    done = subprocess.run(
        [sys.executable, "-c", OTHER], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    job, day, per_day, local = json.loads(done.stdout)
    assert (D(job), D(day), per_day, local) == (1, D("2.5"), 7, False)
    assert engine.limits() == Rates(3, 7, local=False)


def test_two_who_set_different_limits_at_once_both_do(engine):
    """Each change leaves the other limits alone, whoever comes between."""
    engine.budget()
    names = {
        "job": engine.budget,
        "day": engine.budget,
        "month": engine.budget,
        "team_per_day": engine.limits,
    }
    for value in range(50, 60):
        ready = threading.Barrier(len(names))

        def change(name, value=value, ready=ready):
            ready.wait()
            names[name](**{name: value})

        threads = [threading.Thread(target=change, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        budget = engine.budget()
        found = budget.job, budget.day.limit, budget.month.limit, engine.limits().team_per_day
        assert found == (value,) * 4


# -- the audit ------------------------------------------------------------------------------------------------


def test_an_audit_of_an_empty_store_is_ok(engine):
    audit = engine.audit()
    assert (audit.ok, audit.jobs, audit.movements) == (True, 0, 0)


def test_an_audit_counts_what_it_looked_at_and_tells_what_is_wrong(engine):
    job = pay(engine)
    job.wait()
    engine.submit(BELL, shots=1).wait()
    with pytest.raises(Refusal):
        pay(engine, shots=1_000_000)
    audit = engine.audit()
    assert (audit.ok, audit.findings, audit.jobs, audit.movements) == (True, (), 1, 2)
    sql(engine, "UPDATE jobs SET cost = 1 WHERE cap > 0", "UPDATE spending SET held = 5")
    audit = engine.audit()
    assert not audit.ok
    assert {finding.code: finding.what for finding in audit.findings} == {
        "cost": f"job {job.id[:8]} says $0.000000001; the ledger says $1.30.",
        "sums": f"team {job.record.team[:8]}, 2026-12-30: the sums say $0.000000005 held and $1.30 charged, "
        "the ledger $0.00 and $1.30.",
    }


def test_whoever_connects_gets_the_same_answers(engine, home):
    pay(engine).wait()
    with qjob.connect(home=home, user="ada") as other:
        assert other.audit() == engine.audit()

"""What a backend says a job cost is what it costs; and what runs took tells what the next one may cost."""

import importlib.util
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from qjob.engine import Engine
from qjob.model.errors import OverBudget
from qjob.model.job import JobStatus
from qjob.settings import load_settings

D = Decimal
S = JobStatus
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 21, 0, 0, 1, tzinfo=UTC)
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


def load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Clock:
    """Stands still until it is set."""

    now = NOON

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home whose catalogue has the billing backend, found by this process and by its workers."""
    billing, folder = load("billing"), tmp_path_factory.mktemp("site")
    billing.install(folder)
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(billing.CATALOGUE + billing.TIMER)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder), prepend=":")
        yield home


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def engine(home, clock):
    with Engine(load_settings({}, home=home, user="ada", workers=1), clock=clock) as engine:
        engine.limits(user_per_minute=1000, team_per_day=1000)
        yield engine


@pytest.fixture(autouse=True)
def agrees(engine, clock):
    clock.now = NOON
    engine.budget(day=100)
    yield
    assert engine.audit().findings == ()


def run(engine, bill="none", end="completed"):
    """Run a job whose hold is $1.30."""
    options = {"bill": bill, "end": end}
    return engine.submit(BELL, backend="biller", shots=100, options=options).wait(60)


TABLE = [
    ("none", "completed", "1.30", "hold 1.30, charge 1.30"),
    ("0", "completed", "0", "hold 1.30, release 1.30"),
    ("0.50", "completed", "0.50", "hold 1.30, charge 0.50, release 0.80"),
    ("1.30", "completed", "1.30", "hold 1.30, charge 1.30"),
    ("2.00", "completed", "2.00", "hold 1.30, charge 1.30, overrun 0.70"),
    ("none", "failed", "0", "hold 1.30, release 1.30"),
    ("0.50", "failed", "0.50", "hold 1.30, charge 0.50, release 0.80"),
    ("2.00", "failed", "2.00", "hold 1.30, charge 1.30, overrun 0.70"),
    ("none", "cancelled", "0", "hold 1.30, release 1.30"),
    ("0.50", "cancelled", "0.50", "hold 1.30, charge 0.50, release 0.80"),
]


@pytest.mark.parametrize(("bill", "end", "cost", "moved"), TABLE)
def test_job_ledger_and_budget_agree_with_the_bill(engine, bill, end, cost, moved):
    before = engine.budget()
    job = run(engine, bill, end)
    assert job.status is S[end.upper()]
    assert job.cost == D(cost)
    words = [f"{each.kind} {each.amount:.2f}" for each in job.movements()]
    assert ", ".join(words) == moved
    assert engine.budget().charged == before.charged + D(cost)
    assert engine.budget().held == before.held == 0
    if end == "completed":
        assert job.counts == {"00": 100}


def test_an_overrun_past_the_limit_closes_admission_until_the_period_ends(engine, clock):
    engine.budget(day=engine.budget().charged + 2)
    assert run(engine, "60.00").cost == 60
    assert engine.budget().remaining == 0
    with pytest.raises(OverBudget, match="nothing remains") as caught:
        run(engine)
    assert caught.value.retry_after == 12 * 3600
    clock.now = TOMORROW
    assert run(engine).cost == D("1.30")


def test_a_refund_opens_it_again(engine):
    job = run(engine, "60.00")
    engine.budget(day=engine.budget().charged - 50)
    with pytest.raises(OverBudget):
        run(engine)
    engine.refund(job.id, 58, "billed for an hour of calibration")
    assert run(engine).cost == D("1.30")


def test_a_bill_that_is_no_exact_amount_fails_the_job_and_says_so(engine):
    job = run(engine, "float")
    assert job.status is S.FAILED
    assert "the cost that the backend reports 0.5 does not fit" in job.record.failure.reason
    assert job.cost == 0


# -- like runs ------------------------------------------------------------------------------------------------

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[28]; creg c[28]; '


def wide(angle):
    """Return a circuit of 100 gates on 28 qubits, as wide as any other of another angle."""
    return HEAD + f"rx({angle}) q[0];" + "cx q[0],q[1];" * 99 + "measure q -> c;"


def took(engine, seconds, angles):
    """Run circuits, and let them have taken so long."""
    jobs = [engine.submit(wide(angle), backend="timer", shots=10).wait(60) for angle in angles]
    with closing(sqlite3.connect(engine.settings.database)) as connection:
        for job in jobs:
            connection.execute(
                "UPDATE jobs SET started_at = ended_at - ? WHERE id = ?", (int(seconds * 1e6), job.id)
            )
        connection.commit()
    return jobs


def cents(quote):
    return [int(each * 100) for each in (quote.low, quote.expected, quote.cap)]


def test_like_runs_narrow_quotes_and_the_hold_of_the_next_one(engine):
    def quoted():
        return engine.quote(wide(9), backend="timer", shots=10)

    assert cents(quoted()) == [4, 9, 27]
    assert "like run" not in quoted().explanation
    took(engine, 6, [0.1])
    assert cents(quoted()) == [4, 6, 27]
    assert quoted().explanation.endswith("by 1 like run")
    took(engine, 7, [step / 10 for step in range(2, 10)])
    assert cents(quoted()) == [4, 7, 27]  # nine are one too few to lower the hold
    (last,) = took(engine, 7, [1.0])
    assert last.record.cap == 270_000_000
    assert cents(quoted()) == [6, 7, 11]
    assert quoted().explanation.endswith("by 10 like runs")
    (row,) = (row for row in engine.quotes(wide(9), shots=10) if row.backend.slug == "timer")
    assert row.quote == quoted()
    assert engine.submit(wide(9), backend="timer", shots=10).wait(60).record.cap == 110_000_000
    assert [job.record.cap for job in engine.submit([wide(8)], backend="timer", shots=10).wait(60)] == [
        110_000_000
    ]


def test_the_seconds_that_a_backend_reports_go_before_the_stores_own(engine):
    asked = {"backend": "timer", "shots": 20, "options": {"seconds": 5.5}}
    engine.submit(wide(1), **asked).wait(60)
    assert cents(engine.quote(wide(2), **asked)) == [4, 6, 27]
    assert "like run" not in engine.quote(wide(2), backend="timer", shots=20).explanation  # of other options


def test_other_shots_and_other_gates_have_no_like_runs(engine):
    for program, shots in ((wide(9), 11), (wide(9).replace("cx", "cz"), 10)):
        assert "like run" not in engine.quote(program, backend="timer", shots=shots).explanation


def test_what_does_not_bill_time_asks_for_no_history(engine, monkeypatch):
    def never(_):
        raise AssertionError

    monkeypatch.setattr(engine.store, "seconds_of_like", never)
    free = engine.submit(BELL, shots=10).wait(60)
    assert (free.record.likeness, run(engine).record.likeness) == (None, None)

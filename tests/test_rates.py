"""Rate limits as a user asks for them: shown, set, refused, and kept."""

from datetime import UTC, datetime

import pytest

from qjob.engine import Engine
from qjob.model.errors import InvalidRequest, RateLimited
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
HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"


@pytest.fixture
def engine(home):
    home.mkdir()
    (home / "backends.toml").write_text(PRICED)
    with Engine(load_settings({}, home=home, user="ada", workers=1), clock=lambda: NOW) as engine:
        yield engine


def pay(engine, program=BELL, shots=100):
    return engine.submit(program, backend="qb-sim-statevector", shots=shots)


def test_a_new_team_has_the_default_rates(engine):
    assert engine.limits() == Rates(user_per_minute=10, team_per_day=100, local=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"user_per_minute": 1}, Rates(1, 100, local=True)),
        ({"team_per_day": 1_000_000}, Rates(10, 1_000_000, local=True)),
        ({"local": False}, Rates(10, 100, local=False)),
        ({"user_per_minute": 7, "team_per_day": 8, "local": False}, Rates(7, 8, local=False)),
    ],
)
def test_rates_are_set_and_stay(engine, given, expected):
    assert engine.limits(**given) == expected
    assert engine.limits() == expected


@pytest.mark.slow
def test_rates_that_were_set_hold_and_local_jobs_are_exempt_where_that_is_set(engine):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, shots=1)
    with pytest.raises(RateLimited) as caught:
        engine.submit(BELL, shots=1)
    assert (caught.value.retry_after, caught.value.numbers["limit"]) == (60.0, 1)
    assert "engine.limits(local=False)" in caught.value.remedy
    with pytest.raises(RateLimited) as caught:
        pay(engine)
    assert "local" not in caught.value.remedy
    engine.limits(local=False)
    engine.submit(BELL, shots=1).wait()
    with pytest.raises(RateLimited):
        pay(engine)


def test_a_batch_is_one_submission(engine):
    engine.limits(user_per_minute=1)
    engine.submit([BELL] * 5, shots=1)
    with pytest.raises(RateLimited):
        engine.submit([BELL], shots=1)


@pytest.mark.parametrize("name", ["user_per_minute", "team_per_day"])
@pytest.mark.parametrize(
    "value",
    [0, -1, True, False, "ten", "10", 1.5, 10.0, 1_000_001, 10**5000, [10]],
    ids=lambda v: repr(v)[:9] if not isinstance(v, int) or v < 10**9 else "huge",
)
def test_what_is_no_rate_is_refused_and_changes_nothing(engine, name, value):
    with pytest.raises(InvalidRequest, match=f"{name} takes a whole number from 1 to 1,000,000") as caught:
        engine.limits(**{name: value})
    assert caught.value.numbers == {"minimum": 1, "maximum": 1_000_000}
    assert engine.limits() == Rates(10, 100, local=True)


@pytest.mark.parametrize("value", ["no", "false", 0, 1, 0.0, []])
def test_local_is_true_or_false(engine, value):
    with pytest.raises(InvalidRequest, match="local is True or False"):
        engine.limits(local=value)
    assert engine.limits().local

"""A batch of as many programs as the budgets admit: the first ones, once, and what is left can be submitted later."""

import threading
from decimal import Decimal

import pytest

import qjob
from qjob.model.errors import OverBudget, ProgramRefused
from qjob.model.job import JobStatus

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
HEAD = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; '
SWEEP = [f"{HEAD} rx(0.{angle}) q[0]; measure q -> c;" for angle in range(1, 7)]
PAID = {"backend": "qb-sim-statevector", "shots": 70}  # a dollar each


@pytest.fixture
def engine(home):
    home.mkdir()
    (home / "backends.toml").write_text(PRICED)
    with qjob.connect(workers=1) as engine:
        engine.limits(user_per_minute=1000)
        engine.budget(day="3.50")
        yield engine


def test_all_of_it_or_nothing_is_what_a_list_means(engine):
    with pytest.raises(OverBudget):
        engine.submit(SWEEP, **PAID)
    assert engine.jobs() == []


def test_as_many_as_fit_are_the_first_ones(engine):
    batch = engine.submit(SWEEP, partial=True, name="sweep", **PAID)
    assert [job.name for job in batch] == ["sweep[0]", "sweep[1]", "sweep[2]"]
    assert [counts.shots for counts in batch.counts] == [70] * 3
    assert (batch.record.size, engine.budget().day.charged) == (3, 3)
    engine.budget(day="100")
    rest = engine.submit(SWEEP[len(batch) :], partial=True, **PAID)
    assert len(rest) == 3
    assert rest.wait().statuses == {JobStatus.COMPLETED: 3}
    assert engine.audit().ok


def test_what_fits_as_a_whole_is_a_whole(engine):
    assert len(engine.submit(SWEEP[:3], partial=True, **PAID)) == 3
    assert len(engine.submit(SWEEP, partial=True, shots=5)) == 6  # free


def test_where_not_even_one_fits_it_is_refused_with_the_numbers(engine):
    engine.budget(day="0.99")
    with pytest.raises(OverBudget) as caught:
        engine.submit(SWEEP, partial=True, **PAID)
    assert caught.value.numbers["limit"] == "0.99"
    assert engine.jobs() == []


def test_what_is_no_program_refuses_all(engine):
    with pytest.raises(ProgramRefused, match="program 5"):
        engine.submit([*SWEEP[:5], HEAD], partial=True, **PAID)
    assert engine.jobs() == []


def test_run_again_it_is_found_and_not_paid_twice(engine):
    batch = engine.submit(SWEEP, partial=True, reuse=True, **PAID).wait()
    assert engine.submit(SWEEP, partial=True, reuse=True, **PAID) == batch
    assert engine.find(SWEEP, partial=True, **PAID) == batch
    assert engine.find(SWEEP, **PAID) is None  # the whole of it was never submitted
    assert engine.find(SWEEP[:3], **PAID) == batch
    assert engine.budget().day.charged == 3


def test_two_at_once_share_what_there_is(engine):
    engine.budget(day="4.00")
    batches, refused = [], []

    def submit():
        try:
            batches.append(engine.submit(SWEEP, partial=True, **PAID))
        except OverBudget as error:
            refused.append(error)

    threads = [threading.Thread(target=submit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, batches)) == 4
    assert len(batches) + len(refused) == 3
    for batch in batches:
        batch.wait(60)
    assert (engine.budget().day.charged, engine.audit().ok) == (Decimal(4), True)


def test_batches_that_begin_alike_do_not_hide_each_other(engine):
    engine.budget(day="100")
    one = engine.submit([SWEEP[0], SWEEP[1]], reuse=True, **PAID).wait()
    other = engine.submit([SWEEP[0], SWEEP[2]], reuse=True, **PAID).wait()
    assert engine.submit([SWEEP[0], SWEEP[1]], reuse=True, **PAID) == one
    assert engine.submit([SWEEP[0], SWEEP[2]], reuse=True, **PAID) == other
    assert engine.budget().day.charged == 4

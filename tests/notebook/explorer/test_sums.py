"""When all jobs are added up again."""

import pytest

import qjob
from qjob.notebook.explorer.sums import Sums, totals
from qjob.store.listing import JobFilter

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


def test_at_first_and_then_only_where_something_changed():
    sums = Sums()
    assert sums.due_in(100.0) == 0
    sums.begin()
    sums.done(100.0, 100.01)
    assert sums.due_in(101.0) is None
    sums.changed()
    assert sums.due_in(100.01) == pytest.approx(1.0)
    assert sums.due_in(101.5) == 0


def test_what_takes_long_is_done_seldom():
    sums = Sums()
    sums.begin()
    sums.done(100.0, 100.5)
    sums.changed()
    assert sums.due_in(100.5) == pytest.approx(10.0)


def test_who_asks_for_other_jobs_does_not_wait():
    sums = Sums()
    sums.begin()
    sums.ask()  # while it is being added up
    sums.done(100.0, 105.0)
    assert sums.due_in(105.0) == 0
    sums.changed()  # does not put it off
    assert sums.due_in(105.0) == 0


@pytest.mark.slow
def test_the_money_of_erased_jobs_is_still_spent(tmp_path):
    prices = '[[backend]]\nslug = "qb-sim-statevector"\n[backend.price]\nkind = "task"\ntask_fee = "0.30"\n'
    prices += 'per_shot = "0.01"\ncurrency = "USD"\nsource = "a test"\nas_of = 2026-11-01\n'
    (tmp_path / "backends.toml").write_text(prices)
    with qjob.connect(home=tmp_path) as engine:
        jobs = [
            engine.submit(BELL, backend="qb-sim-statevector", shots=10, seed=i).wait(60) for i in range(2)
        ]
        engine.delete([jobs[0].id])
        found = totals(engine, JobFilter())
    assert (found.jobs, found.cost) == (1, 800_000_000)

"""Jobs before their admission: they hold nothing, wait for a consent or for their turn, and end unpaid."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qjob.engine import Engine
from qjob.model.errors import ConsentNeeded, IllegalMove, OverBudget, RateLimited, StoreUnavailable
from qjob.model.events import EventKind as K
from qjob.model.job import JobStatus as S
from qjob.model.job import Pending
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
BEGIN = datetime(2026, 12, 30, 22, 30, tzinfo=UTC)
HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"
PAID = {"backend": "qb-sim-statevector", "shots": 100}
COST = Decimal("1.30")


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = BEGIN

    def __call__(self):
        return self.now

    def at(self, **offset):
        self.now = BEGIN + timedelta(**offset)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def connect(home, clock):
    """Return what opens an engine on the same store, as another kernel would."""
    home.mkdir()
    (home / "backends.toml").write_text(PRICED)
    opened = []

    def connect():
        opened.append(Engine(load_settings({}, home=home, user="ada", workers=1), clock=clock))
        return opened[-1]

    yield connect
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(connect):
    return connect()


def used(engine):
    day = engine.budget().day
    return day.held, day.charged


def kinds(job):
    return [entry.kind for entry in job.events()]


def test_a_proposed_job_holds_nothing_and_waits(engine):
    engine.limits(user_per_minute=1)
    job = engine.propose(BELL, consent=True, why="Why not.", **PAID)
    record = job.record
    assert (record.status, record.pending) == (S.INITIALIZING, Pending(consent=True, why="Why not."))
    assert (record.cap, record.admitted_at, record.team is None) == (1_300_000_000, None, False)
    assert (used(engine), kinds(job), engine.audit().ok) == ((0, 0), [K.PROPOSED], True)
    engine.submit(BELL, **PAID).wait()  # it has taken no rate slot either


def test_consent_admits_it(engine, clock):
    job = engine.propose(BELL, consent=True, **PAID)
    clock.at(minutes=5)
    assert engine.admit(job.id)
    assert (job.wait(60).status, job.cost) == (S.COMPLETED, COST)
    assert (job.record.pending, job.record.admitted_at) == (None, clock())
    assert (job.record.created_at, kinds(job)[:2]) == (BEGIN, [K.PROPOSED, K.ACCEPTED])
    assert (used(engine), engine.audit().ok) == ((0, COST), True)
    assert not engine.admit(job.id)  # again: nothing is paid twice
    assert used(engine) == (0, COST)


def test_what_is_over_budget_is_not_even_proposed(engine):
    engine.budget(day="1.00")
    with pytest.raises(OverBudget, match="can cost"):
        engine.propose(BELL, consent=True, **PAID)
    assert engine.jobs() == []


def test_a_budget_that_is_spent_before_the_consent_leaves_it_waiting(engine):
    engine.budget(day="1.30")
    job = engine.propose(BELL, consent=True, **PAID)
    engine.submit(BELL, **PAID).wait(60)
    with pytest.raises(OverBudget, match="nothing remains"):
        engine.admit(job.id)
    assert (job.status, job.record.pending.consent) == (S.INITIALIZING, True)
    engine.budget(day="100")
    assert engine.admit(job.id)
    assert job.wait(60).status is S.COMPLETED


def test_it_waits_for_its_turn_and_is_admitted_then(engine, clock):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, **PAID)
    clock.at(seconds=59.9)
    job = engine.propose(BELL, **PAID)
    assert job.record.pending == Pending(until=BEGIN + timedelta(seconds=60))
    clock.at(seconds=60)
    assert (job.wait(60).status, job.record.admitted_at) == (S.COMPLETED, clock())


def test_a_consent_that_comes_too_fast_waits_for_its_turn(engine, clock):
    engine.limits(user_per_minute=1)
    job = engine.propose(BELL, consent=True, **PAID)
    engine.submit(BELL, **PAID)
    clock.at(seconds=59.9)
    assert engine.admit(job.id)
    assert job.record.pending == Pending(until=BEGIN + timedelta(seconds=60))
    clock.at(seconds=61)
    assert job.wait(60).status is S.COMPLETED


def test_two_that_wait_are_admitted_one_after_the_other(engine, clock):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, **PAID)
    clock.at(seconds=59.95)
    first, second = engine.propose(BELL, **PAID), engine.propose(BELL, **PAID)
    clock.at(seconds=60)
    first.wait(60)
    tick = engine.feed.tick
    while second.record.pending.until == BEGIN + timedelta(seconds=60):
        tick = engine.feed.wait(tick, 5, second.id)
    assert second.record.pending.until == BEGIN + timedelta(seconds=120)
    assert engine.audit().ok


def test_a_refusal_at_its_turn_fails_it_with_the_reason(engine, clock):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, **PAID).wait(60)
    clock.at(seconds=59.9)
    job = engine.propose(BELL, **PAID)
    engine.budget(day="1.30")
    clock.at(seconds=60)
    job.wait(60)
    failure = job.record.failure
    assert (job.status, failure.code, "nothing remains" in failure.reason) == (S.FAILED, "over_budget", True)
    assert (job.cost, engine.audit().ok) == (0, True)


def test_the_rate_counts_from_the_admission(engine, clock):
    engine.limits(user_per_minute=1)
    job = engine.propose(BELL, consent=True, **PAID)
    clock.at(seconds=50)
    engine.admit(job.id)
    clock.at(seconds=65)
    with pytest.raises(RateLimited) as caught:
        engine.submit(BELL, **PAID)
    assert caught.value.retry_after == 45


def test_the_money_belongs_to_the_day_of_the_admission(engine, clock):
    job = engine.propose(BELL, consent=True, **PAID)
    clock.at(hours=2)
    engine.admit(job.id)
    job.wait(60)
    assert (used(engine), engine.audit().ok) == ((0, COST), True)
    clock.at()
    assert used(engine) == (0, 0)


def test_a_cancel_takes_effect_at_once_and_costs_nothing(engine, clock):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, **PAID).wait(60)
    clock.at(seconds=59.9)
    for job in (engine.propose(BELL, consent=True, **PAID), engine.propose(BELL, **PAID)):
        assert job.cancel()
        assert (job.status, job.cost, job.record.pending) == (S.CANCELLED, 0, None)
        assert not job.cancel()
    clock.at(seconds=61)
    assert not engine.admit(job.id)
    assert (used(engine), engine.audit().ok) == ((0, COST), True)


def test_it_ends_unpaid_with_its_process(connect):
    engine, other = connect(), connect()
    job = engine.propose(BELL, consent=True, **PAID)
    engine.close()
    record = other.job(job.id).record
    assert (record.status, record.failure.code) == (S.CANCELLED, "not_admitted")
    assert (other.job(job.id).cost, used(other), other.audit().ok) == (0, (0, 0), True)


def test_another_process_shows_it_and_cannot_admit_it(connect):
    job = connect().propose(BELL, consent=True, reuse=True, **PAID)
    other = connect()
    again = other.propose(BELL, consent=True, reuse=True, **PAID)
    assert again == job
    with pytest.raises(IllegalMove, match="another kernel"):
        other.admit(job.id)
    assert other.job(job.id).cancel()


def test_what_another_process_does_to_it_is_heard(connect):
    engine, other = connect(), connect()
    job = engine.propose(BELL, consent=True, **PAID)
    ended = []
    waiting = threading.Thread(target=lambda: ended.append(job.wait(60).status))
    waiting.start()
    other.cancel(job.id)
    waiting.join()
    assert ended == [S.CANCELLED]


def test_the_main_thread_does_not_wait_for_a_consent_that_only_it_can_take(engine):
    job = engine.propose(BELL, consent=True, **PAID)
    with pytest.raises(ConsentNeeded, match=r"\$1\.30"):
        job.wait(60)
    ended = []
    waiting = threading.Thread(target=lambda: ended.append(job.wait(60).status))
    waiting.start()
    engine.admit(job.id)
    waiting.join()
    assert ended == [S.COMPLETED]


@pytest.mark.parametrize("committed", [False, True])
def test_an_interrupt_while_it_is_admitted_runs_it_if_it_was(engine, monkeypatch, committed):
    job = engine.propose(BELL, consent=True, **PAID)
    admit = engine.store.admit

    def interrupted(*arguments):
        if committed:
            admit(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(engine.store, "admit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.admit(job.id)
    assert engine._opened().executor.holds(job.id) is committed
    monkeypatch.undo()
    if not committed:
        assert (job.status, engine.admit(job.id)) == (S.INITIALIZING, True)
    assert (job.wait(60).status, used(engine)) == (S.COMPLETED, (0, COST))


def test_what_a_text_was_submitted_from_is_found_again(engine):
    assert engine.from_source("a cell") is None
    job = engine.submit(BELL, source="a cell", **PAID)
    engine.submit(BELL, source="another cell", **PAID)
    engine.submit(BELL, source="a cell", shots=5)  # free: nobody asks
    assert engine.from_source("a cell") == job
    job.wait(60)
    assert engine.from_source("a cell") == job
    assert "a cell" not in str(job.record)


def test_a_proposed_batch_is_admitted_as_a_whole_and_takes_one_slot(engine, clock):
    engine.limits(user_per_minute=2)
    batch = engine.propose([BELL] * 3, consent=True, name="three", **PAID)
    assert (batch.statuses, used(engine)) == ({S.INITIALIZING: 3}, (0, 0))
    assert batch.snapshot().pending == Pending(consent=True)
    with pytest.raises(ConsentNeeded, match="batch"):
        batch.wait(60)
    assert engine.admit(batch.id)
    assert batch.wait(60).statuses == {S.COMPLETED: 3}
    assert [job.record.admitted_at for job in batch] == [clock()] * 3
    engine.submit(BELL, **PAID)
    with pytest.raises(RateLimited):
        engine.submit(BELL, **PAID)
    assert (engine.audit().ok, engine.admit(batch.id)) == (True, False)


def test_a_batch_waits_for_its_turn(engine, clock):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, **PAID)
    clock.at(seconds=59.9)
    batch = engine.propose([BELL] * 2, **PAID)
    assert batch.snapshot().pending == Pending(until=BEGIN + timedelta(seconds=60))
    clock.at(seconds=60)
    assert batch.wait(60).statuses == {S.COMPLETED: 2}


def test_of_a_batch_that_waits_what_was_cancelled_stays_so(engine):
    batch = engine.propose([BELL] * 3, consent=True, **PAID)
    assert batch[1].cancel()
    assert engine.admit(batch.id)
    batch.wait(60)
    assert [job.status for job in batch] == [S.COMPLETED, S.CANCELLED, S.COMPLETED]
    assert (used(engine), engine.audit().ok) == ((0, 2 * COST), True)


def test_a_batch_that_is_refused_at_its_turn_fails_as_a_whole(engine, clock):
    engine.limits(user_per_minute=1)
    engine.submit(BELL, **PAID).wait(60)
    clock.at(seconds=59.9)
    batch = engine.propose([BELL] * 2, **PAID)
    engine.budget(day="2.60")
    clock.at(seconds=60)
    assert batch.wait(60).statuses == {S.FAILED: 2}
    assert "1 would fit" in batch[0].record.failure.remedy
    assert engine.audit().ok


def test_a_batch_ends_unpaid_with_its_process_and_is_found_again_before(connect):
    engine, other = connect(), connect()
    batch = engine.propose([BELL] * 2, consent=True, reuse=True, **PAID)
    assert other.propose([BELL] * 2, consent=True, reuse=True, **PAID) == batch
    with pytest.raises(IllegalMove, match="another kernel"):
        other.admit(batch.id)
    engine.close()
    assert other.batch(batch.id).statuses == {S.CANCELLED: 2}
    assert other.audit().ok


def test_of_a_proposed_list_as_many_as_fit(engine):
    engine.budget(day="4")
    batch = engine.propose([BELL] * 5, consent=True, partial=True, **PAID)
    assert (len(batch), batch.snapshot().asked) == (3, 3_900_000_000)
    engine.budget(day="1")
    with pytest.raises(OverBudget):
        engine.propose([BELL] * 5, consent=True, partial=True, **PAID)


# -- what must not go wrong -------------------------------------------------------------------------------------


def test_a_commit_whose_answer_was_lost_is_run_by_the_next_try(engine, monkeypatch):
    job = engine.propose(BELL, consent=True, **PAID)
    admit = engine.store.admit

    def lost(*arguments):
        admit(*arguments)
        raise StoreUnavailable("the connection was lost at the commit.")

    monkeypatch.setattr(engine.store, "admit", lost)
    with pytest.raises(StoreUnavailable):
        engine.admit(job.id)
    assert (job.wait(60).status, used(engine)) == (S.COMPLETED, (0, COST))
    monkeypatch.undo()
    assert (engine.admit(job.id), engine.audit().ok) == (False, True)


def test_a_queued_job_that_the_executor_does_not_know_can_be_cancelled(engine):
    job = engine.propose(BELL, consent=True, **PAID)
    engine.store.admit([job.id], lambda *_: False)  # past the engine
    engine.prepare()  # its executor runs, and knows nothing of it
    assert job.cancel()
    assert (job.wait(60).status, used(engine), engine.audit().ok) == (S.CANCELLED, (0, 0), True)


def test_an_interrupt_behind_the_proposal_leaves_one_that_can_be_admitted(engine, monkeypatch):
    propose = engine.store.propose

    def interrupted(*arguments, **more):
        propose(*arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(engine.store, "propose", interrupted)
    with pytest.raises(KeyboardInterrupt):
        engine.propose(BELL, consent=True, **PAID)
    monkeypatch.undo()
    [record] = engine.jobs(limit=1)
    assert engine.admit(record.id)
    assert record.wait(60).status is S.COMPLETED


def test_to_submit_what_waits_for_a_consent_is_one(connect):
    engine, other = connect(), connect()
    job = engine.propose(BELL, consent=True, reuse=True, **PAID)
    with pytest.raises(IllegalMove, match="another kernel"):
        other.submit(BELL, reuse=True, **PAID)
    assert engine.submit(BELL, reuse=True, **PAID) == job
    assert job.wait(60).status is S.COMPLETED
    assert other.submit(BELL, reuse=True, **PAID) == job
    assert used(engine) == (0, COST)


def test_a_job_of_a_batch_that_waits_is_neither_found_nor_admitted_by_itself(engine):
    batch = engine.propose([BELL, BELL], consent=True, **PAID)
    assert engine.find(BELL, **PAID) is None
    with pytest.raises(IllegalMove, match="with its batch"):
        engine.admit(batch[1].id)
    assert engine.find([BELL, BELL], **PAID) == batch


def test_what_was_cancelled_of_a_batch_is_not_claimed(engine):
    engine.budget(day="2.60")
    batch = engine.propose([BELL] * 2, consent=True, **PAID)
    engine.submit(BELL, **PAID).wait(60)
    with pytest.raises(OverBudget):
        engine.admit(batch.id)
    batch[0].cancel()
    assert engine.admit(batch.id)
    assert batch[1].wait(60).status is S.COMPLETED


def test_a_turn_that_is_hours_away_is_refused(engine, clock):
    job = engine.propose(BELL, consent=True, **PAID)
    engine.limits(team_per_day=1)
    engine.submit(BELL, **PAID).wait(60)
    with pytest.raises(RateLimited):
        engine.admit(job.id)
    assert job.record.pending.consent
    clock.at(hours=24)
    assert engine.admit(job.id)
    assert job.wait(60).status is S.COMPLETED


def test_what_a_dead_process_proposed_is_not_found(connect, monkeypatch):
    engine, other = connect(), connect()
    engine.propose(BELL, consent=True, reuse=True, **PAID)
    monkeypatch.setattr("qjob.execution.opened.sweep", lambda *_: None)  # as if it had just been killed
    assert other.find(BELL, **PAID) is not None
    monkeypatch.undo()
    engine.close()
    assert other.find(BELL, **PAID) is None


def test_a_retry_is_found_as_the_job_that_it_repeats(engine):
    first = engine.submit(BELL, source="a cell", reuse=True, **PAID)
    first.wait(60)
    again = engine.retry(first.id)
    again.wait(60)
    assert engine.retry_cap(first.id) == 1_300_000_000
    assert engine.find(BELL, **PAID) == again
    assert engine.from_source("a cell") == again


def test_an_audit_finds_a_job_that_ran_without_being_admitted(engine):
    job = engine.propose(BELL, consent=True, **PAID)
    with engine.store._db.write() as connection:
        connection.execute("UPDATE jobs SET status = 'RUNNING' WHERE id = ?", (job.id,))
    assert [finding.code for finding in engine.audit().findings] == ["not_admitted"]

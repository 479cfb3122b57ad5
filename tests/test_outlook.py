"""What a durable job that waits is told of the workers, against a real store; and its snapshots from an engine."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.engine import Engine
from qjob.execution.keeper import PATIENCE, Keeper
from qjob.model.attempt import Sequel
from qjob.model.events import EventKind, LogEntry
from qjob.model.job import Failure
from qjob.model.worker import Outlook, Prospect, WorkerRecord
from qjob.outlook import due_at, outlook
from qjob.settings import load_settings

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture
def engine(home, monkeypatch):
    """An engine whose durable jobs wait: it starts no worker."""
    monkeypatch.setattr(Keeper, "look", lambda _: None)
    with Engine(load_settings({}, home=home)) as made:
        yield made


@pytest.fixture
def worker(engine):
    """List worker processes; each lives, by a lock that this process holds."""
    owners = []

    def add(asked=None, *, ended=False, version="99"):
        owner = engine.store.owners.claim()
        now = engine.store.clock()
        record = WorkerRecord(owner.id, engine.settings.user, "lab3", 7, version, now)
        assert engine.store.add_worker(record, alone=False)
        if asked:
            engine.store.ask_worker(owner.id, asked)
        if ended:
            engine.store.end_worker(owner.id)
            owner.release()
        else:
            owners.append(owner)
        return record

    yield add
    for owner in owners:
        owner.release()


def prospect(engine, job):
    found = engine.snapshot(job.id).outlook
    return None if found is None else found.prospect


def test_without_any_worker_one_starts(engine):
    job = engine.submit(BELL, mode="durable")
    assert prospect(engine, job) is Prospect.STARTING


@pytest.mark.slow
def test_a_direct_job_waits_for_no_worker(engine):
    snapshot = engine.submit(BELL).wait(60).snapshot()
    assert (snapshot.outlook, snapshot.attempts, snapshot.due_at) == (None, (), None)


@pytest.mark.parametrize(
    ("listed", "says"),
    [
        pytest.param({"asked": None, "ended": False, "version": "99"}, Prospect.LISTENING, id="listens"),
        pytest.param(
            {"asked": None, "ended": False, "version": "0"}, Prospect.LISTENING, id="of-an-older-version"
        ),
        pytest.param({"asked": "stop", "ended": False, "version": "99"}, Prospect.ENDING, id="stops"),
        pytest.param({"asked": "drain", "ended": False, "version": "99"}, Prospect.STARTING, id="drains"),
        pytest.param({"asked": "stop", "ended": True, "version": "99"}, Prospect.STOPPED, id="was-stopped"),
        pytest.param({"asked": "drain", "ended": True, "version": "99"}, Prospect.STARTING, id="was-drained"),
        pytest.param(
            {"asked": None, "ended": True, "version": "99"}, Prospect.STARTING, id="has-ended-by-itself"
        ),
    ],
)
def test_by_the_workers_there_are(engine, worker, listed, says):
    job = engine.submit(BELL, mode="durable")
    worker(**listed)
    assert prospect(engine, job) is says


def test_after_a_stop_by_hand_a_newer_job_has_one_started(engine, worker):
    old = engine.submit(BELL, mode="durable")
    worker("stop", ended=True)
    stopped_at = engine.snapshot(old.id).outlook.stopped_at
    assert stopped_at is not None
    assert stopped_at >= old.record.created_at
    new = engine.submit(BELL, mode="durable")
    assert {prospect(engine, job) for job in (old, new)} == {Prospect.STARTING}


def test_one_that_does_not_come_up_is_missed_with_its_last_words(engine):
    user, now = engine.settings.user, datetime(2026, 3, 4, tzinfo=UTC)
    asked = [engine.store, engine.settings, user, now]
    assert outlook(*asked, now + timedelta(seconds=PATIENCE - 1)) == Outlook(Prospect.STARTING)
    log = engine.settings.home / "logs" / "worker-start.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("Traceback\nImportError: no module named x\n")
    missing = Outlook(Prospect.MISSING, said="ImportError: no module named x")
    assert outlook(*asked, now + timedelta(seconds=PATIENCE)) == missing
    asked[2] = "somebody else"
    assert outlook(*asked, now + timedelta(seconds=PATIENCE)) == Outlook(Prospect.MISSING)


def test_a_batch_has_the_outlook_of_its_jobs_until_one_runs(engine):
    durable = engine.submit([BELL, BELL], mode="durable")
    snapshot = durable.snapshot()
    assert (snapshot.durable, snapshot.outlook) == (True, Outlook(Prospect.STARTING))
    engine.cancel_batch(durable.id)
    assert (durable.snapshot().durable, durable.snapshot().outlook) == (True, None)
    direct = engine.submit([BELL]).snapshot()
    assert (direct.durable, direct.outlook) == (False, None)


def test_a_job_is_due_by_the_last_setback_of_its_log():
    at = datetime(2026, 3, 4, tzinfo=UTC)
    log = [LogEntry("j", 0, at, EventKind.ACCEPTED, {})]
    assert due_at(log) is None
    log += [LogEntry("j", 1, at, EventKind.RETRYING, {"seconds": seconds}) for seconds in (1.0, 2.5)]
    assert due_at(log) == at + timedelta(seconds=2.5)


def test_a_job_that_waits_to_be_tried_again_says_when(engine, worker):
    job = engine.submit(BELL, mode="durable")
    first = worker()
    (claim,) = engine.store.claim(first, lambda waiting: waiting)
    taken = engine.snapshot(job.id)
    assert (taken.outlook, len(taken.attempts), taken.attempts[0].worker) == (None, 1, "lab3:7")
    lost = Failure("worker_killed", "It was killed.", "", transient=True)
    assert engine.store.attempt_failed(job.id, claim.record.fence, lambda _: Sequel(lost, 30.0))
    waits = engine.snapshot(job.id)
    assert waits.job.status == "QUEUED"
    assert waits.attempts[0].failure == lost
    assert waits.due_at == waits.attempts[0].ended_at + timedelta(seconds=30)

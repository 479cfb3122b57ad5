"""Waiting for jobs of other processes: what it asks of the store, and when it ends."""

import os
import threading
import time
import uuid
from collections import Counter

import pytest

import qjob
from qjob.model.errors import NoSuchJob, StoreUnavailable, WaitTimeout
from qjob.model.events import Progress
from qjob.model.job import JobRecord, JobStatus
from qjob.model.program import Program, ProgramFormat
from qjob.store.store import Store

LONG = 20.0
"""Seconds that nothing here takes, unless it fails."""


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request, home):
    if request.param == "sqlite":
        return {"home": home}
    return {"home": home, "database_url": request.getfixturevalue("database_url")}


@pytest.fixture
def engine(settings):
    with qjob.connect(**settings) as engine:
        yield engine


@pytest.fixture
def other(settings):
    """Stands for another process that lives, and whose jobs go on as long as a test wants."""
    with qjob.connect(**settings) as other:
        yield other


@pytest.fixture
def job(other):
    """A job that runs in the other one."""
    program = Program(ProgramFormat.QASM3, b"OPENQASM 3.0;")
    record = JobRecord(
        id=str(uuid.uuid4()),
        user="ada",
        name=None,
        backend="marqov-sim",
        program=program.digest,
        num_qubits=1,
        shots=100,
        seed=1,
        options={},
        mode="direct",
        tags={},
        status=JobStatus.INITIALIZING,
        failure=None,
        owner=other._opened().owner.id,
        retry_of=None,
        created_at=other._clock(),
        started_at=None,
        ended_at=None,
    )
    other.store.accept(record, program)
    for status in (JobStatus.QUEUED, JobStatus.RUNNING):
        other.store.move(record.id, status)
    return record.id


@pytest.fixture
def looks(monkeypatch):
    """How often a job is looked at."""
    counted = Counter()
    read = Store.job

    def job(self, job_id):
        counted[job_id] += 1
        return read(self, job_id)

    monkeypatch.setattr(Store, "job", job)
    return counted


class Waiting(threading.Thread):
    def __init__(self, engine, job_id):
        super().__init__(daemon=True)
        self.engine, self.job_id, self.outcome = engine, job_id, None
        self.start()

    def run(self):
        try:
            self.engine.wait(self.job_id)
            self.outcome = self.engine.job(self.job_id).status
        except StoreUnavailable as error:
            self.outcome = error


def all_wait(engine, waiting):
    """Return when all of them wait and what they heard of the beginning of the watch is over."""
    end = time.monotonic() + LONG
    while engine.feed.waiting < waiting:
        assert time.monotonic() < end
        time.sleep(0.01)
    tick = engine.feed.tick
    while (newer := engine.feed.wait(tick, 0.3)) != tick:
        tick = newer


def joined(waiting):
    for each in waiting:
        each.join(LONG)
    return {each.outcome for each in waiting}


def watchers():
    return [thread for thread in threading.enumerate() if thread.name == "qjob-watcher"]


def test_the_end_of_a_job_of_its_own_is_not_looked_for(tmp_path, monkeypatch):
    looked = []
    has_ended = Store.has_ended
    monkeypatch.setattr(Store, "has_ended", lambda store, of: looked.append(of) or has_ended(store, of))
    slow = "OPENQASM 2.0; qreg q[14]; creg c[14]; U(pi/2,0,pi) q; measure q[0]->c[0]; U(pi/2,0,pi) q; measure q->c;"
    with qjob.connect(home=tmp_path / "own") as engine:
        job = engine.submit(slow, shots=100_000)
        waiting = [Waiting(engine, job.id)]
        all_wait(engine, 1)
        assert job.cancel()
        assert joined(waiting) == {JobStatus.CANCELLED}
        assert not looked
        engine.wait(job.id)
        assert looked == [job.id]


@pytest.mark.slow
def test_twenty_who_wait_look_once_for_each_change_and_else_never(engine, other, job, looks):
    waiting = [Waiting(engine, job) for _ in range(20)]
    all_wait(engine, 20)
    assert len(watchers()) == 1
    before = looks[job]
    time.sleep(1.2)  # longer than the pause between two looks for dead owners
    assert looks[job] == before
    other.store.set_progress(job, Progress("sampling", 10, (("0", 10),), 1))
    all_wait(engine, 20)
    assert before + 20 <= looks[job] <= before + 60
    other.store.move(job, JobStatus.CANCELLED)
    assert joined(waiting) == {JobStatus.CANCELLED}


@pytest.mark.slow
@pytest.mark.parametrize("timeout", [0.05, 1.2])
def test_a_wait_ends_with_its_time(engine, job, timeout):
    began = time.monotonic()
    with pytest.raises(WaitTimeout):
        engine.wait(job, timeout)
    assert timeout <= time.monotonic() - began < timeout + 2


def test_of_several_those_that_have_ended_are_not_looked_at(engine, other, job, looks):
    with pytest.raises(WaitTimeout):
        engine.wait_for_all([job, job], 0.05)
    with pytest.raises(NoSuchJob):
        engine.wait_for_all([job, str(uuid.uuid4())], LONG)
    other.store.move(job, JobStatus.CANCELLED)
    looks.clear()
    engine.wait_for_all([job, job], 0.0)
    assert not looks


@pytest.mark.slow
def test_who_waits_is_told_of_an_owner_that_has_died(engine, other, job):
    waiting = [Waiting(engine, job) for _ in range(3)]
    all_wait(engine, 3)
    other._open.owner.release()  # as its death does
    assert joined(waiting) == {JobStatus.FAILED}


def test_an_engine_that_is_closed_meanwhile_begins_another_watch(engine, other, job):
    waiting = [Waiting(engine, job)]
    all_wait(engine, 1)
    (first,) = watchers()
    engine.close()
    assert not first.is_alive()
    other.store.move(job, JobStatus.CANCELLED)
    assert joined(waiting) == {JobStatus.CANCELLED}


def test_a_store_that_was_closed_is_no_wait_for_ever(engine, job):
    waiting = [Waiting(engine, job)]
    all_wait(engine, 1)
    engine.store.close()
    (error,) = joined(waiting)
    assert "was closed" in str(error)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_store_that_was_removed_is_no_wait_for_ever(engine, job):
    waiting = [Waiting(engine, job)]
    all_wait(engine, 1)
    engine.settings.database.unlink()
    (error,) = joined(waiting)
    assert "removed or replaced" in str(error)


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
def test_sessions_that_the_server_ends_end_no_wait(engine, other, job, schemas):
    waiting = [Waiting(engine, job)]
    all_wait(engine, 1)
    pids = [session.connection.info.backend_pid for session in engine.store._db._sessions]
    pids.append(engine._open.watcher._changes._session.connection.info.backend_pid)
    with schemas.connect() as connection:
        for pid in pids:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.store.move(job, JobStatus.CANCELLED)
    assert joined(waiting) == {JobStatus.CANCELLED}


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_waits_by_a_watch_of_its_own(engine, other, job):
    waiting = [Waiting(engine, job)]
    all_wait(engine, 1)
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        said = "an error"
        try:
            os.write(writer, b"waits ")
            engine.wait(job, LONG)
            said = engine.job(job).status.value
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        assert lines.read(6) == "waits "
        other.store.move(job, JobStatus.CANCELLED)
        assert lines.read() == "CANCELLED"
    os.waitpid(pid, 0)
    assert joined(waiting) == {JobStatus.CANCELLED}

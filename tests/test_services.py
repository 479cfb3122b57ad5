"""Jobs at a service, through the engine: asked before they are admitted, followed, and found again by anybody."""

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from qjob.engine import Engine
from qjob.model.errors import BackendRefused, IllegalMove, OverBudget, QjobError
from qjob.model.job import JobStatus
from qjob.settings import load_settings

S = JobStatus
SLOW = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[14]; creg c[14]; h q; measure q[0]->c[0]; h q; measure q->c;'
)
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


def load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Service:
    """The other side: what it was asked, and what becomes of its tasks."""

    def __init__(self, folder):
        self.folder = folder
        self.begin()

    def begin(self):
        for path in self.folder.iterdir():
            path.unlink()
        (self.folder / "first").write_text("queued 7")
        (self.folder / "log").touch()

    def asked(self, word):
        return [line for line in (self.folder / "log").read_text().splitlines() if line.startswith(word)]

    def set(self, job, state):
        path = self.folder / f"{job.id}-1.task"
        new = path.with_suffix(".new")
        new.write_text(state)
        new.rename(path)

    def put(self, name, text=""):
        (self.folder / name).write_text(text)

    def drop(self, name):
        (self.folder / name).unlink()


def until(happens, seconds=30.0):
    """Wait for what other processes do."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home whose catalogue has the service's backend, found by this process and by its agents."""
    serving, folder = load("serving"), tmp_path_factory.mktemp("site")
    serving.install(folder)
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(serving.CATALOGUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder), prepend=":")
        patch.setenv("QJOB_TEST_SERVICE", str(tmp_path_factory.mktemp("service")))
        yield home


@pytest.fixture(scope="module")
def engine(home):
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        engine.limits(user_per_minute=1000)
        yield engine


@pytest.fixture
def service(home):  # noqa: ARG001 - sets the environment
    return Service(Path(os.environ["QJOB_TEST_SERVICE"]))


@pytest.fixture
def agent(engine):
    """The process that talks to the service for the engine."""
    engine.prepare("server")

    def found():
        return [
            process for process in psutil.Process().children() if "qjob.execution.agent" in process.cmdline()
        ]

    until(found)
    return found()[0]


def submit(engine, shots=20):
    return engine.submit(BELL, backend="server", shots=shots)


def kinds(job):
    return [str(entry.kind) for entry in job.events()]


def queue(job):
    progress = job.snapshot().progress
    return None if progress is None else progress.queue


@pytest.fixture(autouse=True)
def books(engine, service):
    """Whatever happens to a job, the books are right afterwards, and nothing is left."""
    yield
    for job in engine.jobs(status=["QUEUED", "RUNNING", "CANCELLING"]):
        service.set(job, "failed left over")
        job.wait(30)
    audit = engine.audit()
    assert audit.ok, audit.findings
    assert engine.budget().held == 0


def test_a_job_goes_its_way_and_costs_what_the_service_says(engine, service):
    job = submit(engine)
    until(lambda: queue(job) is not None)
    assert (queue(job).position, job.status) == (7, S.QUEUED)
    assert job.record.remote_id == f"{job.id}-1"
    assert job.record.site == {"account": "me"}
    service.set(job, "running")
    until(lambda: job.status is S.RUNNING)
    service.set(job, "done")
    assert dict(job.counts) == {"00": 20}
    assert job.cost == Decimal("0.50")
    assert kinds(job) == ["accepted", "submitted", "running", "completed"]
    assert job.attachments == {"sent": "zeros"}


def test_what_the_service_refuses_is_never_stored(engine, service):
    before = len(engine.jobs())
    service.put("refused", "the device is offline.")
    with pytest.raises(BackendRefused, match="the device is offline") as caught:
        submit(engine)
    assert (caught.value.remedy, caught.value.numbers) == ("Wait.", {"qubits": 2})
    assert (len(engine.jobs()), service.asked("create")) == (before, [])
    with pytest.raises(BackendRefused, match="program 0 of the batch: the device is offline"):
        engine.submit([BELL, BELL], backend="server", shots=20)


def test_a_failure_is_the_services_own_and_free(engine, service):
    job = submit(engine)
    until(lambda: queue(job) is not None)
    service.set(job, "failed the laser was off")
    job.wait(30)
    assert (job.status, job.record.failure.reason, job.cost) == (S.FAILED, "the laser was off", 0)


def test_a_cancel_takes_effect_there(engine, service):
    job = submit(engine)
    until(lambda: queue(job) is not None)
    assert job.cancel()
    job.wait(30)
    assert (job.status, job.cost) == (S.CANCELLED, 0)
    assert service.asked("cancel") == [f"cancel {job.id}-1"]


def test_an_adapter_that_breaks_down_is_begun_again_and_nothing_is_created_twice(engine, service):
    job = submit(engine)
    until(lambda: queue(job) is not None)
    service.set(job, "broken done")
    job.wait(30)
    assert (job.status, len(service.asked("create")), len(service.asked("resume"))) == (S.COMPLETED, 1, 1)


@pytest.mark.parametrize("moment", ["before the answer is known", "while it waits"])
def test_a_killed_agent_is_begun_again_and_resumes(engine, service, agent, moment):
    if moment == "before the answer is known":
        service.put("crash")
    engine.prepare("server")
    job = submit(engine)
    until(lambda: queue(job) is not None)
    if moment == "while it waits":
        agent.kill()
        until(lambda: service.asked("resume"))
    service.set(job, "done")
    job.wait(30)
    assert job.status is S.COMPLETED
    assert service.asked("create") == [f"create {job.id}-1"]
    assert kinds(job).count("submitted") == 1


def test_many_jobs_share_one_agent(engine, service):
    batch = engine.submit([BELL] * 60, backend="server", shots=1)
    until(lambda: len(service.asked("create")) == 60)
    for job in batch:
        service.set(job, "done")
    batch.wait(30)
    assert {job.status for job in batch} == {S.COMPLETED}
    assert len(service.asked("load")) <= 1


def test_a_proposal_is_admitted_once_the_service_has_answered(engine, service):
    service.put("slow")
    job = engine.propose(BELL, backend="server", shots=20)
    assert (job.status, job.record.pending.preflight, engine.budget().held) == (S.INITIALIZING, True, 0)
    service.drop("slow")
    until(lambda: job.status is S.QUEUED)
    assert job.record.site == {"account": "me"}
    until(lambda: queue(job) is not None)
    service.set(job, "done")
    job.wait(30)
    assert job.cost == Decimal("0.50")


@pytest.mark.parametrize("first", ["the answer", "the consent"])
def test_a_proposal_needs_both_the_answer_and_the_consent(engine, service, first):
    service.put("slow")
    job = engine.propose(BELL, backend="server", shots=20, consent=True)
    if first == "the answer":
        service.drop("slow")
        until(lambda: not job.record.pending.preflight)
        assert (job.status, job.record.pending.consent) == (S.INITIALIZING, True)
    assert engine.admit(job.id)
    if first == "the consent":
        assert (job.status, job.record.pending.consent) == (S.INITIALIZING, False)
        service.drop("slow")
    until(lambda: queue(job) is not None)
    service.set(job, "done")
    job.wait(30)
    assert job.status is S.COMPLETED


def test_a_proposal_that_the_service_refuses_fails_unpaid(engine, service):
    service.put("refused", "no such gate.")
    job = engine.propose(BELL, backend="server", shots=20, consent=True)
    until(lambda: job.status.ended)
    assert (job.status, job.record.failure.code, job.record.failure.reason) == (
        S.FAILED,
        "backend_refused",
        "no such gate.",
    )
    assert (job.cost, service.asked("create")) == (0, [])
    assert not engine.admit(job.id)


def test_a_proposal_that_is_cancelled_while_the_service_thinks_is_over(engine, service):
    service.put("slow")
    job = engine.propose(BELL, backend="server", shots=20)
    assert job.cancel()
    service.drop("slow")
    job.wait(30)
    until(lambda: job.id not in engine._proposed)
    assert (job.status, service.asked("create")) == (S.CANCELLED, [])


def test_a_proposed_batch_is_cleared_as_a_whole(engine, service):
    batch = engine.propose([BELL, BELL], backend="server", shots=20)
    until(lambda: len(service.asked("create")) == 2)
    for job in batch:
        service.set(job, "done")
    batch.wait(30)
    assert {job.status for job in batch} == {S.COMPLETED}


def test_money_is_looked_at_before_the_service_is_asked_to_run(engine, service):
    with pytest.raises(OverBudget):
        engine.submit(BELL, backend="server", shots=100_000)
    assert service.asked("create") == []


def test_new_environment_reaches_the_agent_with_the_next_question(engine, tmp_path, monkeypatch):
    submit(engine).cancel()
    elsewhere = Service(tmp_path)
    monkeypatch.setenv("QJOB_TEST_SERVICE", str(tmp_path))
    elsewhere.put("refused", "seen over there.")
    with pytest.raises(BackendRefused, match="seen over there"):
        submit(engine)


def test_a_consent_before_anybody_asked_the_service_has_it_asked(engine, service, monkeypatch):
    """As where an interrupt comes between the storing of a proposal and the question."""
    with monkeypatch.context() as patch:
        patch.setattr(engine, "_keep", lambda _: None)
        job = engine.propose(BELL, backend="server", shots=20, consent=True)
    assert service.asked("preflight") == []
    assert engine.admit(job.id)
    until(lambda: queue(job) is not None)
    assert (job.record.site, service.asked("preflight")) == ({"account": "me"}, ["preflight"])
    service.set(job, "done")
    job.wait(30)


def test_an_interrupted_adoption_is_made_up_for(engine, service, owner, monkeypatch):
    process, job_id = owner()
    job = engine.job(job_id)
    until(lambda: queue(job) is not None)
    process.kill()
    process.wait()
    executor = engine._opened().executor

    def interrupted(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(executor, "submit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            engine.sweep()
    assert job.record.owner == engine._opened().owner.id
    service.set(job, "done")
    engine.sweep()
    job.wait(30)
    assert job.status is S.COMPLETED


def test_another_user_does_not_follow_what_is_not_theirs(engine, service, owner, home):
    process, job_id = owner()
    until(lambda: queue(engine.job(job_id)) is not None)
    process.kill()
    process.wait()
    with Engine(load_settings({}, home=home, user="bob", workers=1)) as bobs:
        bobs.sweep()
        assert bobs.job(job_id).status is S.QUEUED
        assert service.asked("resume") == []
    service.set(engine.job(job_id), "done")
    engine.sweep()
    engine.job(job_id).wait(30)


def test_what_cannot_be_written_of_a_job_there_does_not_end_it(engine, service, monkeypatch):
    from qjob.model.errors import StoreError
    from qjob.store.store import Store

    def refuse(*_):
        raise StoreError("no such column")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "attach", refuse)
        job = submit(engine)
        until(lambda: queue(job) is not None)
    service.set(job, "done")
    job.wait(30)
    assert (job.status, job.cost) == (S.COMPLETED, Decimal("0.50"))


def test_a_backend_that_was_retired_since_is_followed_to_the_end(engine, service, owner, home):
    process, job_id = owner()
    until(lambda: queue(engine.job(job_id)) is not None)
    process.kill()
    process.wait()
    catalogue = home / "backends.toml"
    before = catalogue.read_text()
    catalogue.write_text(before.replace("local = false\n", 'local = false\nretired = "2026-11"\n', 1))
    service.set(engine.job(job_id), "done")
    try:
        with Engine(load_settings({}, home=home, user="ada", workers=1)) as later:
            job = later.job(job_id)
            job.wait(30)
            assert (job.status, job.cost) == (S.COMPLETED, Decimal("0.50"))
    finally:
        catalogue.write_text(before)


def test_jobs_elsewhere_are_not_ahead_of_local_ones(engine):
    there = [submit(engine) for _ in range(2)]
    here = [engine.submit(SLOW, shots=100_000) for _ in range(2)]
    until(lambda: here[0].status is S.RUNNING)
    assert here[1].snapshot().queue_position == 1
    assert there[0].snapshot().queue_position is None
    for job in (*here, *there):
        job.cancel()
    for job in (*here, *there):
        job.wait(30)


# -- the death of the process that follows a job ------------------------------------------------------------------

OWNER = """
import sys
from qjob.engine import Engine
from qjob.settings import load_settings

url = sys.argv[3] if len(sys.argv) > 3 else None
engine = Engine(load_settings({}, home=sys.argv[1], user="ada", workers=1, database_url=url))
job = engine.submit(sys.argv[2], backend="server", shots=20)
print(job.id, flush=True)
sys.stdin.readline()
engine.close()
"""


@pytest.fixture
def owner(home):
    """Start a process that submits a job; return it and the job's id."""
    started = []

    def start(*database_url, home=home):
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(home), BELL, *database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("known", [True, False], ids=["submitted", "nobody knows whether submitted"])
def test_whoever_is_there_follows_the_job_of_a_killed_process(engine, service, owner, known):
    if not known:
        service.put("hang")
    process, job_id = owner()
    job = engine.job(job_id)
    until(lambda: queue(job) is not None if known else service.asked("create"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (job.record.remote_id is not None) is known
    service.put("hang")
    service.drop("hang")
    service.set(job, "done")
    engine.sweep()
    job.wait(30)
    assert (job.status, job.cost) == (S.COMPLETED, Decimal("0.50"))
    assert service.asked("create") == [f"create {job.id}-1"]


def test_on_another_machine_too_a_job_of_the_dead_is_followed(service, owner, home, tmp_path, database_url):
    """As far as one machine can play two: homes of their own, one store in PostgreSQL."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "backends.toml").write_text((home / "backends.toml").read_text())
    process, job_id = owner(database_url, home=away)
    with Engine(load_settings({}, home=home, user="ada", workers=1, database_url=database_url)) as here:
        job = here.job(job_id)
        until(lambda: queue(job) is not None)
        process.kill()
        process.wait()
        service.set(job, "done")
        until(lambda: (here.sweep(), job.status.ended)[1])
        assert (job.status, job.cost) == (S.COMPLETED, Decimal("0.50"))
        assert here.audit().ok
    assert service.asked("create") == [f"create {job.id}-1"]


def test_a_closed_engine_leaves_its_jobs_to_the_next(engine, service, owner):
    process, job_id = owner()
    job = engine.job(job_id)
    until(lambda: queue(job) is not None)
    process.communicate("\n")
    assert job.status is S.QUEUED
    engine.sweep()
    assert job.cancel()
    job.wait(30)
    assert (job.status, service.asked("cancel")) == (S.CANCELLED, [f"cancel {job.id}-1"])


def test_a_cancel_that_nobody_was_there_to_obey_is_obeyed_by_who_follows(engine, service, owner):
    process, job_id = owner()
    job = engine.job(job_id)
    until(lambda: queue(job) is not None)
    process.kill()
    process.wait()
    engine.store.cancel(job_id)
    engine.sweep()
    job.wait(30)
    assert (job.status, service.asked("cancel")) == (S.CANCELLED, [f"cancel {job.id}-1"])


def test_two_who_find_a_job_follow_it_once(engine, service, owner, home):
    process, job_id = owner()
    until(lambda: queue(engine.job(job_id)) is not None)
    process.kill()
    process.wait()
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as other:
        gate = threading.Barrier(2)

        def sweep(which):
            gate.wait()
            which.sweep()

        threads = [threading.Thread(target=sweep, args=[which]) for which in (engine, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        service.set(engine.job(job_id), "done")
        other.job(job_id).wait(30)
    assert len(service.asked("resume")) == 1


def test_an_agent_that_cannot_begin_says_why(engine, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("QJOB_TEST_SERVICE", "/nowhere")  # another one is needed
    with pytest.raises(QjobError, match=r"ended: .*serving"):
        submit(engine)


def test_retry_asks_the_service_again(engine, service):
    job = submit(engine)
    with pytest.raises(IllegalMove):
        job.retry()
    until(lambda: queue(job) is not None)
    service.set(job, "failed once")
    job.wait(30)
    again = job.retry()
    until(lambda: queue(again) is not None)
    service.set(again, "done")
    assert dict(again.counts) == {"00": 20}
    assert len(service.asked("preflight")) == 2

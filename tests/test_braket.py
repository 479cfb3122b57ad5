"""Jobs at Amazon Braket from end to end: a real engine, a real agent, the real SDK, and the loopback."""

import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from braket.circuits import Circuit
from qiskit import QuantumCircuit

from cloud_lab import SKEW, SKEWED, calm, cloud_at, owner, until
from qjob.model.errors import BackendRefused, NoCredentials
from qjob.model.job import JobStatus

S = JobStatus


@pytest.fixture(scope="module")
def opened(loopback_process, tmp_path_factory):
    with cloud_at(loopback_process, tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(opened):
    yield opened
    calm(opened)


def note(job):
    progress = job.snapshot().progress
    return "" if progress is None else progress.note


# -- every device, every format ----------------------------------------------------------------------------------

COST = {
    "sv1": "0.00375",
    "dm1": "0.00375",
    "ionq-forte-1": "8.30",
    "ionq-forte-enterprise-1": "8.30",
    "iqm-garnet": "0.445",
    "iqm-emerald": "0.46",
    "rigetti-cepheus-1-108q": "0.3425",
    "aqt-ibex-q1": "2.65",
}
"""100 shots of a small circuit, by the prices of the catalogue."""


def qiskit_circuit():
    circuit = QuantumCircuit(3, 4)
    circuit.x(0)
    circuit.cx(0, 2)
    for qubit, bit in [(0, 0), (1, 3), (2, 2)]:
        circuit.measure(qubit, bit)
    return circuit


QASM3 = """OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q; bit[4] c;
x q[0]; cx q[0], q[2];
c[0] = measure q[0]; c[3] = measure q[1]; c[2] = measure q[2];
"""
DIALECT = """OPENQASM 3.0;
qubit[3] q; bit[4] b;
x q[0]; cnot q[0], q[2];
b[0] = measure q[0]; b[3] = measure q[1]; b[2] = measure q[2];
"""
FORMATS = {
    "OpenQASM 2": (SKEW, SKEWED),
    "OpenQASM 3": (QASM3, SKEWED),
    "OpenQASM 3 in Braket's dialect": (DIALECT, SKEWED),
    "qiskit": (qiskit_circuit(), SKEWED),
    "braket": (Circuit().x(0).cnot(0, 1).i(2).measure(0).measure(1).measure(2), "011"),
}


@pytest.mark.parametrize("slug", COST)
def test_every_device_runs_every_format(cloud, slug):
    batch = cloud.submit([program for program, _ in FORMATS.values()], backend=slug)
    batch.wait(60)
    assert [job.record.failure for job in batch] == [None] * len(FORMATS)
    assert [dict(job.counts) for job in batch] == [{reads: 100} for _, reads in FORMATS.values()]
    assert {job.cost for job in batch} == {Decimal(COST[slug])}
    for job in batch:
        task = cloud.task(job)
        assert (job.record.remote_id, job.attachments["sent"]) == (task.arn, task.source)
        assert (task.tags["qjob:user"], task.shots) == ("ada", 100)
        assert {"accepted", "submitted", "completed"} <= {str(entry.kind) for entry in job.events()}


def test_a_job_knows_for_whom_and_where_it_runs(cloud):
    job = cloud.submit(backend="iqm-garnet").wait(60)
    assert job.record.site == {
        "account": "111122223333",
        "region": "eu-north-1",
        "profile": "",
        "bucket": "amazon-braket-eu-north-1-111122223333",
    }


# -- refusals, failures, cancels ---------------------------------------------------------------------------------


def test_what_aws_refuses_is_never_stored(cloud):
    before = len(cloud.engine.jobs()), len(cloud.loopback.tasks())
    cloud.loopback.expire("main")
    cloud.loopback.fail("sts:GetCallerIdentity", 1, "ExpiredToken", "expired")
    with pytest.raises(NoCredentials, match="expired"):
        cloud.submit(backend="iqm-emerald")
    assert (len(cloud.engine.jobs()), len(cloud.loopback.tasks())) == before


def test_a_failure_is_the_services_own_and_free(cloud):
    cloud.loopback.fail_tasks("Garnet", "The fridge was warm.")
    job = cloud.submit(backend="iqm-garnet").wait(60)
    assert (job.status, job.cost) == (S.FAILED, 0)
    assert "The fridge was warm" in job.record.failure.reason
    cloud.loopback.fail_tasks("Garnet", None)
    again = job.retry().wait(60)
    assert (again.status, again.cost) == (S.COMPLETED, Decimal("0.445"))


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING"])
def test_a_cancel_takes_effect_there(cloud, state):
    cloud.loopback.hold("sv1")
    job = cloud.submit()
    until(lambda: job.record.remote_id)
    if state == "RUNNING":
        cloud.step(job)
        until(lambda: job.status is S.RUNNING)
    assert job.cancel()
    if state == "RUNNING":
        until(lambda: cloud.state(job) == "CANCELLING")
        assert job.status is S.CANCELLING
        cloud.step(job)
    job.wait(30)
    assert (job.status, cloud.state(job)) == (S.CANCELLED, "CANCELLED")
    assert (job.cost == 0) is (state == "QUEUED")


def test_a_batch_is_cancelled_as_a_whole(cloud):
    cloud.loopback.hold("Garnet")
    batch = cloud.submit([SKEW] * 5, backend="iqm-garnet")
    until(lambda: all(job.record.remote_id for job in batch))
    batch.cancel()
    batch.wait(60)
    assert ({job.status for job in batch}, {job.cost for job in batch}) == ({S.CANCELLED}, {0})


# -- others who look, rehearsals, facts --------------------------------------------------------------------------

WATCHER = """
import sys
from qjob.engine import Engine
from qjob.settings import load_settings

with Engine(load_settings({}, home=sys.argv[1], user="ada", workers=1)) as engine:
    job = engine.job(sys.argv[2])
    print(job.status, flush=True)
    if sys.argv[3] == "cancel":
        job.cancel()
    job.wait(60)
    print(job.status, dict(job.counts) if job.status == "COMPLETED" else "", flush=True)
"""


@pytest.mark.parametrize("does", ["watches", "cancel"])
def test_a_second_process_sees_a_job_and_may_cancel_it(cloud, does):
    cloud.loopback.hold("sv1")
    job = cloud.submit()
    until(lambda: job.record.remote_id)
    with subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(cloud.home), job.id, does], stdout=subprocess.PIPE, text=True
    ) as watcher:
        assert watcher.stdout.readline() == "QUEUED\n"
        if does == "watches":
            cloud.loopback.release("sv1")
        said = watcher.stdout.read().strip()
    assert said == (f"COMPLETED {{'{SKEWED}': 100}}" if does == "watches" else "CANCELLED")
    assert not cloud.loopback.requests("SearchQuantumTasks")  # it left the task to who follows it


def test_a_rehearsal_is_free_and_reaches_no_device(cloud):
    cloud.submit(backend="iqm-garnet").wait(60)  # which brings its facts
    before = len(cloud.loopback.tasks())
    rehearsed = cloud.engine.rehearse(SKEW, backend="iqm-garnet", shots=1000)
    counts = rehearsed.job.wait(60).counts
    assert counts.shots == 1000
    assert dict(counts.top(1)).keys() == {SKEWED}
    assert rehearsed.quote.cap == Decimal("1.75")
    assert len(cloud.loopback.tasks()) == before


def test_facts_of_all_devices_are_refreshed(cloud):
    cloud.loopback.queue("Garnet", 12)
    facts = cloud.engine.refresh_devices()
    assert len(facts) >= len(COST)
    garnet = facts[cloud.engine.catalogue.get("iqm-garnet").target]
    assert (garnet.status, garnet.region, garnet.qubits) == ("online", "eu-north-1", 20)
    cloud.loopback.queue("Garnet", 0)


# -- who follows a job dies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["while it is created", "QUEUED", "RUNNING"])
def test_a_killed_agent_is_begun_again_and_the_task_found(cloud, moment):
    cloud.loopback.hold("sv1")
    cloud.engine.prepare("sv1")
    agent = cloud.agent
    if moment == "while it is created":
        cloud.loopback.delay("CreateQuantumTask", 60, 1)
    asked = len(cloud.loopback.requests("CreateQuantumTask"))
    job = cloud.submit()
    if moment == "while it is created":
        until(lambda: len(cloud.loopback.requests("CreateQuantumTask")) > asked)
        cloud.kill_agent()
        cloud.loopback.calm()  # now it takes effect, and nobody is there for the answer
    else:
        until(lambda: job.record.remote_id)
        if moment == "RUNNING":
            cloud.step(job)
            until(lambda: job.status is S.RUNNING)
        cloud.kill_agent()
    cloud.loopback.release("sv1")
    assert dict(job.wait(60).counts) == {SKEWED: 100}
    assert cloud.agent.pid != agent.pid
    assert [str(entry.kind) for entry in job.events()].count("submitted") == 1


def test_whoever_is_there_follows_the_jobs_of_a_killed_process(cloud):
    cloud.loopback.hold("sv1")
    with owner(cloud.home) as process:
        job = cloud.engine.job(process.stdout.readline().strip())
        until(lambda: job.record.remote_id)
        process.send_signal(signal.SIGKILL)
        process.wait()
    cloud.loopback.release("sv1")
    cloud.engine.sweep()
    assert dict(job.wait(60).counts) == {SKEWED: 100}


# -- faults ------------------------------------------------------------------------------------------------------


def test_a_lost_reply_makes_no_second_task(cloud):
    cloud.loopback.lose_reply("CreateQuantumTask", 3)
    batch = cloud.submit([SKEW] * 3)
    batch.wait(60)
    assert {job.status for job in batch} == {S.COMPLETED}
    assert all(cloud.task(job) for job in batch)  # which makes sure that there is one


@pytest.mark.slow
def test_throttling_is_waited_for_and_nothing_paid_twice(cloud):
    for operation in ("CreateQuantumTask", "GetQuantumTask", "s3:GetObject"):
        cloud.loopback.throttle(operation, 2)
    job = cloud.submit(backend="iqm-garnet").wait(60)
    assert (job.status, job.cost) == (S.COMPLETED, Decimal("0.445"))
    assert [str(move.kind) for move in job.movements()] == ["hold", "charge"]


# -- who asks ----------------------------------------------------------------------------------------------------


def be(cloud, monkeypatch, key):
    """Set another environment, as %env does in a kernel."""
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    for name, value in cloud.loopback.environment(key).items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
def test_a_changed_environment_reaches_the_agent_and_other_accounts_touch_nothing(cloud, monkeypatch):
    """A session of the same account goes on with a job and expires; another account does neither."""
    cloud.loopback.hold("Garnet")
    job = cloud.submit(backend="iqm-garnet")
    until(lambda: job.record.remote_id)
    first = cloud.agent.pid
    with monkeypatch.context() as patch:
        be(cloud, patch, "other")
        until(lambda: "belongs to the AWS account 111122223333; you are 444455556666 now" in note(job))
        assert (cloud.agent.pid != first, job.status) == (True, S.QUEUED)
    with monkeypatch.context() as patch:
        be(cloud, patch, "session")
        until(lambda: job.snapshot().progress.queue is not None)
        cloud.loopback.expire()
        until(lambda: "have expired. Renew them: aws sso login" in note(job))
        assert (job.status, cloud.engine.budget().held > 0) == (S.QUEUED, True)
        with pytest.raises(NoCredentials, match="expired"):
            cloud.submit(backend="iqm-garnet")
        cloud.loopback.renew()
        cloud.loopback.release("Garnet")
        assert dict(job.wait(60).counts) == {SKEWED: 100}
    used = {one.access_key for one in cloud.loopback.requests("GetQuantumTask")}
    assert not any(key.startswith("AKIALOOPBACKOTHER") for key in used)


def test_a_device_that_went_offline_is_refused_before_anything_is_stored(cloud):
    cloud.loopback.set_status("Emerald", "OFFLINE")
    cloud.engine.refresh_devices()
    cloud.kill_agent()  # which forgets what it knew of a minute ago
    with pytest.raises(BackendRefused, match="offline"):
        cloud.submit(backend="iqm-emerald")
    cloud.loopback.set_status("Emerald", "ONLINE")

"""Two machines on one PostgreSQL store, as far as one machine can play them: homes of their own, one database."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

import qjob
from qjob.model.errors import OverBudget
from qjob.model.job import JobStatus

SUBMITTING = Path(__file__).parent / "execution" / "submitting.py"
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'
PRICED = """
[[backend]]
slug = "qb-sim-statevector"
price = {kind = "task", task_fee = "0.30", per_shot = "0.01", currency = "USD", source = "test", as_of = 2026-03-01}
"""


@pytest.fixture
def here(home, database_url):
    with qjob.connect(home=home, database_url=database_url, workers=1) as engine:
        yield engine


@pytest.fixture
def there(tmp_path, database_url):
    """An engine with another home, as on another machine."""
    with qjob.connect(home=tmp_path / "there", database_url=database_url, workers=1) as engine:
        yield engine


@contextmanager
def another_kernel(tmp_path, database_url, case):
    """Yield a process of yet another home that has submitted, and the id of its job."""
    environ = {**os.environ, "QJOB_HOME": str(tmp_path / "elsewhere"), "QJOB_DATABASE_URL": database_url}
    process = subprocess.Popen(
        [sys.executable, str(SUBMITTING), case],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
    )
    try:
        said = {}
        while "ready" not in said:
            name, value = process.stdout.readline().split()
            said[name] = value
        yield process, said["job"]
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.slow
def test_a_bell_job_runs_here_and_is_seen_there(here, there, home):
    job = here.submit(BELL, shots=100, seed=1, name="bell", tags={"run": "7"})
    assert set(job.counts) == {"00", "11"}
    seen = there.job("bell")
    assert (seen.id, seen.status) == (job.id, JobStatus.COMPLETED)
    assert dict(seen.counts) == dict(job.counts)
    assert [event.kind for event in seen.events()] == [event.kind for event in job.events()]
    assert [found.id for found in there.jobs(text="run=7")] == [job.id]
    assert not list(home.glob("*.sqlite*"))


@pytest.mark.slow
def test_two_machines_spend_from_one_budget(here, there, home, tmp_path):
    for folder in (home, tmp_path / "there"):
        folder.mkdir(exist_ok=True)
        (folder / "backends.toml").write_text(PRICED)
    here.budget(day="0.70")
    here.submit(BELL, backend="qb-sim-statevector", shots=1).wait(60)
    there.submit(BELL, backend="qb-sim-statevector", shots=1).wait(60)
    with pytest.raises(OverBudget):
        here.submit(BELL, backend="qb-sim-statevector", shots=10)
    assert there.budget().remaining == Decimal("0.08")
    assert here.audit().ok


@pytest.mark.slow
def test_a_job_of_another_machine_is_waited_for_and_cancelled(there, tmp_path, database_url):
    with another_kernel(tmp_path, database_url, "running") as (process, job_id):
        job = there.job(job_id)
        assert job.status is JobStatus.RUNNING
        assert job.cancel()
        assert job.wait(10).status is JobStatus.CANCELLED
        assert process.poll() is None


@pytest.mark.slow
def test_the_living_are_left_alone_and_the_killed_are_swept(there, tmp_path, database_url):
    with another_kernel(tmp_path, database_url, "running") as (process, job_id):
        job = there.job(job_id)
        for _ in range(3):
            there.sweep()
        assert job.status is JobStatus.RUNNING
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        record = job.wait(15).record
        assert record.status is JobStatus.FAILED
        assert (record.failure.code, record.failure.transient) == ("kernel_ended", True)


@pytest.mark.slow
def test_a_forked_child_does_not_keep_its_dead_parents_jobs_alive(there, tmp_path, database_url):
    script = f"""
import os, signal, time, qjob
engine = qjob.connect()
engine.submit({BELL!r}, shots=40).wait()
if os.fork() == 0:
    time.sleep(60)
    os._exit(0)
engine._opened().executor.close()
print(engine.submit({BELL!r}, shots=40).id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "QJOB_HOME": str(tmp_path / "elsewhere"), "QJOB_DATABASE_URL": database_url},
    )
    job_id = process.stdout.readline().strip()
    process.wait()
    try:
        assert there.job(job_id).wait(15).record.failure.code == "kernel_ended"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


def test_a_kernel_goes_on_after_the_server_has_ended_all_its_connections(here, there, caplog, schemas):
    first = here.submit(BELL, shots=40)
    first.wait(60)
    owner = here._open.owner.id
    ports = [one.laddr.port for one in psutil.Process().net_connections("tcp")]  # of this process alone
    with schemas.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND client_port = ANY(%s) AND application_name = 'qjob'",
            [ports],
        )
    end = time.monotonic() + 10
    while not there.store.owners.alive(owner):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert sum(here.submit(BELL, shots=50).counts.values()) == 50
    assert "was lost" in caplog.text

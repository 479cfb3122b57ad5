"""Many jobs at Amazon Braket while replies are lost, the service throttles, and processes are killed."""

import random
import signal
import time
from contextlib import suppress

import psutil
import pytest

from cloud_lab import SKEW, SKEWED, calm, cloud_at, owner, until
from qjob.model.errors import ServiceUnavailable
from qjob.model.job import JobStatus

pytestmark = pytest.mark.slow

MIB = 1 << 20
MOST = 500 * MIB


@pytest.fixture(scope="module")
def opened(loopback_process, tmp_path_factory):
    with cloud_at(loopback_process, tmp_path_factory.mktemp("chaos")) as cloud:
        yield cloud


@pytest.fixture
def cloud(opened):
    yield opened
    calm(opened)


def disturb(cloud, chance):
    """Something that goes wrong at AWS."""
    operation = chance.choice(["CreateQuantumTask", "GetQuantumTask", "SearchQuantumTasks", "GetDevice"])
    match chance.randrange(4):
        case 0:
            cloud.loopback.lose_reply(operation)
        case 1:
            cloud.loopback.throttle(operation, chance.randint(1, 6))
        case 2:
            cloud.loopback.fail(operation, chance.randint(1, 4), "InternalServiceException")
        case 3:
            cloud.loopback.reorder()


def submitted(cloud, backend):
    """A batch of two; where AWS fails so often that nothing is stored, it is sent again, as the refusal says."""
    for _ in range(10):
        with suppress(ServiceUnavailable):
            return cloud.submit([SKEW] * 2, backend=backend)
    raise AssertionError("no disturbance fails that often")


@pytest.mark.parametrize("seed", [1, 2])
def test_agents_killed_at_random_moments_lose_and_double_nothing(cloud, seed):
    chance = random.Random(seed)
    jobs = []
    cloud.engine.prepare("sv1")
    for _ in range(3):
        for _ in range(4):
            disturb(cloud, chance)
            jobs += submitted(cloud, chance.choice(["sv1", "iqm-garnet"]))
        time.sleep(chance.uniform(0.0, 0.6))
        cloud.kill_agent()
    cloud.loopback.calm()
    cloud.engine.wait_for_all([job.id for job in jobs], 90)
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert {tuple(job.counts.items()) for job in jobs} == {((SKEWED, 100),)}
    assert all(cloud.task(job) for job in jobs)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_owners_killed_at_random_moments_lose_and_double_nothing(cloud, seed):
    chance = random.Random(seed)
    cloud.loopback.lose_reply("CreateQuantumTask", 2)
    with owner(cloud.home, number=6) as process:
        first = process.stdout.readline().strip()
        assert first
        time.sleep(chance.uniform(0.0, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    cloud.engine.sweep()
    jobs = cloud.engine.jobs(status=["INITIALIZING", "QUEUED", "RUNNING"])
    cloud.engine.wait_for_all([job.id for job in jobs], 60)
    job = cloud.engine.job(first)
    assert (job.status, dict(job.counts)) == (JobStatus.COMPLETED, {SKEWED: 100})


def test_two_hundred_jobs_at_a_throttling_service(cloud, record_property):
    for operation, times in [("CreateQuantumTask", 150), ("GetQuantumTask", 300), ("s3:GetObject", 60)]:
        cloud.loopback.throttle(operation, times)
    began = time.monotonic()
    batch = cloud.submit([SKEW] * 200, backend="iqm-garnet")
    peak = 0
    while not batch.ended:
        process = cloud.agent
        peak = max(peak, process.memory_info().rss)
        assert time.monotonic() - began < 100
        time.sleep(0.1)
    seconds = time.monotonic() - began
    assert {job.status for job in batch} == {JobStatus.COMPLETED}
    assert len({cloud.task(job).arn for job in [batch[0], batch[99], batch[199]]}) == 3
    assert sum(task.device.endswith("Garnet") for task in cloud.loopback.tasks()) >= 200
    assert peak < MOST
    record_property("seconds", round(seconds, 1))
    record_property("peak_mib", peak // MIB)
    print(f"200 jobs: {seconds:.1f} s, the agent's peak {peak // MIB} MiB")


def test_two_hundred_jobs_that_wait_in_a_queue_are_cancelled_together(cloud):
    cloud.loopback.hold("Garnet")
    batch = cloud.submit([SKEW] * 200, backend="iqm-garnet")
    until(lambda: all(job.record.remote_id for job in batch), 90)
    threads = psutil.Process(cloud.agent.pid).num_threads()
    assert threads < 60
    batch.cancel()
    batch.wait(60)
    assert {job.status for job in batch} == {JobStatus.CANCELLED}

"""What goes wrong when a test says so: each fault, what the unmodified SDK makes of it, and that it ends."""

import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from braket.aws import AwsDevice, AwsQuantumTask, AwsSession
from braket.circuits import Circuit

from loopback.client import LoopbackError

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
ASYMMETRIC = Circuit().x(0).h(1).cnot(1, 2)
AT_ONCE = 200


@pytest.fixture
def once(loopback):  # noqa: ARG001 - whose environment it is of
    """A client that tries everything once."""
    return boto3.client("braket", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def held(loopback):
    """A task that waits, and so does its device."""
    loopback.hold("sv1")
    return AwsDevice(SV1).run(ASYMMETRIC, shots=10)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 429),
        ("InternalServiceException", 500),
        ("DeviceOfflineException", 424),
        ("DeviceRetiredException", 410),
        ("ServiceQuotaExceededException", 402),
        ("AccessDeniedException", 403),
        ("ServiceUnavailableException", 503),
    ],
)
def test_a_call_fails_as_often_as_it_is_told_to(loopback, once, code, status):
    loopback.fail("SearchDevices", 2, code, "told to")

    for _ in range(2):
        with pytest.raises(ClientError, match="told to") as caught:
            once.search_devices(filters=[])
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert once.search_devices(filters=[])["devices"]


def test_a_fault_is_of_one_operation(loopback, once):
    loopback.throttle("GetDevice")

    assert once.search_devices(filters=[])["devices"]
    assert [fault["operation"] for fault in loopback.faults()] == ["GetDevice"]
    loopback.calm()
    assert loopback.faults() == []


def test_a_fault_may_be_of_all_operations_until_it_is_calm_again(loopback, once):
    loopback.throttle("*", None)

    for _ in range(3):
        with pytest.raises(ClientError, match="Rate exceeded"):
            once.search_devices(filters=[])
    loopback.calm()
    assert once.search_devices(filters=[])["devices"]


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(lambda it: it.throttle("GetTask"), id="no operation"),
        pytest.param(lambda it: it.fail("GetDevice", 1, "NoSuchException"), id="no error of Braket"),
        pytest.param(lambda it: it.lose_reply("s3:GetObject"), id="not played"),
        pytest.param(lambda it: it.hold("sv2"), id="no device"),
        pytest.param(lambda it: it.set_status("sv1", "BROKEN"), id="no status"),
        pytest.param(lambda it: it.cancel_mode("never"), id="no mode"),
        pytest.param(lambda it: it.step("arn"), id="no task"),
    ],
)
def test_a_mistake_of_a_test_is_told(loopback, mistake):
    with pytest.raises(LoopbackError, match="Error: "):
        mistake(loopback)


def test_a_lost_reply_is_a_closed_connection_and_the_task_is_there(loopback, once):
    loopback.lose_reply("CreateQuantumTask")
    bucket = AwsSession().default_bucket()
    asked = {
        "deviceArn": SV1,
        "shots": 10,
        "outputS3Bucket": bucket,
        "outputS3KeyPrefix": "tasks",
        "action": ASYMMETRIC.to_ir("OPENQASM").json(),
        "clientToken": "one-1",
    }

    with pytest.raises(ConnectionClosedError):
        once.create_quantum_task(**asked)
    [task] = loopback.tasks()
    assert once.create_quantum_task(**asked)["quantumTaskArn"] == task.arn
    assert len(loopback.tasks()) == 1


def test_a_call_takes_as_long_as_it_is_told_to(loopback, once):
    loopback.delay("SearchDevices", 0.3, 1)

    begin = time.monotonic()
    once.search_devices(filters=[])
    assert time.monotonic() - begin >= 0.3


def test_others_do_not_wait_for_a_slow_call(loopback, once):
    loopback.delay("SearchDevices", 20)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(once.search_devices, filters=[])
        begin = time.monotonic()
        once.get_device(deviceArn=SV1)
        assert time.monotonic() - begin < 5
        assert not slow.done()
        loopback.calm()
        assert slow.result(5)["devices"]


def test_an_older_state_is_told_after_a_newer_one(loopback, held):
    loopback.reorder()

    assert held.state() == "QUEUED"
    assert held.state() == "CREATED"
    assert loopback.step(held.id) == "RUNNING"
    loopback.reorder(2)
    assert [held.state() for _ in range(4)] == ["CREATED", "CREATED", "RUNNING", "RUNNING"]


def test_tasks_fail_with_a_reason(loopback):
    loopback.fail_tasks("sv1", "The device is out of helium")
    task = AwsDevice(SV1).run(ASYMMETRIC, shots=10)

    assert task.result() is None
    assert task.state() == "FAILED"
    assert task.metadata()["failureReason"] == "The device is out of helium"
    assert task.metadata()["endedAt"] >= task.metadata()["createdAt"]
    loopback.fail_tasks("sv1", None)
    assert AwsDevice(SV1).run(ASYMMETRIC, shots=10).result() is not None


def test_a_waiting_task_is_cancelled_at_once(held, loopback):
    held.cancel()

    assert (held.state(), held.result()) == ("CANCELLED", None)
    loopback.release("sv1")
    assert loopback.tasks()[0].history == ["CREATED", "QUEUED", "CANCELLED"]


def test_a_running_task_is_cancelled_after_its_run(held, loopback):
    loopback.step(held.id)
    held.cancel()

    assert held.state() == "CANCELLING"
    held.cancel()  # again is no error
    assert loopback.step(held.id) == "CANCELLED"
    assert held.result() is None


def test_a_cancel_may_come_too_late(held, loopback):
    loopback.cancel_mode("too_late")
    loopback.step(held.id)
    held.cancel()

    assert held.state() == "CANCELLING"
    assert loopback.step(held.id) == "COMPLETED"
    assert held.result() is not None


def test_what_has_ended_cannot_be_cancelled(loopback):
    task = AwsDevice(SV1).run(ASYMMETRIC, shots=10)
    task.result()

    with pytest.raises(ClientError, match="ConflictException"):
        task.cancel()
    assert [one.status for one in loopback.tasks()] == ["COMPLETED"]


@pytest.mark.slow
def test_a_result_that_cannot_be_fetched(loopback):
    task = AwsDevice(SV1).run(ASYMMETRIC, shots=10)
    loopback.throttle("s3:GetObject", 2)
    assert task.result() is not None
    loopback.fail("s3:GetObject", None, "NoSuchKey")
    with pytest.raises(ClientError, match="NoSuchKey"):
        AwsQuantumTask(task.id).result()


@pytest.mark.slow
def test_two_hundred_tasks_at_once(loopback):
    device = AwsDevice(SV1)
    device.aws_session.default_bucket()

    def whole(_):
        return device.run(ASYMMETRIC, shots=20, poll_interval_seconds=0.05)

    with ThreadPoolExecutor(40) as pool:
        tasks = list(pool.map(whole, range(AT_ONCE)))
    assert len({task.id for task in tasks}) == AT_ONCE
    assert all(sum(task.result().measurement_counts.values()) == 20 for task in tasks)
    assert {task.status for task in loopback.tasks()} == {"COMPLETED"}


def test_a_big_simulation_does_not_keep_others_waiting(loopback):
    device = AwsDevice(SV1)
    wide = Circuit()
    for qubit in range(20):
        wide.h(qubit)
    for qubit in range(19):
        wide.cnot(qubit, qubit + 1)
    big = device.run(wide, shots=1000)

    begin = time.monotonic()
    assert device.run(ASYMMETRIC, shots=10).result() is not None
    for _ in range(20):
        device.refresh_metadata()
    assert time.monotonic() - begin < 5
    assert big.result() is not None
    assert len(loopback.tasks()) == 2


def test_a_reset_leaves_nothing(loopback):
    device = AwsDevice(GARNET)
    device.run(ASYMMETRIC, shots=10)
    loopback.hold("Garnet")
    loopback.throttle("GetDevice")
    loopback.expire("session")

    begin = time.monotonic()
    loopback.reset()
    assert time.monotonic() - begin < 0.5
    assert (loopback.tasks(), loopback.requests(), loopback.faults()) == ([], [], [])
    assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_a_task_that_is_reset_away_while_it_runs_leaves_no_trace(loopback):
    wide = Circuit()
    for qubit in range(18):
        wide.h(qubit)
    AwsDevice(SV1).run(wide, shots=1000)

    loopback.reset()
    assert AwsDevice(SV1).run(ASYMMETRIC, shots=10).result() is not None
    assert len(loopback.tasks()) == 1


def test_a_task_whose_bucket_is_gone_fails(held, loopback):
    boto3.client("s3").delete_bucket(Bucket=loopback.tasks()[0].bucket)
    loopback.step(held.id)

    assert loopback.step(held.id) == "FAILED"
    assert "cannot be written" in held.metadata()["failureReason"]

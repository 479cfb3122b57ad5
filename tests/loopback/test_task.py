"""A task on SV1 by the unmodified SDK: from its creation to its counts, and what may happen on the way."""

import boto3
import pytest
from braket.aws import AwsDevice, AwsSession
from braket.circuits import Circuit

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
ASYMMETRIC = Circuit().x(0).h(1).cnot(1, 2)
"""Bits 1 and 2 agree; the first bit is 1."""


@pytest.fixture
def sv1(loopback):  # noqa: ARG001 - the device is one of it
    return AwsDevice(SV1)


def test_a_task_runs_and_its_bits_are_in_brakets_order(sv1, loopback):
    result = sv1.run(ASYMMETRIC, shots=100).result()

    assert set(result.measurement_counts) == {"100", "111"}
    assert sum(result.measurement_counts.values()) == 100
    [task] = loopback.tasks()
    assert (task.account, task.region, task.device, task.shots) == ("111122223333", "us-east-1", SV1, 100)
    assert task.history == ["CREATED", "QUEUED", "RUNNING", "COMPLETED"]
    assert task.bucket == "amazon-braket-us-east-1-111122223333"
    assert "cnot q[1], q[2];" in task.source


def test_exact_results_come_with_no_shots(sv1):
    result = sv1.run(Circuit().h(0).i(1).state_vector().probability(), shots=0).result()

    assert result.values[0].tolist() == pytest.approx([0.5**0.5, 0, 0.5**0.5, 0])
    assert result.values[1].tolist() == pytest.approx([0.5, 0, 0.5, 0])


def test_a_held_task_waits_at_its_place_and_goes_on_when_it_is_released(sv1, loopback):
    loopback.hold("sv1")
    loopback.queue("sv1", 4)
    first, second = (sv1.run(ASYMMETRIC, shots=10) for _ in range(2))

    assert [task.state() for task in (first, second)] == ["QUEUED", "QUEUED"]
    assert [task.queue_position().queue_position for task in (first, second)] == ["5", "6"]
    assert list(sv1.queue_depth().quantum_tasks.values()) == ["6", "0"]
    loopback.release("sv1")
    assert all(sum(task.result().measurement_counts.values()) == 10 for task in (first, second))
    assert second.queue_position().queue_position is None


def test_a_held_task_moves_step_by_step(sv1, loopback):
    loopback.hold("sv1")
    task = sv1.run(ASYMMETRIC, shots=10)

    assert [loopback.step(task.id), task.state()] == ["RUNNING", "RUNNING"]
    assert [loopback.step(task.id), task.state()] == ["COMPLETED", "COMPLETED"]
    assert task.result().measurements.shape == (10, 3)


def test_a_throttled_call_is_tried_again_by_the_sdk(sv1, loopback):
    loopback.throttle("CreateQuantumTask", 2)

    assert sv1.run(ASYMMETRIC, shots=10).result() is not None
    assert len(loopback.requests("CreateQuantumTask")) == 3
    assert len(loopback.tasks()) == 1


def test_the_lost_reply_to_a_creation_leaves_one_task(sv1, loopback):
    loopback.lose_reply("CreateQuantumTask")

    task = sv1.run(ASYMMETRIC, shots=10)

    assert task.result() is not None
    assert len(loopback.requests("CreateQuantumTask")) == 2
    assert [one.arn for one in loopback.tasks()] == [task.id]


def test_with_the_last_try_lost_too_the_task_is_there_all_the_same(sv1, loopback):
    loopback.lose_reply("CreateQuantumTask", 3)

    with pytest.raises(Exception, match="Connection was closed"):
        sv1.run(ASYMMETRIC, shots=10)
    assert len(loopback.tasks()) == 1


def test_a_copied_session_talks_to_the_loopback_too(loopback):
    session = AwsSession(boto3.Session(region_name="us-west-2"))

    assert (
        AwsDevice(SV1, session.copy_session(region="eu-west-2")).run(ASYMMETRIC, shots=10).result()
        is not None
    )
    assert [task.region for task in loopback.tasks()] == ["eu-west-2"]

"""Results as the SDK gives them become counts: by the qubits they name, by probabilities, and fast."""

import json
import time

import numpy as np
import pytest
from braket.task_result import GateModelTaskResult
from braket.tasks import GateModelQuantumTaskResult

from qjob.backends.braket.conversion import Converted
from qjob.backends.braket.results import UnreadableResult, billed_milliseconds, compiled_by_vendor, counts_of
from qjob.model.bits import BitLayout, Register


def result_of(qubits, *, shots=4, action=None, **more):
    """A result as it lies in S3, read by the SDK."""
    action = {
        "source": "OPENQASM 3.0;",
        "braketSchemaHeader": {"name": "braket.ir.openqasm.program", "version": "1"},
    }
    plain = {
        "braketSchemaHeader": {"name": "braket.task_result.gate_model_task_result", "version": "1"},
        "measuredQubits": qubits,
        "taskMetadata": {
            "braketSchemaHeader": {"name": "braket.task_result.task_metadata", "version": "1"},
            "id": "task",
            "shots": shots,
            "deviceId": "device",
        },
        "additionalMetadata": {"action": action, **more.pop("metadata", {})},
        **more,
    }
    GateModelTaskResult.parse_obj(plain)
    return GateModelQuantumTaskResult.from_string(json.dumps(plain))


def converted(qubits, columns, layout):
    return Converted("OPENQASM 3.0;", layout, tuple(qubits), tuple(columns), rewritten=True)


FIVE = BitLayout(5, (0, 2, 4), (Register("a", 2), Register("c", 3)))
SHOTS = [[1, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("qubits", "columns", "told", "counts"),
    [
        pytest.param((0, 1, 2), (0, 1, 2), [0, 1, 2], {"00001": 2, "00101": 1, "10000": 1}, id="in-order"),
        pytest.param(
            (0, 1, 2), (2, 1, 0), [0, 1, 2], {"10000": 2, "10100": 1, "00001": 1}, id="permuted-bits"
        ),
        pytest.param(
            (0, 1, 2), (0, 1, 2), [2, 0, 1], {"10000": 2, "10001": 1, "00100": 1}, id="by-its-qubits"
        ),
        pytest.param(
            (4, 0, 2), (0, 1, 2), [0, 2, 4], {"00100": 2, "10100": 1, "00001": 1}, id="texts-own-order"
        ),
        pytest.param(
            (0, 1, 2), (0, 1, 2), [7, 3, 9], {"00001": 2, "00101": 1, "10000": 1}, id="devices-numbers"
        ),
        pytest.param(
            (0, 1, 2), (1, 1, 2), [0, 1, 2], {"00000": 2, "00101": 1, "10000": 1}, id="one-for-two-bits"
        ),
        pytest.param((2, 0), (0, 1, 1), [0, 1, 2], {"10100": 3, "00001": 1}, id="more-than-asked"),
    ],
)
def test_columns_become_bits(qubits, columns, told, counts):
    found = counts_of(result_of(told, measurements=SHOTS), converted(qubits, columns, FIVE))
    assert dict(found) == counts
    assert found.layout is FIVE


@pytest.mark.parametrize(
    ("told", "measurements", "said"),
    [
        ([0, 1, 2], SHOTS, "3 columns, of the qubits"),
        ([5], [[0], [1]], "1 columns, of the qubits"),
    ],
)
def test_other_columns_than_the_programs_are_not_guessed(told, measurements, said):
    layout = BitLayout(2, (0, 1))
    with pytest.raises(UnreadableResult, match=said):
        counts_of(result_of(told, measurements=measurements), converted((3, 4), (0, 1), layout))


@pytest.mark.parametrize(
    ("probabilities", "shots", "counts"),
    [
        pytest.param({"10": 0.75, "01": 0.25}, 4, {"01": 3, "10": 1}, id="whole-numbers"),
        pytest.param(
            {"10": 1 / 3, "01": 1 / 3, "11": 1 / 3}, 100, {"10": 34, "01": 33, "11": 33}, id="thirds"
        ),
        pytest.param({"00": 0.5, "11": 0.5}, 3, {"00": 2, "11": 1}, id="halves-of-an-odd-number"),
        pytest.param({"00": 0.996, "11": 0.004}, 100, {"00": 100}, id="less-than-a-shot"),
        pytest.param({"00": 0.3, "11": 0.3}, 10, {"00": 5, "11": 5}, id="not-normalized"),
        pytest.param({"10": 1.0, "01": 0.0}, 1000, {"01": 1000}, id="certain"),
    ],
)
def test_probabilities_become_whole_shots_that_add_up(probabilities, shots, counts):
    result = result_of([0, 1], shots=shots, measurementProbabilities=probabilities)
    found = counts_of(result, converted((0, 1), (0, 1), BitLayout(2, (0, 1))))
    assert dict(found) == counts
    assert found.shots == shots


def test_probabilities_of_many_shots_are_exact():
    chance = np.random.default_rng(3).dirichlet(np.ones(8))
    tallies = np.random.default_rng(4).multinomial(100_000, chance)
    probabilities = {format(index, "03b"): tally / 100_000 for index, tally in enumerate(tallies)}
    result = result_of([0, 1, 2], shots=100_000, measurementProbabilities=probabilities)
    counts = counts_of(result, converted((0, 1, 2), (2, 1, 0), BitLayout(3, (0, 1, 2))))
    assert [counts[format(index, "03b")] for index in range(8)] == list(tallies)


def test_many_shots_of_many_bits_take_milliseconds():
    rows = np.random.default_rng(1).integers(0, 2, (100_000, 34))
    result = result_of(list(range(34)), measurements=[[0] * 34])
    result.measurements = rows
    reading = converted(range(34), reversed(range(34)), BitLayout(34, tuple(range(34))))
    counts_of(result, reading)
    began = time.perf_counter()
    counts = counts_of(result, reading)
    assert time.perf_counter() - began < 1  # 30 ms; the rest is for a busy machine
    assert counts["".join(map(str, rows[0]))] >= 1
    assert counts.shots == 100_000


PROGRAM = {"compiledProgram": "DECLARE ro BIT[2]"}


def header(name):
    return {"braketSchemaHeader": {"name": f"braket.task_result.{name}_metadata", "version": "1"}}


@pytest.mark.parametrize(
    ("metadata", "compiled", "milliseconds"),
    [
        ({}, None, None),
        ({"rigettiMetadata": header("rigetti") | PROGRAM}, PROGRAM["compiledProgram"], None),
        ({"iqmMetadata": header("iqm") | PROGRAM}, PROGRAM["compiledProgram"], None),
        ({"aqtMetadata": header("aqt") | PROGRAM}, PROGRAM["compiledProgram"], None),
        ({"ionqMetadata": header("ionq")}, None, None),
        ({"simulatorMetadata": header("simulator") | {"executionDuration": 3141}}, None, 3141),
        ({"simulatorMetadata": header("simulator") | {"executionDuration": 0}}, None, 0),
    ],
)
def test_what_else_a_result_tells(metadata, compiled, milliseconds):
    result = result_of([0], measurements=[[0]], metadata=metadata)
    assert compiled_by_vendor(result) == compiled
    assert billed_milliseconds(result) == milliseconds

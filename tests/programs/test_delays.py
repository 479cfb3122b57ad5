"""Delays keep their length from the user's circuit to the worker's."""

import pytest
from qiskit import QuantumCircuit

from qjob.model.errors import ProgramRefused
from qjob.programs import circuit as load
from qjob.programs import recognise

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}


def lengths(circuit):
    """Return each delay in seconds; in dt as it is."""
    found = []
    for instruction in circuit.data:
        operation = instruction.operation
        if operation.name == "delay":
            found.append(operation.duration * SECONDS.get(operation.unit, 1))
        for block in getattr(operation, "blocks", ()):
            found += lengths(block)
    return found


@pytest.mark.parametrize(
    ("duration", "unit"),
    [(100, "us"), (100.5, "us"), (3, "ns"), (0.25, "ns"), (2, "ms"), (1, "s"), (7, "ps")],
)
def test_a_delay_in_seconds_survives(duration, unit):
    qc = QuantumCircuit(1, 1, metadata={"mine": 1})
    qc.delay(duration, 0, unit=unit)
    qc.measure(0, 0)
    back = load(recognise(qc))
    assert lengths(back) == pytest.approx([duration * SECONDS[unit]])
    assert back.metadata == {"mine": 1}
    assert (qc.data[0].operation.unit, qc.metadata) == (unit, {"mine": 1})


def test_a_delay_inside_control_flow_survives():
    qc = QuantumCircuit(1, 1)
    qc.measure(0, 0)
    with qc.if_test((qc.clbits[0], 1)):
        qc.delay(40, 0, unit="ns")
    assert lengths(load(recognise(qc))) == pytest.approx([40e-9])


def test_delays_in_dt_are_left_alone():
    qc = QuantumCircuit(1, 1)
    qc.delay(160, 0)
    qc.measure(0, 0)
    back = load(recognise(qc))
    assert (lengths(back), back.data[0].operation.unit) == ([160], "dt")


def test_both_kinds_together_are_refused():
    qc = QuantumCircuit(1, 1)
    qc.delay(160, 0)
    qc.delay(100, 0, unit="ns")
    with pytest.raises(ProgramRefused, match="in dt beside"):
        recognise(qc)


@pytest.mark.parametrize("seconds", [1e300, 1e5])
def test_a_delay_beyond_reason_is_refused(seconds):
    qc = QuantumCircuit(1, 1)
    qc.delay(seconds, 0, unit="s")
    with pytest.raises(ProgramRefused, match="longer than an hour"):
        recognise(qc)

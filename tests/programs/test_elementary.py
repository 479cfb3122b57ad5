"""What a circuit comes to in elementary operations: as many as qiskit's own decomposition has."""

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import MCXGate, QFTGate, UnitaryGate

from qjob.model.gates import operations
from qjob.programs import elementary


def flat():
    circuit = QuantumCircuit(2, 1)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.barrier()
    circuit.measure(0, 0)
    return circuit


def of(gate, times=1):
    circuit = QuantumCircuit(gate.num_qubits)
    for _ in range(times):
        circuit.append(gate, range(gate.num_qubits))
    return circuit


def nested():
    inner = QuantumCircuit(2, name="inner")
    inner.h(0)
    inner.cx(0, 1)
    outer = QuantumCircuit(3, name="outer")
    outer.append(inner.to_gate(), [0, 1])
    outer.append(inner.to_gate(), [1, 2])
    outer.x(2)
    return of(outer.to_gate(), 3)


@pytest.mark.parametrize(
    ("circuit", "counted"),
    [
        pytest.param(flat(), {"h": 1, "cx": 1, "barrier": 1, "measure": 1}, id="as it is"),
        pytest.param(nested(), {"h": 6, "cx": 6, "x": 3}, id="gates within gates"),
        pytest.param(of(UnitaryGate([[0, 1], [1, 0]])), {"u": 1}, id="a small matrix is rewritten"),
    ],
)
def test_counts(circuit, counted):
    assert {name: count for name, count in elementary(circuit).items() if count} == counted


@pytest.mark.parametrize("gate", [QFTGate(12), MCXGate(9)], ids=["a Fourier transform", "a wide Toffoli"])
def test_a_gate_of_many_parts_is_no_single_operation(gate):
    once = operations(elementary(of(gate)))
    assert once > 50
    assert operations(elementary(of(gate, 4))) == 4 * once


def test_two_gates_of_one_name_count_as_they_are_defined():
    circuit = QuantumCircuit(1)
    for times in (1, 3):
        inner = QuantumCircuit(1, name="mine")
        for _ in range(times):
            inner.x(0)
        circuit.append(inner.to_gate(), [0])
    assert elementary(circuit) == {"x": 4}

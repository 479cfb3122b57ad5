"""The steps of a circuit: which have any, and that they say what the circuit does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter
from qiskit.circuit.library import HGate, Initialize, UnitaryGate, XGate
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Operator

from qjob.model.steps import Steps
from qjob.programs.steps import reads, steps

H = (np.array([[1, 1], [1, -1]], dtype="<c16") / np.sqrt(2)).tobytes()


def bell():
    circuit = QuantumCircuit(2, 3)
    circuit.h(0)
    circuit.barrier()
    circuit.cx(0, 1)
    circuit.h(1)
    circuit.measure([0, 1, 1], [2, 2, 0])
    return circuit


def test_a_matrix_that_occurs_twice_is_kept_once_and_the_last_measurement_of_a_bit_counts():
    known = steps(bell())
    assert (known.width, known.gates, known.reads) == (2, ((0, (0,)), (1, (0, 1)), (0, (1,))), (1, 1))
    np.testing.assert_allclose(known.unitaries()[0], Operator(HGate()).data, atol=1e-15)
    assert [len(matrix) for matrix in known.matrices] == [64, 256]
    assert known.size == 320
    assert reads(bell()) == known.reads


@given(width=st.integers(1, 5), depth=st.integers(0, 8), seed=st.integers(0, 10**6))
def test_one_behind_the_other_they_are_the_circuit(width, depth, seed):
    circuit = random_circuit(width, depth, max_operands=min(4, width), seed=seed)
    known = steps(circuit)
    if known is None:
        return
    again, unitaries = QuantumCircuit(width), known.unitaries()
    for place, on in known.gates:
        again.append(UnitaryGate(unitaries[place]), on)
    assert Operator(circuit).equiv(Operator(again))


@given(width=st.integers(1, 5), depth=st.integers(0, 8), seed=st.integers(0, 10**6))
def test_they_survive_as_json_and_bytes(width, depth, seed):
    known = steps(random_circuit(width, depth, max_operands=min(4, width), seed=seed, measure=True))
    if known is not None:
        assert Steps.from_object(known.to_object(), b"".join(known.matrices)) == known


def own_gate():
    gate = Gate("mine", 1, [])
    gate.definition = QuantumCircuit(1)
    return gate


@pytest.mark.parametrize(
    ("operation", "taken"),
    [
        (HGate(), True),
        (XGate().control(2), True),
        (UnitaryGate(np.diag([1, 1j])), True),
        (own_gate(), False),
        (Initialize([0, 1]), False),
        (XGate().control(2, ctrl_state=1), False),
    ],
)
def test_what_is_no_gate_with_a_known_matrix_is_left_to_others(operation, taken):
    circuit = QuantumCircuit(4)
    circuit.append(operation, range(operation.num_qubits))
    assert (steps(circuit) is not None) is taken


def test_what_has_no_value_has_no_matrix():
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("a"), 0)
    assert steps(circuit) is None


@pytest.mark.parametrize(
    ("gates", "most", "taken"), [(3, 112, True), (3, 111, False), (0, 0, True), (1000, None, True)]
)
def test_what_is_longer_than_asked_for_has_none(gates, most, taken):
    circuit = QuantumCircuit(1)
    for _ in range(gates):
        circuit.h(0)
    assert (steps(circuit, most=most) is not None) is taken

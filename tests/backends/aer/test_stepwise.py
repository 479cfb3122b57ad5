"""Small states that evolve gate by gate, against the exact probabilities of qiskit's own linear algebra."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector

from qjob.backends.aer.stepwise import States
from qjob.programs.steps import steps

STATES = States()


def exact(circuit, qubits):
    return Statevector(circuit).probabilities(qubits)


@given(width=st.integers(1, 6), depth=st.integers(0, 8), seed=st.integers(0, 10**6), data=st.data())
def test_the_probabilities_are_those_of_the_final_state(width, depth, seed, data):
    circuit = random_circuit(width, depth, max_operands=min(4, width), seed=seed)
    qubits = sorted(data.draw(st.sets(st.integers(0, width - 1), min_size=1)))
    if (known := steps(circuit)) is not None:
        np.testing.assert_allclose(STATES.probabilities(known, qubits), exact(circuit, qubits), atol=1e-12)


def test_one_state_serves_any_number_of_circuits():
    states = States()
    for angle in np.linspace(0, 3, 20):
        circuit = QuantumCircuit(2)
        circuit.ry(angle, 0)
        circuit.cx(0, 1)
        np.testing.assert_allclose(
            states.probabilities(steps(circuit), [0, 1]), exact(circuit, [0, 1]), atol=1e-12
        )


def test_measurements_barriers_and_delays_change_nothing():
    circuit = QuantumCircuit(3, 3, global_phase=0.3)
    circuit.h(0)
    circuit.delay(100, 0, "ns")
    circuit.barrier()
    circuit.cx(0, 2)
    circuit.measure([0, 1, 2], [2, 1, 0])
    found = STATES.probabilities(steps(circuit), [0, 1, 2])
    np.testing.assert_allclose(found, [0.5, 0, 0, 0, 0, 0.5, 0, 0], atol=1e-12)


def test_the_first_qubit_is_the_lowest_bit():
    circuit = QuantumCircuit(QuantumRegister(1, "a"), QuantumRegister(2, "b"))
    circuit.x(2)
    np.testing.assert_allclose(STATES.probabilities(steps(circuit), [0, 2]), [0, 0, 1, 0], atol=1e-12)

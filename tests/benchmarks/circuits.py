"""The circuits that are run. All of gates that Aer takes as they are, so that neither side has to transpile."""

import io
from typing import Any

import numpy as np
from qiskit import QuantumCircuit, qpy


def bell(angle: float | None = None) -> QuantumCircuit:
    """Return a Bell pair, after a rotation where an angle makes it a circuit of its own."""
    circuit = QuantumCircuit(2, 2)
    if angle is not None:
        circuit.rx(angle, 0)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def qft(qubits: int) -> QuantumCircuit:
    """Return the Fourier transform of a product state: few gates, each on the whole state."""
    circuit = QuantumCircuit(qubits)
    for qubit in range(qubits):
        circuit.ry(0.1 + 0.3 * qubit, qubit)
    for qubit in reversed(range(qubits)):
        circuit.h(qubit)
        for other in range(qubit):
            circuit.cp(np.pi / 2 ** (qubit - other), other, qubit)
    circuit.measure_all()
    return circuit


def layers(qubits: int, depth: int) -> QuantumCircuit:
    """Return layers of random rotations and neighbouring CNOTs: work that grows with the depth."""
    random = np.random.default_rng(1)
    circuit = QuantumCircuit(qubits)
    for layer in range(depth):
        for qubit in range(qubits):
            circuit.ry(random.uniform(0, 2 * np.pi), qubit)
        for qubit in range(layer % 2, qubits - 1, 2):
            circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def as_qpy(circuit: QuantumCircuit) -> bytes:
    """Return the circuit's bytes."""
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    return stream.getvalue()


def aer(circuit: QuantumCircuit, shots: int, seed: int, simulator: Any) -> dict[str, int]:
    """Run a circuit on Aer as its user would, and return the counts."""
    return dict(simulator.run(circuit, shots=shots, seed_simulator=seed).result().get_counts())

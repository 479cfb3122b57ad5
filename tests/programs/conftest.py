"""What the tests of this room share: a circuit's exact counts, and Braket's own unitary of a text."""

import numpy as np
import numpy.typing as npt
import pytest

from qjob import programs

Matrix = npt.NDArray[np.complex128]


@pytest.fixture
def refusal():
    """Return the error that a text is refused with."""
    from qjob.model.errors import ProgramRefused

    def refuse(text: str) -> ProgramRefused:
        with pytest.raises(ProgramRefused) as caught:
            programs.circuit(programs.recognise(text))
        return caught.value

    return refuse


@pytest.fixture
def aer_counts():
    """Return Aer's counts of a program, as bit strings without spaces."""
    from qiskit import transpile
    from qiskit_aer import AerSimulator

    def run(value, shots=20):
        circuit = programs.circuit(programs.recognise(value))
        backend = AerSimulator(max_parallel_threads=1)
        ready = transpile(circuit, backend, optimization_level=0)
        counts = backend.run(ready, shots=shots, seed_simulator=7).result().get_counts()
        return {key.replace(" ", ""): number for key, number in counts.items()}

    return run


@pytest.fixture
def our_unitary():
    """Return the unitary of a text as we load it, big endian as Braket's are."""
    from qiskit.quantum_info import Operator

    def unitary(text: str) -> Matrix:
        circuit = programs.circuit(programs.recognise(text))
        circuit.remove_final_measurements()
        return Operator(circuit).reverse_qargs().data

    return unitary


@pytest.fixture
def braket_unitary():
    """Return the unitary that Braket's own interpreter gives a text, its first qubit the most significant."""
    from braket.default_simulator.openqasm.interpreter import Interpreter

    def unitary(text: str, num_qubits: int) -> Matrix:
        columns = 2**num_qubits
        state = np.eye(columns, dtype=complex).reshape((2,) * num_qubits + (columns,))
        for operation in Interpreter().build_circuit(text).instructions:
            state = _apply(state, operation)
        return state.reshape(columns, columns)

    return unitary


def _apply(state: Matrix, operation) -> Matrix:
    """Apply a Braket operation to states of shape (2, ..., 2, columns)."""
    matrix, targets = np.asarray(operation.matrix), operation.targets
    phase = matrix.size == 1
    count = len(targets) if phase else len(targets) - int(np.log2(len(matrix)))
    controls, targets = targets[:count], targets[count:]
    where = [slice(None)] * state.ndim
    for qubit, value in zip(controls, operation.control_state[:count], strict=False):
        where[qubit] = value
    state = state.copy()
    part = state[tuple(where)]
    if phase:
        state[tuple(where)] = part * matrix.reshape(-1)[0]
        return state
    free = [qubit for qubit in range(state.ndim - 1) if qubit not in controls]
    axes = [free.index(target) for target in targets]
    k = len(axes)
    applied = np.tensordot(matrix.reshape((2,) * (2 * k)), part, axes=(list(range(k, 2 * k)), axes))
    state[tuple(where)] = np.moveaxis(applied, list(range(k)), axes)
    return state

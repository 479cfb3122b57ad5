"""Evolves small states gate by gate on a state that Aer keeps, without assembling a circuit for it.

What Aer does before and after a run takes half a millisecond and some microseconds a gate, which for a small circuit
is nearly all of its time. Knows circuits; must not know jobs, plans or shots.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit_aer.quantum_info.states.aer_state import AerState

WIDEST = 13
"""Qubits up to which this is quicker; from the next one on Aer splits a state over threads."""

WITHOUT_EFFECT = frozenset({"measure", "barrier", "delay", "global_phase"})
"""What does not change the probabilities before the measurements, where nothing relaxes."""


class States:
    """The states of one worker, one of each width."""

    def __init__(self) -> None:
        self._made: dict[int, AerState] = {}

    def probabilities(self, circuit: QuantumCircuit, qubits: list[int]) -> npt.NDArray[np.float64] | None:
        """Return the probabilities of the outcomes of some qubits, before any of them is measured.

        Parameters
        ----------
        circuit
            Measures at its end only.
        qubits
            Ascending; the first one is the lowest bit of an outcome's index.

        Returns
        -------
        array or None
            Shape (2 ** len(qubits),); None where the circuit is too wide or holds what is no gate with a matrix.
        """
        width = circuit.num_qubits
        gates = [one for one in circuit.data if one.name not in WITHOUT_EFFECT]
        if width > WIDEST or not all(_has_matrix(one) for one in gates):
            return None
        index = {qubit: place for place, qubit in enumerate(circuit.qubits)}
        state = self._made.pop(width, None) or _state(width)  # not kept where something goes wrong below
        everything = list(range(width))
        state.apply_initialize(
            everything, _ground(width)
        )  # of all qubits in order: no measurement, no chance
        for gate in gates:
            state.apply_unitary([index[qubit] for qubit in gate.qubits], gate.matrix)
        found = np.asarray(state.probabilities(qubits), dtype=np.float64)
        self._made[width] = state
        return found


def _has_matrix(instruction: CircuitInstruction) -> bool:
    # a gate of the user's own may have a matrix that is not what its definition does
    return bool(instruction.is_standard_gate()) or instruction.name == "unitary"


def _state(width: int) -> AerState:
    options: dict[str, Any] = {"method": "statevector", "max_parallel_threads": 1}
    state = AerState(**options)
    state.allocate_qubits(width)
    state.initialize()
    return state


def _ground(width: int) -> npt.NDArray[np.complex128]:
    amplitudes = np.zeros(2**width, dtype=np.complex128)
    amplitudes[0] = 1
    return amplitudes

"""Evolves small states gate by gate on a state that Aer keeps, without assembling a circuit for it.

What Aer does before and after a run takes half a millisecond and some microseconds a gate, which for a small circuit
is nearly all of its time. Knows the steps of a circuit; must not know jobs, plans or shots.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from qiskit_aer.quantum_info.states.aer_state import AerState

from qjob.model.steps import Steps

WIDEST = 13
"""Qubits up to which this is quicker; from the next one on Aer splits a state over threads."""


class States:
    """The states of one worker, one of each width."""

    def __init__(self) -> None:
        self._made: dict[int, AerState] = {}

    def probabilities(self, steps: Steps, qubits: list[int]) -> npt.NDArray[np.float64]:
        """Return the probabilities of the outcomes of some qubits, before any of them is measured.

        Parameters
        ----------
        steps
            Of `WIDEST` qubits at the most.
        qubits
            Ascending; the first one is the lowest bit of an outcome's index.

        Returns
        -------
        array
            Shape (2 ** len(qubits),).
        """
        width = steps.width
        state = self._made.pop(width, None) or _state(width)  # not kept where something goes wrong below
        everything = list(range(width))
        state.apply_initialize(
            everything, _ground(width)
        )  # of all qubits in order: no measurement, no chance
        unitaries = steps.unitaries()
        for place, on in steps.gates:
            state.apply_unitary(list(on), unitaries[place])
        found = np.asarray(state.probabilities(qubits), dtype=np.float64)
        self._made[width] = state
        return found


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

"""Amazon Braket's noise channels as matrices, and what makes matrices a channel. Knows no program and no text.

Every channel is a list of Kraus operators K_i with sum_i K_i^dagger K_i = 1. The formulas are those of Nielsen and
Chuang, Quantum Computation and Quantum Information, chapter 8.3, in Braket's parameters; the tests compare each with
Braket's own density matrix simulator. Matrices are big endian as Braket's are: the first target is the most
significant bit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from qiskit.circuit import Instruction

Matrix = npt.NDArray[np.complex128]

TOLERANCE = 1e-6
"""How far from 1 the sum of K^dagger K may be: Braket's texts have their numbers rounded."""


def _matrix(rows: Sequence[Sequence[complex]]) -> Matrix:
    return np.array(rows, dtype=np.complex128)


_I = _matrix([[1, 0], [0, 1]])
_X = _matrix([[0, 1], [1, 0]])
_Y = _matrix([[0, -1j], [1j, 0]])
_Z = _matrix([[1, 0], [0, -1]])


@dataclass(frozen=True, slots=True)
class Channel:
    """A noise channel that Braket knows by name.

    Parameters
    ----------
    kraus
        Returns the Kraus operators for the parameters, each between 0 and 1.
    """

    kraus: Callable[..., list[Matrix]]
    num_params: int
    num_qubits: int


def _mixed(weights: Sequence[float], unitaries: Sequence[Matrix]) -> list[Matrix]:
    """Return the channel that does each unitary with its probability, and nothing with the rest."""
    rest = 1 - sum(weights)
    if rest < -TOLERANCE:
        raise ValueError(f"the probabilities add up to {sum(weights):g}, which is more than 1")
    nothing = sqrt(max(rest, 0)) * np.eye(len(unitaries[0]), dtype=np.complex128)
    return [nothing, *(sqrt(weight) * unitary for weight, unitary in zip(weights, unitaries, strict=True))]


def _evenly(unitaries: Sequence[Matrix], probability: float) -> list[Matrix]:
    return _mixed([probability / len(unitaries)] * len(unitaries), unitaries)


def _damping(gamma: float) -> list[Matrix]:
    return _generalized_damping(gamma, 1)[:2]


def _generalized_damping(gamma: float, probability: float) -> list[Matrix]:
    """Return decay towards 0 with this probability, and towards 1 with the rest."""
    stays, decays = sqrt(1 - gamma), sqrt(gamma)
    towards_0, towards_1 = sqrt(probability), sqrt(1 - probability)
    return [
        _matrix([[towards_0, 0], [0, towards_0 * stays]]),
        _matrix([[0, towards_0 * decays], [0, 0]]),
        _matrix([[towards_1 * stays, 0], [0, towards_1]]),
        _matrix([[0, 0], [towards_1 * decays, 0]]),
    ]


def _phase_damping(gamma: float) -> list[Matrix]:
    return [_matrix([[1, 0], [0, sqrt(1 - gamma)]]), _matrix([[0, 0], [0, sqrt(gamma)]])]


def _pauli(x: float, y: float, z: float) -> list[Matrix]:
    return _mixed([x, y, z], [_X, _Y, _Z])


def _pairs(*paulis: Matrix) -> list[Matrix]:
    """Return all products of two Paulis but that of the first with itself."""
    return [np.kron(a, b).astype(np.complex128) for a, b in product(paulis, repeat=2)][1:]


CHANNELS: Mapping[str, Channel] = {
    "bit_flip": Channel(partial(_evenly, [_X]), 1, 1),
    "phase_flip": Channel(partial(_evenly, [_Z]), 1, 1),
    "depolarizing": Channel(partial(_evenly, [_X, _Y, _Z]), 1, 1),
    "pauli_channel": Channel(_pauli, 3, 1),
    "amplitude_damping": Channel(_damping, 1, 1),
    "generalized_amplitude_damping": Channel(_generalized_damping, 2, 1),
    "phase_damping": Channel(_phase_damping, 1, 1),
    "two_qubit_depolarizing": Channel(partial(_evenly, _pairs(_I, _X, _Y, _Z)), 1, 2),
    "two_qubit_dephasing": Channel(partial(_evenly, _pairs(_I, _Z)), 1, 2),
}


def preserves_trace(operators: Sequence[npt.ArrayLike]) -> bool:
    """Say whether Kraus operators make a channel: sum_i K_i^dagger K_i = 1."""
    matrices = [np.asarray(operator, dtype=np.complex128) for operator in operators]
    total = sum(matrix.conj().T @ matrix for matrix in matrices)
    return bool(matrices) and np.allclose(total, np.eye(len(matrices[0])), rtol=0, atol=TOLERANCE)


def instruction(operators: Sequence[Any]) -> "Instruction":
    """Return qiskit's instruction ``kraus`` of these operators, for qubits with the least significant one first."""
    from qiskit.circuit import Instruction

    # Not qiskit's own Kraus(...).to_instruction(): that takes no operators with rounded numbers, as texts have them.
    qubits = len(operators[0]).bit_length() - 1
    return Instruction(
        "kraus", qubits, 0, [np.asarray(operator, dtype=np.complex128) for operator in operators]
    )

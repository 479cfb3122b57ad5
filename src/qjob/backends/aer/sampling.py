"""Draws shots from the probabilities of a final state that evolved once.

The shots of a seed come in fixed blocks, so that they do not depend on how often somebody looks at them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from qiskit import QuantumCircuit
from qiskit_aer.library import SaveProbabilities, SaveStatevector

from qjob.backends.aer.noise import NoiseParameters
from qjob.model.bits import BitLayout, Words, pack_bits, select_bits
from qjob.model.counts import Counts

BLOCK = 4096
"""Shots drawn together."""

FEW_OUTCOMES = 4096
"""Up to so many outcomes, one bin for each is quicker than looking for the distinct ones."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a circuit measures at its end.

    Parameters
    ----------
    qubits
        The measured qubits, ascending; the first one is the lowest bit of an outcome's index.
    columns
        For each measured classical bit, ascending, the bit of the index that it reads.
    """

    qubits: list[int]
    columns: list[int]


def measured_by(reads: Sequence[int]) -> Measured:
    """Return what is measured, given the qubit that each measured classical bit reads, these ascending."""
    ascending = sorted(set(reads))
    place = {qubit: index for index, qubit in enumerate(ascending)}
    return Measured(ascending, [place[qubit] for qubit in reads])


def evolution(circuit: QuantumCircuit, qubits: list[int], *, statevector: bool) -> QuantumCircuit:
    """Return the circuit without its measurements, saving the probabilities of some qubits and maybe the state."""
    evolving = circuit.copy()
    measurements = [place for place, one in enumerate(circuit.data) if one.name == "measure"]
    data = evolving.data
    for place in reversed(measurements):
        del data[place]
    if statevector:
        evolving.append(SaveStatevector(circuit.num_qubits), circuit.qubits)
    evolving.append(SaveProbabilities(len(qubits)), qubits)
    return evolving


class Sampler:
    """Draws shots from the outcomes' probabilities.

    Parameters
    ----------
    probabilities
        Shape (2 ** k,) for k measured qubits, overwritten.
    columns
        For each measured classical bit of the layout, the bit of the outcome's index that it reads.
    layout
        The circuit's classical bits.
    noise
        Its readout errors are applied to every measured bit on its own.
    seed
        Determines the shots; outcomes and readout errors have a random stream each, readout one for each bit.
    """

    def __init__(
        self,
        probabilities: npt.NDArray[np.float64],
        columns: list[int],
        layout: BitLayout,
        noise: NoiseParameters,
        seed: int,
    ) -> None:
        self._cumulated = np.cumsum(probabilities, out=probabilities)
        self._columns = columns
        self._width = len(probabilities).bit_length() - 1
        self._layout = layout
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._noise = noise
        self._flips = [
            np.random.Generator(np.random.PCG64([seed, 1 + clbit]))
            for clbit in (layout.measured if noise.on_readout else ())
        ]

    def draw(self, shots: int) -> Counts:
        """Return the counts of the next ``shots`` shots."""
        uniforms = self._random.random(shots)
        uniforms *= self._cumulated[-1]  # rounding leaves the sum a little off 1
        uniforms.sort()  # neighbours then fall on the same cache lines
        index = np.searchsorted(self._cumulated, uniforms, side="right")
        np.minimum(index, len(self._cumulated) - 1, out=index)
        if self._flips:
            return Counts.collect(self._layout, self._misread(index))
        if len(self._cumulated) <= FEW_OUTCOMES:
            tallies = np.bincount(index)
            distinct = np.flatnonzero(tallies)
            tallies = tallies[distinct]
        else:
            distinct, tallies = np.unique(index, return_counts=True)
        keys = distinct.astype(np.uint64)[:, None]
        if self._columns == list(range(self._width)):
            return Counts(self._layout, keys, tallies)
        return Counts.collect(self._layout, select_bits(keys, self._width, self._columns), tallies)

    def _misread(self, index: npt.NDArray[np.int64]) -> Words:
        """Return the key of each shot after its bits were read with errors."""
        bits = np.empty((len(index), len(self._columns)), dtype=np.uint8)
        for place, (column, flips) in enumerate(zip(self._columns, self._flips, strict=True)):
            bit = ((index >> column) & 1).astype(np.uint8)
            wrong = np.where(bit, self._noise.readout_10, self._noise.readout_01)
            bits[:, place] = bit ^ (flips.random(len(index)) < wrong)
        return pack_bits(bits)

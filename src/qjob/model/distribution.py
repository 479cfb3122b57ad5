"""Probabilities of outcomes that are known exactly, beside `Counts`, which are measured. Knows no circuit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qjob.model.bits import BitLayout, Words, pack_bits, select_bits, unpack_bits
from qjob.model.counts import Counts
from qjob.model.errors import InvalidRequest

IMPOSSIBLE = 1e-15
"""Probabilities below this are rounding errors of a simulation: such an outcome never comes."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """The exact probability of each outcome, in Qiskit's bit order: classical bit 0 is the rightmost character.

    Parameters
    ----------
    layout
        The classical bits.
    outcomes
        Keys of the outcomes that can come, shape (n, layout.words), ascending; see `qjob.model.bits`.
    probabilities
        Shape (n,), all above `IMPOSSIBLE`, their sum is 1.
    """

    layout: BitLayout
    outcomes: Words
    probabilities: npt.NDArray[np.float64]

    @classmethod
    def collect(cls, layout: BitLayout, keys: Words, weights: npt.NDArray[np.float64]) -> "Distribution":
        """Add up the weights of equal keys, shape (n, words), in any order; the sum is brought to 1."""
        distinct, place = grouped(keys)
        sums = np.bincount(place, weights, len(distinct))
        seen = sums > IMPOSSIBLE * max(sums.sum(), 1e-300)
        kept = sums[seen]
        return cls(layout, distinct[seen], kept / kept.sum())

    @classmethod
    def from_state(
        cls, layout: BitLayout, reads: Mapping[int, int], state: npt.NDArray[np.complex128]
    ) -> "Distribution":
        """Return what measuring a final state gives.

        Parameters
        ----------
        reads
            For each measured classical bit of the layout, the qubit it reads.
        state
            Amplitudes, shape (2 ** qubits,), qubit 0 the lowest bit of the index.
        """
        chances = state.real**2 + state.imag**2
        index = np.flatnonzero(chances > IMPOSSIBLE).astype(np.uint64)
        width = len(state).bit_length() - 1
        keys = select_bits(index[:, None], width, [reads[clbit] for clbit in layout.measured])
        return cls.collect(layout, keys, chances[index.astype(np.int64)])

    @classmethod
    def from_dict(cls, layout: BitLayout, probabilities: Mapping[str, float]) -> "Distribution":
        """Return the distribution of these bit strings.

        Raises
        ------
        InvalidRequest
            A text that is no outcome of this layout, or sets a bit that nothing writes.
        """
        keys = []
        for text in probabilities:
            key = layout.key(text)
            if key is None:
                raise InvalidRequest(f"{text!r} sets a bit that no measurement writes.")
            keys.append(key)
        weights = np.fromiter(probabilities.values(), np.float64, len(keys))
        return cls.collect(layout, np.array(keys, np.uint64).reshape(len(keys), layout.words), weights)

    def __len__(self) -> int:
        return len(self.probabilities)

    def to_dict(self) -> dict[str, float]:
        """Return the probability of each outcome that can come."""
        return dict(zip(self.layout.strings(self.outcomes), self.probabilities.tolist(), strict=True))

    def marginal(self, clbits: Sequence[int]) -> "Distribution":
        """Return the distribution of some classical bits alone, as `Counts.marginal` does."""
        layout = Counts(self.layout, self.outcomes[:0], np.zeros(0, np.int64)).marginal(clbits).layout
        column = {bit: place for place, bit in enumerate(self.layout.measured)}
        columns = [column[bit] for bit in clbits if bit in column]
        keys = select_bits(self.outcomes, len(self.layout.measured), columns)
        return Distribution.collect(layout, keys, self.probabilities)


@dataclass(frozen=True, slots=True, eq=False)
class Ideal:
    """What a job's program gives without any noise.

    Parameters
    ----------
    job_id
        The free job that it comes from.
    outcomes
        Exact probabilities, or the counts of a noiseless run where these are out of reach.
    channels
        How many noise channels of the program itself were left out.
    statevector
        The final amplitudes, as in `qjob.model.result.Result`; None where there is no one final state.
    inexact
        Why these are counts: a clause; empty where they are exact probabilities.
    """

    job_id: str
    outcomes: Distribution | Counts
    channels: int = 0
    statevector: npt.NDArray[np.complex128] | None = None
    inexact: str = ""

    @property
    def exact(self) -> bool:
        """Whether these are exact probabilities."""
        return isinstance(self.outcomes, Distribution)


def grouped(keys: Words) -> tuple[Words, npt.NDArray[np.int64]]:
    """Return the distinct keys, ascending, and for each key its place among them."""
    if keys.shape[1] == 1:
        distinct, place = np.unique(keys[:, 0], return_inverse=True)
        return np.ascontiguousarray(distinct[:, None]), place.reshape(-1)
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    return np.ascontiguousarray(distinct), place.reshape(-1)


def over_bits(layout: BitLayout, keys: Words, clbits: tuple[int, ...]) -> Words:
    """Return keys of a layout as keys over these classical bits, ascending; what is not measured reads 0."""
    if layout.measured == clbits:
        return keys
    place = {bit: column for column, bit in enumerate(clbits)}
    kept = [bit for bit in layout.measured if bit in place]
    column = {bit: number for number, bit in enumerate(layout.measured)}
    bits = np.zeros((len(keys), len(clbits)), np.uint8)
    bits[:, [place[bit] for bit in kept]] = unpack_bits(keys, len(layout.measured))[
        :, [column[bit] for bit in kept]
    ]
    return pack_bits(bits)

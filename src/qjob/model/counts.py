"""How often each outcome was measured. Arrays inside, a mapping of bit string to int outside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from qjob.model.bits import FEW, BitLayout, Words, select_bits
from qjob.model.errors import InvalidRequest


class Interval(NamedTuple):
    """A confidence interval of a probability."""

    low: float
    high: float


def wilson(count: int, shots: int, confidence: float = 0.95) -> Interval:
    """Return the Wilson score interval of a probability seen ``count`` times in ``shots``.

    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. Unlike the normal approximation it stays within [0, 1] and
    is honest for outcomes seen never or always.

    Raises
    ------
    InvalidRequest
        ``confidence`` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidRequest(f"a confidence of {confidence} is not between 0 and 1.", remedy="Try 0.95.")
    if shots == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = count / shots
    scale = 1 + z * z / shots
    centre = (p + z * z / (2 * shots)) / scale
    half = z / scale * (p * (1 - p) / shots + z * z / (4 * shots * shots)) ** 0.5
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


@dataclass(frozen=True, eq=False)
class Counts(Mapping[str, int]):
    """The outcomes of a job, in Qiskit's bit order: classical bit 0 is the rightmost character.

    A mapping of bit string to int, ordered by the bit string. An outcome that was never seen counts 0 and is
    not ``in`` the mapping; a text that can be no outcome raises `InvalidRequest`.

    Parameters
    ----------
    layout
        The classical bits.
    outcomes
        Keys of the distinct outcomes, shape (n, layout.words), ascending; see `qjob.model.bits`.
    tallies
        How often each was seen, shape (n,), all positive.
    """

    bit_order: ClassVar[str] = "qiskit: classical bit 0 is the rightmost character"

    layout: BitLayout
    outcomes: Words
    tallies: npt.NDArray[np.int64]

    # -- ways in ----------------------------------------------------------------------------------------------

    @classmethod
    def collect(
        cls, layout: BitLayout, keys: Words, weights: npt.NDArray[np.int64] | None = None
    ) -> "Counts":
        """Count keys, shape (n, words), in any order and with repeats, each ``weights`` times (default 1)."""
        if weights is None:
            weights = np.ones(len(keys), dtype=np.int64)
        if keys.shape[1] == 1:
            distinct, inverse = np.unique(keys[:, 0], return_inverse=True)
            distinct = distinct[:, None]
        else:
            distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
        sums = np.zeros(len(distinct), dtype=np.int64)
        np.add.at(sums, inverse.reshape(-1), weights)
        seen = sums > 0
        return cls(layout, np.ascontiguousarray(distinct[seen], dtype=np.uint64), sums[seen])

    @classmethod
    def from_dict(cls, layout: BitLayout, counts: Mapping[str, int]) -> "Counts":
        """Count bit strings (spaces are ignored).

        Raises
        ------
        InvalidRequest
            A text that is no outcome of this layout, or sets a bit that nothing writes.
        """
        rows = []
        for text in counts:
            key = layout.key(text)
            if key is None:
                raise InvalidRequest(f"{text!r} sets a bit that no measurement writes.")
            rows.append(key)
        keys = np.array(rows, dtype=np.uint64).reshape(len(rows), layout.words)
        return cls.collect(layout, keys, np.fromiter(counts.values(), np.int64, len(rows)))

    # -- the mapping ------------------------------------------------------------------------------------------

    def __getitem__(self, bitstring: str) -> int:
        key = self.layout.key(bitstring)
        if key is None:
            return 0
        row = self._row(key)
        return 0 if row is None else int(self.tallies[row])

    def __contains__(self, bitstring: object) -> bool:
        if not isinstance(bitstring, str):
            return False
        try:
            return self[bitstring] > 0
        except InvalidRequest:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.layout.strings(self.outcomes))

    def __len__(self) -> int:
        return len(self.tallies)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Counts):
            return (
                self.layout.num_clbits == other.layout.num_clbits
                and len(self) == len(other)
                and dict(self) == dict(other)
            )
        return dict(self) == other if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{outcome!r}: {count}" for outcome, count in self.top(8))
        more = f", ... {len(self) - 8} more" if len(self) > 8 else ""  # noqa: PLR2004 - what fits a line
        return f"Counts({{{shown}{more}}}, shots={self.shots})"

    # -- what people ask of them ------------------------------------------------------------------------------

    @property
    def shots(self) -> int:
        """How many shots were counted."""
        return int(self.tallies.sum())

    def top(self, k: int) -> list[tuple[str, int]]:
        """Return the ``k`` most frequent outcomes, most frequent first, equal ones by bit string.

        Costs O(n) whatever the number of outcomes: no dict of all of them is built.
        """
        n = len(self)
        if n <= FEW:
            pairs = zip(self, self.tallies.tolist(), strict=True)
            return sorted(pairs, key=lambda pair: -pair[1])[: max(0, k)]
        if k < n:
            # every outcome above the k-th tally, then the lowest bit strings among those equal to it
            cut = np.partition(self.tallies, n - k)[n - k] if k > 0 else np.iinfo(np.int64).max
            above = np.flatnonzero(self.tallies > cut)
            equal = np.flatnonzero(self.tallies == cut)[: max(0, k - len(above))]
            rows = np.concatenate([above, equal])
            rows = rows[np.lexsort((rows, -self.tallies[rows]))]
        else:
            rows = np.argsort(-self.tallies, kind="stable")
        strings = self.layout.strings(self.outcomes[rows])
        return list(zip(strings, self.tallies[rows].tolist(), strict=True))

    def probability(self, bitstring: str) -> float:
        """Return the share of shots that gave this outcome."""
        return self[bitstring] / self.shots if self.shots else 0.0

    def interval(self, bitstring: str, confidence: float = 0.95) -> Interval:
        """Return the Wilson score interval of this outcome's probability."""
        return wilson(self[bitstring], self.shots, confidence)

    def probabilities(self) -> dict[str, float]:
        """Return the share of each outcome that was seen."""
        shots = self.shots
        return {outcome: count / shots for outcome, count in self.items()}

    def marginal(self, clbits: Sequence[int]) -> "Counts":
        """Return the counts of some classical bits alone.

        Parameters
        ----------
        clbits
            Which bits, in the order they get in the result: ``clbits[0]`` becomes bit 0, the rightmost.

        Raises
        ------
        InvalidRequest
            A bit twice, or outside the circuit.
        """
        wanted = list(clbits)
        if len(set(wanted)) != len(wanted) or any(not 0 <= bit < self.layout.num_clbits for bit in wanted):
            raise InvalidRequest(
                f"no marginal over the bits {wanted}.",
                remedy=f"Give different bits from 0 to {self.layout.num_clbits - 1}.",
            )
        column = {bit: j for j, bit in enumerate(self.layout.measured)}
        kept = [position for position, bit in enumerate(wanted) if bit in column]
        layout = BitLayout(len(wanted), tuple(kept))
        columns = [column[wanted[position]] for position in kept]
        keys = select_bits(self.outcomes, len(self.layout.measured), columns)
        return Counts.collect(layout, keys, self.tallies)

    def __add__(self, other: "Counts") -> "Counts":
        if self.layout != other.layout:
            raise InvalidRequest("counts of different layouts cannot be added.")
        keys = np.concatenate([self.outcomes, other.outcomes])
        return Counts.collect(self.layout, keys, np.concatenate([self.tallies, other.tallies]))

    def spaced(self) -> dict[str, int]:
        """Return a dict whose bit strings have a space between registers, as Qiskit prints them."""
        return {self.layout.spaced(outcome): count for outcome, count in self.items()}

    def _row(self, key: npt.NDArray[np.uint64]) -> int | None:
        """Find a key among the ascending outcomes."""
        low, high = 0, len(self)
        wanted = tuple(key.tolist())
        while low < high:
            middle = (low + high) // 2
            here = tuple(self.outcomes[middle].tolist())
            if here == wanted:
                return middle
            low, high = (middle + 1, high) if here < wanted else (low, middle)
        return None

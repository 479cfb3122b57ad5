"""Which bit stands where: the layout of a result's bit strings and the integer keys behind them.

Bit order is Qiskit's everywhere: in a bit string, classical bit 0 is the rightmost character.

A *key* is what was measured in one shot, as an unsigned integer whose bit ``j`` is the value of classical bit
``layout.measured[j]``. Keys are rows of ``uint64`` words, most significant word first, so that any number of
measured bits fits; up to 64 bits there is one word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from qjob.model.errors import InvalidRequest

Words = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]
WORD = 64

FEW = 64
"""Up to so many keys are written one by one; what makes many of them quick takes its time to begin."""


@dataclass(frozen=True, slots=True)
class Register:
    """A named run of classical bits."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class BitLayout:
    """The classical bits of a circuit.

    Parameters
    ----------
    num_clbits
        Classical bits declared; every bit string has this many characters.
    measured
        Indices of the bits that can be written, ascending. All others read 0.
    registers
        The registers in order, bit 0 first; empty where they do not tile the bits (loose or shared bits).

    Raises
    ------
    ValueError
        The indices are not ascending, or outside the circuit.
    """

    num_clbits: int
    measured: tuple[int, ...]
    registers: tuple[Register, ...] = ()

    def __post_init__(self) -> None:
        if any(a >= b for a, b in pairwise(self.measured)):
            raise ValueError(f"measured bits must ascend: {self.measured}")
        if self.measured and not 0 <= self.measured[0] <= self.measured[-1] < self.num_clbits:
            raise ValueError(f"measured bits {self.measured} lie outside {self.num_clbits} bits")
        if self.registers and sum(r.size for r in self.registers) != self.num_clbits:
            raise ValueError(f"the registers do not tile {self.num_clbits} bits")

    @classmethod
    def from_object(cls, plain: Mapping[str, Any]) -> "BitLayout":
        """Return the layout that was written as this JSON object."""
        registers = tuple(Register(**register) for register in plain["registers"])
        return cls(plain["num_clbits"], tuple(plain["measured"]), registers)

    @property
    def words(self) -> int:
        """How many 64-bit words a key takes."""
        return max(1, -(-len(self.measured) // WORD))

    def spaced(self, bitstring: str) -> str:
        """Return the string with a space between registers, the first register rightmost, as Qiskit prints it."""
        if len(self.registers) < 2:  # noqa: PLR2004 - one register needs no space
            return bitstring
        parts, end = [], len(bitstring)
        for register in self.registers:
            parts.append(bitstring[end - register.size : end])
            end -= register.size
        return " ".join(part for part in reversed(parts) if part)

    def key(self, bitstring: str) -> Words | None:
        """Return the key of a bit string, shape (words,); None where it sets a bit that nothing writes.

        Raises
        ------
        InvalidRequest
            The text is no string of ``num_clbits`` zeros and ones (spaces are ignored).
        """
        text = bitstring.replace(" ", "")
        if len(text) != self.num_clbits or set(text) - {"0", "1"}:
            raise InvalidRequest(
                f"{bitstring!r} is no outcome of this job.",
                remedy=f"An outcome is a text of {self.num_clbits} zeros and ones, classical bit 0 rightmost.",
                numbers={"num_clbits": self.num_clbits},
            )
        ones = {i for i, char in enumerate(reversed(text)) if char == "1"}
        if ones - set(self.measured):
            return None
        bits = np.array([[bit in ones for bit in self.measured]], dtype=np.uint8)
        key: Words = pack_bits(bits)[0]
        return key

    def strings(self, keys: Words) -> list[str]:
        """Return the bit strings of keys, shape (n, words), each ``num_clbits`` characters long."""
        width = self.num_clbits
        if width == 0 or len(keys) == 0:
            return [""] * len(keys)
        if len(keys) <= FEW and width == len(self.measured) <= WORD:
            return [f"{key:0{width}b}" for key in keys[:, 0].tolist()]
        chars = np.full((len(keys), width), ord("0"), dtype=np.uint8)
        columns = [width - 1 - bit for bit in self.measured]
        chars[:, columns] += unpack_bits(keys, len(self.measured))
        text = chars.tobytes().decode("ascii")
        return [text[i : i + width] for i in range(0, len(text), width)]


def pack_bits(bits: Bits) -> Words:
    """Turn bits, shape (n, m) with bit ``j`` in column ``j``, into keys, shape (n, words)."""
    count, width = bits.shape
    words = max(1, -(-width // WORD))
    padded = np.zeros((count, words * WORD), dtype=np.uint8)
    padded[:, :width] = bits
    packed = np.packbits(padded, axis=1, bitorder="little").view("<u8")
    return np.ascontiguousarray(packed[:, ::-1], dtype=np.uint64)


def unpack_bits(keys: Words, width: int) -> Bits:
    """Turn keys, shape (n, words), back into bits, shape (n, width)."""
    little = np.ascontiguousarray(keys[:, ::-1]).astype("<u8").view(np.uint8)
    return np.unpackbits(little, axis=1, bitorder="little", count=width)


def select_bits(keys: Words, width: int, columns: Sequence[int]) -> Words:
    """Return keys made of some bits of others: bit ``j`` of the new key is bit ``columns[j]`` of the old.

    Parameters
    ----------
    keys
        Shape (n, words), of ``width`` bits.
    """
    if keys.shape[1] == 1 and len(columns) <= WORD:
        out = np.zeros(len(keys), dtype=np.uint64)
        for j, column in enumerate(columns):
            out |= ((keys[:, 0] >> np.uint64(column)) & np.uint64(1)) << np.uint64(j)
        return out[:, None]
    return pack_bits(unpack_bits(keys, width)[:, list(columns)])

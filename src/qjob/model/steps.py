"""What a circuit does to a state, step by step: matrices on qubits, then what is measured. Knows no gate's name.

It says as much as the circuit does about its outcomes and is much quicker to read, so it goes along with a short one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Steps:
    """Gates in their order, on qubits that begin as 0, and measurements after all of them.

    Parameters
    ----------
    width
        How many qubits there are.
    matrices
        The different matrices, each row by row as complex128, little-endian. One of k qubits is (2**k, 2**k); the
        first of its gate's qubits is the lowest bit of an index.
    gates
        For each gate the place of its matrix in ``matrices``, and its qubits.
    reads
        For each measured classical bit, ascending, the qubit that it reads.
    """

    width: int
    matrices: tuple[bytes, ...]
    gates: tuple[tuple[int, tuple[int, ...]], ...]
    reads: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many bytes the matrices have."""
        return sum(map(len, self.matrices))

    def unitaries(self) -> list[npt.NDArray[np.complex128]]:
        """Return the matrices as arrays."""
        found = [np.frombuffer(matrix, "<c16") for matrix in self.matrices]
        return [matrix.reshape(1 << (len(matrix).bit_length() - 1) // 2, -1) for matrix in found]

    def to_object(self) -> dict[str, Any]:
        """Return it as JSON values; the matrices, one behind the other, go beside them."""
        sizes = [len(matrix) for matrix in self.matrices]
        return {"width": self.width, "sizes": sizes, "gates": self.gates, "reads": self.reads}

    @classmethod
    def from_object(cls, plain: Mapping[str, Any], matrices: bytes) -> Self:
        """Return what was written as this JSON object and these bytes."""
        parts, at = [], 0
        for size in plain["sizes"]:
            parts.append(matrices[at : at + size])
            at += size
        gates = tuple((place, tuple(qubits)) for place, qubits in plain["gates"])
        return cls(plain["width"], tuple(parts), gates, tuple(plain["reads"]))

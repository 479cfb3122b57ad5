"""What a completed job leaves: counts, and a state vector where one was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from qjob.model.counts import Counts


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """The result of a job.

    Parameters
    ----------
    counts
        The outcomes, in Qiskit's bit order.
    statevector
        The amplitudes before measurement, shape (2 ** num_qubits,), complex128, qubit 0 the least significant
        bit of the index (Qiskit's order); None where it was not asked for.
    metadata
        How the result came about, JSON values only: ``method``, ``path``, ``run_seconds``.
    """

    counts: Counts
    statevector: npt.NDArray[np.complex128] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

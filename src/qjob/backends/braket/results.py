"""From the SDK's result of a task to counts in Qiskit's bit order, and what else a result tells.

Knows the SDK's results and not how they were fetched.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from braket.tasks import GateModelQuantumTaskResult

from qjob.backends.braket.conversion import Converted
from qjob.model.bits import Bits, pack_bits
from qjob.model.counts import Counts


class UnreadableResult(ValueError):
    """A result whose columns cannot be told apart, or that has none; the message says why."""


def counts_of(result: GateModelQuantumTaskResult, converted: Converted) -> Counts:
    """Return the counts of a task, all bits of the program in Qiskit's order; bits that nothing writes read 0.

    A device that returns probabilities only (IonQ) measured each outcome a whole number of times; where rounding
    hides it, the shots are dealt out by the largest remainders, so that they add up.

    Raises
    ------
    UnreadableResult
        The result has other columns than the program has measured qubits, or no shots.
    """
    if result.measurements_copied_from_device:
        rows = np.asarray(result.measurements, dtype=np.uint8)
        weights = None
    else:
        rows, weights = _dealt(result.measurement_probabilities or {}, result.task_metadata.shots)
    if rows.ndim != 2 or not len(rows):  # noqa: PLR2004 - shots and qubits
        raise UnreadableResult("the result holds no measurements")
    order = _columns(list(map(int, result.measured_qubits or ())), rows.shape[1], converted.qubits)
    bits: Bits = rows[:, [order[column] for column in converted.columns]]
    return Counts.collect(converted.layout, pack_bits(bits), weights)


def _columns(told: Sequence[int], width: int, expected: Sequence[int]) -> list[int]:
    """Return for each expected qubit the column of the result that it is.

    By the qubits that the result names, wherever it names those of the program; where a device gives numbers of its
    own to the qubits, by the order of the bits, which is that of the expected qubits.
    """
    if len(told) == width and len(set(told)) == width and set(expected) <= set(told):
        return [told.index(qubit) for qubit in expected]
    if width == len(expected):
        return list(range(width))
    raise UnreadableResult(
        f"the result has {width} columns, of the qubits {list(told)}; the program measures {len(expected)}, "
        f"{list(expected)}"
    )


def _dealt(probabilities: Mapping[str, float], shots: int) -> tuple[Bits, npt.NDArray[np.int64]]:
    """Return each outcome once, shape (n, qubits), and how many of the shots had it."""
    outcomes = sorted(probabilities)
    exact = np.array([probabilities[outcome] for outcome in outcomes], dtype=np.float64)
    if not outcomes or not exact.sum() > 0:
        return np.zeros((0, 0), dtype=np.uint8), np.zeros(0, dtype=np.int64)
    exact *= shots / exact.sum()
    whole = np.floor(exact + 1e-9).astype(np.int64)
    missing = shots - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    rows = np.frombuffer("".join(outcomes).encode("ascii"), dtype=np.uint8) - ord("0")
    return rows.reshape(len(outcomes), -1), whole


def compiled_by_vendor(result: GateModelQuantumTaskResult) -> str | None:
    """Return the program as the vendor's compiler made it; None where the device does not tell."""
    compiled: str | None = result.get_compiled_circuit()
    return compiled


def billed_milliseconds(result: GateModelQuantumTaskResult) -> int | None:
    """Return how long a simulator took, which is what is billed; None on other devices."""
    metadata: Any = getattr(result.additional_metadata, "simulatorMetadata", None)
    return None if metadata is None else int(metadata.executionDuration)

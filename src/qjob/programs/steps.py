"""From a circuit to its steps, where it has nothing but gates with a matrix, and measurements at its end."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qjob.model.steps import Steps
from qjob.programs.flat import Flat, Operation, operation_of, places_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import CircuitInstruction

WITHOUT_EFFECT = frozenset({"barrier", "delay"})
"""What changes no outcome, where nothing relaxes."""

USE = 16
"""Bytes that a use of a matrix is counted as."""


def reads(circuit: "QuantumCircuit") -> tuple[int, ...]:
    """Return, for each measured classical bit, ascending, the qubit that it reads: the last measurement wins."""
    qubits, clbits = places_of(circuit.qubits), places_of(circuit.clbits)
    found = {clbits[one.clbits[0]]: qubits[one.qubits[0]] for one in circuit.data if one.name == "measure"}
    return _ascending(found)


def steps(circuit: "QuantumCircuit | Flat", *, most: int | None = None) -> Steps | None:
    """Return the steps of a circuit that measures at its end only.

    Parameters
    ----------
    most
        Bytes that its gates may come to: 16 an entry of a different matrix, and 16 for each use of one. None: any.

    Returns
    -------
    Steps or None
        None where it holds anything else, such as a gate of the user's own, whose matrix may not be what its
        definition does; or where it is longer than that.
    """
    places: dict[Any, int] = {}  # by what tells two matrices apart
    matrices: list[bytes] = []
    gates: list[tuple[int, tuple[int, ...]]] = []
    found: dict[int, int] = {}
    size = 0
    for one, (name, qubits, clbits, is_gate) in _walk(circuit):
        if is_gate:
            if name == "global_phase":
                continue
            key: Any = (name, *one.params)
        elif name == "measure":
            found[clbits[0]] = qubits[0]
            continue
        elif name == "unitary":
            key = len(gates)
        elif name in WITHOUT_EFFECT:
            continue
        else:
            return None
        if key not in places:
            if (matrix := one.matrix) is None:
                return None
            places[key] = len(matrices)
            matrices.append(matrix.astype("<c16", copy=False).tobytes())
            size += len(matrices[-1])
        gates.append((places[key], qubits))
        size += USE
        if most is not None and size > most:
            return None
    width = circuit.shape.num_qubits if isinstance(circuit, Flat) else circuit.num_qubits
    return Steps(width, tuple(matrices), tuple(gates), _ascending(found))


def _walk(circuit: "QuantumCircuit | Flat") -> "Iterable[tuple[CircuitInstruction, Operation]]":
    """Return the instructions of a circuit, each with where it acts."""
    if isinstance(circuit, Flat):
        return zip(circuit.instructions, circuit.shape.operations, strict=True)
    qubits, clbits = places_of(circuit.qubits), places_of(circuit.clbits)
    return ((one, operation_of(one, qubits, clbits)) for one in circuit.data)


def _ascending(found: Mapping[int, int]) -> tuple[int, ...]:
    return tuple([found[clbit] for clbit in sorted(found)])

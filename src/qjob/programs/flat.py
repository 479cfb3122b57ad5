"""Which circuits need no closer look, most of those that people submit by the hundred, and what they do where."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from qjob.model.bits import Register
from qjob.programs.bounds import MAX_OPERATIONS

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import CircuitInstruction, Clbit, Qubit


class Operation(NamedTuple):
    """One operation, without its angles, on qubits and classical bits that are told by their places."""

    name: str
    qubits: tuple[int, ...]
    clbits: tuple[int, ...]
    is_gate: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """What circuits have in common that differ in nothing but angles, as those of a sweep do.

    Parameters
    ----------
    registers
        The classical ones where they tile the bits in order, each bit once; else none.
    operations
        Standard gates, measurements, barriers and resets.
    """

    num_qubits: int
    num_clbits: int
    registers: tuple[Register, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Flat:
    """A circuit of nothing but standard gates, measurements, barriers and resets, none of them labelled.

    Nothing in it nests, has a meaning of its author's or a unit, and all angles are finite numbers: what
    `qjob.programs.bounds`, ``delays``, ``settle`` and ``check`` look for is not there.

    Parameters
    ----------
    instructions
        Those of the circuit; at each place of ``shape.operations`` stands the same one.
    """

    shape: Shape
    instructions: "tuple[CircuitInstruction, ...]"


def is_circuit(value: object) -> "TypeGuard[QuantumCircuit]":
    """Whether a value is a qiskit circuit."""
    qiskit = sys.modules.get("qiskit")
    return qiskit is not None and isinstance(value, qiskit.QuantumCircuit)


def flat(value: object) -> Flat | None:
    """Return a value as a flat circuit; None where it is something else, or a circuit that needs a closer look."""
    if not is_circuit(value):
        return None
    from qjob.programs.operations import is_labelled, is_simple

    instructions = tuple(value.data)
    if len(instructions) * (value.num_qubits + value.num_clbits) > MAX_OPERATIONS:  # to be counted exactly
        return None
    qubits, clbits = places_of(value.qubits), places_of(value.clbits)
    operations = []
    for one in instructions:
        operation = operation_of(one, qubits, clbits)
        if one.label is not None and is_labelled(one.operation):
            return None
        if operation.is_gate:
            for angle in one.params:
                if type(angle) is not float or not isfinite(angle):
                    return None
        elif not is_simple(one.operation):
            return None
        operations.append(operation)
    return Flat(Shape(len(qubits), len(clbits), registers(value), tuple(operations)), instructions)


def places_of(bits: Iterable[Any]) -> dict[Any, int]:
    """Return the place of each bit."""
    return {bit: place for place, bit in enumerate(bits)}


def operation_of(
    one: "CircuitInstruction", qubits: "Mapping[Qubit, int]", clbits: "Mapping[Clbit, int]"
) -> Operation:
    """Return what an instruction does where, given the places of the bits."""
    into = one.clbits
    return Operation(
        one.name,
        tuple(map(qubits.__getitem__, one.qubits)),
        tuple(map(clbits.__getitem__, into)) if into else (),
        one.is_standard_gate(),
    )


def registers(circuit: "QuantumCircuit") -> tuple[Register, ...]:
    """Return the classical registers where they tile the bits in order, each bit once; else none."""
    if not tiles(circuit):
        return ()
    return tuple([Register(register.name, register.size) for register in circuit.cregs])


def tiles(circuit: "QuantumCircuit") -> bool:
    """Whether the classical registers tile the bits in order, each bit once."""
    return bool(list(chain.from_iterable(circuit.cregs)) == circuit.clbits)

"""What kinds of operations there are in a circuit: by what each is known, and what lies within it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import (
    AnnotatedOperation,
    Barrier,
    BoxOp,
    ControlFlowOp,
    ControlledGate,
    Gate,
    Instruction,
    Measure,
    Reset,
)
from qiskit.circuit.library import StatePreparation, UGate, get_standard_gate_name_mapping

# What Aer runs by name beside qiskit's standard gates, and the names of control flow.
NATIVE = frozenset(
    {
        *(
            "aer_store",
            "barrier",
            "box",
            "break_loop",
            "continue_loop",
            "cu2",
            "diagonal",
            "for_loop",
            "if_else",
        ),
        *(
            "initialize",
            "jump",
            "kraus",
            "mark",
            "multiplexer",
            "pauli",
            "qerror_loc",
            "quantum_channel",
            "roerror",
        ),
        *("store", "superop", "switch_case", "u0", "unitary", "while_loop", "mcswap", "mcx_gray", "mcphase"),
        *(f"mc{gate}" for gate in ("p", "r", "rx", "ry", "rz", "sx", "u", "u1", "u2", "u3", "x", "y", "z")),
    }
)
# What qiskit's transpiler synthesizes by name, and takes for its own classes.
SYNTHESIZED = frozenset(
    {
        *("FullAdder", "HalfAdder", "IntComp", "ModularAdder", "Multiplier", "PauliEvolution", "WeightedSum"),
        *("annotated", "clifford", "linear_function", "mcmt", "mcx", "permutation", "qft"),
    }
)
NATIVE_PREFIXES = ("save_", "set_")

SIMPLE = frozenset({Measure, Barrier, Reset})

STOCK = (
    "qiskit.circuit.library.standard_gates.",
    *(f"qiskit.circuit.library.generalized_gates.{name}" for name in ("unitary", "diagonal", "pauli")),
    "qiskit.circuit.library.generalized_gates.permutation",
    "qiskit.circuit.library.data_preparation.initializer",
    "qiskit.circuit.library.data_preparation.state_preparation",
    "qiskit_aer.",
)
"""Modules of operations whose names and parameters tell everything, here and in a stored program."""

USUAL_LABELS = {"xx_minus_yy": "(XX-YY)", "xx_plus_yy": "(XX+YY)"}
"""Those that qiskit itself gives."""


@cache
def _standard_names() -> frozenset[str]:
    return frozenset(get_standard_gate_name_mapping())


def is_native(name: str) -> bool:
    """Say whether a simulator, or qiskit's transpiler, takes the name for one of its own gates."""
    known = name in NATIVE or name in SYNTHESIZED or name in _standard_names()
    return known or name.startswith(NATIVE_PREFIXES)


def is_simple(operation: Any) -> bool:
    """Say whether an operation that is no standard gate holds nothing else and means the same to everybody."""
    return _class_of(operation) in SIMPLE


def is_labelled(operation: Any) -> bool:
    """Say whether a gate or a simple operation has been given a label, by which Aer would look for noise."""
    if not isinstance(operation, Gate) and not is_simple(operation):
        return False
    return operation.label not in (None, USUAL_LABELS.get(operation.name))


def _class_of(operation: Any) -> type:
    """Return the class of an operation; qiskit's own ones have hidden classes of their own."""
    found: type = getattr(operation, "base_class", type(operation))
    return found


def is_generic(operation: object) -> bool:
    """Say whether an operation is nothing but a name, parameters and a definition of its author's."""
    return type(operation) in (Gate, Instruction, ControlledGate) or type(operation).__module__ == (
        "qiskit.qasm2.parse"
    )


def is_foreign(operation: Any) -> bool:
    """Say whether an operation has a class that says more than its name and its parameters do.

    Such as a user's own subclass of ``Gate``, or an evolution under an operator. It would lose that in a stored
    program, or could not be read back from it.
    """
    if is_generic(operation) or isinstance(operation, AnnotatedOperation):
        return False
    module = _class_of(operation).__module__ or ""
    if module.startswith("qiskit.circuit.library.") or not module.startswith("qiskit.circuit."):
        return not module.startswith(STOCK) or _runs_backwards(operation)
    return False


def _runs_backwards(operation: Any) -> bool:
    """Say whether an operation is an inverse that only an attribute tells from what it is the inverse of."""
    return isinstance(operation, StatePreparation) and bool(getattr(operation, "_inverse", True))


def is_unreadable(operation: Any) -> bool:
    """Say whether an operation is one that qiskit writes and cannot read back: seen with 2.6, a controlled CU.

    Its base is a U with the four angles of a CU.
    """
    if type(operation) is not ControlledGate or not isinstance(base := operation.base_gate, UGate):
        return False
    return len(base.params) != len(UGate(0, 0, 0).params)


def is_plain(box: BoxOp) -> bool:
    """Say whether a box is nothing but its content."""
    return box.duration is None and not box.body.num_vars


def key(operation: Any) -> Any:
    """Return what tells an operation with a definition from others, as long as it lives."""
    # An OpenQASM 2 gate makes its definition anew each time; there a name means one thing.
    if type(operation).__module__ == "qiskit.qasm2.parse":
        return operation.name, tuple(operation.params)
    return id(operation)


def inner(operation: Any) -> tuple[QuantumCircuit, ...]:
    """Return the circuits that an operation is made of: blocks, or its author's definition."""
    if isinstance(operation, ControlFlowOp):
        return tuple(operation.blocks)
    if is_generic(operation) and (definition := operation.definition) is not None:
        return (definition,)
    return ()


def operations(circuit: QuantumCircuit) -> Iterator[Any]:
    """Yield what is neither a standard gate nor simple, or has been given a label, each once.

    In the circuit, its control flow and its authors' definitions; of what is annotated, its base as well.
    """
    yield from _operations(circuit, set(), [])


def _operations(circuit: QuantumCircuit, seen: set[Any], keep: list[Any]) -> Iterator[Any]:
    for instruction in circuit.data:
        standard = instruction.is_standard_gate()
        if standard and instruction.label is None:
            continue
        operation = instruction.operation
        if (standard or is_simple(operation)) and not is_labelled(operation):
            continue
        if (known := key(operation)) in seen:
            continue
        seen.add(known)
        keep.append(operation)  # an id stays taken as long as its object lives
        yield operation
        while isinstance(operation, AnnotatedOperation):
            operation = operation.base_op
            yield operation
        for each in inner(operation):
            yield from _operations(each, seen, keep)

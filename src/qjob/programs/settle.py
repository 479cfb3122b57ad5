"""Makes a loaded circuit mean to a simulator what it means to its author.

Simulators and transpilers recognise gates by name: a user's own gate that is called ``x`` would run as Pauli X,
whatever its definition says. Such gates get another name here, so that their definition is used. Boxes without a
duration, which simulators do not know, are replaced by their content.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import Barrier, BoxOp, ControlFlowOp, ControlledGate, Gate, Instruction, Measure, Reset
from qiskit.circuit.library import get_standard_gate_name_mapping

PREFIX = "own_"
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
NATIVE_PREFIXES = ("save_", "set_")

SIMPLE = frozenset({Measure, Barrier, Reset})


@cache
def _standard_names() -> frozenset[str]:
    return frozenset(get_standard_gate_name_mapping())


def is_native(name: str) -> bool:
    """Say whether a simulator takes the name for one of its own gates."""
    return name in NATIVE or name in _standard_names() or name.startswith(NATIVE_PREFIXES)


def is_simple(operation: Any) -> bool:
    """Say whether an operation that is no standard gate holds nothing else and means the same to everybody."""
    return (
        getattr(operation, "base_class", None) in SIMPLE
    )  # qiskit's own ones have hidden classes of their own


def is_generic(operation: object) -> bool:
    """Say whether an operation is nothing but a name, parameters and a definition of its author's."""
    return type(operation) in (Gate, Instruction, ControlledGate) or type(operation).__module__ == (
        "qiskit.qasm2.parse"
    )


def operations(circuit: QuantumCircuit) -> Iterator[Any]:
    """Yield what is neither a standard gate nor simple, each once.

    In the circuit, its control flow and its authors' definitions.
    """
    yield from _operations(circuit, set(), [])


def _operations(circuit: QuantumCircuit, seen: set[Any], keep: list[Any]) -> Iterator[Any]:
    for instruction in circuit.data:
        if instruction.is_standard_gate():
            continue
        operation = instruction.operation
        if is_simple(operation) or (known := key(operation)) in seen:
            continue
        seen.add(known)
        keep.append(operation)  # an id stays taken as long as its object lives
        yield operation
        for inner in _inner(operation):
            yield from _operations(inner, seen, keep)


def key(operation: Any) -> Any:
    """Return what tells an operation with a definition from others, as long as it lives."""
    # An OpenQASM 2 gate makes its definition anew each time; there a name means one thing.
    if type(operation).__module__ == "qiskit.qasm2.parse":
        return operation.name, tuple(operation.params)
    return id(operation)


def _inner(operation: Any) -> tuple[QuantumCircuit, ...]:
    if isinstance(operation, ControlFlowOp):
        return tuple(operation.blocks)
    if is_generic(operation) and (definition := operation.definition) is not None:
        return (definition,)
    return ()


def _misread(operation: Any) -> bool:
    if isinstance(operation, BoxOp):
        return is_plain(operation)
    # A generic Instruction of such a name without a definition is a channel that the simulator does know.
    return is_generic(operation) and is_native(operation.name) and operation.definition is not None


def is_plain(box: BoxOp) -> bool:
    """Say whether a box is nothing but its content."""
    return box.duration is None and not box.body.num_vars


def settle(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with its authors' gates named apart from the simulator's, and plain boxes opened.

    The same object where there is nothing to do, which is found out in one pass over the circuit.
    """
    if not any(_misread(operation) for operation in operations(circuit)):
        return circuit
    return _settled(circuit, {}, [])


def _settled(circuit: QuantumCircuit, done: dict[Any, Any], keep: list[Any]) -> QuantumCircuit:
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        if instruction.is_standard_gate():
            out._append(instruction)  # noqa: SLF001 - qiskit's own fast way to copy an instruction
            continue
        operation = instruction.operation
        if isinstance(operation, BoxOp) and is_plain(operation):
            body = _settled(operation.body, done, keep)
            out.compose(body, instruction.qubits, instruction.clbits, inplace=True, copy=False)
            continue
        known = key(operation)
        if known not in done:
            done[known] = _settled_operation(operation, done, keep)
            keep.append(operation)
        out._append(instruction.replace(operation=done[known]))  # noqa: SLF001 - as above
    return out


def _settled_operation(operation: Any, done: dict[Any, Any], keep: list[Any]) -> Any:
    inner = _inner(operation)
    if not inner:
        return operation
    blocks = [_settled(block, done, keep) for block in inner]
    if isinstance(operation, ControlFlowOp):
        return operation.replace_blocks(blocks)
    name = PREFIX + operation.name if is_native(operation.name) else operation.name
    # A plain gate in place of a controlled or an OpenQASM 2 one: their names and definitions follow other rules.
    kind = Gate if isinstance(operation, Gate) else Instruction
    arguments = (operation.num_qubits,) if kind is Gate else (operation.num_qubits, operation.num_clbits)
    settled = kind(name, *arguments, list(operation.params), label=operation.label)
    settled.definition = blocks[0]
    return settled

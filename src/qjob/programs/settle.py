"""Makes a circuit mean to a simulator, and in a stored program, what it means to its author.

Simulators and transpilers recognise gates by name: a user's own gate that is called ``x`` would run as Pauli X,
whatever its definition says. Such gates get another name here, so that their definition is used. A class of its own
may say more than name and parameters, which is lost when the circuit is stored: it becomes a gate with a definition.
Labels, by which Aer would look for noise, are dropped. Boxes without a duration, which simulators do not know, are
replaced by their content.
"""

from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import AnnotatedOperation, BoxOp, ControlFlowOp, Gate, Instruction, ParameterExpression

from qjob.model.errors import ProgramRefused
from qjob.programs.operations import (
    inner,
    is_foreign,
    is_generic,
    is_labelled,
    is_native,
    is_plain,
    is_unreadable,
    key,
    operations,
)

PREFIX = "own_"


def settle(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with what would be misread made plain.

    Its authors' gates are named apart from the simulator's, operations with a class of their own are spelled out,
    labels dropped and plain boxes opened. The same object where there is nothing to do.

    Raises
    ------
    ProgramRefused
        An operation cannot be spelled out.
    """
    if not any(map(_misread, operations(circuit))):
        return circuit
    try:
        return _settled(circuit, {}, [])
    except RecursionError as error:
        raise ProgramRefused(
            "the definitions of the circuit's gates nest too deeply, or without end.",
            remedy="Look for a gate that is defined by itself, or write some of them out.",
        ) from error


def _misread(operation: Any) -> bool:
    if isinstance(operation, BoxOp):
        return is_plain(operation)
    if is_labelled(operation) or is_foreign(operation):
        return True
    # A generic Instruction of such a name without a definition is a channel that the simulator does know.
    named_alike = is_generic(operation) and is_native(operation.name) and operation.definition is not None
    return named_alike or is_unreadable(operation)


def _settled(circuit: QuantumCircuit, done: dict[Any, Any], keep: list[Any]) -> QuantumCircuit:
    out = circuit.copy_empty_like()
    for instruction in circuit.data:
        if instruction.is_standard_gate() and instruction.label is None:
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
    if isinstance(operation, AnnotatedOperation):
        return AnnotatedOperation(_settled_operation(operation.base_op, done, keep), operation.modifiers)
    if is_foreign(operation):
        return _spelled_out(operation, done, keep)
    blocks = [_settled(block, done, keep) for block in inner(operation)]
    if not blocks:
        return _unlabelled(operation)
    if isinstance(operation, ControlFlowOp):
        return operation.replace_blocks(blocks)
    return _defined(operation, list(operation.params), blocks[0])


def _unlabelled(operation: Any) -> Any:
    if not is_labelled(operation):
        return operation
    plain = operation.to_mutable()
    plain.label = None
    return plain


def _spelled_out(operation: Any, done: dict[Any, Any], keep: list[Any]) -> Any:
    """Return a gate with a definition in place of an operation with a class of its own."""
    try:
        made = operation if isinstance(operation, Instruction) else operation.to_instruction()
        definition = made.definition
    except RecursionError:
        raise
    except Exception as error:
        raise ProgramRefused(
            f"what the operation {operation.name!r} is made of cannot be told: {error}",
            remedy="Give it a definition of gates (gate.definition = ...), or append these themselves.",
        ) from error
    if definition is None:
        return made
    numbers = [value for value in made.params if isinstance(value, (int, float, ParameterExpression))]
    return _defined(made, numbers, _settled(definition, done, keep))


def _defined(operation: Any, params: list[Any], definition: QuantumCircuit) -> Instruction:
    """Return what an operation is, as a name that no simulator knows and a definition."""
    name = PREFIX + operation.name if is_native(operation.name) else operation.name
    # A plain gate in place of a controlled or an OpenQASM 2 one: their names and definitions follow other rules.
    kind = Gate if isinstance(operation, Gate) else Instruction
    arguments = (operation.num_qubits,) if kind is Gate else (operation.num_qubits, operation.num_clbits)
    defined = kind(name, *arguments, params)
    defined.definition = definition
    return defined

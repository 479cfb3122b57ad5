"""Which circuits a cell has made, so that a cell that ends with none can be told which one to end with."""

from collections.abc import Mapping

from qjob.model.errors import InvalidCell

CIRCUITS = {("qiskit.circuit.quantumcircuit", "QuantumCircuit"), ("braket.circuits.circuit", "Circuit")}
"""Module and name of the classes taken for circuits; neither library is imported for it."""

FOREIGN = ("cirq", "pennylane")
"""Libraries whose circuits are refused by name, with the way to export them."""


def is_circuit(value: object) -> bool:
    """Whether a value is a circuit of a library that qjob submits from."""
    return any((base.__module__, base.__qualname__) in CIRCUITS for base in type(value).__mro__)


def may_be_program(value: object) -> bool:
    """Whether a value is worth submitting, if only to be told how its library exports OpenQASM."""
    if isinstance(value, str):
        return "OPENQASM" in value
    return is_circuit(value) or isinstance(value, (list, tuple)) or type(value).__module__.startswith(FOREIGN)


def circuits_in(namespace: Mapping[str, object]) -> dict[str, int]:
    """Return the names bound to circuits, with the identity of each."""
    # names with an underscore are IPython's own memory of earlier outputs
    return {name: id(v) for name, v in list(namespace.items()) if not name.startswith("_") and is_circuit(v)}


def made_here(namespace: Mapping[str, object], before: Mapping[str, int]) -> list[str]:
    """Return the names bound to another circuit than before, in the order they were bound."""
    return [name for name, identity in circuits_in(namespace).items() if before.get(name) != identity]


def no_circuit(value: object, made: list[str]) -> InvalidCell:
    """Return the error of a cell whose last expression is no circuit."""
    got = "has no value" if value is None else f"is of type {type(value).__name__}, no circuit"
    message = f"the last line of this %%qjob cell {got}."
    match made:
        case []:
            remedy = "End the cell with a circuit: a line with nothing but its name."
        case [name]:
            remedy = f"The cell made one circuit, {name}. End the cell with the line:\n{name}"
        case names:
            listed = ", ".join(names[:-1]) + f" and {names[-1]}"
            remedy = (
                f"The cell made {len(names)} circuits, {listed}. "
                f"End the cell with the one to run, such as:\n{names[-1]}"
            )
    return InvalidCell(message, remedy=remedy, numbers={"circuits": made})

"""Which circuit, or list of circuits, a piece of code means. Decides by names and types; runs and imports nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qjob.model.errors import CodeRefused

CLASSES = {("qiskit", "QuantumCircuit"), ("braket", "Circuit")}
"""Library and name of the classes taken for circuits."""
FOREIGN = ("cirq", "pennylane")
"""Libraries whose circuits are refused by name, with the way to export them."""
NAMED = 8
"""Names that one message lists."""

HOW = "End the code with a line that is nothing but the circuit's name, or with a list of circuits."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The circuits that the code means."""

    circuits: tuple[Any, ...]
    single: bool


def choose(last: object, namespace: Mapping[str, object]) -> Chosen:
    """Return what the code means: its last expression, or else the one circuit, or list, that it has a name for.

    A circuit in a list that has a name is the list's, and one of two names is one. OpenQASM text is meant where it
    is the last expression, or where no circuit has a name and just one text has.

    Parameters
    ----------
    last
        The value of the code's last line, where that is an expression; else None.
    namespace
        The names that the code leaves behind.

    Raises
    ------
    CodeRefused
        No circuit, or several.
    """
    if (meant := _as_circuits(last)) is not None:
        return meant
    names = {name: value for name, value in namespace.items() if not name.startswith("_")}
    lists = {name: value for name, value in names.items() if _is_list(value) and not _is_text(value)}
    listed = {id(circuit) for value in lists.values() for circuit in value}  # type: ignore[attr-defined]  # they are lists
    single = {name: value for name, value in names.items() if is_circuit(value) and id(value) not in listed}
    found = _once({**lists, **single})
    if not found:
        found = _once({name: value for name, value in names.items() if _is_text(value)})
    if len(found) == 1:
        (value,) = found.values()
        return _as_circuits(value) or Chosen((value,), single=True)
    raise _several(list(found)) if found else _none(last)


def is_circuit(value: object) -> bool:
    """Whether a value is a circuit of a library that programs come from, or one that is refused by its name."""
    return any(
        _library(cls) in FOREIGN or (_library(cls), cls.__name__) in CLASSES for cls in type(value).__mro__
    )


def _library(cls: type) -> str:
    return str(cls.__module__ or "").partition(".")[0]


def _is_text(value: object) -> bool:
    """Whether a value is OpenQASM text, or a list of such texts."""
    if isinstance(value, str):
        return "OPENQASM" in value
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(v, str) and _is_text(v) for v in value)
    )


def _is_list(value: object) -> bool:
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(is_circuit(v) or (isinstance(v, str) and _is_text(v)) for v in value)
    )


def _as_circuits(value: object) -> Chosen | None:
    if is_circuit(value) or (isinstance(value, str) and _is_text(value)):
        return Chosen((value,), single=True)
    if isinstance(value, (list, tuple)) and _is_list(value):
        return Chosen(tuple(value), single=False)
    return None


def _once(values: Mapping[str, object]) -> dict[str, object]:
    """Return the names without those for a value that has another name already."""
    first: dict[int, str] = {}
    for name, value in values.items():
        first.setdefault(id(value), name)
    return {name: values[name] for name in first.values()}


def _several(names: list[str]) -> CodeRefused:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return CodeRefused(
        f"the code makes {len(names)} circuits or lists of them, and one has to be meant: "
        f"{', '.join(names[:NAMED])}{more}.",
        remedy=f"End the code with the one to run, on a line of its own:\n{names[-1]}\n"
        f"or with a list, to run them as a batch:\n[{', '.join(names[:NAMED])}]",
        numbers={"circuits": names},
    )


def _none(last: object) -> CodeRefused:
    if isinstance(last, (list, tuple)):
        what = "an empty list" if not last else "a list in which not everything is one"
        return CodeRefused(f"the code makes no circuit: its last line is {what}.", remedy=HOW)
    return CodeRefused(
        "the code makes no circuit: no name is bound to one, and its last line is none.", remedy=HOW
    )

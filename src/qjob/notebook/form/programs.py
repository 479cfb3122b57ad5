"""What a form can submit: the circuits of the notebook by their names, what it was given, or OpenQASM text.

Looks at a namespace; runs no code of the user's but the expression that a form was opened with, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from qjob.model.errors import InvalidRequest
from qjob.model.program import Program, ProgramFormat
from qjob.notebook.cell import is_openqasm
from qjob.notebook.form.state import FormState
from qjob.notebook.found import is_circuit
from qjob.showing.wording import number

TEXT = "(text)"
GIVEN = "(given)"
_HISTORY = frozenset({"In", "Out"})


@dataclass(frozen=True, slots=True)
class Given:
    """What a form was opened with, where no variable holds it.

    Parameters
    ----------
    value
        A circuit, a list of them, or a stored program.
    label
        What it is called in the form.
    expression
        What it came from; empty where nothing in the notebook says so.
    """

    value: object
    label: str
    expression: str = ""


def choices(namespace: Mapping[str, object], given: Given | None = None) -> list[tuple[str, str]]:
    """Return what can be chosen, as pairs of a label and a key: variables by their names, `GIVEN`, `TEXT`."""
    found = [
        (_label(name, value), name)
        for name, value in list(namespace.items())
        if not name.startswith("_") and name not in _HISTORY and is_program(value)
    ]
    own = [] if given is None else [(given.label, GIVEN)]
    return [*own, *found, ("OpenQASM text, typed below", TEXT)]


def is_program(value: object) -> bool:
    """Whether a value of the namespace is a circuit, a list of circuits, or OpenQASM text."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(is_circuit(each) for each in value)
    return is_circuit(value) or (isinstance(value, str) and is_openqasm(value))


def name_of(namespace: Mapping[str, object], value: object) -> str:
    """Return the name of a variable that holds this very object; empty where none does."""
    names = (name for name, each in list(namespace.items()) if each is value and not name.startswith("_"))
    return next(names, "")


def key_of(state: FormState, given: Given | None) -> str:
    """Return the key of what a state submits."""
    if given is not None and state.expression == given.expression and not state.text:
        return GIVEN
    return state.expression or TEXT


def program_of(key: str, text: str, namespace: Mapping[str, object], given: Given | None) -> object:
    """Return what a key stands for now.

    Raises
    ------
    InvalidRequest
        Nothing was chosen or typed, or the variable is gone.
    """
    if key == GIVEN and given is not None:
        return given.value
    if key == TEXT:
        if text.strip():
            return text
        raise InvalidRequest(
            "there is no program yet.",
            remedy="Choose a circuit of this notebook, or type OpenQASM. A circuit that a cell makes appears here "
            "once the cell has run.",
        )
    if key not in namespace:
        raise InvalidRequest(f"there is no variable {key!r} any more.", remedy="Choose another program.")
    return namespace[key]


def text_of(program: Program) -> str:
    """Return a stored program as text; empty where it is none."""
    return "" if program.format is ProgramFormat.QPY else program.data.decode()


def _label(name: str, value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"{name}: a list of {number(len(value))}, submitted as a batch"
    return f"{name}: OpenQASM text" if isinstance(value, str) else name

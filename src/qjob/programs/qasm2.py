"""OpenQASM 2 text to a circuit, with the gates of qelib1.inc and the extras that qiskit's exporter uses."""

import re
from typing import TYPE_CHECKING, Any

from qjob.model.errors import ProgramRefused
from qjob.programs import extent
from qjob.programs import text as source

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

INCLUDE = "qelib1.inc"
MAX_OPERATORS = 10_000
_OPERATOR = re.compile(r"[-+*/^]")
_ANY_STATEMENT = re.compile(r"[^\s;{}][^;{}]*")
_POSITION = re.compile(r"<input>:(\d+),(\d+): (.*)", re.DOTALL)
_UNDEFINED = re.compile(r"'(\w+)' is not defined in this scope")
_STATEMENT = re.compile(r"(?:^|(?<=[;{}]))\s*(\w+)\s+[A-Za-z_]\w*\s*[\[,;]")
_INCLUDED_ELSEWHERE = re.compile(r"cannot use non-builtin custom instruction '(\w+)' before definition")
_MISSING = re.compile(r"(\w+)\.__init__\(\) missing (\d+) required")


def load_qasm2(text: str) -> "QuantumCircuit":
    """Return the circuit of an OpenQASM 2 text.

    Gates that the text defines itself mean what the text says, also where qiskit knows a gate of that name.

    Raises
    ------
    ProgramRefused
        With the line and column of the user's text.
    """
    from qiskit import qasm2

    code = source.blank_comments(text)
    source.guard(text, code, INCLUDE)
    _guard_expressions(text, code)
    extent.guard(text, code)
    own = source.defined_gates(code)
    # qiskit would put its own gate in the place of a definition of the same name, whatever that says.
    builtin = [_bounded(gate) for gate in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if gate.name not in own]
    try:
        circuit = qasm2.loads(
            text,
            include_path=(),
            custom_instructions=builtin,
            custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL,
        )
        if own or "u0" in code:
            _make_definitions(circuit)
    except qasm2.QASM2ParseError as error:
        raise _refuse(text, error, own | {gate.name for gate in builtin}) from error
    except TypeError as error:
        raise _refuse_parameters(text, code, error, builtin) from error
    return circuit


def _bounded(gate: Any) -> Any:
    """Return a gate as the parser is to know it: ``u0``, which is as many operations as it is told, within bounds."""
    if gate.name != "u0":
        return gate
    from qiskit import qasm2

    def idle(cycles: float) -> Any:
        if not 0 <= cycles <= extent.MAX_IDLE:
            raise qasm2.QASM2ParseError(f"u0 takes 0 to {extent.MAX_IDLE} cycles")
        return gate.constructor(cycles)

    return qasm2.CustomInstruction(gate.name, gate.num_params, gate.num_qubits, idle, builtin=gate.builtin)


def _make_definitions(circuit: "QuantumCircuit") -> None:
    """Have each definition made, which the parser leaves to whoever needs it first, as long as errors are caught."""
    from qjob.programs.operations import operations

    for _ in operations(circuit):
        pass


def _guard_expressions(text: str, code: str) -> None:
    """Refuse a formula so long that the parser, which frees it recursively, would end the process."""
    for match in _ANY_STATEMENT.finditer(code):
        if len(match[0]) > MAX_OPERATORS and len(_OPERATOR.findall(match[0])) > MAX_OPERATORS:
            raise source.refuse_offset(
                text, match.start(), f"a statement of more than {MAX_OPERATORS:,} operators", "Split it."
            )


def _refuse(text: str, error: Exception, known: set[str]) -> ProgramRefused:
    message = str(getattr(error, "message", error)).strip("'\"")
    position = _POSITION.fullmatch(message)
    if position is None:
        return ProgramRefused(f"the OpenQASM 2 text is refused: {message}.")
    what, remedy = position[3], ""
    if forgotten := _INCLUDED_ELSEWHERE.match(what):
        what, remedy = f"{forgotten[1]!r} is not defined", f'Write include "{INCLUDE}"; below the first line.'
    elif undefined := _UNDEFINED.match(what):
        remedy = source.hint_gate(undefined[1], known, braket=False)
    return source.refuse_at(text, int(position[1]), int(position[2]), what, remedy)


def _refuse_parameters(text: str, code: str, error: TypeError, gates: list[Any]) -> ProgramRefused:
    """Say where a gate lacks its parameters: the parser finds it out too late to tell."""
    missing = _MISSING.match(str(error))
    by_class = {getattr(gate.constructor, "__name__", ""): gate for gate in gates}
    if missing is None or (gate := by_class.get(missing[1])) is None:
        return ProgramRefused(f"the OpenQASM 2 text is refused: {error}.")
    what = f"gate {gate.name} needs {gate.num_params} parameter{'s' * (gate.num_params != 1)}"
    for match in _STATEMENT.finditer(code):
        if match[1] == gate.name:
            return source.refuse_offset(text, match.start(1), what, f"Write {gate.name}(...) ...;")
    return ProgramRefused(f"{what}.", remedy=f"Write {gate.name}(...) ...;")

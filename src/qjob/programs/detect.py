"""From a user's value to a Program: which format it is, and its bytes.

Looks at the names of types before importing anything: whoever has a qiskit or Braket circuit has loaded that
library already. Does not parse text; `qjob.programs.load` does.
"""

import io
from pathlib import PurePath
from typing import Any

from qjob.model.errors import InvalidRequest, ProgramRefused
from qjob.model.program import Program, ProgramFormat
from qjob.programs import text as source

TAKEN = "A program is a qiskit QuantumCircuit, a Braket Circuit, or OpenQASM 2 or 3 text."
QASM3_INCLUDE = "stdgates.inc"


def recognise(value: object, *, read: bool = False) -> Program:
    """Return the value as a Program.

    OpenQASM 3 that includes ``stdgates.inc`` is read as such; without that include it is read in Amazon Braket's
    dialect, which never has it: Braket's gate names, and a program without ``measure`` measures every qubit. A
    text that uses nothing but its own gate definitions is valid in both and is read in Braket's dialect too.

    Parameters
    ----------
    value
        A qiskit ``QuantumCircuit``, a Braket ``Circuit`` or OpenQASM program, OpenQASM text, or a `Program`
        (returned as it is).
    read
        Whether the value is a circuit that `qjob.programs.as_read` returned.

    Raises
    ------
    ProgramRefused
        A circuit or text that cannot become a program: unbound parameters, no version line, too long or too large.
    InvalidRequest
        Something that is no circuit, or a list of them.
    """
    if isinstance(value, Program):
        return value
    if isinstance(value, str):
        return _from_text(value)
    for cls in type(value).__mro__:
        module = _module(cls)
        root = module.partition(".")[0]
        if root == "qiskit" and cls.__name__ == "QuantumCircuit":
            return _from_qiskit(value, read=read)
        if root == "braket" and cls.__name__ == "Circuit":
            return _from_braket(value)
        if module.startswith("braket.ir.openqasm") and cls.__name__ in ("Program", "OpenQASMProgram"):
            return _from_braket_program(value)
    raise _refuse(value)


def _module(cls: type) -> str:
    return str(cls.__module__ or "")  # some of qiskit's types made at run time have None


def _refuse(value: object) -> InvalidRequest | ProgramRefused:
    cls = type(value)
    module = _module(cls)
    name = cls.__qualname__ if module in ("builtins", "") else f"{module}.{cls.__qualname__}"
    root = module.partition(".")[0]
    if root == "cirq":
        return ProgramRefused(
            f"cirq circuits are not taken (this is a {name}).",
            remedy="Export it to OpenQASM and pass the text: cirq.qasm(circuit)",
        )
    if root == "pennylane":
        return ProgramRefused(
            f"PennyLane circuits are not taken (this is a {name}).",
            remedy="Export it to OpenQASM and pass the text: qml.to_openqasm(qnode)(...)",
        )
    if isinstance(value, (list, tuple)):
        return InvalidRequest(
            f"a {name} of {len(value)} is no program: one job runs one circuit.",
            remedy="Submit each circuit as a job of its own.",
            numbers={"length": len(value)},
        )
    if isinstance(value, PurePath):
        return InvalidRequest(
            f"{str(value)!r} is a path, not a program.",
            remedy=f"Pass the file's text: Path({str(value)!r}).read_text()",
        )
    return InvalidRequest(f"a value of type {name} is no program.", remedy=TAKEN)


def _from_text(text: str) -> Program:
    text = text.removeprefix("\ufeff")
    code = source.blank_comments(text)
    version = source.version(code)
    if version is None:
        raise ProgramRefused(
            "the text does not begin with an OPENQASM line, so its language is not known.",
            remedy="Begin it with OPENQASM 2.0; or OPENQASM 3.0;",
        )
    if version not in (2, 3):
        raise ProgramRefused(
            f"OpenQASM version {version} is not known.", remedy="Write OPENQASM 2.0; or OPENQASM 3.0;"
        )
    if len(text) > (maximum := source.MAX_CHARACTERS[version]):
        raise ProgramRefused(
            f"the text has {len(text):,} characters; at most {maximum:,} of OpenQASM {version} are read.",
            remedy="Pass the circuit itself, or shorten the text with gate definitions.",
            numbers={"characters": len(text), "maximum": maximum},
        )
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise source.refuse_offset(
            text, error.start, "a character that is no Unicode text (a lone surrogate)"
        ) from error
    if version == 2:  # noqa: PLR2004 - the version's own number
        return Program(ProgramFormat.QASM2, data)
    standard = any(file == QASM3_INCLUDE for file, _ in source.includes(code))
    return Program(ProgramFormat.QASM3 if standard else ProgramFormat.BRAKET, data)


def _from_qiskit(circuit: Any, *, read: bool) -> Program:
    from qiskit import qpy
    from qiskit.exceptions import QiskitError

    from qjob.programs.delays import with_units_kept
    from qjob.programs.load import as_read

    written = with_units_kept(circuit if read else as_read(circuit))
    stream = io.BytesIO()
    try:
        qpy.dump(written, stream)
    except (QiskitError, TypeError, ValueError) as error:
        raise ProgramRefused(
            f"this circuit cannot be stored: {error}",
            remedy="Drop what is no part of it (circuit.metadata = {}), or replace what qiskit's qpy cannot write.",
        ) from error
    return Program(ProgramFormat.QPY, stream.getvalue())


def _from_braket(circuit: Any) -> Program:
    from braket.circuits.serialization import IRType

    if parameters := sorted(str(parameter) for parameter in circuit.parameters):
        raise ProgramRefused(
            f"the circuit has unbound parameters: {', '.join(parameters)}.",
            remedy=f'Give each a value: circuit.make_bound_circuit({{"{parameters[0]}": 0.5}})',
            numbers={"parameters": parameters},
        )
    if not circuit.instructions:
        raise ProgramRefused("the circuit is empty.", remedy="Add at least one gate, such as circuit.h(0)")
    try:
        text = circuit.to_ir(IRType.OPENQASM).source
    except (ValueError, NotImplementedError, TypeError) as error:
        raise ProgramRefused(
            f"Braket cannot write this circuit as OpenQASM: {error}",
            remedy="Replace the instruction that it names.",
        ) from error
    return _from_text(str(text))


def _from_braket_program(program: Any) -> Program:
    if program.inputs:
        raise ProgramRefused(
            f"the program has inputs: {', '.join(sorted(program.inputs))}.",
            remedy="Write their values into the text; inputs are not taken.",
        )
    return _from_text(str(program.source))

"""From a Program to a qiskit circuit, in the kernel at submission and again in the worker.

Text is given to a parser only after `qjob.programs.text.guard`, and every complaint of a parser becomes a
ProgramRefused with the line and column of the user's own text.
"""

import io
from typing import TYPE_CHECKING

from qjob.model.errors import ProgramRefused
from qjob.model.program import Program, ProgramFormat
from qjob.programs import bounds, native

if TYPE_CHECKING:
    from openqasm3 import ast
    from qiskit import QuantumCircuit


def circuit(program: Program) -> "QuantumCircuit":
    """Return the program's circuit.

    Bit order: classical bit i of the text's (only) register is clbit i, so it is the i-th character from the
    right in a bit string. What simulators would misread is settled (see `qjob.programs.settle`).

    Raises
    ------
    ProgramRefused
        The text is malformed or uses what cannot be represented, with its line and column; the program is too
        large (see `qjob.programs.bounds`); or the stored bytes are damaged.
    """
    return with_tree(program)[0]


def with_tree(program: Program) -> "tuple[QuantumCircuit, ast.Program | None]":
    """Return the program's circuit as `circuit` does, and the syntax tree of a text in Braket's dialect.

    For who has to know how the text says it: parsing it anew would take longer than all the rest.
    """
    native.load()
    from qjob.programs.settle import settle

    try:
        loaded, tree = _load(program)
        return settle(loaded), tree
    except RecursionError as error:
        raise ProgramRefused(
            "the program nests too deeply to be read.",
            remedy="Split its expressions and blocks into smaller ones.",
        ) from error


def as_read(circuit: "QuantumCircuit", *, flat: bool = False) -> "QuantumCircuit":
    """Return a circuit at hand as `circuit` returns the one read back from its program; the same where it can.

    It is what has to be stored, so that what is looked at here is what will run.

    Parameters
    ----------
    flat
        Whether it is known to be one that `qjob.programs.flat` knows.

    Raises
    ------
    ProgramRefused
        It is too large, or something in it would not be read back as it was.
    """
    if flat:
        return circuit
    from qjob.programs.blocks import check_bits
    from qjob.programs.settle import settle

    bounds.guard(circuit)  # what it nests is written once for each use
    check_bits(circuit)
    settled = settle(circuit)
    if settled is not circuit:
        bounds.guard(settled)
    return settled


def _load(program: Program) -> "tuple[QuantumCircuit, ast.Program | None]":
    form = program.format
    if form is ProgramFormat.QPY:
        loaded = _load_qpy(program.data)
        bounds.guard(loaded)
        return loaded, None
    try:
        text = program.data.decode()
    except UnicodeDecodeError as error:
        raise ProgramRefused(f"the text is no UTF-8: {error}.", remedy="Save it as UTF-8.") from error
    if form is ProgramFormat.QASM2:
        from qjob.programs.qasm2 import load_qasm2

        return load_qasm2(text), None
    if form is ProgramFormat.QASM3:
        from qjob.programs.qasm3 import load_qasm3

        return load_qasm3(text), None
    from qjob.programs.braket import read_braket

    return read_braket(text)


def _load_qpy(data: bytes) -> "QuantumCircuit":
    import struct

    from qiskit import qpy
    from qiskit.exceptions import QiskitError

    from qjob.programs.delays import with_units_back

    try:
        circuits = qpy.load(io.BytesIO(data))
    except (
        QiskitError,
        struct.error,
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        UnicodeDecodeError,
    ) as error:
        raise ProgramRefused(
            f"these {len(data)} bytes are no circuit in qiskit's QPY format: {error}",
            remedy="Submit the circuit again; one stored by a newer qiskit needs that qiskit.",
        ) from error
    if len(circuits) != 1:
        raise ProgramRefused(
            f"the program holds {len(circuits)} circuits; a job runs one.", remedy="Submit each by itself."
        )
    return with_units_back(circuits[0])

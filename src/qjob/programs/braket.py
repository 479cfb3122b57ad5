"""Amazon Braket's dialect of OpenQASM 3 to a circuit: its gates, its pragmas, and measure-all where none is stated.

Braket itself is not imported: that takes seconds. Its gates are in `qjob.programs.braket_gates`.

Pragmas: ``unitary`` and ``noise`` are applied, a noise channel as qiskit's instruction ``kraus``; ``verbatim`` only
forbids rewriting, so its box is read as plain statements; ``result`` is refused, since a job here returns counts.
"""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from openqasm3 import ast
from qiskit import ClassicalRegister
from qiskit.circuit import Qubit
from qiskit.circuit.library import UnitaryGate

from qjob.programs import channels
from qjob.programs.bounds import MATRIX_ENTRIES
from qjob.programs.braket_gates import GATES
from qjob.programs.qasm3 import Converter, run_tree
from qjob.programs.syntax import complain

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_UNITARY_QUBITS = 8
_KRAUS_SHAPES = ((2, 2), (4, 4))
_UNITARY = re.compile(r"braket\s+unitary\s*\((.*)\)\s*(.+)", re.DOTALL)
_NOISE = re.compile(r"braket\s+noise\s+(\w+)\s*\((.*)\)\s*(.+)", re.DOTALL)
_TARGET = re.compile(r"(\w+)\s*\[\s*(\d+)\s*\]|(\$\d+)|(\w+)")
_ROW = re.compile(r"\[([^\[\]]*)\]")
_BETWEEN_MATRICES = re.compile(r"(?<=\])\s*\]\s*,\s*\[\s*(?=\[)")


def read_braket(text: str) -> "tuple[QuantumCircuit, ast.Program]":
    """Return the circuit of a text in Braket's dialect, and its syntax tree: to parse takes the most time.

    A program without ``measure`` gets every qubit measured, qubit i into bit i: into its bit register where it
    declares one of that size, else into a new one named ``b``. Of physical qubits only those that the text names are
    measured, in ascending order, as Braket does.

    Raises
    ------
    ProgramRefused
        With the line and column of the user's text.
    """
    converter = BraketConverter(GATES)
    circuit, tree = run_tree(text, converter)
    if not converter.measures and circuit.num_qubits:
        _measure_all(circuit, sorted(converter.physical) or list(range(circuit.num_qubits)))
    return circuit, tree


def _measure_all(circuit: "QuantumCircuit", qubits: list[int]) -> None:
    register = next((creg for creg in circuit.cregs if creg.size == len(qubits)), None)
    if register is None:
        taken = {creg.name for creg in circuit.cregs} | {qreg.name for qreg in circuit.qregs}
        register = ClassicalRegister(len(qubits), "b") if "b" not in taken else ClassicalRegister(len(qubits))
        circuit.add_register(register)
    circuit.measure(qubits, register)


class BraketConverter(Converter):
    """The importer with Braket's gates and pragmas.

    Attributes
    ----------
    measures : bool
        Whether the text measured anything.
    physical : set of int
        The physical qubits that the text names.
    """

    braket = True

    def __init__(self, gates: Any) -> None:
        super().__init__(gates)
        self.measures = False
        self.physical: set[int] = set()

    def visit_QuantumMeasurementStatement(self, node: Any, context: Any) -> Any:  # noqa: N802 - the visitor's name
        """Note that the program measures."""
        self.measures = True
        if node.target is None:
            complain(node, "this measurement has no bit to go to", "Write b = measure q; with bit[...] b;")
        return super().visit_QuantumMeasurementStatement(node, context)

    def visit_ClassicalDeclaration(self, node: Any, context: Any) -> Any:  # noqa: N802 - the visitor's name
        """Note that ``bit b = measure q;`` measures."""
        self.measures = self.measures or isinstance(node.init_expression, ast.QuantumMeasurement)
        return super().visit_ClassicalDeclaration(node, context)

    def visit_Pragma(self, node: ast.Pragma, context: Any) -> Any:  # noqa: N802 - the visitor's name
        """Apply, ignore or refuse a pragma, as this module's docstring says."""
        words = node.command.split()
        kind = words[1].partition("(")[0] if len(words) > 1 and words[0] == "braket" else ""
        if kind == "verbatim":
            return context
        if kind == "unitary":
            return self._unitary(node, context)
        if kind == "result":
            complain(
                node,
                "a job returns counts, not Braket's result types",
                "Remove the result types; expectation values and probabilities follow from the counts.",
            )
        if kind == "noise":
            return self._noise(node, context)
        return complain(node, f"the pragma {' '.join(words[:2])!r} is not known", "Remove it.")

    def _resolve_qarg(self, node: ast.Expression, context: Any) -> Any:
        if isinstance(node, ast.Identifier) and node.name.startswith("$"):
            self.physical.add(int(node.name[1:]))
        return super()._resolve_qarg(node, context)

    def _unitary(self, node: ast.Pragma, context: Any) -> Any:
        parts = _UNITARY.fullmatch(node.command.strip())
        targets = _targets(parts[2]) if parts else []
        if parts is None or not targets:
            complain(node, "the unitary is not readable", "Write #pragma braket unitary([[...], ...]) q[0]")
        qubits = self._qubits(node, targets, context)
        if len(qubits) > MAX_UNITARY_QUBITS:
            complain(node, f"a unitary of {len(qubits)} qubits is beyond {MAX_UNITARY_QUBITS}")
        matrix = _matrix(parts[1])
        if matrix is None or matrix.shape != (2 ** len(qubits),) * 2:
            complain(
                node, f"the unitary of {len(qubits)} qubits needs {2 ** len(qubits)} rows of as many numbers"
            )
        self.tally.add(node, matrix.size // MATRIX_ENTRIES)
        # Braket's first target is the most significant bit of the matrix, qiskit's the least.
        context.circuit.append(UnitaryGate(matrix), qubits[::-1])
        return context

    def _noise(self, node: ast.Pragma, context: Any) -> Any:
        parts = _NOISE.fullmatch(node.command.strip())
        targets = _targets(parts[3]) if parts else []
        if parts is None or not targets:
            complain(node, "the noise is not readable", "Write #pragma braket noise bit_flip(0.1) q[0]")
        qubits = self._qubits(node, targets, context)
        operators = (_kraus if parts[1] == "kraus" else _channel)(node, parts[1], parts[2])
        width = len(operators[0]).bit_length() - 1
        if width != len(qubits):
            complain(
                node, f"the noise {parts[1]} acts on {width} qubit{'s' * (width != 1)}, {len(qubits)} given"
            )
        self.tally.add(node, sum(operator.size for operator in operators) // MATRIX_ENTRIES)
        # The order of the qubits as for a unitary.
        context.circuit.append(channels.instruction(operators), qubits[::-1])
        return context

    def _qubits(self, node: ast.Pragma, targets: list[Any], context: Any) -> list[Any]:
        """Return the circuit's qubits that a pragma names, a register as all of its qubits."""
        qubits: list[Any] = []
        for target in targets:
            target.span = node.span
            found = self._resolve_qarg(target, context)
            qubits += [found] if isinstance(found, Qubit) else list(found)
        return qubits


def _channel(node: ast.Pragma, name: str, text: str) -> list[channels.Matrix]:
    """Return the Kraus operators of a channel that Braket knows by name."""
    channel = channels.CHANNELS.get(name)
    if channel is None:
        complain(
            node, f"the noise {name!r} is not known", f"Known are {', '.join(channels.CHANNELS)} and kraus."
        )
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        complain(node, f"the noise {name} takes numbers, not ({text})")
    if len(values) != channel.num_params or not all(0 <= value <= 1 for value in values):
        many = channel.num_params != 1
        complain(node, f"the noise {name} takes {channel.num_params} number{'s' * many} between 0 and 1")
    return channel.kraus(*values)


def _kraus(node: ast.Pragma, name: str, text: str) -> list[channels.Matrix]:
    """Return the Kraus operators that a text lists."""
    matrices = [_matrix(part) for part in _BETWEEN_MATRICES.split(text)]
    operators = [matrix for matrix in matrices if matrix is not None and matrix.shape in _KRAUS_SHAPES]
    if len(operators) < len(matrices) or len({len(operator) for operator in operators}) != 1:
        complain(node, f"{name} takes matrices of one size, 2 rows of 2 numbers or 4 of 4")
    if not channels.preserves_trace(operators):
        complain(node, f"the {len(operators)} Kraus operators are no channel: the sum of K^dagger K is not 1")
    return operators


def _targets(text: str) -> list[Any]:
    targets: list[Any] = []
    for part in text.split(","):
        match = _TARGET.fullmatch(part.strip())
        if match is None:
            return []
        if match[1]:
            index: list[Any] = [ast.IntegerLiteral(int(match[2]))]
            targets.append(ast.IndexedIdentifier(ast.Identifier(match[1]), [index]))
        else:
            targets.append(ast.Identifier(match[3] or match[4]))
    return targets


def _matrix(text: str) -> npt.NDArray[np.complex128] | None:
    """Return the matrix of a text such as ``[[0, 1.0im], [1.0, 0]]``; None where it is none."""
    try:
        rows = [
            [complex(entry.replace(" ", "").replace("im", "j")) for entry in row.split(",")]
            for row in _ROW.findall(text)
        ]
        return np.array(rows, dtype=np.complex128)
    except ValueError:
        return None

"""OpenQASM 3 text to a circuit: what is added to qiskit's importer.

qiskit's importer (``qiskit_qasm3_import``) gives the meaning. Added here: constants, mathematical functions,
``for`` loops over constants unrolled (so that a loop variable may index a register), boxes without a duration read as
plain blocks, and a position for every complaint. What neither can represent is refused with its line.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openqasm3 import ast
from openqasm3.parser import QASM3ParsingError
from qiskit import ClassicalRegister
from qiskit.circuit import Qubit
from qiskit.exceptions import QiskitError
from qiskit_qasm3_import import ConversionError, types
from qiskit_qasm3_import.converter import ConvertVisitor
from qiskit_qasm3_import.data import Scope, Symbol
from qiskit_qasm3_import.state import LocalScope

from qjob.model.errors import ProgramRefused
from qjob.programs import bounds
from qjob.programs import text as source
from qjob.programs.constants import ConstantResolver
from qjob.programs.modifiers import guard_control, guard_power
from qjob.programs.operations import is_native
from qjob.programs.settle import PREFIX
from qjob.programs.syntax import Mishap, complain, parse, refused, walk
from qjob.programs.tally import Tally

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

INCLUDE = "stdgates.inc"
MAX_UNROLLED = 100_000
"""Loop rounds that one program may be unrolled to."""
CIRCUIT_ERRORS = {
    "register size error": "the measured qubits and the bits they go to differ in number",
    "duplicate bit arguments": "the same qubit is named twice",
}
"""What qiskit says without the words of OpenQASM."""
_NODE = re.compile(r"node of type (\w+) is not supported")
_AMOUNT = re.compile(r"The amount of qubit\((\d+)\)/clbit\(\d+\) .* expectation \((\d+)\)")
_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate that a dialect knows without a definition in the text.

    Parameters
    ----------
    build
        Returns the qiskit gate for the parameters; its qubits are in the order of the text.
    """

    build: Callable[..., Any]
    num_params: int
    num_qubits: int


def load_qasm3(text: str) -> "QuantumCircuit":
    """Return the circuit of an OpenQASM 3 text with ``stdgates.inc``.

    Raises
    ------
    ProgramRefused
        With the line and column of the user's text.
    """
    return run(text, Converter())


def run(text: str, converter: "Converter") -> "QuantumCircuit":
    """Parse and convert a text; every complaint becomes a ProgramRefused with its position."""
    return run_tree(text, converter)[0]


def run_tree(text: str, converter: "Converter") -> "tuple[QuantumCircuit, ast.Program]":
    """Return the circuit of a text as `run` does, and the syntax tree that it was made of."""
    source.guard(text, source.blank_comments(text), INCLUDE)
    try:
        tree = parse(text)
        return converter.convert(tree).circuit, tree
    except Mishap as mishap:
        raise refused(text, mishap) from mishap
    except QASM3ParsingError as error:
        raise ProgramRefused(f"the OpenQASM 3 text is refused: {error}") from error


class Converter(ConvertVisitor):
    """qiskit's importer with the additions that this module's docstring lists.

    Parameters
    ----------
    gates
        The gates of a dialect, known without an include.
    """

    braket = False

    def __init__(self, gates: Mapping[str, GateSpec] | None = None) -> None:
        super().__init__()
        self.gates = gates or {}
        self.rounds = 0
        self.tally = Tally()
        self._left_early: dict[int, bool] = {}  # by the id of a loop's node, which the tree keeps

    def visit(self, node: Any, context: Any = None) -> Any:
        """Visit a node; whatever goes wrong is given the position of the innermost statement."""
        self.tally.add(node, 1)
        try:
            return super().visit(node, context)
        except (Mishap, RecursionError):
            raise
        except ConversionError as error:
            position, _, rest = error.message.partition(": ")
            line, comma, column = position.partition(",")
            if comma and line.isdigit() and column.isdigit():
                raise Mishap(int(line), int(column), _plain(rest)) from error
            complain(node, _plain(error.message))
        except QiskitError as error:
            message = str(error).strip("'\"")
            if amount := _AMOUNT.match(message):
                message = f"the gate takes {_count(int(amount[2]), 'qubit')}, {amount[1]} given"
            complain(node, CIRCUIT_ERRORS.get(message, message))
        except (ArithmeticError, LookupError, TypeError, ValueError, OverflowError) as error:
            complain(node, f"cannot be read: {error}")

    def visit_Program(self, node: ast.Program, context: Any) -> Any:  # noqa: N802 - the visitor's name
        """Make the dialect's gates known, except those whose name the text uses for something else."""
        declared = {
            getattr(getattr(statement, part, None), "name", None)
            for statement in node.statements
            for part in ("name", "qubit", "identifier", "target")
            if not isinstance(statement, (ast.QuantumGate, ast.QuantumMeasurementStatement))
        }
        for name, gate in self.gates.items():
            if name not in declared:
                kind = types.Gate(gate.num_params, gate.num_qubits)
                context.symbol_table.insert(Symbol(name, gate.build, kind, Scope.GLOBAL, node))
        return super().visit_Program(node, context)

    def visit_QuantumGate(self, node: ast.QuantumGate, context: Any) -> Any:  # noqa: N802 - the visitor's name
        """Check name and counts first, to say what the importer would leave to a Python error."""
        name = node.name.name
        symbol = context.symbol_table.get(name, node)
        if symbol is None:
            known = {s.name for s in context.symbol_table.globals() if isinstance(s.type, types.Gate)}
            complain(node, f"gate {name!r} is not defined", source.hint_gate(name, known, braket=self.braket))
        if isinstance(symbol.type, types.Gate):
            counted: Any = symbol.type.n_classical
            given = len(node.arguments)
            wanted = counted if isinstance(counted, int) else len(counted)  # a list for the built-in U
            if wanted != given:
                complain(node, f"gate {name} takes {_count(wanted, 'parameter')}, {given} given")
        with self.tally.gate(node):
            return super().visit_QuantumGate(node, context)

    def visit_QuantumPhase(self, node: ast.QuantumPhase, context: Any) -> Any:  # noqa: N802 - as above
        """Count it as a gate."""
        with self.tally.gate(node):
            return super().visit_QuantumPhase(node, context)

    def visit_QubitDeclaration(self, node: ast.QubitDeclaration, context: Any) -> Any:  # noqa: N802 - as above
        """Declare qubits, not too many in all."""
        super().visit_QubitDeclaration(node, context)
        return _bounded(node, context)

    def visit_ClassicalDeclaration(self, node: ast.ClassicalDeclaration, context: Any) -> Any:  # noqa: N802 - as above
        """Declare bits, not too many in all."""
        super().visit_ClassicalDeclaration(node, context)
        return _bounded(node, context)

    def visit_IODeclaration(self, node: ast.IODeclaration, context: Any) -> Any:  # noqa: N802 - as above
        """Remember the name: formulas of it grow."""
        self.tally.inputs.add(node.identifier.name)
        return super().visit_IODeclaration(node, context)

    def visit_AliasStatement(self, node: ast.AliasStatement, context: Any) -> Any:  # noqa: N802 - as above
        """Count the bits of the register that it makes."""
        found, kind = self._resolve_generic(node.value, context, strict=True)
        if isinstance(kind, (types.BitArray, types.QubitArray)):
            self.tally.places(node, len(found))
        return super().visit_AliasStatement(node, context)

    def visit_QuantumGateDefinition(self, node: ast.QuantumGateDefinition, context: Any) -> Any:  # noqa: N802 - as above
        """Name a gate apart from qiskit's own of that name, which modifiers would be taken of."""
        with self.tally.definition(node):
            super().visit_QuantumGateDefinition(node, context)
        name = node.name.name
        if is_native(name):
            symbol = context.symbol_table.get(name, node)
            symbol.data = _named(symbol.data, PREFIX + name)
        return context

    def visit_ConstantDeclaration(self, node: ast.ConstantDeclaration, context: Any) -> Any:  # noqa: N802 - as above
        """Remember a constant number; the importer knows none."""
        value, kind = self._resolve_generic(node.init_expression, context, strict=False)
        if isinstance(node.type, (ast.IntType, ast.UintType)) and isinstance(kind, (types.Int, types.Uint)):
            kind = types.Int(const=True)
        elif isinstance(node.type, (ast.FloatType, ast.AngleType)) and isinstance(
            kind, (types.Int, types.Uint, types.Float)
        ):
            value, kind = float(value), types.Float(const=True)
        else:
            complain(node, "only constants of type int, uint, float and angle are taken, given a number")
        context.symbol_table.insert(Symbol(node.identifier.name, value, kind, context.scope, node))
        return context

    def visit_ForInLoop(self, node: ast.ForInLoop, context: Any) -> Any:  # noqa: N802 - as above
        """Unroll the loop, unless it is left early."""
        if not isinstance(node.type, (ast.IntType, ast.UintType)):
            complain(node, "only integer loop variables are taken")
        values, _ = self._resolve_generic(node.set_declaration, context, strict=True)
        if isinstance(values, slice):
            if values.start is None or values.stop is None:
                complain(node, "the range of a loop needs a start and an end")
            values = range(values.start, values.stop, values.step or 1)
        self.tally.room(node, len(values) * len(node.block))
        if self._is_left_early(node):
            before = self.tally.operations
            super().visit_ForInLoop(node, context)
            self.tally.add(node, max(0, len(values) - 1) * (self.tally.operations - before))
            return context
        self.rounds += len(values)
        if self.rounds > MAX_UNROLLED:
            complain(node, f"the loops take more than {MAX_UNROLLED:,} rounds")
        for value in values:
            with LocalScope(context) as inner:
                name = node.identifier.name
                inner.symbol_table.insert(Symbol(name, value, types.Int(const=True), Scope.LOCAL, node))
                for statement in node.block:
                    self.visit(statement, inner)
        return context

    def _is_left_early(self, node: ast.ForInLoop) -> bool:
        known = self._left_early
        if id(node) not in known:  # a loop within loops is asked often
            leaving = (ast.BreakStatement, ast.ContinueStatement)
            known[id(node)] = any(isinstance(child, leaving) for child in walk(node.block))
        return known[id(node)]

    def visit_Pragma(self, node: ast.Pragma, context: Any) -> Any:  # noqa: N802 - as above
        """Refuse: what a pragma means is another dialect's."""
        del context
        complain(
            node,
            "a pragma has no meaning here",
            f'Braket\'s pragmas need a text without include "{INCLUDE}";',
        )

    def visit_Box(self, node: ast.Box, context: Any) -> Any:  # noqa: N802 - as above
        """Read a box without a duration as its statements: it constrains compilers, not results."""
        if node.duration is not None or node.annotations:
            complain(
                node, "a box with a duration or annotations cannot be simulated", "Write a plain box { }."
            )
        with LocalScope(context) as inner:
            for statement in node.body:
                self.visit(statement, inner)
        return context

    def _resolve_generic(self, node: Any, context: Any, strict: bool) -> Any:  # noqa: FBT001 - as above
        return ConstantResolver(context, strict).resolve(node)

    def _resolve_constant_int(self, node: ast.Expression, context: Any) -> int:
        value = int(super()._resolve_constant_int(node, context))
        if not 0 <= value <= source.MAX_BITS:
            complain(node, f"{value} is out of range: 0 to {source.MAX_BITS:,}")
        return value

    def _resolve_condition(self, node: ast.Expression, context: Any) -> Any:
        """Read ``bit == 1`` as ``bit == true``; the importer takes only the latter."""
        if isinstance(node, ast.BinaryExpression) and isinstance(node.rhs, ast.IntegerLiteral):
            _, kind = self._resolve_generic(node.lhs, context, strict=True)
            if isinstance(kind, types.Bit) and node.rhs.value in (0, 1):
                truth = ast.BooleanLiteral(bool(node.rhs.value))
                truth.span, span = node.rhs.span, node.span
                node = ast.BinaryExpression(node.op, node.lhs, truth)
                node.span = span
        tested, value = super()._resolve_condition(node, context)
        if isinstance(tested, ClassicalRegister):
            self.tally.places(node, len(tested))
        return tested, value

    def _resolve_qarg(self, node: ast.Expression, context: Any) -> Any:
        found = super()._resolve_qarg(node, context)
        if not self.tally.each and not isinstance(found, Qubit):
            self.tally.places(node, len(found))
        return found

    def _broadcast_gate(self, arguments: Any, node: Any) -> Any:
        self.tally.places(
            node, max((1 if isinstance(one, Qubit) else len(one) for one in arguments), default=1)
        )
        return super()._broadcast_gate(arguments, node)

    def _apply_gate_modifier(self, modifier: ast.QuantumGateModifier, gate: Any, context: Any) -> Any:
        if gate.num_qubits == 0:  # the importer's gate of a bare gphase carries a running number as its name
            gate.name = "gphase"
        kind = modifier.modifier
        if kind in (ast.GateModifierName.ctrl, ast.GateModifierName.negctrl):
            count = 1 if modifier.argument is None else self._resolve_constant_int(modifier.argument, context)
            guard_control(modifier, gate, count, self.tally)
            state = 2**count - 1 if kind is ast.GateModifierName.ctrl else 0
            made = gate.control(count, ctrl_state=state, annotated=False)
        else:
            if kind is ast.GateModifierName.pow:
                guard_power(modifier, gate, self.tally)
            made = super()._apply_gate_modifier(modifier, gate, context)
        self.tally.modified(modifier, bounds.size(made))
        return made


def _bounded(node: ast.QASMNode, context: Any) -> Any:
    """Return the context, unless all that it declares is too much."""
    if context.circuit.num_qubits + context.circuit.num_clbits > source.MAX_BITS:
        complain(node, f"more than {source.MAX_BITS:,} bits are declared")
    return context


def _named(build: Callable[..., Any], name: str) -> Callable[..., Any]:
    def build_named(*parameters: Any) -> Any:
        gate = build(*parameters)
        gate.name = name
        return gate

    return build_named


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _plain(message: str) -> str:
    """Say in words what the importer says in names of its classes."""
    node = _NODE.fullmatch(message)
    return f"a {_CAMEL.sub(' ', node[1]).lower()} is not supported" if node else message

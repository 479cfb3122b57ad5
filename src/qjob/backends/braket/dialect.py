"""Whether a text in Braket's dialect can go to a device as its author wrote it, and what is in the way.

Managed devices take flat programs: declarations, gates, measurements and Braket's pragmas. Definitions, loops,
variables and the like belong to the language, but are understood by Braket's local simulators only.

Reads the syntax tree; must not know circuits or results.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from openqasm3 import ast

from qjob.backends.braket.side import DeviceSide

NUMBERS = (ast.IntegerLiteral, ast.FloatLiteral)
CONSTANTS = frozenset({"pi", "π", "tau", "τ", "euler", "ℇ"})
PAIR = 2
_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")
_NOISE = re.compile(r"braket\s+noise\s+(\w+)")
_INDEX = re.compile(r"\$(\d+)")

WORDS: Mapping[type, str] = MappingProxyType(
    {
        ast.QuantumGateDefinition: "a gate definition",
        ast.SubroutineDefinition: "a subroutine",
        ast.ForInLoop: "a loop",
        ast.WhileLoop: "a loop",
        ast.BranchingStatement: "a condition",
        ast.SwitchStatement: "a condition",
        ast.QuantumReset: "a reset",
        ast.DelayInstruction: "a delay",
        ast.AliasStatement: "an alias",
        ast.ConstantDeclaration: "a constant",
        ast.ClassicalDeclaration: "a classical variable",
        ast.ClassicalAssignment: "an assignment",
        ast.Box: "a box without #pragma braket verbatim",
    }
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in a text that a device does not take."""

    line: int  # from 1; 0 where it is no one line's
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" if self.line else self.what


@dataclass(slots=True)
class Reading:
    """What a text says, as far as it matters for sending it.

    Attributes
    ----------
    obstacles
        What the device does not take, in the order of the text.
    qubits, bits
        The declared registers and how many bits each has; None for a single bit.
    written
        The bit registers that measurements go to.
    measures
        Whether there is a measurement at all.
    verbatim
        Whether there is a verbatim box that the device heeds.
    named
        The physical qubits that the text names.
    outside
        The line of the first gate outside of a verbatim box; 0 where there is none.
    """

    device: DeviceSide
    obstacles: list[Obstacle] = field(default_factory=list)
    qubits: dict[str, int | None] = field(default_factory=dict)
    bits: dict[str, int | None] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    measures: bool = False
    verbatim: bool = False
    named: set[int] = field(default_factory=set)
    outside: int = 0

    @property
    def bound(self) -> bool:
        """Whether the text means certain qubits or gates of a real device, so that no other text will do."""
        return not self.device.limits.simulator and (self.verbatim or bool(self.named))

    def obstruct(self, node: Any, what: str) -> None:
        """Note that the device does not take this."""
        self.obstacles.append(Obstacle(_line(node), what))


def _line(node: Any) -> int:
    return int(node.span.start_line) if node is not None and node.span else 0


def read(tree: ast.Program, device: DeviceSide) -> Reading:
    """Return what a text says, and what of it the device does not take."""
    reading = Reading(device)
    before: Any = None
    for statement in tree.statements:
        if isinstance(statement, ast.Box) and _is_verbatim(before) and statement.duration is None:
            _box(reading, statement)
        else:
            STATEMENTS.get(type(statement), _other)(reading, statement)
        before = statement
    _whole(reading)
    return reading


def _is_verbatim(statement: Any) -> bool:
    return isinstance(statement, ast.Pragma) and statement.command.split() == ["braket", "verbatim"]


def _other(reading: Reading, statement: Any) -> None:
    words = _CAMEL.sub(" ", type(statement).__name__).lower()
    reading.obstruct(statement, WORDS.get(type(statement), f"a {words}"))


def _declare_qubits(reading: Reading, statement: ast.QubitDeclaration) -> None:
    size = statement.size
    if size is not None and not isinstance(size, ast.IntegerLiteral):
        reading.obstruct(statement, "a register whose size is no number")
        return
    reading.qubits[statement.qubit.name] = None if size is None else size.value


def _declare_bits(reading: Reading, statement: ast.ClassicalDeclaration) -> None:
    size = getattr(statement.type, "size", None)
    measurement = statement.init_expression
    if (
        not isinstance(statement.type, ast.BitType)
        or not isinstance(size, ast.IntegerLiteral | None)
        or not isinstance(measurement, ast.QuantumMeasurement | None)
    ):
        _other(reading, statement)
        return
    reading.bits[statement.identifier.name] = None if size is None else size.value
    if measurement is not None:
        _measure(reading, statement, measurement, statement.identifier)


def _measurement(reading: Reading, statement: ast.QuantumMeasurementStatement) -> None:
    _measure(reading, statement, statement.measure, statement.target)


def _measure(reading: Reading, statement: Any, measurement: ast.QuantumMeasurement, target: Any) -> None:
    reading.measures = True
    reading.written.add(_name(target))
    _operand(reading, statement, target)
    _operand(reading, statement, measurement.qubit)


def _gate(reading: Reading, statement: ast.QuantumGate) -> None:
    reading.outside = reading.outside or _line(statement)
    _call(reading, statement, statement.name.name, reading.device.gates, "gate")


def _phase(reading: Reading, statement: ast.QuantumPhase) -> None:
    if "gphase" not in reading.device.gates:
        reading.obstruct(statement, f"the gate gphase, which {reading.device.name} does not list")
    _modifiers(reading, statement)
    _numbers(reading, statement, [statement.argument])


def _call(reading: Reading, statement: ast.QuantumGate, name: str, known: frozenset[str], kind: str) -> None:
    if name.lower() not in known:
        reading.obstruct(statement, f"the {kind} {name}, which {reading.device.name} does not list")
    _modifiers(reading, statement)
    _numbers(reading, statement, statement.arguments)
    for qubit in statement.qubits:
        _operand(reading, statement, qubit)


def _modifiers(reading: Reading, statement: Any) -> None:
    for modifier in statement.modifiers:
        if modifier.modifier.name not in reading.device.modifiers:
            reading.obstruct(statement, f"the modifier {modifier.modifier.name} @")


def _numbers(reading: Reading, statement: Any, expressions: Sequence[Any]) -> None:
    if not all(_is_number(each) for each in expressions):
        reading.obstruct(statement, "an angle that is no number")


def _is_number(node: Any) -> bool:
    match node:
        case ast.UnaryExpression():
            return _is_number(node.expression)
        case ast.BinaryExpression():
            return _is_number(node.lhs) and _is_number(node.rhs)
        case ast.Identifier():
            return node.name in CONSTANTS
    return isinstance(node, NUMBERS)


def _barrier(reading: Reading, statement: ast.QuantumBarrier) -> None:
    if "barrier" not in reading.device.gates:
        reading.obstruct(statement, f"a barrier, which {reading.device.name} does not list")
    for qubit in statement.qubits:
        _operand(reading, statement, qubit)


def _operand(reading: Reading, statement: Any, node: Any) -> None:
    """Note a physical qubit; refuse an operand that is neither a register, nor one bit of it by its number."""
    if isinstance(node, ast.Identifier):
        if node.name.startswith("$"):
            reading.named.add(int(node.name[1:]))
        return
    indices = getattr(node, "indices", None)
    match indices:
        case [[ast.IntegerLiteral()]]:
            return
    reading.obstruct(statement, "an index that is no number")


def _pragma(reading: Reading, statement: ast.Pragma) -> None:
    device, words = reading.device, statement.command.split()
    reading.named |= {int(index) for index in _INDEX.findall(statement.command)}
    if _is_verbatim(statement):
        reading.verbatim = bool(device.native)
        if not device.native:
            reading.obstruct(statement, f"a verbatim box, which {device.name} does not have")
    elif noise := _NOISE.match(statement.command):
        if noise[1] not in device.gates:
            reading.obstruct(statement, f"the noise {noise[1]}, which {device.name} does not list")
    elif not words[1].startswith("unitary") or not device.unitary:
        reading.obstruct(
            statement, f"the pragma {words[1].partition('(')[0]}, which {device.name} does not list"
        )


def _box(reading: Reading, box: ast.Box) -> None:
    """Look into a verbatim box: native gates on qubits by their names, those of a pair being neighbours."""
    device = reading.device
    for statement in box.body:
        if isinstance(statement, ast.QuantumBarrier):
            _barrier(reading, statement)
        elif not isinstance(statement, ast.QuantumGate):
            _other(reading, statement)
        elif device.native:
            _call(reading, statement, statement.name.name, device.native, "native gate")
            _neighbours(reading, statement)
        else:
            _gate(reading, statement)


def _neighbours(reading: Reading, statement: ast.QuantumGate) -> None:
    names = [_name(qubit) for qubit in statement.qubits]
    edges = reading.device.edges
    if not all(name.startswith("$") for name in names):
        reading.obstruct(statement, "a verbatim box names its qubits, such as $0")
    elif len(names) == PAIR and edges is not None and (int(names[0][1:]), int(names[1][1:])) not in edges:
        near = sorted(b for a, b in edges if a == int(names[0][1:]))
        listed = ", ".join(f"${qubit}" for qubit in near) or "none"
        reading.obstruct(statement, f"no gate joins {names[0]} and {names[1]}; beside {names[0]}: {listed}")


def _name(node: Any) -> str:
    found = node if isinstance(node, ast.Identifier) else getattr(node, "name", None)
    return str(getattr(found, "name", ""))


def _whole(reading: Reading) -> None:
    """Note what no single statement is to blame for."""
    device = reading.device
    registers = len(reading.bits) + (not reading.measures and not _fits(reading))
    if device.qubit_registers is not None and len(reading.qubits) > device.qubit_registers:
        reading.obstruct(
            None, f"{len(reading.qubits)} qubit registers; {device.name} takes {device.qubit_registers}"
        )
    if device.bit_registers is not None and registers > device.bit_registers:
        reading.obstruct(None, f"{registers} bit registers; {device.name} takes {device.bit_registers}")
    if len(reading.written) > 1:
        reading.obstruct(None, f"measurements into {len(reading.written)} registers; a result has one")
    declared = sum(1 if size is None else size for size in reading.qubits.values())
    if declared > device.limits.qubits:
        reading.obstruct(None, f"{declared} qubits declared; {device.name} has {device.limits.qubits}")
    if reading.named and not reading.verbatim and not device.physical:
        reading.obstruct(None, f"qubits by their names, such as $0, which {device.name} does not take")
    if unknown := sorted(reading.named - device.labels):
        reading.obstruct(None, f"the qubit ${unknown[0]}, which {device.name} does not have")
    if reading.verbatim and not device.partial_verbatim and reading.outside:
        reading.obstacles.append(Obstacle(reading.outside, "a gate outside of the verbatim box"))


def _fits(reading: Reading) -> bool:
    """Whether a declared bit register has the size of all qubits, so that it takes their measurement."""
    declared = sum(1 if size is None else size for size in reading.qubits.values()) or len(reading.named)
    return declared in reading.bits.values()


STATEMENTS: Mapping[type, Callable[[Reading, Any], None]] = MappingProxyType(
    {
        ast.QubitDeclaration: _declare_qubits,
        ast.ClassicalDeclaration: _declare_bits,
        ast.QuantumGate: _gate,
        ast.QuantumPhase: _phase,
        ast.QuantumMeasurementStatement: _measurement,
        ast.QuantumBarrier: _barrier,
        ast.Pragma: _pragma,
    }
)

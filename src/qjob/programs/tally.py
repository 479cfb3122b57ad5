"""What an OpenQASM 3 text comes to so far, statement by statement, before any of it is built.

A statement counts once each time that it is reached; an operation once for each place of its registers, times what
its gate is defined as. A gate's parameter that is a formula of parameters is put into the formulas of the gates
below, where it doubles for every time that it is named: such formulas count too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from openqasm3 import ast

from qjob.programs import bounds
from qjob.programs.syntax import complain, walk

MAX_FORMULA = 20
"""Names in one formula, once those of the gates around it are put in; qiskit takes a minute for a hundred."""
FORMULA_COST = 16


@dataclass(frozen=True, slots=True)
class Own:
    """What a gate is that the text defines.

    Parameters
    ----------
    operations
        What one comes to.
    levels
        Definitions within each other, its own included.
    formula
        How often the formulas within it name one parameter at the most.
    uses
        Uses of gates of the text's own, its own included.
    """

    operations: int = 1
    uses: int = 0
    levels: int = 0
    formula: int = 1


BUILT_IN = Own()


class Tally:
    """What a text comes to so far.

    Attributes
    ----------
    operations : int
        All that was counted.
    uses : int
        How often the text's own gates are used.
    each : int
        What one application of the gate at hand comes to; 0 where no gate is at hand.
    inputs : set of str
        The names that the text leaves to others to give a value.
    """

    def __init__(self) -> None:
        self.operations = 0
        self.each = 0
        self._own: dict[str, Own] = {}
        self.uses = 0
        self.inputs: set[str] = set()
        self._each_uses = 0
        self._names: set[str] = set()  # the parameters of the gate that is being defined
        self._levels = 0
        self._formula = 1

    def room(self, node: ast.QASMNode, operations: int) -> None:
        """Complain about a node if the text has no room for so many operations more."""
        if (total := self.operations + operations) > bounds.MAX_OPERATIONS:
            complain(node, bounds.too_many(total), bounds.SMALLER)

    def add(self, node: ast.QASMNode, operations: int) -> None:
        """Count operations, unless they are too many."""
        self.room(node, operations)
        self.operations += operations

    @contextmanager
    def definition(self, node: ast.QuantumGateDefinition) -> Iterator[None]:
        """Count what is met meanwhile as that of a gate, which it is known by afterwards."""
        operations, uses = self.operations, self.uses
        self._names, self._levels, self._formula = {name.name for name in node.arguments}, 0, 1
        yield
        operations, uses = max(1, self.operations - operations), self.uses - uses + 1
        self._own[node.name.name] = Own(operations, uses, self._levels + 1, self._formula)
        self._names = set()
        if self._levels >= bounds.MAX_LEVELS:
            complain(node, bounds.too_deep(), "Write some of them out.")

    @contextmanager
    def gate(self, node: ast.QuantumGate | ast.QuantumPhase) -> Iterator[None]:
        """Count one application of a gate, whose further places follow."""
        own = BUILT_IN
        if isinstance(node, ast.QuantumGate):
            own = self._own.get(node.name.name, BUILT_IN)
        arguments = node.arguments if isinstance(node, ast.QuantumGate) else [node.argument]
        formula = own.formula * max([1, *(self._named(argument) for argument in arguments)])
        if formula > MAX_FORMULA:
            complain(node, f"a formula within this gate comes to more than {MAX_FORMULA} names")
        self._levels = max(self._levels, own.levels)
        self._formula = max(self._formula, formula)
        self.each = max(own.operations, bounds.weight(len(node.qubits))) * max(1, formula**3 // FORMULA_COST)
        self._each_uses = own.uses
        self.add(node, self.each - 1)
        self._use(node, own.uses)
        yield
        self.each = self._each_uses = 0

    def modified(self, node: ast.QASMNode, operations: int) -> None:
        """Note what a modifier has made of the gate at hand."""
        operations = max(operations, 1)
        self.add(node, max(0, operations - self.each))
        self.each = operations

    def places(self, node: ast.QASMNode, count: int) -> None:
        """Count the places of a register, beyond the first; of a gate, one application each."""
        self.add(node, max(0, count - 1) * max(1, self.each))
        self._use(node, max(0, count - 1) * self._each_uses)

    def _use(self, node: ast.QASMNode, uses: int) -> None:
        self.uses += uses
        if self.uses > bounds.MAX_USES:
            complain(node, bounds.too_many_uses(self.uses), bounds.SMALLER)

    def _named(self, formula: ast.Expression) -> int:
        names = self._names | self.inputs
        if not names:
            return 1
        return sum(isinstance(part, ast.Identifier) and part.name in names for part in walk(formula))

"""Constant expressions of OpenQASM 3: functions, powers, and a division that never loses its remainder silently."""

import math
from typing import Any

from openqasm3 import ast
from qiskit_qasm3_import import types
from qiskit_qasm3_import.exceptions import raise_from_node
from qiskit_qasm3_import.expression import ValueResolver

from qjob.programs.text import MAX_BITS

FUNCTIONS = {
    "arccos": math.acos,
    "arcsin": math.asin,
    "arctan": math.atan,
    "cos": math.cos,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "sqrt": math.sqrt,
    "tan": math.tan,
}
NUMBERS = (types.Int, types.Uint, types.Float)
INTEGERS = (types.Int, types.Uint)
MAX_POWER = 1e6
"""Exponents and bases beyond it are refused rather than computed with thousands of digits."""
MAX_INTEGER = 2**64 - 1
"""OpenQASM's own integers have no more bits; a product of products would fill the memory within a few lines."""


class ConstantResolver(ValueResolver):
    """Resolves constant expressions; an integer division with a remainder is refused.

    Two integers divide to an integer in OpenQASM 3 and in Braket, so ``rx(1/2)`` would silently turn by 0.
    """

    def visit(self, node: Any, context: None = None) -> Any:
        """Resolve a node; what goes wrong in computing it is given its position."""
        try:
            value, kind = super().visit(node, context)
        except IndexError:
            raise_from_node(node, "an index lies outside its register")
        except ZeroDivisionError:
            raise_from_node(node, "a division by zero")
        except (ArithmeticError, ValueError) as error:
            raise_from_node(node, f"cannot be computed: {error}")
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            raise_from_node(node, "an integer of more than 64 bits")
        return value, kind

    def visit_Concatenation(self, node: ast.Concatenation) -> Any:  # noqa: N802 - the visitor's name
        """Refuse a register that is longer than all bits that a text may declare."""
        value, kind = super().visit_Concatenation(node)
        if value is not None and len(value) > MAX_BITS:
            raise_from_node(node, f"a register of more than {MAX_BITS:,} bits")
        return value, kind

    def visit_FunctionCall(self, node: ast.FunctionCall) -> Any:  # noqa: N802 - the visitor's name
        """Apply a mathematical function to a constant."""
        function = FUNCTIONS.get(node.name.name)
        if function is None or len(node.arguments) != 1:
            raise_from_node(node, f"only {', '.join(sorted(FUNCTIONS))} of one argument are known")
        value, kind = self.visit(node.arguments[0])
        if not isinstance(kind, NUMBERS) or not kind.const:
            raise_from_node(node, f"{node.name.name} takes a constant number")
        return function(value), types.Float(const=True)

    def visit_BinaryExpression(self, node: ast.BinaryExpression) -> Any:  # noqa: N802 - the visitor's name
        """Divide and raise to powers here; leave the rest to the importer."""
        if node.op.name not in ("/", "**"):
            return super().visit_BinaryExpression(node)
        left, left_kind = self.visit(node.lhs)
        right, right_kind = self.visit(node.rhs)
        if not (isinstance(left_kind, NUMBERS) and isinstance(right_kind, NUMBERS)):
            return super().visit_BinaryExpression(node)
        integers = isinstance(left_kind, INTEGERS) and isinstance(right_kind, INTEGERS)
        if node.op.name == "**":
            return self._power(node, left, right, integers=integers)
        if integers and left % right == 0:
            return left // right, types.Int(const=True)
        if integers:
            raise_from_node(
                node, f"{left}/{right} divides integers and would lose the remainder: write {left}.0/{right}"
            )
        return left / right, types.Float(const=True)

    def _power(self, node: ast.BinaryExpression, left: Any, right: Any, *, integers: bool) -> Any:
        if max(abs(left), abs(right)) > MAX_POWER or (integers and abs(right) > math.log2(MAX_POWER)):
            raise_from_node(node, f"{left} ** {right} is out of range")
        value = left**right
        if isinstance(value, complex):
            raise_from_node(node, f"{left} ** {right} is no real number")
        return value, types.Int(const=True) if isinstance(value, int) else types.Float(const=True)

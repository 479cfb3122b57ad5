"""What an OpenQASM 2 text comes to, counted in the text: its parser builds as it reads, and a definition only later.

Reads no more of the language than its statements and their operands; what is malformed is the parser's business.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qjob.programs import bounds
from qjob.programs import text as source
from qjob.programs.bounds import weight

MAX_DEFINITIONS = 5_000
"""Gate definitions of one text: the parser notes with each all that came before."""
MAX_IDLE = 100
"""Cycles of the gate ``u0(n)``, which is n operations that do nothing."""
MOST_PLACES = 2
"""What a statement without definitions comes to at the most, in registers: its own, and that of its condition."""
_REGISTER = re.compile(r"\b[qc]reg\s+(\w+)\s*\[\s*(\d+)\s*\]")
# Each of these takes time linear in the text, also on hostile ones.
_PIECE = re.compile(r"([^;{}]*+)([;{}]|\Z)")
_DEFINITION = re.compile(r"gate\s+(\w+)\s*(?:\([^)]*\))?")
_CONDITION = re.compile(r"if\s*\(\s*(\w+)[^)]*\)\s*")
_NAME = re.compile(r"\w+")
_BARE = re.compile(r"\b[A-Za-z_]\w*+(?!\s*\[)")
_NO_OPERATION = frozenset({"OPENQASM", "include", "qreg", "creg", "opaque", "gate"})


def guard(text: str, code: str) -> None:
    """Refuse a text that comes to too much.

    Parameters
    ----------
    text, code
        The user's text, and the same without comments.

    Raises
    ------
    ProgramRefused
        With the line at which there are too many operations or definitions, or these nest too deeply.
    """
    sizes = {match[1]: int(match[2]) for match in _REGISTER.finditer(code)}
    statements = code.count(";")
    if "{" not in code and statements * max([1, *sizes.values()]) * MOST_PLACES <= bounds.MAX_OPERATIONS:
        return
    count = _Count(sizes)
    for piece in _PIECE.finditer(code):
        if what := count.piece(piece[1].strip(), piece[2]):
            raise source.refuse_offset(text, _start(piece), what, bounds.SMALLER)


def _start(piece: re.Match[str]) -> int:
    return piece.end(1) - len(piece[1].lstrip())


@dataclass(frozen=True, slots=True)
class _Own:
    """What one of a gate comes to that the text defines: operations, uses of such gates, definitions within it."""

    operations: int = 1
    uses: int = 0
    levels: int = 0


class _Count:
    """What a text comes to, read so far."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.total = self.uses = 0
        self.sizes = sizes
        self.own: dict[str, _Own] = {"u0": _Own(MAX_IDLE, 1)}
        self.name = ""  # of the gate that is being defined
        self.body = _Own()

    def piece(self, statement: str, end: str) -> str:
        """Take in what ends at a semicolon or a brace; return what is wrong with it."""
        if end == "{":
            header = _DEFINITION.match(statement)
            self.name = header[1] if header else "{"
            self.body = _Own(0, 1)
            return (
                f"more than {MAX_DEFINITIONS:,} gate definitions" if len(self.own) > MAX_DEFINITIONS else ""
            )
        if self.name:
            self._define(statement)
            if end == "}":
                self.own[self.name], self.name = self.body, ""
                return bounds.too_deep() if self.body.levels > bounds.MAX_LEVELS else ""
            return ""
        operations, uses = self._extent(statement, self.sizes)
        self.total += operations
        self.uses += uses
        if self.total > bounds.MAX_OPERATIONS:
            return bounds.too_many(self.total)
        return bounds.too_many_uses(self.uses) if self.uses > bounds.MAX_USES else ""

    def _define(self, statement: str) -> None:
        """Add a statement to the gate that is being defined."""
        used = self.own.get(_name(statement), BUILT_IN)
        operations, uses = self._extent(statement, {})
        self.body = _Own(
            min(bounds.CEILING, self.body.operations + operations),
            min(bounds.CEILING, self.body.uses + uses),
            max(self.body.levels, used.levels + 1),
        )

    def _extent(self, statement: str, sizes: Mapping[str, int]) -> tuple[int, int]:
        """Return what a statement comes to, for registers of these sizes: operations, and uses of own gates."""
        tested = 0
        if condition := _CONDITION.match(statement):
            tested = sizes.get(condition[1], 0)  # what it guards is a block with all of these bits
            statement = statement[condition.end() :]
        name = _name(statement)
        if not name or name in _NO_OPERATION:
            return 0, 0
        operands = statement[max(len(name), statement.rfind(")") + 1) :]
        places = [sizes[bare] for bare in _BARE.findall(operands) if bare in sizes]
        count = operands.count(",") + 1
        if name == "barrier":
            return weight(count + sum(places)) + tested, 0
        own, times = self.own.get(name, BUILT_IN), max([1, *places])
        return times * (max(own.operations, weight(count)) + tested), times * own.uses


BUILT_IN = _Own()


def _name(statement: str) -> str:
    found = _NAME.match(statement)
    return found[0] if found else ""

"""OpenQASM 3 text to its syntax tree, with the position of every complaint. Knows no quantum library."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, NoReturn

from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from openqasm3 import ast
from openqasm3 import parser as reference

from qjob.model.errors import ProgramRefused
from qjob.programs import text as source

_QUOTED = re.compile(r"'([\w$]+)'")


class Mishap(Exception):
    """A complaint with its position: line from 1, column from 0."""

    def __init__(self, line: int, column: int, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.line, self.column, self.what, self.remedy = line, column, what, remedy


def complain(node: ast.QASMNode, what: str, remedy: str = "") -> NoReturn:
    """Raise the complaint about a node."""
    span = node.span
    raise Mishap(span.start_line if span else 1, span.start_column if span else 0, what, remedy)


def refused(text: str, mishap: Mishap) -> ProgramRefused:
    """Return the error that shows a complaint in its text."""
    return source.refuse_at(text, mishap.line, _column(text, mishap), mishap.what, mishap.remedy)


def _column(text: str, mishap: Mishap) -> int:
    """Return the column of a complaint.

    The reference parser counts the column of a bare identifier from the start of the text, not of the line; such a
    complaint quotes the identifier, which tells the two apart.
    """
    lines = text.split("\n")
    quoted = _QUOTED.search(mishap.what)
    if quoted is None or mishap.line > len(lines):
        return mishap.column
    inside = mishap.column - sum(len(line) + 1 for line in lines[: mishap.line - 1])
    source_line = lines[mishap.line - 1]
    if inside >= 0 and not source_line.startswith(quoted[1], mishap.column):
        return inside if source_line.startswith(quoted[1], inside) else mishap.column
    return mishap.column


class _Listener(ErrorListener):  # type: ignore[misc]  # antlr4 ships no types
    """Raises at the first error, with its position."""

    def syntaxError(  # noqa: N802, PLR0917 - antlr4's name and arguments
        self, recognizer: Any, offending: Any, line: int, column: int, message: str, error: Any
    ) -> NoReturn:
        del recognizer, offending, error
        expected = message.partition(" expecting ")
        listing = expected[2] if len(expected[2]) <= source.WINDOW else ""
        raise Mishap(line, column, expected[0] + (f", expected {listing}" if listing else ""))


def parse(text: str) -> ast.Program:
    """Return the syntax tree of a text.

    The library's own ``parse`` prints to stderr and loses the position of most errors, so its parts are put
    together here with a listener of our own.
    """
    listener = _Listener()
    lexer: Any = reference.qasm3Lexer(InputStream(text))  # type: ignore[attr-defined] # imported there, not declared
    parser: Any = reference.qasm3Parser(CommonTokenStream(lexer))  # type: ignore[attr-defined] # the same
    for part in (lexer, parser):
        part.removeErrorListeners()
        part.addErrorListener(listener)
    tree = parser.program()
    try:
        program: ast.Program = reference.QASMNodeVisitor().visitProgram(tree)
    except ValueError as error:  # Python reads no integer of thousands of digits
        raise reference.QASM3ParsingError(str(error)) from error
    return program


def walk(node: Any) -> Iterator[ast.QASMNode]:
    """Yield a node and everything below it."""
    if isinstance(node, ast.QASMNode):
        yield node
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from walk(item)
    elif is_dataclass(node):
        for field in fields(node):
            if field.name != "span":
                yield from walk(getattr(node, field.name))

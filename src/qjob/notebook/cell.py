"""How the body of a ``%%qjob`` cell runs: as the ordinary cell it is, between two calls of ours.

The first line becomes a call that reads the arguments, a last line is added that submits, and the value of the
last expression is kept for it. So the body runs exactly as it would without ``%%qjob``: in the user's namespace,
with ``await``, with its prints, its magics and its own tracebacks; and an error in it stops Run All.

Text in, text out; syntax tree in, syntax tree out. Imports nothing heavy: this is loaded by ``%load_ext``.
"""

import ast
import re

BEGIN = "_qjob_begin"
END = "_qjob_end"
VALUE = "__qjob_value__"
"""The name in the user's namespace that holds the last expression's value until it is submitted."""

MAGIC = "%%qjob"
HELP = {"--help", "-h"}
_OPENQASM = r"(?s)(\s|//[^\n]*(\n|$)|/\*.*?\*/)*OPENQASM\b"  # not compiled before a cell needs it


def is_openqasm(body: str) -> bool:
    """Whether a cell's body is OpenQASM text rather than Python."""
    return re.match(_OPENQASM, body) is not None


class Marker:
    """An input transformer that puts the body of a ``%%qjob`` cell between the two calls."""

    has_side_effects = False

    def __call__(self, lines: list[str]) -> list[str]:
        """Return the lines of a cell, changed where it is a ``%%qjob`` cell with a body in Python."""
        first = next((i for i, line in enumerate(lines) if line.strip()), None)
        if first is None:
            return lines
        magic, *arguments = lines[first].strip().split(maxsplit=1)
        body = lines[first + 1 :]
        call = "get_ipython().run_line_magic({!r}, {!r})\n"
        if magic == MAGIC and not HELP.isdisjoint("".join(arguments).split()):
            return [*lines[:first], call.format("qjob", "help")]  # a question; the body does not run
        if magic != MAGIC or not "".join(body).strip() or is_openqasm("".join(body)):
            return lines  # no cell of ours; an empty one and OpenQASM text go the way of any cell magic
        last = body[-1] if body[-1].endswith("\n") else body[-1] + "\n"
        # one line for one line: the body keeps its line numbers in tracebacks
        return [
            *lines[:first],
            call.format(BEGIN, "".join(arguments)),
            *body[:-1],
            last,
            call.format(END, ""),
        ]


class KeepLastValue(ast.NodeTransformer):
    """An AST transformer that assigns the body's last expression to `VALUE` instead of displaying it."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Change the statement before the closing call, where there is one and it is an expression."""
        body = node.body
        if len(body) > 2 and _calls(body[-1], END) and _calls(body[0], BEGIN):  # noqa: PLR2004 - two calls of ours
            last = body[-2]
            if isinstance(last, ast.Expr):
                target = ast.Name(id=VALUE, ctx=ast.Store())
                body[-2] = ast.copy_location(ast.Assign(targets=[target], value=last.value), last)
                ast.fix_missing_locations(node)
        return node


def _calls(statement: ast.stmt, name: str) -> bool:
    """Whether the statement is our call of this line magic."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(attr="run_line_magic"), [ast.Constant(value), *_])):
            return bool(value == name)
    return False

"""The job cells of a notebook, found in its text: nothing of it is run. Knows no price and no engine."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from qjob.model.errors import QjobError
from qjob.notebook.arguments import SubmitArguments, parse_submit, words
from qjob.notebook.cell import HELP, MAGIC, is_openqasm
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS

_FILLED_IN = re.compile(r"[{$]")
"""IPython puts the values of variables into a line of a magic."""

_RUN_ONCE, _RUN_OFTEN = {"%%time", "%%capture", "%%prun"}, {"%%timeit"}
"""Magics that run the cell below them as it is."""

_MAY_SUBMIT = re.compile(r"qjob|\.submit\(|\.retry\(")
_OURS = {"backend", "shots", "options", None}
"""Arguments that tell our ``submit`` from the one of a pool of threads; None: ``**arguments``."""


@dataclass(frozen=True, slots=True)
class JobCell:
    """One place of a notebook that submits.

    Parameters
    ----------
    cell
        Which of the notebook's code cells it is in, from 1.
    line
        What is written there, on one line.
    arguments
        What it asks for; None where the text alone does not tell.
    why
        Why it does not, in a sentence.
    refused
        Whether the line would be refused, for the reason in ``why``.
    source
        The text of the whole cell, where that makes the program.
    program
        The OpenQASM text that the cell holds.
    job
        The job that ``%qjob retry`` repeats.
    repeats
        Whether it stands in a block, which may run any number of times.
    """

    cell: int
    line: str
    arguments: SubmitArguments | None = None
    why: str = ""
    refused: bool = False
    source: str | None = None
    program: str | None = None
    job: str | None = None
    repeats: bool = False


def job_cells(sources: Sequence[str]) -> list[JobCell]:
    """Return what submits in a notebook, in its order.

    Parameters
    ----------
    sources
        The texts of its code cells.
    """
    return [found for place, text in enumerate(sources, start=1) for found in _of_cell(place, text)]


def _of_cell(place: int, text: str, *, often: bool = False) -> Iterator[JobCell]:
    first, _, body = text.strip("\n").partition("\n")
    magic, *line = first.strip().split(maxsplit=1)[:2] or [""]
    if magic == MAGIC:
        arguments = "".join(line)
        if HELP.isdisjoint(arguments.split()):
            # as the shell keeps the text of a cell
            yield _magic_cell(place, arguments, body, text.rstrip("\n"))
    elif magic in _RUN_ONCE | _RUN_OFTEN:
        yield from _of_cell(place, body, often=often or magic in _RUN_OFTEN)
    elif not magic.startswith("%%"):
        yield from _statements(place, text, often=often)
    elif _MAY_SUBMIT.search(body):
        yield JobCell(place, first.strip(), why=f"what {magic} does with its text is known when it runs")


def _statements(place: int, text: str, *, often: bool) -> Iterator[JobCell]:
    """Find what submits in a cell of Python with lines of magics."""
    try:
        tree = ast.parse(TransformerManager().transform_cell(text))
    except SyntaxError:  # it says so when it is run, and submits nothing then
        return
    for statement in tree.body:
        nodes = list(ast.walk(statement))
        once = isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)) and not any(
            isinstance(node, (ast.comprehension, ast.Lambda)) for node in nodes
        )
        for node in nodes:
            if isinstance(node, ast.Call) and (found := _of_call(place, node)) is not None:
                yield replace(found, repeats=often or not once)


def _of_call(place: int, call: ast.Call) -> JobCell | None:
    """Return what a call submits; None where it submits nothing."""
    match call:
        case ast.Call(
            func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant("qjob"), ast.Constant(line)]
        ):
            return _magic_line(place, str(line))
        case ast.Call(func=ast.Attribute(attr="submit"), keywords=given) if {k.arg for k in given} & _OURS:
            return _python_call(place, call)
        case ast.Call(func=ast.Attribute(attr="retry"), args=[] | [_], keywords=[]):
            return JobCell(place, _written(call), why="which job it repeats is known when it runs")
    return None


def _magic_cell(place: int, line: str, body: str, source: str) -> JobCell:
    shown = f"{MAGIC} {line}".strip()
    if _FILLED_IN.search(line):
        return JobCell(place, shown, why="a variable fills in its line")
    try:
        arguments = parse_submit(words(line), prog=MAGIC)
    except QjobError as error:
        return JobCell(place, shown, why=str(error), refused=True)
    return JobCell(place, shown, arguments, source=source, program=body if is_openqasm(body) else None)


def _magic_line(place: int, line: str) -> JobCell | None:
    verb, _, rest = line.strip().partition(" ")
    shown = f"%qjob {line.strip()}"
    if verb not in ("submit", "retry"):
        return None
    if _FILLED_IN.search(rest):
        return JobCell(place, shown, why="a variable fills in its line")
    try:
        if verb == "retry":
            job = next((word for word in words(rest) if not word.startswith("-")), "")
            if not job:
                return JobCell(place, shown, why="%qjob retry wants one job.", refused=True)
            return JobCell(place, shown, SubmitArguments(), job=job)
        arguments = parse_submit(words(rest, keep_quotes=True), prog="%qjob submit", expression=True)
    except QjobError as error:
        return JobCell(place, shown, why=str(error), refused=True)
    return JobCell(place, shown, arguments)


def _python_call(place: int, call: ast.Call) -> JobCell:
    """Return a call such as ``engine.submit(circuit, backend="sv1")``."""
    line, given = _written(call), dict[str, Any](backend=DEFAULT_BACKEND, shots=DEFAULT_SHOTS)
    for keyword in call.keywords:
        if keyword.arg is None:
            return JobCell(place, line, why="its arguments are known when it runs")
        if keyword.arg in given:
            if not isinstance(keyword.value, ast.Constant):
                return JobCell(place, line, why=f"its {keyword.arg} {_is(keyword.arg)} known when it runs")
            given[keyword.arg] = keyword.value.value
    # a call is the consent to pay, and pays again
    asked = SubmitArguments(backend=str(given["backend"]), shots=given["shots"], yes=True, fresh=True)
    return JobCell(place, line, asked)


def _is(noun: str) -> str:
    return "are" if noun.endswith("s") else "is"


def _written(call: ast.Call) -> str:
    return " ".join(ast.unparse(call).split())

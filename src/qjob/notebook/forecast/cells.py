"""The job cells of a notebook, found in its text: nothing of it is run. Knows no price and no engine."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qjob.model.errors import QjobError
from qjob.notebook.arguments import SubmitArguments, parse_submit, words
from qjob.notebook.cell import HELP, MAGIC, is_openqasm
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS

_LINE = re.compile(r"^(?P<indent>[ \t]*)(?:[\w., ]+=\s*)?%qjob[ \t]+(?P<verb>submit|retry)\b(?P<rest>.*)$")
_FILLED_IN = re.compile(r"[{$]")
"""IPython puts the values of variables into a line of a magic."""

_NO_PYTHON = re.compile(r"^(\s*)(?:[%!?]|[\w., ]+=\s*[%!]).*$", re.MULTILINE)
_OURS = {"backend", "shots", "options"}
"""Arguments that tell our ``submit`` from the one of a pool of threads."""


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


def _of_cell(place: int, text: str) -> Iterator[JobCell]:
    first, _, body = text.strip("\n").partition("\n")
    magic, *line = first.strip().split(maxsplit=1)[:2] or [""]
    if magic == MAGIC:
        arguments = "".join(line)
        if HELP.isdisjoint(arguments.split()):
            # as the shell keeps the text of a cell
            yield _magic_cell(place, arguments, body, text.rstrip("\n"))
        return
    if magic.startswith("%%"):  # another magic's cell: who knows what it does with its text
        return
    for match in map(_LINE.match, text.splitlines()):
        if match is not None:
            yield _magic_line(place, match)
    yield from _calls(place, text)


def _magic_cell(place: int, line: str, body: str, source: str) -> JobCell:
    shown = f"{MAGIC} {line}".strip()
    if _FILLED_IN.search(line):
        return JobCell(place, shown, why="a variable fills in its line")
    try:
        arguments = parse_submit(words(line), prog=MAGIC)
    except QjobError as error:
        return JobCell(place, shown, why=str(error), refused=True)
    return JobCell(place, shown, arguments, source=source, program=body if is_openqasm(body) else None)


def _magic_line(place: int, match: re.Match[str]) -> JobCell:
    rest, repeats = match["rest"].strip(), bool(match["indent"])
    shown = f"%qjob {match['verb']} {rest}"
    if _FILLED_IN.search(rest):
        return JobCell(place, shown, why="a variable fills in its line", repeats=repeats)
    try:
        if match["verb"] == "retry":
            job = next((word for word in words(rest) if not word.startswith("-")), "")
            if not job:
                return JobCell(place, shown, why="%qjob retry wants one job.", refused=True)
            return JobCell(place, shown, SubmitArguments(), job=job, repeats=repeats)
        arguments = parse_submit(words(rest, keep_quotes=True), prog="%qjob submit", expression=True)
    except QjobError as error:
        return JobCell(place, shown, why=str(error), refused=True, repeats=repeats)
    return JobCell(place, shown, arguments, repeats=repeats)


def _calls(place: int, text: str) -> Iterator[JobCell]:
    """Find calls such as ``engine.submit(circuit, backend="sv1")``."""
    try:
        tree = ast.parse(_NO_PYTHON.sub(r"\1pass", text))
    except SyntaxError:  # it says so when it is run, and submits nothing then
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="submit"), keywords=given) if _OURS & {
                k.arg for k in given
            }:
                yield _call(place, node, top=any(_is_alone(each, node) for each in tree.body))


def _is_alone(statement: ast.stmt, call: ast.Call) -> bool:
    """Whether a statement runs a call once."""
    return (
        isinstance(statement, (ast.Expr, ast.Assign))
        and not any(isinstance(node, (ast.comprehension, ast.Lambda)) for node in ast.walk(statement))
        and any(node is call for node in ast.walk(statement))
    )


def _call(place: int, call: ast.Call, *, top: bool) -> JobCell:
    line = " ".join(ast.unparse(call).split())
    given: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg in ("backend", "shots"):
            if not isinstance(keyword.value, ast.Constant):
                return JobCell(place, line, why=f"its {keyword.arg} are known when it runs", repeats=not top)
            given[keyword.arg] = keyword.value.value
    backend, shots = given.get("backend", DEFAULT_BACKEND), given.get("shots", DEFAULT_SHOTS)
    # a call is the consent to pay, and pays again
    arguments = SubmitArguments(backend=str(backend), shots=shots, yes=True, fresh=True)
    return JobCell(place, line, arguments, repeats=not top)

"""Runs the code, in the process that is for it alone, and says what came of it: programs, or a complaint.

Everything in here runs beside the code that it runs, which can change any of it. So whoever reads what it says takes
it for a claim.
"""

import ast
import sys
from collections.abc import Mapping
from types import CodeType, ModuleType, TracebackType
from typing import Any

from qjob.model.errors import QjobError
from qjob.sandbox.chosen import choose
from qjob.sandbox.limits import Limits
from qjob.sandbox.messages import complaint, pack, programs_head

FILE = "<code>"
LAST = "__qjob_last__"
"""The name that the last expression's value is given."""
NO_THREAD = "can't start new thread"
READ_THE_LINE = (
    "Run the code in a notebook first; it runs alike there, but for files, the network and processes."
)


def perform(code: str, params: Mapping[str, Any], limits: Limits) -> bytes:
    """Run the code and return the message about it.

    Parameters
    ----------
    code
        Python.
    params
        What the code finds under the name ``params``.
    """
    module = ModuleType("__main__")  # a real one: dataclasses and type hints look for it
    namespace = module.__dict__
    namespace["params"] = dict(params)
    try:
        program = compiled(code)
        sys.modules["__main__"] = module
        exec(program, namespace)  # noqa: S102 - what this process is for
        last = namespace.pop(LAST, None)
        namespace.pop("params", None)
        chosen = choose(last, namespace)
        if len(chosen.circuits) > limits.circuits:
            return pack(
                complaint(
                    f"the code makes {len(chosen.circuits):,} circuits; a batch holds at most {limits.circuits:,}.",
                    "Send them in several requests.",
                )
            )
        from qjob import programs

        found = [programs.recognise(circuit) for circuit in chosen.circuits]
        return pack(programs_head(found, single=chosen.single), [program.data for program in found])
    except QjobError as error:
        return pack(complaint(error.message, error.remedy, _plain(error.numbers)))
    except BaseException as error:  # noqa: BLE001 - whatever a stranger's code raises, SystemExit and panics of Rust too
        return pack(_failure(error, limits))


def compiled(code: str) -> CodeType:
    """Return the code, compiled, with the value of a last expression kept under the name `LAST`."""
    tree = ast.parse(code, FILE)
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        target = ast.Name(id=LAST, ctx=ast.Store())
        tree.body[-1] = ast.copy_location(ast.Assign(targets=[target], value=last.value), last)
        ast.fix_missing_locations(tree)
    return compile(tree, FILE, "exec")


def _failure(error: BaseException, limits: Limits) -> dict[str, Any]:
    what = f"{type(error).__name__}: {_said(error)}".rstrip(": ")
    if isinstance(error, SyntaxError) and error.filename == FILE:
        line, what = error.lineno, f"{type(error).__name__}: {error.msg}"
    else:
        line = _line(error.__traceback__)
    remedy = READ_THE_LINE
    if isinstance(error, MemoryError):
        what += f" (the code may use {limits.memory_mb:,} MB of address space)"
        remedy = "Make a smaller circuit, or build it without its matrices."
    elif isinstance(error, (PermissionError, BlockingIOError)) or NO_THREAD in what:
        remedy = "Code in a request has no network, no processes or threads, and no files but its own."
    elif isinstance(error, ModuleNotFoundError):
        remedy = f"Leave {error.name} out, or have it installed where the server runs."
    if line is None:
        return complaint(f"the code cannot be run: {what}", remedy)
    return complaint(f"line {line}: {what}", remedy, {"line": line})


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as again:  # noqa: BLE001 - the error's own code
        return f"(its text failed with {type(again).__name__})"


def _line(traceback: TracebackType | None) -> int | None:
    """Return the line of the code that was running, counted from 1: the innermost of its own."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _plain(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if name == "circuits"}

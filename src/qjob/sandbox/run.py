"""The one door of the room: code in, programs out, or the reason why not."""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qjob import programs
from qjob.model.backend import did_you_mean
from qjob.model.errors import CodeRefused, WorkerError
from qjob.model.program import Program
from qjob.sandbox.child import Request
from qjob.sandbox.folders import folders
from qjob.sandbox.limits import Limits
from qjob.sandbox.messages import MessageError, read_complaint, read_programs, unpack
from qjob.sandbox.process import FILES, Ended, Why, perform
from qjob.sandbox.walls import walls

FRAMEWORKS = ("qiskit", "cirq", "pennylane", "openqasm", "marqov")
"""What a request may name."""
WORKS = "Write the circuit with qiskit, or send OpenQASM 2 or 3 text as framework openqasm."
EXPORTS = {
    "cirq": "Send the text that cirq.qasm(circuit) returns, as framework openqasm. ",
    "pennylane": "Send the text that qml.to_openqasm(qnode)(...) returns, as framework openqasm. ",
}

_OPENQASM = re.compile(r"(?:\s|//[^\n]*+(?:\n|\Z)|/\*.*?\*/)*+OPENQASM\b", re.DOTALL)
_IMPORT = re.compile(r"^[ \t]*+(?:from|import)[ \t]++(\w++)", re.MULTILINE)
_TAKEN = {"qiskit", "qiskit_aer", "braket"}
LAST_WORDS = 500
BY_SIGNAL = 128
"""What bubblewrap adds to the number of the signal that ended the process in it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the code made.

    Parameters
    ----------
    programs
        At least one, checked; in the order of the list.
    single
        Whether it is one circuit by itself rather than a list, which is submitted as a batch.
    printed
        What the code printed, standard error included.
    """

    programs: tuple[Program, ...]
    single: bool
    printed: str = ""


def run(
    code: str,
    framework: str | None,
    params: Mapping[str, Any],
    limits: Limits,
    *,
    private: Sequence[Path] = (),
) -> Made:
    """Run code in a process of its own and return the circuits that it makes.

    It takes a second, and the limit's seconds at the most, of the calling thread.

    Parameters
    ----------
    code
        Python that makes one circuit or one list of them (see `qjob.sandbox.chosen.choose`), or OpenQASM text.
    framework
        One of `FRAMEWORKS`; None to tell it by the imports.
    params
        JSON values, which the code finds in the mapping ``params``.
    limits
        What it may use.
    private
        Folders that the code must in no case read, beside the user's home: the store's.

    Raises
    ------
    CodeRefused
        The code failed, passed a limit, or made no circuit or several. Where a line of it is at fault the message
        begins with it, and ``numbers["line"]`` is that line.
    ProgramRefused
        OpenQASM text whose version is not known.
    WorkerError
        No process could be started, or no walls put up around it.
    """
    if len(code) > limits.code_chars:
        raise CodeRefused(
            f"the code has {len(code):,} characters; at most {limits.code_chars:,} are taken.",
            remedy="Shorten it: compute in a loop what is written out.",
            numbers={"characters": len(code), "maximum": limits.code_chars},
        )
    if told(code, framework) == "openqasm":
        return Made((programs.recognise(code),), single=True)
    offered = walls()
    where = folders(sys.path, os.environ, [*_home(), *private])
    request = Request(code, _values(params), limits, offered.landlock, offered.seccomp, where.readable)
    return _made(perform(request, where, offered.bubblewrap), limits)


def told(code: str, framework: str | None) -> str:
    """Return the framework that is meant: ``qiskit`` or ``openqasm``.

    Raises
    ------
    CodeRefused
        It is not known, or its circuits are not taken.
    """
    text = _OPENQASM.match(code) is not None
    imported = _IMPORT.findall(code)
    foreign = [name for name in FRAMEWORKS if name in imported and name not in _TAKEN]
    if framework is None:
        framework = (
            "openqasm" if text else foreign[0] if foreign and _TAKEN.isdisjoint(imported) else "qiskit"
        )
    if framework not in FRAMEWORKS:
        raise CodeRefused(
            f"the framework {framework!r} is not known{did_you_mean(framework, FRAMEWORKS)}.",
            remedy=f"Give one of {', '.join(FRAMEWORKS)}; or none, to have it told by the imports.",
        )
    if framework not in ("qiskit", "openqasm"):
        raise CodeRefused(
            f"circuits of {framework} are not taken here.",
            remedy=EXPORTS.get(framework, "") + WORKS,
            numbers={"framework": framework},
        )
    if text and framework == "qiskit":
        raise CodeRefused(
            "this is OpenQASM text, and the framework given is qiskit.",
            remedy="Give the framework openqasm, or none.",
        )
    return framework


def _home() -> list[Path]:
    """Return the user's home folder; nothing where this account has none."""
    try:
        return [Path.home()]
    except RuntimeError:
        return []


def _values(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as the code will find them."""
    try:
        values: dict[str, Any] = json.loads(json.dumps(dict(params)))
    except (TypeError, ValueError, RecursionError) as error:
        raise CodeRefused(
            f"the parameters are no JSON values: {error}.", remedy="Give numbers, texts, lists and objects."
        ) from error
    return values


def _made(ended: Ended, limits: Limits) -> Made:
    if ended.stopped is not None:
        raise _stopped(ended.stopped, limits)
    printed = ended.printed.decode(errors="replace")
    try:
        head, blobs = unpack(ended.message)
        said = read_complaint(head)
        if said is not None:
            raise CodeRefused(**said)
        found, single = read_programs(head, blobs)
    except MessageError as error:
        raise _broken(ended, printed) from error
    return Made(found, single, printed)


def _stopped(why: Why, limits: Limits) -> CodeRefused:
    match why:
        case Why.TIME:
            return CodeRefused(
                f"the code was stopped: it still ran after {limits.seconds:g} s.",
                remedy="Make the circuit in less time; simulating it is the backend's part.",
                numbers={"seconds": limits.seconds},
            )
        case Why.PRINTED:
            return CodeRefused(
                f"the code was stopped: its output passed {limits.output_bytes:,} bytes.",
                remedy="Print less.",
                numbers={"maximum": limits.output_bytes},
            )
        case Why.FILES:
            return CodeRefused(
                f"the code was stopped: its files passed {limits.file_bytes:,} bytes, or {FILES:,} in number.",
                remedy="Keep what it needs in memory.",
                numbers={"maximum": limits.file_bytes},
            )


def _broken(ended: Ended, printed: str) -> CodeRefused | WorkerError:
    """Return the error of a process that said nothing that can be read."""
    number = -ended.code if ended.code < 0 else ended.code - BY_SIGNAL
    if number > 0:
        return CodeRefused(
            f"the process of the code was killed (signal {number}).",
            remedy="Make a smaller circuit, or one that is read in less time.",
        )
    return WorkerError(
        f"the process for the code ended with {ended.code} before it ran: {printed.strip()[-LAST_WORDS:]}",
        remedy="Look whether the walls that `qjob.sandbox.walls` tells of hold here.",
    )

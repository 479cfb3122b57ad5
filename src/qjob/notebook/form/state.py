"""What a form holds, and the arguments of the line that does the same: each follows from the other. Pure.

The way from controls to arguments is the parser of the magics: a form writes a line and has it read, so that it takes
what a line takes, and refuses what a line refuses, in the same words. Knows no widget and no engine.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from qjob.model.errors import InvalidRequest
from qjob.model.job import DIRECT
from qjob.notebook.arguments import SubmitArguments, parse_submit, words
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS

UNREACHABLE: Mapping[str, str] = MappingProxyType(
    {
        "yes": "A form asks by its Confirm button, which says what a job can cost.",
        "wait": "A form's cell is done before anything is submitted; the card below it follows the job.",
        "quote": "A form shows what the circuit would cost on every backend all the time.",
    }
)
"""The fields of `SubmitArguments` that no control sets, and why."""

CELL = "%%qjob"
LINE = "%qjob submit"


@dataclass(frozen=True, slots=True)
class FormState:
    """What the controls hold, as people see it: text, and switches.

    Parameters
    ----------
    expression
        The variable or expression whose value is submitted; empty where ``text`` is, or what the form was given.
    text
        OpenQASM.
    tags
        ``key=value`` pairs with spaces, or commas and spaces, between them; in quotation marks where they hold
        spaces.
    options
        The backend's options by name; one that is not given is empty or missing.
    """

    expression: str = ""
    text: str = ""
    backend: str = DEFAULT_BACKEND
    shots: str = str(DEFAULT_SHOTS)
    mode: str = DIRECT
    name: str = ""
    tags: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""
    out: str = ""
    rehearse: bool = False
    fresh: bool = False
    no_wait: bool = False
    partial: bool = False


SWITCHES = ("rehearse", "fresh", "no_wait", "partial")


def arguments_of(state: FormState) -> SubmitArguments:
    """Return the arguments that the controls stand for.

    Raises
    ------
    InvalidRequest
        A tag without a value, a variable name that is none, a quotation mark left open: as on a line.
    """
    pairs = words(_without_commas(state.tags))
    options = [f"{name}={value}" for name, value in state.options.items() if value]
    switches = [name for name in SWITCHES if getattr(state, name)]
    read = parse_submit(
        [
            *_valued("backend", state.backend),
            f"--shots={state.shots}",  # refused where it is empty, as any other text
            *_valued("mode", state.mode),
            *(word for name in ("name", "seed", "out") for word in _valued(name, getattr(state, name))),
            *(word for pair in pairs for word in _valued("tag", pair)),
            *(word for pair in options for word in _valued("option", pair)),
            *(_flag(name) for name in switches),
        ],
        prog="form",
    )
    return replace(read, expression=state.expression)


def state_of(arguments: SubmitArguments, text: str = "") -> FormState:
    """Return what the controls hold for these arguments, and OpenQASM text where there is no expression."""
    return FormState(
        expression=arguments.expression,
        text=text,
        backend=arguments.backend,
        shots=str(arguments.shots),
        mode=arguments.mode,
        name=arguments.name or "",
        tags=" ".join(_tag(f"{key}={value}") for key, value in arguments.tags.items()),
        options=dict(arguments.options),
        seed=arguments.seed or "",
        out=arguments.out or "",
        **{name: getattr(arguments, name) for name in SWITCHES},
    )


def cell_line(arguments: SubmitArguments) -> str:
    """Return the first line of a cell that asks for the same."""
    return _unexpanded(shlex.join([CELL, *_argv(arguments)]))


def submit_line(arguments: SubmitArguments) -> str:
    """Return the ``%qjob submit`` line that asks for the same; empty where there is none.

    Without an expression there is none, nor where a value holds both kinds of quotation marks: such a line keeps
    those of its expression, so that values cannot have them all.
    """
    words_of_it = [_with_marks(word) for word in _argv(arguments, apart=True)]
    line = " ".join([LINE, arguments.expression, *words_of_it])
    if not arguments.expression or _read_back(line) != arguments:
        return ""
    return _unexpanded(line)


def _without_commas(tags: str) -> str:
    """Return tags without the commas between them; those in quotation marks, or within a word, are meant."""
    apart = r"""("(?:\\.|[^"\\])*"|'[^']*'|\\.)|,+(?=[ \t\r\n]|\Z)"""
    return re.sub(apart, lambda found: found[1] or "", tags, flags=re.DOTALL)


def _tag(pair: str) -> str:
    return f"'{pair}'" if pair.endswith(",") and shlex.quote(pair) == pair else shlex.quote(pair)


def _argv(arguments: SubmitArguments, *, apart: bool = False) -> list[str]:
    """Return the words of a line, the shortest that are read as these arguments."""
    given = [("backend", arguments.backend), ("shots", str(arguments.shots))]
    if arguments.mode != DIRECT:
        given.append(("mode", arguments.mode))
    given += [(name, getattr(arguments, name) or "") for name in ("name", "seed", "out")]
    given += [("tag", f"{key}={value}") for key, value in arguments.tags.items()]
    given += [("option", f"{key}={value}") for key, value in arguments.options.items()]
    argv = [word for name, value in given for word in _valued(name, value, apart=apart)]
    return argv + [_flag(name) for name in SWITCHES if getattr(arguments, name)]


def _valued(name: str, value: str, *, apart: bool = False) -> list[str]:
    if not value:
        return []
    if value.startswith("-") and not apart:  # else it would be taken for an option
        return [f"{_flag(name)}={value}"]
    return [_flag(name), value]


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _with_marks(word: str) -> str:
    """Return a word in quotation marks where it needs them; on this line they are not taken off before it is read."""
    if re.fullmatch(r"--[a-z-]+|[\w./:=+,][\w./:=+,-]*", word):
        return word
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}"


def _read_back(line: str) -> SubmitArguments | None:
    try:
        typed = words(line, keep_quotes=True)[len(LINE.split()) :]
        return parse_submit(typed, prog=LINE, expression=True)
    except InvalidRequest:
        return None


def _unexpanded(line: str) -> str:
    """Return a line that IPython, which puts the values of ``{x}`` and ``$x`` into it, makes the given one."""
    return re.sub(r"[{}$]", lambda found: {"{": "{{", "}": "}}", "$": "{'$'}"}[found[0]], line)

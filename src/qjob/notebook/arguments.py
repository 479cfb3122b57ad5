"""A command line becomes typed arguments; nothing downstream sees words and dashes."""

import argparse
import keyword
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.notebook.cell import HELP
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS

VERBS = (
    "backends",
    "quote",
    "submit",
    "list",
    "status",
    "result",
    "cancel",
    "retry",
    "events",
    "worker",
    "budget",
    "team",
    "confirm_above",
    "audit",
)
SUBMIT_FLAGS = (
    *("--backend", "--shots", "--mode", "--name", "--tag", "--option", "--seed", "--wait", "--out"),
    *("--quote", "--rehearse", "--yes", "--fresh", "--no-wait", "--partial"),
)
NO_VALUE = frozenset({"--wait", "--quote", "--rehearse", "--yes", "--fresh", "--no-wait", "--partial"})
RETRY_FLAGS = ("--yes",)
BUDGET_FLAGS = ("--day", "--month", "--job")
QUOTE_FLAGS = ("--shots",)
LIST_FLAGS = ("--status", "--backend", "--text", "--limit")
MOST_LISTED = 1000

USAGE = """\
%%qjob [--backend SLUG] [--shots N] [--name NAME] [--wait] [--out VARIABLE] [--seed N]
       [--tag KEY=VALUE] [--option KEY=VALUE] [--mode direct|durable] [--quote] [--rehearse] [--yes] [--fresh]
       [--no-wait] [--partial]
    A cell that ends with a circuit, or holds OpenQASM, becomes a job; with --quote only its prices are shown, and
    with --rehearse it runs free on this machine, with the errors that the device says it has.
    What costs something waits for a confirmation, but with --yes; and is shown instead of paid again, but with
    --fresh. What comes too fast waits for its turn, but with --no-wait. A list of circuits is a batch: all of it,
    or with --partial as many of its first ones as the budgets admit.
    With --mode durable it outlives the kernel, and is tried again where what went wrong passes.
%qjob submit CIRCUIT ...           the same from a line: a variable or expression, options as above
%qjob quote CIRCUIT [--shots N]    what it would cost on every backend, and whether it fits there
%qjob backends [SLUG]              the backends with their prices, or the options of one
%qjob list [WORD] [--status STATUS] [--backend SLUG] [--limit N]
%qjob status JOB                   show a job or a batch; JOB is its id, the beginning of it, or its name
%qjob result JOB                   wait for it and return its result, or the results of a batch
%qjob cancel JOB
%qjob retry JOB [--yes]            submit it again as a new job
%qjob events JOB                   what happened to it, and when
%qjob worker                       the processes that run durable jobs, which outlive the kernel
%qjob budget [--day USD] [--month USD] [--job USD]
                                   what the team may spend and has spent; with options, set it first
%qjob confirm_above [USD]          up to what amount this session submits without asking
%qjob audit                        recompute the money from the ledger, and tell what does not add up
%qjob team [invite USER [--role ROLE] | remove USER | switch NAME | new NAME]"""


@dataclass(frozen=True, slots=True)
class SubmitArguments:
    """The arguments of ``%%qjob`` and ``%qjob submit``; values are still as typed, the engine checks them."""

    backend: str = DEFAULT_BACKEND
    shots: str | int = DEFAULT_SHOTS
    mode: str = "direct"
    name: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    seed: str | None = None
    wait: bool = False
    out: str | None = None
    quote: bool = False
    rehearse: bool = False
    yes: bool = False
    fresh: bool = False
    no_wait: bool = False
    partial: bool = False
    expression: str = ""  # of `%qjob submit`


@dataclass(frozen=True, slots=True)
class ListArguments:
    """The arguments of ``%qjob list``."""

    status: str | None
    backend: str | None
    text: str | None
    limit: int


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidRequest(f"{self.prog}: {message}.", remedy=self.format_usage().strip())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise InvalidRequest(message or f"{self.prog} ended with {status}.")


def words(line: str, *, keep_quotes: bool = False) -> list[str]:
    """Split a command line as a shell does; with ``keep_quotes`` a Python expression in it stays one.

    Raises
    ------
    InvalidRequest
        A quotation mark is left open.
    """
    try:
        return shlex.split(line, posix=not keep_quotes)
    except ValueError as error:
        raise InvalidRequest(
            f"the line {line!r} cannot be read: {error}.", remedy="Close the quotation mark."
        ) from error


def parse_submit(argv: list[str], *, prog: str, expression: bool = False) -> SubmitArguments:
    """Return the arguments of a submission.

    Parameters
    ----------
    argv
        The words of the line.
    prog
        What the user typed, for messages.
    expression
        Whether words that are no options form a Python expression.

    Raises
    ------
    InvalidRequest
        An unknown option (the nearest one is named), or a malformed pair.
    """
    parser = _Parser(prog=prog, add_help=False, allow_abbrev=False)
    parser.add_argument("--backend", "-b", default=DEFAULT_BACKEND)
    parser.add_argument("--shots", "-n", default=DEFAULT_SHOTS)
    parser.add_argument("--mode", default="direct")
    parser.add_argument("--name")
    parser.add_argument("--tag", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--option", "-o", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--seed")
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--out", metavar="VARIABLE")
    parser.add_argument("--quote", action="store_true")
    parser.add_argument("--rehearse", action="store_true")
    parser.add_argument("--yes", "-y", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--no-wait", action="store_true")
    parser.add_argument("--partial", action="store_true")
    found, rest = parser.parse_known_args(argv)
    _refuse_unknown([word for word in rest if word.startswith("--") or not expression], SUBMIT_FLAGS, prog)
    if found.out is not None and (not found.out.isidentifier() or keyword.iskeyword(found.out)):
        raise InvalidRequest(f"--out {found.out!r} is no variable name.", remedy="Try --out job")
    if expression:  # the line was split with its quotation marks left in; pairs lose theirs below
        for flag in ("backend", "name", "seed", "mode"):
            setattr(found, flag, _unquoted(getattr(found, flag)))
    return SubmitArguments(
        backend=found.backend,
        shots=found.shots,
        mode=found.mode,
        name=found.name,
        tags=_pairs("--tag", found.tag),
        options=_pairs("--option", found.option),
        seed=found.seed,
        wait=found.wait,
        out=found.out,
        quote=found.quote,
        rehearse=found.rehearse,
        yes=found.yes,
        fresh=found.fresh,
        no_wait=found.no_wait,
        partial=found.partial,
        expression=" ".join(rest),
    )


def parse_quote(argv: list[str]) -> SubmitArguments:
    """Return the arguments of ``%qjob quote``: an expression and how many shots."""
    parser = _Parser(prog="%qjob quote", add_help=False, allow_abbrev=False)
    parser.add_argument("--shots", "-n", default=DEFAULT_SHOTS)
    found, rest = parser.parse_known_args(argv)
    _refuse_unknown([word for word in rest if word.startswith("--")], QUOTE_FLAGS, "%qjob quote")
    return SubmitArguments(shots=found.shots, quote=True, expression=" ".join(rest))


def parse_budget(argv: list[str]) -> dict[str, str]:
    """Return the amounts that ``%qjob budget`` is to set, as typed, by ``day``, ``month`` and ``job``."""
    parser = _Parser(prog="%qjob budget", add_help=False, allow_abbrev=False)
    for flag in BUDGET_FLAGS:
        parser.add_argument(flag)
    found, rest = parser.parse_known_args(argv)
    _refuse_unknown(rest, BUDGET_FLAGS, "%qjob budget")
    return {name: value for name, value in vars(found).items() if value is not None}


def parse_list(argv: list[str]) -> ListArguments:
    """Return the arguments of ``%qjob list``; a word that is no option is searched for."""
    parser = _Parser(prog="%qjob list", add_help=False, allow_abbrev=False)
    parser.add_argument("--status")
    parser.add_argument("--backend", "-b")
    parser.add_argument("--text")
    parser.add_argument("--limit", type=int, default=20)
    found, rest = parser.parse_known_args(argv)
    _refuse_unknown([word for word in rest if word.startswith("-")], LIST_FLAGS, "%qjob list")
    if found.limit < 1:
        raise InvalidRequest(f"--limit {found.limit} is too few: at least 1.", remedy="Try --limit 20")
    if found.limit > MOST_LISTED:
        raise InvalidRequest(
            f"--limit {found.limit} is too many: at most {MOST_LISTED}.",
            remedy="Narrow the list with a word, --status or --backend.",
        )
    text = " ".join(filter(None, [found.text, *rest])) or None
    return ListArguments(found.status, found.backend, text, found.limit)


def wants_help(line: str) -> bool:
    """Whether a line asks how the commands are used."""
    typed = line.split()
    return typed[:1] == ["help"] or not HELP.isdisjoint(typed)


def verb_of(line: str) -> tuple[str, list[str]]:
    """Return the verb of a ``%qjob`` line and the words after it.

    Raises
    ------
    InvalidRequest
        No verb, or an unknown one; the verbs are listed.
    """
    verb, *rest = words(line) or [""]
    if verb not in VERBS:
        known = "Verbs: " + ", ".join(VERBS) + ". See %qjob help"
        if not verb:
            raise InvalidRequest("%qjob wants a verb.", remedy=known)
        raise InvalidRequest(f"%qjob has no verb {verb!r}{did_you_mean(verb, VERBS)}.", remedy=known)
    return verb, rest


def _refuse_unknown(rest: list[str], flags: tuple[str, ...], prog: str) -> None:
    if rest:
        hint = did_you_mean(rest[0], flags)
        raise InvalidRequest(
            f"{prog} has no option {rest[0]!r}{hint}.", remedy="Options: " + ", ".join(flags)
        )


def _unquoted(text: str | None) -> str | None:
    if text is None or len(text) < 2 or text[0] != text[-1] or text[0] not in "'\"":  # noqa: PLR2004 - two marks
        return text
    return text[1:-1]


def _pairs(flag: str, items: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for item in items:
        key, equals, value = (_unquoted(item) or "").partition("=")
        if not equals or not key:
            raise InvalidRequest(f"{flag} {item!r} is no KEY=VALUE.", remedy=f"Write {flag} key=value")
        pairs[key.strip()] = value.strip()
    return pairs

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
from qjob.notebook.verbs import SUBMIT_FLAGS, VERBS
from qjob.request import DEFAULT_BACKEND, DEFAULT_SHOTS

MOST_LISTED = 1000


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


class Parser(argparse.ArgumentParser):
    """Reads words; what does not fit is an `InvalidRequest`."""

    def error(self, message: str) -> NoReturn:
        """Refuse the words, with how they are used."""
        raise InvalidRequest(f"{self.prog}: {message}.", remedy=self.format_usage().strip())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Refuse to end the process."""
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
    parser = Parser(prog=prog, add_help=False, allow_abbrev=False)
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
    refuse_unknown([word for word in rest if word.startswith("--") or not expression], SUBMIT_FLAGS, prog)
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


@dataclass(frozen=True, slots=True)
class QuoteArguments:
    """The arguments of ``%qjob quote``: a circuit and how many shots, or a notebook."""

    expression: str = ""
    shots: str | int = DEFAULT_SHOTS
    notebook: str = ""


def parse_quote(argv: list[str]) -> QuoteArguments:
    """Return the arguments of ``%qjob quote``.

    Raises
    ------
    InvalidRequest
        An unknown option, or a notebook and something else beside it.
    """
    parser = Parser(prog="%qjob quote", add_help=False, allow_abbrev=False)
    parser.add_argument("--shots", "-n")
    parser.add_argument("--notebook")
    found, rest = parser.parse_known_args(argv)
    refuse_unknown([word for word in rest if word.startswith("--")], VERBS["quote"].flags, "%qjob quote")
    if found.notebook is not None and (rest or found.shots):
        raise InvalidRequest(
            "--notebook takes a file and nothing beside it.", remedy="%qjob quote --notebook FILE.ipynb"
        )
    return QuoteArguments(" ".join(rest), found.shots or DEFAULT_SHOTS, _unquoted(found.notebook) or "")


def parse_budget(argv: list[str]) -> dict[str, str]:
    """Return the amounts that ``%qjob budget`` is to set, as typed, by ``day``, ``month`` and ``job``."""
    parser = Parser(prog="%qjob budget", add_help=False, allow_abbrev=False)
    for flag in VERBS["budget"].flags:
        parser.add_argument(flag)
    found, rest = parser.parse_known_args(argv)
    refuse_unknown(rest, VERBS["budget"].flags, "%qjob budget")
    return {name: value for name, value in vars(found).items() if value is not None}


def parse_list(argv: list[str]) -> ListArguments:
    """Return the arguments of ``%qjob list``; a word that is no option is searched for."""
    parser = Parser(prog="%qjob list", add_help=False, allow_abbrev=False)
    parser.add_argument("--status")
    parser.add_argument("--backend", "-b")
    parser.add_argument("--text")
    parser.add_argument("--limit", type=int, default=20)
    found, rest = parser.parse_known_args(argv)
    refuse_unknown([word for word in rest if word.startswith("-")], VERBS["list"].flags, "%qjob list")
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
    verb = (line.split(maxsplit=1) or [""])[0]
    if verb not in VERBS:
        known = "Verbs: " + ", ".join(VERBS) + ". See %qjob help"
        if not verb:
            raise InvalidRequest("%qjob wants a verb.", remedy=known)
        raise InvalidRequest(f"%qjob has no verb {verb!r}{did_you_mean(verb, VERBS)}.", remedy=known)
    return verb, words(line, keep_quotes=VERBS[verb].python)[1:]


def refuse_unknown(rest: list[str], flags: tuple[str, ...], prog: str) -> None:
    """Refuse the first word that is left over, and name the option that is nearest to it."""
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

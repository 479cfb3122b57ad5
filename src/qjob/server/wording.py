"""What errors and jobs tell, for who asks over HTTP: routes and whole ids where a notebook has magics and short ones.

Every message of qjob names its way out as people in a notebook would type it, since they are most. Here, and nowhere
else, that becomes what a request can do. A sentence that is of use in a notebook alone is left out. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

Words = Mapping[str, str]
"""What a dialect has in place of each magic, under the names of `NEEDED`; ``{job}`` stands for the id of a job."""

NEEDED = frozenset(
    {"status", "cancel", "retry", "list", "quote", "backends", "budget", "group", "backend", "options"}
)

_ID = r"([0-9a-f]{8}[0-9a-f-]*|ID|JOB)"
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(phrase), words)
    for phrase, words in (
        (
            r"raise the limit: %qjob budget --\w+ USD, in Python engine\.budget\(\w+=\.\.\.\)",
            "have an owner of the team raise the limit ({budget})",
        ),
        (r"change the limit: engine\.limits\([^()]*\)", "have an owner of the team change the limit"),
        (
            r"need not count: engine\.limits\(local=False\)",
            "need not count where an owner of the team says so",
        ),
        (r"would fit: partial=True, or --partial\.", "would fit."),
        (r",? with --fresh to pay for it again", ""),
        (rf"%%?qjob (status|cancel|retry) {_ID}", "{verb}"),
        (r"engine\.retry\(ID\)", "{retry}"),
        (r"engine\.create_group\(\)", "{group}"),
        (r"`?%qjob (quote|list|backends)(?: NAME)?\b`?", "{verb}"),
        (r"%env (\w+=\w+)", "{1} in the environment of the server"),
        (r"restart the kernel", "restart the server"),
        (r"--shots ([0-9][0-9,]*)", '"shots": {plain}'),
        (r"--backend ([\w-]+)", '"{backend}": "{1}"'),
        (r"--option (\w+)=(\w+(?:\.\w+)?)", '"{options}": {{"{1}": {2}}}'),
        # whoever sends OpenQASM may have it from Qiskit
        (
            r"const float (\w+) = 0\.5;",
            'const float {1} = 0.5; in OpenQASM, assign_parameters({{"{1}": 0.5}}) in Qiskit',
        ),
        (
            r'qc = qc\.assign_parameters\(\{"(\w+)": 0\.5\}\)',
            'const float {1} = 0.5; in OpenQASM, assign_parameters({{"{1}": 0.5}}) in Qiskit',
        ),
        (
            r"qc\.add_var\(name, value\)|const int NAME = 1;",
            "const float NAME = VALUE; in OpenQASM, add_var(name, value) in Qiskit",
        ),
        (r"qc\.measure_all\(\)|measure q -> c;", "measure q -> c; in OpenQASM, measure_all() in Qiskit"),
    )
)

MAGIC = re.compile(r"%%?qjob\b|%env\b|%pip\b|\bengine\.\w+\(|(?<![\w-])--(?:rehearse|fresh|partial|yes)\b")
"""What nobody can do by a request."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|(?<=\S)   +|\n")
_FULL_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def said(text: str, words: Words, ids: Iterable[str] = ()) -> str:
    """Return a way out in the words of a dialect.

    Parameters
    ----------
    ids
        The full ids of what it may be about: they take the place of their beginnings.
    """
    for phrase, template in _PHRASES:
        text = phrase.sub(partial(_filled, template, words), text)
    if MAGIC.search(text):
        text = " ".join(part for part in _SENTENCE.split(text) if not MAGIC.search(part))
    return with_whole(text, ids)


def with_whole(text: str, ids: Iterable[str]) -> str:
    """Return a message, which may quote what somebody sent, with full ids and no other change."""
    for full in ids:
        text = re.sub(rf"(?<![\w-]){full[:8]}(?![\w-])", full, text)
    return text


def _filled(template: str, words: Words, found: re.Match[str]) -> str:
    first = found[1] if found.re.groups else ""
    asked = found[found.re.groups] if found.re.groups else ""
    job = asked if re.fullmatch(_ID, asked) and asked not in ("ID", "JOB") else "{job_id}"
    own = {name: word.replace("{job}", job) for name, word in words.items()}
    groups = ("", *found.groups())
    return template.format(*groups, verb=own.get(first, ""), plain=first.replace(",", ""), **own)


def said_within(value: Any, words: Words, ids: Iterable[str] = ()) -> Any:
    """Return JSON values in which each ``remedy`` is in the words of a dialect."""
    match value:
        case Mapping():
            return {
                name: said(each, words, ids)
                if name == "remedy" and isinstance(each, str)
                else said_within(each, words, ids)
                for name, each in value.items()
            }
        case list() | tuple():
            return [said_within(each, words, ids) for each in value]
    return value


def ids_in(value: Any) -> Iterator[str]:
    """Yield the full ids among JSON values: the numbers of an error name what it is about."""
    match value:
        case str() if _FULL_ID.fullmatch(value):
            yield value
        case Mapping():
            for each in value.values():
                yield from ids_in(each)
        case list() | tuple():
            for each in value:
                yield from ids_in(each)

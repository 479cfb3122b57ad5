"""OpenQASM as text: where a line is, which names it defines, and what is too hostile to give to a parser.

Knows no quantum library; what the text means is the loaders' business.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from qjob.model.errors import ProgramRefused

MAX_CHARACTERS = {2: 5_000_000, 3: 1_000_000}
"""By version: the OpenQASM 3 parser takes a minute or more for a million characters, the OpenQASM 2 one 0.2 s."""
MAX_BITS = 100_000
"""Quantum and classical bits that one text may declare: far above any backend, far below exhausting memory."""
MAX_NESTING = 100
MAX_DIGITS = 18
"""Longer integers overflow the parsers' 64 bits."""
TAKEN = "already inserted in symbol table"
"""How the parser says that a name is declared twice."""
RENAME = "Give it another name: a line before, or a gate of an included file, has this one."
MAX_WORD = 1000
"""Characters of a name: it stands wherever its gate does, and a loop repeats it."""
WINDOW = 100
"""Characters of the offending line that an error shows."""

# Each of these takes time linear in the text, also on hostile ones: hence the \Z and the possessive *+.
_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_VERSION = re.compile(r"\s*OPENQASM\s+(\d+)(?:\.\d+)?\s*;")
_INCLUDE = re.compile(r"""\binclude\s*(["'])([^"'\n]*)\1""")
_LONG_INTEGER = re.compile(rf"(?<![\w.])\d{{{MAX_DIGITS + 1},}}(?![\d.eE])")
_LONG_WORD = re.compile(rf"\w{{{MAX_WORD + 1},}}+")
_SIZE = re.compile(r"\b(?:qreg|creg)\s+\w+\s*\[\s*(\d+)\s*\]|\b(?:qubit|bit)\s*\[\s*(\d+)\s*\]")
_PHYSICAL = re.compile(r"\$(\d+)")
_SIGNS = re.compile(rf"(?:[-+!~]\s*+){{{MAX_NESTING},}}")
_BRACKET = re.compile(r"[(){}\[\]]")
_GATE = re.compile(r"\bgate\s+(\w+)")

# A gate's name in Braket's dialect and in the include files, for hints in both directions.
BRAKET_TO_STANDARD = {
    "cnot": "cx",
    "ccnot": "ccx",
    "phaseshift": "p",
    "cphaseshift": "cp",
    "si": "sdg",
    "ti": "tdg",
    "v": "sx",
    "vi": "sxdg",
    "i": "id",
    "xx": "rxx",
    "yy": "ryy",
    "zz": "rzz",
}
STANDARD_TO_BRAKET = {standard: braket for braket, standard in BRAKET_TO_STANDARD.items()}


def blank_comments(text: str) -> str:
    """Return the text with every comment turned into spaces, so that lines and columns stay."""
    return _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def version(code: str) -> int | None:
    """Return the major version that the first statement states; None where there is no such statement."""
    match = _VERSION.match(code)
    return int(match[1]) if match else None


def includes(code: str) -> list[tuple[str, int]]:
    """Return every included file with the offset of its statement."""
    return [(match[2], match.start()) for match in _INCLUDE.finditer(code)]


def defined_gates(code: str) -> set[str]:
    """Return the names of the gates that the text defines itself."""
    return set(_GATE.findall(code))


def guard(text: str, code: str, allowed: str) -> None:
    """Refuse what would bring a parser down or make it read a file.

    Parameters
    ----------
    text, code
        The user's text, and the same without comments.
    allowed
        The one file that may be included; its gates are known without reading any file.

    Raises
    ------
    ProgramRefused
        Another file is included, or a number, a register or the nesting is beyond bounds.
    """
    for file, offset in includes(code):
        if file != allowed:
            hint = f'Write include "{allowed}"; or define the gates in the text itself.'
            raise refuse_offset(text, offset, f"the file {file!r} is not included: no files are read", hint)
    for match in _LONG_INTEGER.finditer(code):
        raise refuse_offset(text, match.start(), f"an integer of {len(match[0])} digits is out of range")
    if word := _LONG_WORD.search(code):
        raise refuse_offset(text, word.start(), f"a word of {len(word[0]):,} characters is too long")
    _guard_bits(text, code)
    if signs := _SIGNS.search(code):
        raise refuse_offset(text, signs.start(), f"more than {MAX_NESTING} signs in a row")
    depth = 0
    for match in _BRACKET.finditer(code):
        depth += 1 if match[0] in "({[" else -1
        if depth > MAX_NESTING:
            raise refuse_offset(text, match.start(), f"brackets nest deeper than {MAX_NESTING} levels")


def _guard_bits(text: str, code: str) -> None:
    total = 0
    for match in _SIZE.finditer(code):
        total += int(match[1] or match[2])
        if total > MAX_BITS:
            raise refuse_offset(text, match.start(), f"more than {MAX_BITS:,} bits are declared")
    for match in _PHYSICAL.finditer(code):
        if int(match[1]) >= MAX_BITS:
            raise refuse_offset(text, match.start(), f"physical qubit {match[0]} is beyond {MAX_BITS:,}")


def refuse_offset(text: str, offset: int, what: str, remedy: str = "") -> ProgramRefused:
    """Return the error for the character at ``offset``."""
    line = text.count("\n", 0, offset) + 1
    return refuse_at(text, line, offset - (text.rfind("\n", 0, offset) + 1), what, remedy)


def refuse_at(text: str, line: int, column: int, what: str, remedy: str = "") -> ProgramRefused:
    """Return the error that shows the line with a caret.

    Parameters
    ----------
    line
        Counted from 1.
    column
        Counted from 0, as parsers do; people are shown a column counted from 1.
    what
        What is wrong there, without a full stop.
    """
    lines = text.split("\n")  # as the parsers count: other separators are mere characters
    line = min(max(line, 1), len(lines))
    source = lines[line - 1].rstrip("\r").replace("\t", " ")
    column = min(max(column, 0), len(source))
    start = max(0, column - WINDOW // 2) if len(source) > WINDOW else 0
    shown = source[start : start + WINDOW]
    return ProgramRefused(
        f"line {line}, column {column + 1}: {what.rstrip('.')}.\n    {shown}\n    {' ' * (column - start)}^",
        remedy=remedy or (RENAME if TAKEN in what else ""),
        numbers={"line": line, "column": column + 1},
    )


def hint_gate(name: str, known: Iterable[str], *, braket: bool) -> str:
    """Return a remedy that names the gate which was probably meant; a general one where none is near."""
    known = set(known)
    translated = (STANDARD_TO_BRAKET if braket else BRAKET_TO_STANDARD).get(name)
    near = [translated] if translated in known else get_close_matches(name, known, 1, 0.5)
    hint = f"Did you mean {near[0]}? " if near else ""
    if braket and name in STANDARD_TO_BRAKET:
        return f'{hint}(A text without include "stdgates.inc"; is read in Amazon Braket\'s dialect.)'
    return f"{hint}A gate that is not built in needs a definition: gate {name} ... {{ ... }}"

"""Numbers, times and bit strings as people read them. Pure; knows no HTML and no job."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

SHORT_ID = 8
"""How many characters of a job's id are shown; more are needed only when two jobs share them."""

LABEL = 24
"""The most characters of a bit string's label."""

_RUN = 4  # as many equal bits in a row are written as a run
_TIMES = "\N{MULTIPLICATION SIGN}"
_MINUTE, _HOUR = 60, 3600
_MANY_SHOTS = 10_000  # from here on a hundredth of a percent means something


def short_id(job_id: str) -> str:
    """Return the part of a job's id that is shown and may be typed."""
    return job_id[:SHORT_ID]


def number(value: int) -> str:
    """Return an integer with its thousands apart: ``20,000``."""
    return f"{value:,}"


def plural(count: int, noun: str) -> str:
    """Return ``1 shot``, ``20,000 shots``."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def ordinal(position: int) -> str:
    """Return ``1st``, ``2nd``, ``3rd``, ``4th``, ``11th``."""
    teen = 10 < position % 100 < 20  # noqa: PLR2004 - the English language
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")
    return f"{number(position)}{ending}"


def duration(seconds: float) -> str:
    """Return a length of time with the digits that matter: ``340 ms``, ``1.24 s``, ``3 min 05 s``."""
    seconds = max(0.0, seconds)
    if seconds < 0.0005:  # noqa: PLR2004 - below, milliseconds round down to none
        return "under 1 ms"
    if seconds < 0.9995:  # noqa: PLR2004 - below, milliseconds do not round up to a second
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.995:  # noqa: PLR2004 - below, hundredths do not round up to ten seconds
        return f"{seconds:.2f} s"
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def moment(at: datetime) -> str:
    """Return a time in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def share_digits(shots: int) -> int:
    """Return how many decimals a percentage of so many shots deserves."""
    return 2 if shots >= _MANY_SHOTS else 1


def percent(share: float, digits: int) -> str:
    """Return a share of 0 to 1 as a percentage, with a no-break space before the sign."""
    return f"{share * 100:.{digits}f}\N{NO-BREAK SPACE}%"


def plain(text: str) -> str:
    """Return text on one line, without characters that steer a terminal or turn the writing direction."""
    one_line = re.sub(r"\s+", " ", text).strip()
    return "".join("\N{REPLACEMENT CHARACTER}" if _steers(char) else char for char in one_line)


def sentence(text: str) -> str:
    """Return text that begins with a capital, as what stands by itself does; a slug or a number stays as it is."""
    first = text.split(maxsplit=1)[:1]
    return text[0].upper() + text[1:] if first and first[0].isalpha() and first[0].islower() else text


def plain_lines(text: str) -> str:
    """Return text of several lines, each made `plain`, without empty lines at either end."""
    return "\n".join(plain(line) for line in text.strip().splitlines())


def _steers(char: str) -> bool:
    joins = char in "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # letters of some scripts, and emoji
    return not joins and unicodedata.category(char) in {"Cc", "Cf", "Cs"}


def width(text: str) -> int:
    """Return how many terminal columns the text takes."""
    wide = sum(unicodedata.east_asian_width(char) in {"W", "F"} for char in text)
    marks = sum(unicodedata.category(char) in {"Mn", "Me", "Cf"} for char in text)
    return len(text) + wide - marks


def clip(text: str, columns: int) -> str:
    """Return the text, cut at the end to so many terminal columns with an ellipsis."""
    if width(text) <= columns:
        return text
    kept = ""
    for char in text:
        if width(kept + char) > columns - 1:
            break
        kept += char
    return kept.rstrip() + "…"


def bit_labels(bitstrings: Sequence[str]) -> list[str]:
    """Return a label of at most `LABEL` characters for each bit string, all in one style.

    Short ones stay as they are. Long ones are written as runs where that is short enough for all of them
    (``0x47 1 0x52``, with a proper sign for times, is a one between 47 and 52 zeros) and so stays exact; else
    the middle is left out. Labels of different bit strings differ: where their ends do not tell them apart, what
    is kept is chosen so that it does, and where nothing of that length can, they are numbered.
    """
    if all(len(bits) <= LABEL for bits in bitstrings):
        return list(bitstrings)
    runs = [_runs(bits) for bits in bitstrings]
    if all(len(label) <= LABEL for label in runs):
        return runs
    for cut in _cuts(max(len(bits) for bits in bitstrings)):
        labels = [bits if len(bits) <= LABEL else cut(bits) for bits in bitstrings]
        if len(set(labels)) == len(set(bitstrings)):
            return labels
    return [_numbered(bits, i) for i, bits in enumerate(bitstrings, 1)]


def _runs(bits: str) -> str:
    """Write runs of equal bits as bit times length, and what lies between them as it is."""
    words: list[str] = []
    literal = ""
    for bit, run in groupby(bits):
        length = len(list(run))
        if length < _RUN:
            literal += bit * length
            continue
        words += [literal] if literal else []
        words.append(f"{bit}{_TIMES}{length}")
        literal = ""
    return " ".join([*words, literal] if literal else words)


def _cuts(longest: int) -> Iterator[Callable[[str], str]]:
    """Yield ways to shorten: without the middle, with unequal ends, and at last a window from within."""
    half = (LABEL - 1) // 2
    for more in range(half):
        for head in sorted({half - more, half + more}):
            yield partial(_without_middle, head=head, tail=2 * half - head)
    for begin in range(longest - 2 * half + 1):
        yield partial(_window, begin=begin, length=2 * half)


def _without_middle(bits: str, head: int, tail: int) -> str:
    return f"{bits[:head]}…{bits[-tail:]}"


def _window(bits: str, begin: int, length: int) -> str:
    return f"…{bits[begin : begin + length]}…"


def _numbered(bits: str, place: int) -> str:
    ending = f" #{place}"
    if len(bits) + len(ending) <= LABEL:
        return bits + ending
    half = (LABEL - 1 - len(ending)) // 2
    return f"{bits[:half]}…{bits[-half:]}{ending}"

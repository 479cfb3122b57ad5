"""Classical bits as people type them: ``0,2``, ``0-3``, a register's name, ``c[1]``. Pure."""

import operator
import re
from collections.abc import Iterable, Sequence

from qjob.model.bits import BitLayout
from qjob.model.errors import InvalidRequest

_RANGE = re.compile(r"(\d{1,9})(?:\s*[-:]\s*(\d{1,9}))?")  # Python reads no numbers of thousands of digits
_NAMED = re.compile(r"(.+?)\s*\[\s*(\d{1,9})(?:\s*[-:]\s*(\d{1,9}))?\s*\]")


def bits_of(asked: str | Sequence[int], layout: BitLayout) -> tuple[int, ...]:
    """Return the classical bits that a text names, ascending and each once.

    Ascending, whatever the order that they were typed in: what is shown of them is the job's own bit string with the
    others left out, the lowest bit rightmost.

    Parameters
    ----------
    asked
        Numbers, ranges with both ends (``0-3``), names of registers, bits of a register (``c[0]``, ``c[1-2]``), with
        commas or spaces between; or numbers in a sequence.

    Raises
    ------
    InvalidRequest
        Something else, or a bit that is not there.
    """
    if not isinstance(asked, str):
        return _checked(_numbers(asked, layout), layout)
    found: list[int] = []
    for word in re.split(r"[,\s]+", re.sub(r"\s*([\[\]:-])\s*", r"\1", asked.strip())):
        found += _one(word, layout)
    return _checked(found, layout)


def _one(word: str, layout: BitLayout) -> list[int]:
    begin = 0
    for register in layout.registers:
        if word == register.name:
            return list(range(begin, begin + register.size))
        named = _NAMED.fullmatch(word)
        if named and named[1] == register.name:
            low, high = int(named[2]), int(named[3] or named[2])
            if not 0 <= low <= high < register.size:
                raise InvalidRequest(
                    f"register {register.name} has no bits {word}.",
                    remedy=f"Give bits from {register.name}[0] to {register.name}[{register.size - 1}].",
                )
            return list(range(begin + low, begin + high + 1))
        begin += register.size
    numbers = _RANGE.fullmatch(word)
    if numbers:
        low, high = int(numbers[1]), int(numbers[2] or numbers[1])
        if low <= high < layout.num_clbits:
            return list(range(low, high + 1))
    raise _refused(word, layout)


def _numbers(asked: object, layout: BitLayout) -> list[int]:
    """Return the whole numbers of a sequence, of whatever kind they are."""
    if not isinstance(asked, Iterable):
        raise _refused(_shown(asked), layout)
    found = []
    for bit in asked:
        try:
            number = operator.index(bit)
        except TypeError:
            raise _refused(_shown(bit), layout) from None
        if isinstance(bit, bool) or not 0 <= number < layout.num_clbits:
            raise _refused(_shown(bit), layout)
        found.append(number)
    return found


def _shown(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python does not print integers of thousands of digits
        return "a number of thousands of digits"


def _checked(bits: Sequence[int], layout: BitLayout) -> tuple[int, ...]:
    wrong = [bit for bit in bits if not 0 <= bit < layout.num_clbits]
    if wrong or not bits:
        raise _refused(", ".join(map(str, wrong)), layout)
    return tuple(sorted(set(bits)))


def _refused(what: str, layout: BitLayout) -> InvalidRequest:
    names = ", ".join(register.name for register in layout.registers)
    registers = f" Its registers: {names}." if names else ""
    last = layout.num_clbits - 1
    return InvalidRequest(
        f"{what!r:.80} names no classical bit of this job, which has {layout.num_clbits}.",
        remedy=f"Give bits from 0 to {last}, such as 0,{last}.{registers}",
        numbers={"num_clbits": layout.num_clbits},
    )

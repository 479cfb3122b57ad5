"""Long answers, written piece by piece, and bodies of very many values, refused: neither stops the whole server.

What works on JSON in one go keeps all other threads waiting, the event loop's among them.
"""

import re
from collections.abc import Iterable, Iterator

import orjson

from qjob.model.counts import Counts
from qjob.model.errors import InvalidRequest

AT_A_TIME = 8_192
"""How many outcomes or amplitudes are written at a time: in between, other threads have their turn."""

MOST_VALUES = 20_000
"""Objects, lists and their members in a body, in all: ten times those of a batch of the most programs."""

_MOST_TEXTS = 2 * MOST_VALUES + 2  # a value of an object is two, with its name
_SIGNS = (b"[", b"{", b",")


def counts_in_json(counts: Counts) -> Iterator[bytes]:
    """Yield counts as a JSON object: bit string, classical bit 0 rightmost, to how often."""
    for start in range(0, len(counts), AT_A_TIME):
        rows = slice(start, start + AT_A_TIME)
        part = Counts(counts.layout, counts.outcomes[rows], counts.tallies[rows])
        text = orjson.dumps(dict(zip(part, part.tallies.tolist(), strict=True)))
        yield (b"," if start else b"{") + text[1:-1]
    yield b"}" if len(counts) else b"{}"


def put(text: bytes, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a JSON object with another value of its first field of this name, which is empty so far.

    Raises
    ------
    ValueError
        There is no such field.
    """
    found = re.search(
        rb'"%s":(?:null|\{\}|\[\])' % name.encode(), text
    )  # no text has quotes that are not escaped
    if found is None:
        raise ValueError(f"there is no empty field {name!r}")
    yield text[: found.start()] + b'"%s":' % name.encode()
    yield from pieces
    yield text[found.end() :]


def expect_few_values(raw: bytes) -> None:
    """Refuse a body that is long because of how many values it has, before it is read.

    Raises
    ------
    InvalidRequest
        There are more than `MOST_VALUES`.
    """
    if sum(map(raw.count, _SIGNS)) <= MOST_VALUES:
        return
    # a regular expression for texts would hold the interpreter for a tenth of a second
    parts = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"', 2 * _MOST_TEXTS)
    between = b"".join(parts[::2])
    if len(parts) > 2 * _MOST_TEXTS or sum(map(between.count, _SIGNS)) > MOST_VALUES:
        raise InvalidRequest(
            f"the body has more than {MOST_VALUES:,} values.",
            remedy="Submit fewer programs at a time.",
            numbers={"maximum": MOST_VALUES},
        )

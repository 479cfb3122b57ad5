"""Bodies of requests while they come in: how many bytes each may have, and all together. Knows no route.

Used from the event loop alone.
"""

import re
from collections import Counter
from collections.abc import Iterable

from qjob.model.errors import ServiceUnavailable
from qjob.server.errors import BodyTooLarge, NoLength

MOST_BYTES = 8 * 1024 * 1024
"""The largest body that is read."""

MOST_HELD, MOST_EACH = 8 * MOST_BYTES, 3 * MOST_BYTES
"""How many bytes of bodies are held at a time, of all requests and of those of one caller."""

SLOWEST = 60.0
"""Seconds in which a body has to be there."""

AGAIN = 2.0
"""Seconds after which there may be room again."""


class Intake:
    """The bodies that a server holds.

    Parameters
    ----------
    most, most_each
        How many bytes of them, of all callers and of one.

    Attributes
    ----------
    held : Counter
        How many there are, by who sends them.
    """

    def __init__(self, most: int = MOST_HELD, most_each: int = MOST_EACH) -> None:
        self._most, self._most_each = most, most_each
        self.held: Counter[str | None] = Counter()

    def fits(self, size: int, who: str | None) -> bool:
        """Whether there is room for so many bytes more."""
        own = who is None or self.held[who] + size <= self._most_each
        return own and self.held.total() + size <= self._most


class Body:
    """One body, taken in piece by piece."""

    def __init__(self, intake: Intake) -> None:
        self.who: str | None = None
        self._intake = intake
        self._chunks: list[bytes] = []
        self._size = self._held = 0
        self._crowded = False

    def take(self, chunk: bytes) -> None:
        """Keep a piece, as long as all of it will be wanted."""
        self._size += len(chunk)
        if self._crowded or self._size > MOST_BYTES:
            self.drop()
        elif not self._intake.fits(len(chunk), self.who):
            self._crowded = True
            self.drop()
        else:
            self._chunks.append(chunk)
            self._held += len(chunk)
            self._intake.held[self.who] += len(chunk)

    def whole(self) -> bytes:
        """Return it.

        Raises
        ------
        BodyTooLarge
            It is longer than what is read.
        ServiceUnavailable
            Too many others came at the same time.
        """
        if self._size > MOST_BYTES:
            raise BodyTooLarge.of(MOST_BYTES)
        if self._crowded:
            raise ServiceUnavailable(
                "so many large requests come in that this one has no room.",
                remedy="Send it again in a few seconds, and fewer of them at a time.",
                retry_after=AGAIN,
            )
        return b"".join(self._chunks)

    def drop(self) -> None:
        """Let go of it; again is harmless."""
        held, self._held = self._held, 0
        self._chunks.clear()
        self._intake.held[self.who] -= held
        if not self._intake.held[self.who]:
            del self._intake.held[self.who]


def declared(lengths: Iterable[str]) -> int:
    """Return how long a body is said to be: 0 where nothing is said.

    Raises
    ------
    NoLength
        It is no number, or there are two.
    BodyTooLarge
        It is longer than what is read.
    """
    said = {part.strip() for length in lengths for part in length.split(",")}
    if not said:
        return 0
    (one,) = said if len(said) == 1 else ("",)
    if not re.fullmatch("[0-9]{1,18}", one):
        raise NoLength.of(", ".join(sorted(said)))
    if int(one) > MOST_BYTES:
        raise BodyTooLarge.of(MOST_BYTES)
    return int(one)

"""Seeds in JSON: a number as long as every reader keeps it exactly, beyond that its digits as text. Pure."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from qjob.server.fields import INTEGRAL
from qjob.typed import DRAWN_BITS, SEED_BITS

EXACT = 1 << DRAWN_BITS
"""From here on JavaScript, and all that keeps numbers as floats, reads another one."""


def _digits_below(limit: int) -> str:
    """Return a regular expression of the whole numbers below a limit."""
    digits = str(limit)
    ways = [f"[0-9]{{1,{len(digits) - 1}}}"]
    for place, digit in enumerate(digits):
        if digit > ("0" if place else "1"):
            low = 0 if place else 1
            ways.append(f"{digits[:place]}[{low}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}")
    return f"^({'|'.join(ways)})$"


Seed = Annotated[
    Annotated[int, Field(ge=0, lt=1 << SEED_BITS), INTEGRAL]
    | Annotated[str, Field(pattern=_digits_below(1 << SEED_BITS))],
    AfterValidator(int),
]
"""A seed in a body, as a number or as its digits."""

ShownSeed = Annotated[
    int | str,
    Field(description="A number below 2**53; its digits as text beyond, where JavaScript's numbers end."),
]


def shown_seed(seed: int) -> Any:
    """Return a seed as it is told."""
    return seed if seed < EXACT else str(seed)

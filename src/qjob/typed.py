"""What a caller gave, as typed values or an `InvalidRequest` with the way out. Knows no program and no price."""

import operator
from collections.abc import Mapping

from qjob.model.backend import BackendInfo, OptionValue
from qjob.model.errors import InvalidRequest
from qjob.model.job import DIRECT, DURABLE, MAX_NAME

SEED_BITS = 62
"""Seeds are accepted below 2 ** 62, so that a simulator can count up from one without overflow."""

DRAWN_BITS = 53
"""Seeds that nobody has given are below 2 ** 53: every reader of JSON keeps them exactly, JavaScript's too."""

MAX_DIGITS = 30
"""More digits than any number here may have; Python itself refuses thousands of them."""

MAX_SHOWN = 80
"""How much of a value that does not fit is shown, in characters."""

MAX_TAGS = 50
MAX_TAG = 200
MODES = (DIRECT, DURABLE)


def text(what: str, value: object, longest: int = MAX_NAME) -> str:
    """Return a line of text without the spaces around it."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise InvalidRequest(
            f"{what} {_shown(value)} does not fit: it takes 1 to {longest} printable characters.",
            remedy=f"Give another {what}.",
            numbers={"longest": longest},
        )
    return value.strip()


def whole_shots(value: object) -> int:
    """Return a number of shots, at least 1.

    Raises
    ------
    InvalidRequest
        It is none.
    """
    whole = _whole(value)
    if whole is None:
        raise InvalidRequest(
            f"shots {_shown(value)} is no whole number.",
            remedy="Give a whole number: --shots 1000, in Python shots=1000.",
        )
    if whole < 1:
        raise InvalidRequest(
            f"{whole} shots are too few: at least 1.", remedy="Try --shots 1000.", numbers={"minimum": 1}
        )
    return whole


def _whole(value: object) -> int | None:
    """Return a whole number from any kind of integer, or from digits with an optional sign and underscores."""
    if isinstance(value, str):
        text = value.replace("_", "")
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS else None
    if isinstance(value, bool):
        return None
    try:
        whole = operator.index(value)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return None
    return whole if abs(whole) < 10**MAX_DIGITS else None


def _shown(value: object) -> str:
    """Return a value as people wrote it, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers of thousands of digits
        return "with thousands of digits"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def mode(value: object) -> str:
    """Return how a job is run."""
    if value not in MODES:
        raise InvalidRequest(
            f"there is no mode {_shown(value)}.",
            remedy="Use direct: the job runs in processes of this kernel and ends with it; or durable: it runs in a "
            "worker process of its own, outlives this kernel, and is tried again where something passes.",
        )
    return str(value)


def tags(given: Mapping[str, object]) -> dict[str, str]:
    """Return a job's tags."""
    if not isinstance(given, Mapping):
        raise InvalidRequest(f"tags {_shown(given)} are no mapping.", remedy='Give them as {"key": "value"}.')
    if len(given) > MAX_TAGS:
        raise InvalidRequest(
            f"{len(given)} tags are too many: at most {MAX_TAGS}.",
            remedy="Leave some out.",
            numbers={"maximum": MAX_TAGS},
        )
    return {
        text("tag", key, MAX_TAG): text(f"tag {key}", str(value), MAX_TAG) for key, value in given.items()
    }


def options(info: BackendInfo, given: object) -> dict[str, OptionValue]:
    """Return a backend's options, as it takes them."""
    if not isinstance(given, Mapping):
        raise InvalidRequest(
            f"options {_shown(given)} are no mapping.",
            remedy=f'Give them as {{"name": value}}. {info.describe_options()}',
        )
    return info.parse_options(given)


def seed(value: object) -> int:
    """Return a seed."""
    number = _whole(value)
    if number is not None and 0 <= number < 1 << SEED_BITS:
        return number
    raise InvalidRequest(
        f"seed {_shown(value)} does not fit: it takes a whole number from 0 to 2**{SEED_BITS} - 1.",
        remedy="Leave it out, and qjob draws one and stores it.",
    )

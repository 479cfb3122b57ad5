"""Reads JSON that may hold anything: what is missing or of an odd type is None, never an error. Knows no device."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def member(value: object, *path: str) -> Any:
    """Return what lies at a path of keys; None where a key or an object is missing."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def members(value: object) -> Mapping[str, Any]:
    """Return an object, an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def elements(value: object) -> list[Any]:
    """Return the elements of an array, none of anything else."""
    return list(value) if isinstance(value, (list, tuple)) else []


def text(value: object) -> str | None:
    """Return a text that is not empty."""
    return value if isinstance(value, str) and value else None


def texts(value: object) -> tuple[str, ...] | None:
    """Return an array of texts; None where it is none or holds anything else."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        return None
    return tuple(value)


def number(value: object, low: float, high: float) -> float | None:
    """Return a number between two bounds, both included; never a truth value, a text, NaN or infinity."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        return None
    return float(value)


def integer(value: object, low: int) -> int | None:
    """Return a whole number that is not below a bound."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= low else None


def moment(value: object) -> datetime | None:
    """Return a time in UTC; one without a zone is in UTC already."""
    try:
        told = value if isinstance(value, datetime) else datetime.fromisoformat(text(value) or "")
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

"""What the fields of bodies have in common in both dialects. Knows no dialect and no tornado."""

from typing import Any

from pydantic import BeforeValidator


def _integral(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


INTEGRAL = BeforeValidator(_integral)
"""Takes ``1000.0`` for the whole number that it is in JSON, which has one kind of number; ``"1000"`` is none."""

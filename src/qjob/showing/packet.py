"""How large a state may be that a live card is sent, and how text is cut to fit. Pure."""

import json

from qjob.showing.wording import plain_lines

LIMIT = 2048
"""The most bytes of a state as JSON in UTF-8."""


def clip(text: str, limit: int) -> str:
    """Cut text to so many bytes of JSON, with an ellipsis."""
    text = plain_lines(text)
    if size(text) <= limit:
        return text
    low, high = 0, min(len(text), limit)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle] + "…") <= limit else (low, middle - 1)
    return text[:low].rstrip() + "…"


def size(value: object) -> int:
    """Return how many bytes a value of JSON takes."""
    return len(json.dumps(value, ensure_ascii=False).encode())

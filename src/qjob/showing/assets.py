"""Reads the scripts and styles of what is drawn in a browser, and says what those of the live card are."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]

_SCRIPTS = (
    "card_dom",
    "card_clock",
    "card_histogram",
    "card_buttons",
    "card_bell",
    "card_form",
    "batch",
    "card",
)
"""The parts of the card's module, in the order in which they are joined."""


def joined(*names: str) -> str:
    """Return files of `qjob` as one text, each named by its path from there.

    A script is one module: a front end could not find a second one.
    """
    return "\n".join((_PACKAGE / name).read_text("utf-8") for name in names)


def card_script() -> str:
    """Return the module that draws the card.

    Of its own it has all but ``childView``, which shows the form of a kernel where there is one.
    """
    return joined("showing/dom.js", *(f"showing/{name}.js" for name in _SCRIPTS))


def card_style() -> str:
    """Return the style of the card."""
    return joined("showing/card.css", "showing/batch.css")

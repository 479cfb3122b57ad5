"""Reads the scripts and the style of the live card, which lie beside this file."""

from pathlib import Path

_HERE = Path(__file__).parent

_SCRIPTS = (
    *("card_dom.js", "card_clock.js", "card_histogram.js", "card_buttons.js", "card_bell.js", "card_form.js"),
    *("batch.js", "card.js"),
)
"""The parts of the card's module, in the order in which they are joined."""


def card_script() -> str:
    """Return the module that draws the card, as one text: a front end could not find a second one.

    Of its own it has all but ``childView``, which shows the form of a kernel where there is one.
    """
    return "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)


def card_style() -> str:
    """Return the style of the card."""
    return "\n".join((_HERE / name).read_text("utf-8") for name in ("card.css", "batch.css"))

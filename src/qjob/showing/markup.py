"""Text as HTML that every notebook shows as it is. Pure."""

from html import escape


def text(value: str) -> str:
    """Return text as HTML.

    Notebooks typeset what stands between two dollar signs as a formula; signs in elements of their own make no pair.
    """
    return escape(value).replace("$", "<span>$</span>")

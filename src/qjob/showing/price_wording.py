"""Prices in words: where they come from and what to mind about them. Pure; knows no HTML and no table."""

from datetime import date

from qjob.model.price import Price


def marks(price: Price, today: date) -> tuple[str, ...]:
    """Return what is to be minded about a price; nothing where it is recent and as shipped."""
    old = f"of {price.as_of}, over a year old" if price.is_old(today) else ""
    own = "from your backends.toml" if price.own else ""
    return tuple(mark for mark in (old, own) if mark)


def marked(text: str, price: Price | None, today: date) -> str:
    """Return a text about a price, followed by its marks in brackets."""
    found = marks(price, today) if price is not None else ()
    return f"{text} [{'; '.join(found)}]" if found else text


def sourced(price: Price) -> str:
    """Return a price with who says so and when."""
    day = f", as of {price.as_of}" if price.as_of is not None else ""
    return f"{price} ({price.source}{day})"

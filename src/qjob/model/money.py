"""Amounts of money: US dollars as Decimal, and as whole nano-dollars where they are stored or calculated with.

Never a float. Nothing here depends on the decimal context of the calling thread, which belongs to the user: results
come from Decimal's constructor, from comparisons and from integers, all of which are exact.
"""

from decimal import Context, Decimal, Inexact, InvalidOperation

from qjob.model.errors import InvalidRequest

NANO = 1_000_000_000
"""Nano-dollars in a dollar."""

MAX_USD = Decimal(10_000_000)
"""The largest amount that is taken from outside. 900 of them still fit into a store's 64 bits."""

CREDITS = 100
"""qBraid credits in a dollar: 1 credit = $0.01."""

ZERO = Decimal(0)

_PLACES = 9
_CENTS = 2
_MAX_TEXT = 40  # characters; the longest amount there is takes 18


def parse_usd(value: object, what: str = "amount") -> Decimal:
    """Return an amount of US dollars that came from outside.

    Parameters
    ----------
    value
        A Decimal, an int, or a text such as ``"3.75"`` or ``"$3.75"``.
    what
        What the amount is, for the message.

    Returns
    -------
    Decimal
        0 to `MAX_USD`, a whole number of nano-dollars.

    Raises
    ------
    InvalidRequest
        Another type (a float is never taken), no number, negative, NaN, infinite, above `MAX_USD` or finer than a
        nano-dollar.
    """
    amount = _decimal(value, what)
    if not amount.is_finite():
        raise _refuse(what, value, "it is no amount of money")
    if amount < ZERO:
        raise _refuse(what, value, "it is negative")
    if amount > MAX_USD:
        raise _refuse(what, value, f"it is more than {format_usd(MAX_USD)}", maximum=str(MAX_USD))
    try:
        # -0 is 0
        return Context(prec=40, traps=[Inexact]).quantize(amount, Decimal((0, (1,), -_PLACES))).copy_abs()
    except Inexact as error:
        raise _refuse(what, value, "it is finer than a nano-dollar ($0.000000001)") from error


def _decimal(value: object, what: str) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        # cut to a sign: Python refuses to print thousands of digits
        return Decimal(value)
    if not isinstance(value, str):
        kind = type(value).__name__
        raise _refuse(what, value, f"a {kind} is no exact amount", remedy='Write it as text, such as "3.75".')
    text = value.strip().removeprefix("$").replace("_", "")
    if len(text) > _MAX_TEXT or not text.isascii():
        raise _refuse(what, value, f"it is no number of up to {_MAX_TEXT} characters")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _refuse(what, value, "it is no number") from error


def _refuse(what: str, value: object, why: str, remedy: str = "", **numbers: object) -> InvalidRequest:
    shown = _shown(value)
    return InvalidRequest(
        f"{what} {shown} does not fit: {why}.",
        remedy=remedy or 'Give US dollars with a point, such as "3.75" or "1240.50".',
        numbers={"amount": shown, **numbers},
    )


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python does not print integers of thousands of digits
        return "with thousands of digits"
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}..."


def to_nano(amount: Decimal) -> int:
    """Return an amount in nano-dollars, exactly; negative ones too, for balances.

    Raises
    ------
    ValueError
        The amount is no whole number of nano-dollars. `parse_usd` keeps such out.
    """
    numerator, denominator = amount.as_integer_ratio()
    nano, rest = divmod(numerator * NANO, denominator)
    if rest:
        raise ValueError(f"{amount} is no whole number of nano-dollars")
    return nano


def from_nano(nano: int) -> Decimal:
    """Return nano-dollars as dollars, exactly, with cents and beyond them only what is there."""
    whole, fraction = divmod(abs(nano), NANO)
    digits = f"{fraction:0{_PLACES}d}".rstrip("0").ljust(_CENTS, "0")
    return Decimal(f"{'-' if nano < 0 else ''}{whole}.{digits}")  # by text: exact in any context


def usd_to_credits(amount: Decimal) -> Decimal:
    """Return an amount of dollars in qBraid credits, exactly."""
    return from_nano(to_nano(amount) * CREDITS)


def credits_to_usd(amount: Decimal) -> Decimal:
    """Return an amount of qBraid credits in dollars.

    Raises
    ------
    ValueError
        The amount is no whole number of nano-dollars.
    """
    nano, rest = divmod(to_nano(amount), CREDITS)
    if rest:
        raise ValueError(f"{amount} credits are no whole number of nano-dollars")
    return from_nano(nano)


def format_usd(amount: Decimal) -> str:
    """Return an amount for people: at least cents, beyond them only what is there.

    ``$3.75``, ``$0.00375``, ``$0.00``, ``$1,240.50``, ``-$3.75``.
    """
    sign, whole, fraction = _split(amount)
    return f"{sign}${whole:,}.{fraction.ljust(2, '0')}"


def format_credits(amount: Decimal) -> str:
    """Return a number of credits for people: ``375``, ``0.375``, ``124,050``."""
    sign, whole, fraction = _split(amount)
    return f"{sign}{whole:,}.{fraction}" if fraction else f"{sign}{whole:,}"


def _split(amount: Decimal) -> tuple[str, int, str]:
    nano = to_nano(amount)
    whole, fraction = divmod(abs(nano), NANO)
    return "-" if nano < 0 else "", whole, f"{fraction:0{_PLACES}d}".rstrip("0")

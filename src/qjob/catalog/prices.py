"""Reads the price of a catalogue row, checked key by key; must not know what a circuit would cost.

By hand, not by pydantic: making a model of these keys would take a kernel's first `%%qjob` longer than all rows do.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.model.money import parse_usd
from qjob.model.price import CURRENCY, Free, Method, PerGateShot, PerHqc, PerShot, PerTime, Price, Rates

METHODS = get_args(Method)
MAX_SECONDS = 10_000_000


class BadPrice(Exception):
    """A price that does not fit.

    Parameters
    ----------
    key
        Where: a key of the price, or an empty text for the price itself.
    problem
        What is wrong with it.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key
        self.problem = problem


class _Table:
    """The keys of one ``[backend.price]``, each taken once."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self._taken: list[str] = []

    def has(self, key: str) -> bool:
        return key in self._row

    def take(self, key: str) -> Any:
        self._taken.append(key)
        if key not in self._row:
            raise BadPrice(key, "the price needs this key")
        return self._row[key]

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value:
            raise BadPrice(key, f"write a text, not {value!r}")
        return value

    def amount(self, key: str) -> Decimal:
        value = self.take(key)
        if not isinstance(value, str):
            raise BadPrice(key, f'write the amount as text in quotation marks, such as "0.30", not {value!r}')
        try:
            return parse_usd(value)
        except InvalidRequest as error:
            raise BadPrice(key, error.message.rstrip(".")) from error

    def amount_or(self, key: str, default: Decimal) -> Decimal:
        self._taken.append(key)
        return self.amount(key) if self.has(key) else default

    def seconds(self, key: str) -> int | None:
        self._taken.append(key)
        if not self.has(key):
            return None
        value = self._row[key]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_SECONDS:
            raise BadPrice(key, f"write whole seconds, 1 to {MAX_SECONDS:,}, not {value!r}")
        return value

    def day(self, key: str) -> date:
        value = self.take(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise BadPrice(key, f"write a day without quotation marks, such as 2026-07-01, not {value!r}")
        return value

    def one_of(self, key: str, choices: tuple[str, ...]) -> Any:
        value = self.take(key)
        if value not in choices:
            raise BadPrice(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def end(self, kind: str) -> None:
        """Refuse what nobody asked for."""
        for key in self._row:
            if key not in self._taken:
                near = did_you_mean(key, self._taken)
                raise BadPrice(key, f"a price of the kind {kind} has no such key{near}")


def read_price(row: object, *, own: bool) -> Price:
    """Return the price that a ``[backend.price]`` table means.

    Parameters
    ----------
    row
        The table.
    own
        Whether it is from the user's own file.

    Raises
    ------
    BadPrice
        An unknown or missing key, another currency, or a value that does not fit.
    """
    if not isinstance(row, Mapping):
        raise BadPrice("", f"write it as a table [backend.price], not {row!r}")
    table = _Table(row)
    kind = table.one_of("kind", tuple(KINDS))
    currency = table.text("currency")
    if currency != CURRENCY:
        raise BadPrice("currency", f"prices are in {CURRENCY}, not {currency!r}")
    source, as_of = table.text("source"), table.day("as_of")
    rates = KINDS[kind](table)
    table.end(kind)
    return Price(rates, source, as_of, own=own, currency=currency)


def _free(_: _Table) -> Rates:
    return Free()


def _task(table: _Table) -> Rates:
    return PerShot(table.amount("task_fee"), table.amount("per_shot"), table.amount_or("minimum", Decimal(0)))


def _time(table: _Table) -> Rates:
    if table.has("per_minute") and table.has("per_second"):
        raise BadPrice("per_second", "give either per_minute or per_second")
    unit: Any = "second" if table.has("per_second") else "minute"
    amount = table.amount(f"per_{unit}")
    least, longest = table.seconds("minimum_seconds") or 0, table.seconds("longest_seconds")
    if longest is not None and longest < least:
        raise BadPrice("longest_seconds", f"{longest:,} s is below minimum_seconds, {least:,} s")
    method = table.one_of("method", METHODS) if table.has("method") else None
    return PerTime(amount, unit, least, longest, method)


def _gate_shot(table: _Table) -> Rates:
    one, two = table.amount("per_1q_gate_shot"), table.amount("per_2q_gate_shot")
    return PerGateShot(one, two, table.amount_or("minimum", Decimal(0)))


def _hqc(table: _Table) -> Rates:
    return PerHqc(table.amount("usd_per_hqc") if table.has("usd_per_hqc") else None)


KINDS: Mapping[str, Callable[[_Table], Rates]] = {
    "free": _free,
    "task": _task,
    "time": _time,
    "gate-shot": _gate_shot,
    "hqc": _hqc,
}
"""What a price of each kind means."""

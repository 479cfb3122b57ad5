"""Reads the price of a catalogue row, checked key by key. Knows pydantic; must not know what a circuit would cost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from qjob.model.errors import InvalidRequest
from qjob.model.money import parse_usd
from qjob.model.price import (
    CURRENCY,
    Free,
    Method,
    PerGateShot,
    PerHqc,
    PerShot,
    PerTime,
    Price,
    Rates,
)

Kind = Literal["free", "task", "time", "gate-shot", "hqc"]

KEYS: dict[Kind, tuple[frozenset[str], frozenset[str]]] = {
    "free": (frozenset(), frozenset()),
    "task": (frozenset({"task_fee", "per_shot"}), frozenset({"minimum"})),
    "time": (
        frozenset(),
        frozenset({"per_minute", "per_second", "minimum_seconds", "longest_seconds", "method"}),
    ),
    "gate-shot": (frozenset({"per_1q_gate_shot", "per_2q_gate_shot"}), frozenset({"minimum"})),
    "hqc": (frozenset(), frozenset({"usd_per_hqc"})),
}
"""Of each kind of price, the keys it needs and those it may have besides."""

COMMON = frozenset({"kind", "currency", "source", "as_of"})


def _amount(value: object) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(f'write the amount as text in quotation marks, such as "0.30", not {value!r}')
    try:
        return parse_usd(value)
    except InvalidRequest as error:
        raise ValueError(error.message.rstrip(".")) from error


def _currency(value: object) -> object:
    if value != CURRENCY:
        raise ValueError(f"prices are in {CURRENCY}, not {value!r}")
    return value


def _day(value: object) -> object:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"write a day without quotation marks, such as 2026-07-01, not {value!r}")
    return value


Amount = Annotated[Decimal, BeforeValidator(_amount)]
Seconds = Annotated[int, Field(ge=0, le=10_000_000)]


class PriceRow(BaseModel):
    """A ``[backend.price]`` table."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Kind
    currency: Annotated[str, BeforeValidator(_currency)]
    source: Annotated[str, Field(min_length=1)]
    as_of: Annotated[date, BeforeValidator(_day)]
    task_fee: Amount | None = None
    per_shot: Amount | None = None
    minimum: Amount | None = None
    per_minute: Amount | None = None
    per_second: Amount | None = None
    minimum_seconds: Seconds | None = None
    longest_seconds: Seconds | None = None
    method: Method | None = None
    per_1q_gate_shot: Amount | None = None
    per_2q_gate_shot: Amount | None = None
    usd_per_hqc: Amount | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        needed, allowed = KEYS[self.kind]
        given = self.model_fields_set - COMMON
        if missing := needed - given:
            raise ValueError(f"a price of the kind {self.kind} needs {_listed(missing)}")
        if strange := given - needed - allowed:
            raise ValueError(f"a price of the kind {self.kind} has no {_listed(strange)}")
        if self.kind == "time" and (self.per_minute is None) == (self.per_second is None):
            raise ValueError("a price of the kind time needs either per_minute or per_second")
        return self

    def price(self, *, own: bool) -> Price:
        """Return the price; ``own``: it is from the user's file."""
        return Price(self._rates(), self.source, self.as_of, own=own, currency=self.currency)

    def _rates(self) -> Rates:
        zero = Decimal(0)
        minimum = self.minimum or zero
        match self.kind:
            case "free":
                return Free()
            case "task":
                return PerShot(self.task_fee or zero, self.per_shot or zero, minimum)
            case "gate-shot":
                return PerGateShot(self.per_1q_gate_shot or zero, self.per_2q_gate_shot or zero, minimum)
            case "hqc":
                return PerHqc(self.usd_per_hqc)
            case "time":
                least, longest = self.minimum_seconds or 0, self.longest_seconds
                if self.per_second is not None:
                    return PerTime(self.per_second, "second", least, longest, self.method)
                return PerTime(self.per_minute or zero, "minute", least, longest, self.method)


def _listed(keys: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(keys))

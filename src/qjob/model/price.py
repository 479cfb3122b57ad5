"""What a backend charges: values only. What a job would cost by it is decided in `qjob.policy.pricing`.

All amounts are US dollars (see `qjob.model.money`). Most are named tuples because the first cell of a kernel waits
while these classes are made, and a frozen dataclass takes six times as long.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from qjob.model.money import ZERO, format_usd

CURRENCY = "USD"
"""The only currency that prices are taken in."""

YEAR = 365
"""Days after which a price counts as old."""

Method = Literal["statevector", "density_matrix"]


@dataclass(frozen=True, slots=True)
class Free:
    """A run costs nothing."""

    def __str__(self) -> str:
        return "free"


class PerShot(NamedTuple):
    """``max(minimum, task_fee + shots * per_shot)``."""

    task_fee: Decimal
    per_shot: Decimal
    minimum: Decimal = ZERO

    def __str__(self) -> str:
        fee = f"{format_usd(self.task_fee)} + " if self.task_fee else ""
        return f"{fee}{format_usd(self.per_shot)}/shot{_at_least(self.minimum)}"


class PerTime(NamedTuple):
    """``amount`` for every minute or second that a run takes.

    Parameters
    ----------
    amount
        The price of one unit of time.
    unit
        That unit.
    minimum_seconds
        What is billed at least.
    longest_seconds
        When the service itself ends a run; None where nobody knows.
    method
        How the service simulates, from which the length of a run is estimated; None: no formula tells.
    """

    amount: Decimal
    unit: Literal["minute", "second"] = "minute"
    minimum_seconds: int = 0
    longest_seconds: int | None = None
    method: Method | None = None

    def __str__(self) -> str:
        unit = "min" if self.unit == "minute" else "s"
        least = f", at least {self.minimum_seconds} s" if self.minimum_seconds else ""
        return f"{format_usd(self.amount)}/{unit}{least}"


class PerGateShot(NamedTuple):
    """``max(minimum, shots * (one-qubit gates * one_qubit + two-qubit gates * two_qubit))``: IonQ on Azure."""

    one_qubit: Decimal
    two_qubit: Decimal
    minimum: Decimal = ZERO

    def __str__(self) -> str:
        one, two = format_usd(self.one_qubit), format_usd(self.two_qubit)
        return f"{one}/1q gate-shot + {two}/2q gate-shot{_at_least(self.minimum)}"


class PerHqc(NamedTuple):
    """``usd_per_hqc * (5 + shots * (N1q + 10 N2q + 5 Nm) / 5000)``: Quantinuum on Azure.

    What an H-System Quantum Credit is worth in dollars is agreed in a contract; None where nobody said.
    """

    usd_per_hqc: Decimal | None = None

    def __str__(self) -> str:
        return "HQC, by contract" if self.usd_per_hqc is None else f"{format_usd(self.usd_per_hqc)}/HQC"


Rates = Free | PerShot | PerTime | PerGateShot | PerHqc


class Price(NamedTuple):
    """A dated row of data.

    Parameters
    ----------
    rates
        What is charged.
    source
        Who says so: text or URL.
    as_of
        The day for which the source says so; None only where nothing can age, as with what runs on this machine.
    own
        Whether it comes from the user's own file.
    """

    rates: Rates
    source: str
    as_of: date | None
    own: bool = False
    currency: str = CURRENCY

    def is_old(self, today: date) -> bool:
        """Whether the price is older than a year."""
        return self.as_of is not None and (today - self.as_of).days > YEAR

    def __str__(self) -> str:
        return str(self.rates)


def _at_least(minimum: Decimal) -> str:
    return f", at least {format_usd(minimum)}" if minimum else ""

"""What a job would cost, or why nobody can say: values only, worked out in `qjob.policy.pricing`."""

from dataclasses import dataclass
from decimal import Decimal

from qjob.model.money import format_credits, format_usd, usd_to_credits
from qjob.model.price import Price


@dataclass(frozen=True, slots=True)
class Quote:
    """What a job would cost.

    Parameters
    ----------
    low, expected, cap
        In US dollars, whole nano-dollars, ``0 <= low <= expected <= cap``. All three are equal where the price is
        known before the run.
    price
        Where it comes from.
    explanation
        How it was worked out, in one line for people.
    """

    low: Decimal
    expected: Decimal
    cap: Decimal
    price: Price
    explanation: str

    @property
    def free(self) -> bool:
        """Whether the job can cost nothing at all."""
        return not self.cap

    @property
    def exact(self) -> bool:
        """Whether the price is known before the run."""
        return self.low == self.cap

    @property
    def low_credits(self) -> Decimal:
        """`low` in qBraid credits."""
        return usd_to_credits(self.low)

    @property
    def expected_credits(self) -> Decimal:
        """`expected` in qBraid credits."""
        return usd_to_credits(self.expected)

    @property
    def cap_credits(self) -> Decimal:
        """`cap` in qBraid credits."""
        return usd_to_credits(self.cap)

    @property
    def usd(self) -> str:
        """The price in dollars, for people: one number, or ``expected (low to cap)``."""
        if self.exact:
            return "free" if self.free else format_usd(self.cap)
        return f"{format_usd(self.expected)} ({format_usd(self.low)} to {format_usd(self.cap)})"

    @property
    def credits(self) -> str:
        """The price in credits, for people, as `usd`."""
        low, expected, cap = (
            format_credits(each) for each in (self.low_credits, self.expected_credits, self.cap_credits)
        )
        return cap if self.exact else f"{expected} ({low} to {cap})"

    def __str__(self) -> str:
        return self.usd if self.free else f"{self.usd}, {self.credits} credits: {self.explanation}"


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Nobody can say what the job would cost: a state, not an error."""

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"not priced: {self.reason}"

"""What a team may spend and has spent, in dollars, as people and programs ask for it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from qjob.model.money import format_usd, from_nano, to_nano


@dataclass(frozen=True, slots=True)
class Period:
    """One calendar period, in UTC."""

    limit: Decimal
    held: Decimal
    charged: Decimal
    ends: datetime

    @property
    def remaining(self) -> Decimal:
        """What may still be spent; never below 0."""
        # in whole nano-dollars: Decimal's own subtraction rounds as the calling thread's context says
        return from_nano(max(0, to_nano(self.limit) - to_nano(self.held) - to_nano(self.charged)))

    def __str__(self) -> str:
        used = f"{format_usd(self.charged)} charged, {format_usd(self.held)} held of {format_usd(self.limit)}"
        return f"{used}; {format_usd(self.remaining)} remain until {self.ends:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Budget:
    """A team's budget: what one job may cost, and how the day and the month stand."""

    team: str  # its name
    job: Decimal
    day: Period
    month: Period

    @property
    def held(self) -> Decimal:
        """What is set aside today for jobs that have not ended."""
        return self.day.held

    @property
    def charged(self) -> Decimal:
        """What was charged today."""
        return self.day.charged

    @property
    def remaining(self) -> Decimal:
        """What may still be spent now: the smaller one of the day's and the month's rest."""
        return min(self.day.remaining, self.month.remaining)

    def __str__(self) -> str:
        return (
            f"Team {self.team}\n  today       {self.day}\n  this month  {self.month}\n"
            f"  a job       up to {format_usd(self.job)}"
        )

"""A team's budget as a small picture with its numbers: HTML in a notebook, text elsewhere. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from qjob.model.budget import Budget, Period
from qjob.model.money import format_usd
from qjob.showing import markup
from qjob.treasury import Rates

WIDTH = 160
"""Pixels of a bar."""

CELLS = 20
"""Characters of a bar in text."""


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What ``%qjob budget`` shows.

    Parameters
    ----------
    budget, rates
        What the team may spend and has spent, and how fast it may submit.
    now
        The moment that it is of.
    """

    budget: Budget
    rates: Rates
    now: datetime

    def __repr__(self) -> str:
        lines = [f"Team {self.budget.team}"]
        for name, period in self._periods():
            charged, held = shares(period, CELLS)
            bar = "#" * charged + "=" * held + "." * (CELLS - charged - held)
            lines.append(f"{name:<10}  [{bar}]  {_words(period)}")
        return "\n".join([*lines, *self._notes()])

    def _repr_html_(self) -> str:
        rows = "".join(_row(name, period) for name, period in self._periods())
        notes = "<br>".join(markup.text(line) for line in self._notes())
        return (
            f"<div><b>Team {markup.text(self.budget.team)}</b>"
            f'<table style="margin-left:0"><tbody>{rows}</tbody></table>'
            f'<div style="opacity:0.72">{notes}</div></div>'
        )

    def _periods(self) -> list[tuple[str, Period]]:
        return [("today", self.budget.day), ("this month", self.budget.month)]

    def _notes(self) -> list[str]:
        count = "count" if self.rates.local else "do not count"
        user, team = self.rates.user_per_minute, self.rates.team_per_day
        left = self.budget.day.ends - self.now
        hours, minutes = divmod(max(0, int(left.total_seconds())) // 60, 60)
        return [
            f"One job may cost {format_usd(self.budget.job)}. The day ends in {hours} h {minutes} min, at 00:00 UTC.",
            f"{user:,} submissions a minute and user, {team:,} a day and team; free jobs here {count}.",
        ]


def shares(period: Period, length: int) -> tuple[int, int]:
    """Return how much of a bar is charged and how much is held; what is not nothing shows, what is too much fits."""
    whole = max(period.limit, period.charged + period.held)
    if not whole:
        return 0, 0
    charged = _share(period.charged, whole, length)
    return charged, min(_share(period.held, whole, length), length - charged)


def _share(amount: Decimal, whole: Decimal, length: int) -> int:
    return max(int(amount * length / whole), 1 if amount else 0)


def _words(period: Period) -> str:
    held = f" and {format_usd(period.held)} held" if period.held else ""
    return (
        f"{format_usd(period.charged)} charged{held} of {format_usd(period.limit)}; "
        f"{format_usd(period.remaining)} left"
    )


def _row(name: str, period: Period) -> str:
    charged, held = shares(period, WIDTH)
    # the text's own colour, so that it suits every theme
    bar = (
        f'<span style="display:inline-flex;width:{WIDTH}px;height:9px;border:1px solid currentColor;'
        'border-radius:3px;overflow:hidden;vertical-align:middle" aria-hidden="true">'
        f'<span style="width:{charged}px;background:currentColor;opacity:0.75"></span>'
        f'<span style="width:{held}px;background:currentColor;opacity:0.3"></span></span>'
    )
    cell = '<td style="text-align:left;padding:2px 14px 2px 0;vertical-align:top">'
    return f"<tr>{cell}{markup.text(name)}</td>{cell}{bar}</td>{cell}{markup.text(_words(period))}</td></tr>"

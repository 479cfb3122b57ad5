"""What a team may spend and how fast it may submit: shown, set and checked. Submits nothing."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from qjob.model.budget import Budget, Period
from qjob.model.errors import InvalidRequest, NotAllowed
from qjob.model.money import format_usd, from_nano, parse_usd, to_nano
from qjob.model.team import Role, Spending, Team
from qjob.policy import audit, history, replay
from qjob.policy.admission import ends_of, plain
from qjob.settings import Settings
from qjob.store.ledger import ACCOUNTS
from qjob.store.store import Store

MAX_RATE = 1_000_000
"""The highest rate limit that is taken."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast a team may submit."""

    user_per_minute: int  # a user's submissions in any 60 seconds
    team_per_day: int  # the team's submissions in any 24 hours
    local: bool  # whether free jobs of this machine's simulators count


class Treasury(ABC):
    """The money of the user's team, as an engine answers for it."""

    settings: Settings

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where it is."""

    def budget(self, *, day: object = None, month: object = None, job: object = None) -> Budget:
        """Show what the team may spend and has spent; with arguments, set it first.

        Parameters
        ----------
        day, month, job
            US dollars as Decimal, int or text such as ``"25.50"``: what may be spent in a UTC day, in a UTC month,
            and on one job.

        Raises
        ------
        InvalidRequest
            No amount, or less than the period has held already.
        NotAllowed
            A member may not set it.
        """
        amounts = {
            name: to_nano(parse_usd(value, f"the budget of a {what}"))
            for name, value, what in (
                ("per_day", day, "day"),
                ("per_month", month, "month"),
                ("per_job", job, "job"),
            )
            if value is not None
        }
        # one transaction: nobody is admitted, and nobody sets another limit, between the look and the change
        with self.store.transaction(durable=bool(amounts)):
            team, today, this_month, now = self.store.budget_of(self.settings.user)
            if amounts:
                self._check_may_change(team)
                for name, spent, spoken in (
                    ("per_day", today, "today"),
                    ("per_month", this_month, "this month"),
                ):
                    if name in amounts:
                        _check_not_below(amounts[name], spent, spoken)
                team = self.store.set_limits(team, team.limits.changed(**amounts), self.settings.user)
        ends_day, ends_month = ends_of(now)
        return Budget(
            team.name,
            from_nano(team.limits.per_job),
            _period(team.limits.per_day, today, ends_day),
            _period(team.limits.per_month, this_month, ends_month),
        )

    def limits(
        self,
        *,
        user_per_minute: int | None = None,
        team_per_day: int | None = None,
        local: bool | None = None,
    ) -> Rates:
        """Show how fast the team may submit; with arguments, set it first.

        Parameters
        ----------
        user_per_minute, team_per_day
            Submissions in any 60 seconds of a user, and in any 24 hours of the team. A batch is one.
        local
            Whether free jobs of this machine's simulators count.

        Raises
        ------
        InvalidRequest
            No whole number from 1 on, or ``local`` is neither True nor False.
        NotAllowed
            A member may not set it.
        """
        changes = {
            name: _rate(name, value)
            for name, value in (("user_per_minute", user_per_minute), ("team_per_day", team_per_day))
            if value is not None
        }
        if local is not None:
            changes["count_local"] = _flag("local", local)
        with self.store.transaction(durable=bool(changes)):
            team = self.store.budget_of(self.settings.user)[0]
            if changes:
                self._check_may_change(team)
                team = self.store.set_limits(team, team.limits.changed(**changes), self.settings.user)
        return Rates(team.limits.user_per_minute, team.limits.team_per_day, team.limits.count_local)

    def audit(self) -> audit.Audit:
        """Recompute everything from the rows, and tell what does not add up.

        That ledger, jobs and sums agree is one half; the other one is that no limit was ever passed. What exactly is
        proved, also where a clock was set back, says `qjob.policy.replay`.
        """
        books = self.store.books()
        movements = [audit.MovementLine(*row) for row in books.movements]
        rows = history.history(history.LimitsLine(*row) for row in books.limits)
        findings = [
            *audit.jobs(audit.JobLine(*row) for row in books.jobs),
            *audit.sums(books.ledger, books.spending),
            *audit.movements(movements, ACCOUNTS, books.span),
            *history.verify(rows, [history.TeamLine(*row) for row in books.teams], books.span[2]),
            *replay.money(movements, whole := history.readable(rows)),
            *replay.rates((replay.SlotLine(*row) for row in books.slots), whole),
        ]
        return audit.Audit(tuple(findings), len(books.jobs), len(movements))

    def _check_may_change(self, team: Team) -> None:
        role = self.store.role_of(team.id, self.settings.user)
        if role not in (Role.OWNER, Role.ADMIN):
            raise NotAllowed(
                f"{self.settings.user} is {'a' if role else 'no'} member of team {team.name} "
                "and may not change its limits.",
                remedy="Ask its owner or an admin.",
                numbers={"role": role and str(role), "team": team.name},
            )


def _check_not_below(amount: int, spent: Spending, spoken: str) -> None:
    if amount < spent.held:
        raise InvalidRequest(
            f"{format_usd(from_nano(amount))} is less than the {format_usd(from_nano(spent.held))} held {spoken}.",
            remedy="Cancel jobs that are queued, or wait until they have ended.",
            numbers={"amount": plain(amount), "held": plain(spent.held)},
        )


def _rate(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_RATE:
        raise InvalidRequest(
            f"{name} takes a whole number from 1 to {MAX_RATE:,}, not {_shown(value)}.",
            remedy=f"engine.limits({name}=10)",
            numbers={"minimum": 1, "maximum": MAX_RATE},
        )
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidRequest(
            f"{name} is True or False, not {_shown(value)}.", remedy=f"engine.limits({name}=False)"
        )
    return value


def _shown(value: object) -> str:
    try:
        return f"{value!r:.80}"
    except ValueError:  # Python does not print integers of thousands of digits
        return "a number with thousands of digits"


def _period(limit: int, spent: Spending, ends: datetime) -> Period:
    return Period(from_nano(limit), from_nano(spent.held), from_nano(spent.charged), ends)

"""What a team may spend and how fast it may submit: shown, set and checked. Submits nothing."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from qjob.model.budget import Budget, Period
from qjob.model.errors import IllegalMove, InvalidRequest, NotAllowed, Refusal
from qjob.model.job import JobRecord
from qjob.model.money import format_usd, from_nano, parse_usd, to_nano
from qjob.model.team import Role, Spending, Team
from qjob.policy import audit, history, replay
from qjob.policy.admission import ends_of, plain
from qjob.settings import Settings
from qjob.store.ledger import ACCOUNTS
from qjob.store.store import Store

MAX_RATE = 1_000_000
"""The highest rate limit that is taken."""

MAX_REASON = 200
"""The longest reason of a refund, in characters."""


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

    def refund(self, job_id: str, amount: object, reason: str) -> Decimal:
        """Put on record what a vendor gave back of what a job cost; return what it costs then, in US dollars.

        It is free to be spent again in the UTC day and month in which the job was admitted.

        Parameters
        ----------
        job_id
            An ended job's id, the beginning of it, or its name.
        amount
            US dollars as Decimal, int or text, up to what was charged and not yet refunded.
        reason
            Why, in a line: it stays in the ledger and in the job's log.

        Raises
        ------
        NoSuchJob, AmbiguousJob
            No job, or several.
        NotAllowed
            The user is no owner or admin of the team that paid.
        IllegalMove
            The job has not ended yet.
        InvalidRequest
            No amount, more than the job cost, or no reason.
        """
        nano = to_nano(parse_usd(amount, "the refund"))
        why = _reason(reason)
        user = self.settings.user
        with self.store.transaction(durable=True):
            record = self.store.job(self.resolve(job_id))
            role = None if record.team is None else self.store.role_of(record.team, user)
            if record.team is not None and role not in (Role.OWNER, Role.ADMIN):
                raise NotAllowed(
                    f"{user} is {'a' if role else 'no'} member of the team that paid for job {record.id[:8]} "
                    "and may not refund it.",
                    remedy="Ask its owner or an admin.",
                    numbers={"role": role and str(role), "team": record.team},
                )
            left = self.store.refund(record.id, nano, why, user)
            if left is None:
                raise _no_refund(record, nano)
        return from_nano(left)

    @abstractmethod
    def resolve(self, text: str) -> str:
        """Return the full id that an id, the beginning of one, or a name stands for."""

    def audit(self) -> audit.Audit:
        """Recompute everything from the rows, and tell what does not add up.

        That ledger, jobs and sums agree is one half; the other one is that no limit was ever passed. What exactly is
        proved, also where a clock was set back, says `qjob.policy.replay`.
        """
        books = self.store.books()
        movements = [audit.MovementLine(*row) for row in books.movements]
        last = {line.team: line.number for line in movements}  # they are in order
        rows = history.history(history.LimitsLine(*row) for row in books.limits)
        findings = [
            *audit.jobs(audit.JobLine(*row) for row in books.jobs),
            *audit.sums(books.ledger, books.spending),
            *audit.movements(movements, ACCOUNTS, books.span),
            *history.verify(rows, [history.TeamLine(*row) for row in books.teams], last),
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


def _no_refund(record: JobRecord, nano: int) -> Refusal:
    short = record.id[:8]
    if not record.status.ended:
        return IllegalMove(
            f"job {short} is still {record.status}: nothing was charged yet.",
            remedy=f"Wait for it, or cancel it: %qjob cancel {short}",
        )
    cost = from_nano(record.cost or 0)
    return InvalidRequest(
        f"{format_usd(from_nano(nano))} cannot be refunded: job {short} costs {format_usd(cost)}.",
        remedy=f"Give more than 0 and at most {format_usd(cost)}."
        if cost
        else "There is nothing to give back.",
        numbers={"amount": plain(nano), "cost": plain(record.cost or 0)},
    )


def _reason(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_REASON or not value.isprintable():
        raise InvalidRequest(
            f"reason {_shown(value)} does not fit: it takes 1 to {MAX_REASON} printable characters.",
            remedy='Say why, such as "the vendor\'s credit note 4711".',
            numbers={"longest": MAX_REASON},
        )
    return value.strip()


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

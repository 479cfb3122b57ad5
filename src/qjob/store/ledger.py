"""Double entry: every movement of money goes from one of a team's accounts to another.

Works inside the caller's transaction. Appends to the ledger and keeps its sums; decides nothing. Amounts are whole
nano-dollars.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from qjob.model.movement import MovementKind
from qjob.store.database import Connection
from qjob.store.rows import from_time


class Account(StrEnum):
    """Where a team's money is."""

    BUDGET = "budget"  # free to be spent
    HELD = "held"  # set aside for a job that has not ended
    CHARGED = "charged"  # spent


ACCOUNTS: Mapping[str, tuple[str, str]] = {
    MovementKind.HOLD: (Account.BUDGET, Account.HELD),
    MovementKind.CHARGE: (Account.HELD, Account.CHARGED),
    MovementKind.RELEASE: (Account.HELD, Account.BUDGET),
    MovementKind.OVERRUN: (Account.BUDGET, Account.CHARGED),
    MovementKind.REFUND: (Account.CHARGED, Account.BUDGET),
}
"""The account that each movement takes from, and the one that it goes to."""


def day_of(moment: datetime) -> str:
    """Return the UTC day of a moment, as ``2026-03-01``."""
    return moment.astimezone(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger, in one transaction.

    Parameters
    ----------
    queries, connection
        The named queries, and a connection in a transaction that writes.
    now
        Microseconds since 1970.
    """

    queries: Any
    connection: Connection
    now: int

    def hold(self, job: int, team: str, day: str, cap: int) -> None:
        """Set aside what a job, by its number, can cost at the most."""
        self._move(_Of(team, job, day, "admitted"), MovementKind.HOLD, cap)

    def settle(self, job: int, cost: int, reason: str) -> None:
        """Charge what a job cost and release the rest of its hold.

        Parameters
        ----------
        cost
            May be more than was held: the rest is charged all the same, as an overrun.
        reason
            Why it cost that, for people.

        Raises
        ------
        ValueError
            The job has no team that could pay.
        """
        team, admitted_at, held = self.queries.payer_of(self.connection, job=job)
        if team is None:
            raise ValueError(f"{cost} nano-dollars for a job without a team")
        of, covered = _Of(team, job, day_of(from_time(admitted_at)), reason), min(cost, held)
        self._move(of, MovementKind.CHARGE, covered)
        self._move(of, MovementKind.RELEASE, held - covered)
        self._move(of, MovementKind.OVERRUN, cost - covered)
        self.queries.set_cost(self.connection, number=job, cost=cost)

    def refund(self, job: int, amount: int, left: int, reason: str) -> None:
        """Give back some of what a job was charged.

        Parameters
        ----------
        left
            What it costs then.
        reason
            Why, for people.
        """
        team, admitted_at, _ = self.queries.payer_of(self.connection, job=job)
        self._move(_Of(team, job, day_of(from_time(admitted_at)), reason), MovementKind.REFUND, amount)
        self.queries.set_cost(self.connection, number=job, cost=left)

    def _move(self, of: "_Of", movement: MovementKind, amount: int) -> None:
        if not amount:
            return
        debit, credit = ACCOUNTS[movement]
        self.queries.add_movement(
            self.connection,
            team=of.team,
            job=of.job,
            day=of.day,
            at=self.now,
            kind=movement,
            debit=debit,
            credit=credit,
            amount=amount,
            reason=of.reason,
        )
        change: dict[str, int] = dict.fromkeys(Account, 0)
        change[debit] -= amount
        change[credit] += amount
        self.queries.add_spending(
            self.connection,
            team=of.team,
            day=of.day,
            held=change[Account.HELD],
            charged=change[Account.CHARGED],
        )


@dataclass(frozen=True, slots=True)
class _Of:
    """What movements belong to."""

    team: str
    job: int  # its number
    day: str
    reason: str

"""Who pays and how much may be spent: values only. What they allow is decided in `qjob.policy`.

Amounts are whole nano-dollars here, as the store keeps them; `qjob.model.money` turns them into Decimal and back.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from qjob.model.money import NANO


class Role(StrEnum):
    """What a member of a team may do."""

    OWNER = "owner"  # everything
    ADMIN = "admin"  # invite, remove, and set what may be spent
    MEMBER = "member"  # submit


@dataclass(frozen=True, slots=True)
class Limits:
    """What a team may spend, in nano-dollars, and how fast it may submit.

    The defaults are those of the Marqov platform's public pages.
    """

    per_job: int = 100 * NANO
    per_day: int = 100 * NANO  # UTC calendar day
    per_month: int = 1000 * NANO  # UTC calendar month
    user_per_minute: int = 10  # submissions in any 60 seconds
    team_per_day: int = 100  # submissions in any 24 hours
    count_local: bool = True  # whether free jobs of this machine's simulators count as submissions

    def changed(self, **changes: Any) -> "Limits":
        """Return limits with some of them changed; None leaves one as it is."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its limits."""

    id: str  # UUID, lower case
    name: str
    created_at: datetime  # UTC
    limits: Limits


@dataclass(frozen=True, slots=True)
class Spending:
    """What a team has in use in one period, in nano-dollars."""

    held: int = 0  # set aside for jobs that have not ended
    charged: int = 0  # settled

    @property
    def total(self) -> int:
        """Both together."""
        return self.held + self.charged


@dataclass(frozen=True, slots=True)
class Standing:
    """What an admission has to know of a team at one moment.

    Parameters
    ----------
    now
        The moment, in UTC.
    day, month
        What the team has in use in the UTC day and month of that moment.
    user_slot_free_at, team_slot_free_at
        When the next submission fits into the sliding window: not later than ``now`` where one fits already.
    """

    team: Team
    now: datetime
    day: Spending
    month: Spending
    user_slot_free_at: datetime
    team_slot_free_at: datetime


def seal(before: str, *values: object) -> str:
    """Return what tells whether a row of the history of a team's limits, or one before it, was changed later.

    No secret goes into it: it finds a slip or a careless hand, not a forger who computes it anew.

    Parameters
    ----------
    before
        The seal of the row before; empty for the first one.
    values
        The row's other columns: texts, whole numbers and None; whatever else was written there breaks the seal.
    """
    return hashlib.sha256(json.dumps([before, *values], default=repr).encode()).hexdigest()

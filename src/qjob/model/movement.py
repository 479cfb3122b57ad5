"""A movement of money for a job, as people and programs ask for it: values only."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class MovementKind(StrEnum):
    """Why money moves."""

    HOLD = "hold"  # a job was admitted
    CHARGE = "charge"  # it ended and cost something
    RELEASE = "release"  # it cost less than was held
    OVERRUN = "overrun"  # it cost more than was held
    REFUND = "refund"  # the vendor gave something back


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of the ledger.

    Parameters
    ----------
    at
        When it happened, in UTC. The day it counts for is that of the job's admission.
    kind
        Why.
    amount
        US dollars, more than 0.
    reason
        What happened, in a word or a line for people.
    """

    at: datetime
    kind: MovementKind
    amount: Decimal
    reason: str

"""Groups of jobs that belong together, as qBraid has them: values, and what a group's status is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from qjob.model.job import JobStatus

MAX_TTL = 86_400
"""The longest time after which a group may close by itself, in seconds."""


class GroupStatus(StrEnum):
    """Where a group is in its life."""

    OPEN = "OPEN"  # takes jobs
    CLOSED = "CLOSED"  # takes no more, and some of its jobs have not ended
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it stands."""

    id: str  # UUID, lower case
    team: str  # the id of the team that it belongs to
    user: str  # who made it
    name: str | None
    tags: Mapping[str, str | int | bool]
    metadata: Mapping[str, object]  # JSON values of who made it
    max_ttl: int | None  # seconds after its creation at which it closes by itself
    created_at: datetime  # UTC, as are all times
    closed_at: datetime | None = None  # by hand, or with its cancelling
    cancelled_at: datetime | None = None
    deleted_at: datetime | None = None
    statuses: Mapping[JobStatus, int] = field(
        default_factory=dict
    )  # of its jobs; those that none has are missing
    status: GroupStatus = GroupStatus.OPEN  # at the moment it was read

    @property
    def size(self) -> int:
        """How many jobs it has."""
        return sum(self.statuses.values())

    @property
    def closes_at(self) -> datetime | None:
        """When it closes by itself, if nobody closes it before."""
        return None if self.max_ttl is None else self.created_at + timedelta(seconds=self.max_ttl)

    def takes_jobs(self, now: datetime) -> bool:
        """Whether jobs may still be put into it."""
        by_hand = (self.closed_at, self.cancelled_at, self.deleted_at) != (None, None, None)
        return not by_hand and (self.closes_at is None or now < self.closes_at)


def status_of(group: Group, now: datetime) -> GroupStatus:
    """Return a group's status at a moment: of its own times, and of the statuses of its jobs.

    A group without jobs that was closed is COMPLETED: there is nothing left to wait for.
    """
    if group.takes_jobs(now):
        return GroupStatus.OPEN
    if any(not status.ended for status, count in group.statuses.items() if count):
        return GroupStatus.CLOSED
    if group.cancelled_at is not None:
        return GroupStatus.CANCELLED
    if group.statuses.get(JobStatus.FAILED):
        return GroupStatus.FAILED
    return GroupStatus.COMPLETED

"""Groups of jobs over qBraid's API."""

from typing import Any

from pydantic import Field

from qjob.model.group import Group, GroupStatus
from qjob.model.job import JobStatus
from qjob.server.desk import Desk
from qjob.server.qbraid import find, names, view
from qjob.server.qbraid.answers import JobsAnswer, Pagination, TimeStamps
from qjob.server.qbraid.base import Answered, Credits, Envelope, credits_of
from qjob.server.qbraid.bodies import GroupBody, GroupJobsQuery, GroupsQuery
from qjob.server.routes import Answer, Call
from qjob.store.listing import JobFilter, Order

DEFAULT_TTL = 3_600
"""After how many seconds a group closes by itself where nothing else was asked for, as on the service."""


class GroupJob(Answered):
    """A group."""

    group_job_qrn: str
    name: str | None
    status: GroupStatus
    organization_user_id: str
    job_count: int
    completed_count: int
    failed_count: int
    cancelled_count: int
    total_estimated_cost: Credits = Field(description="What its jobs can cost at the most, as it looks now.")
    total_cost: Credits = Field(description="What those that have ended cost.")
    time_stamps: TimeStamps
    max_ttl: int | None = Field(serialization_alias="maxTTL")
    tags: dict[str, str | int | bool]
    metadata: dict[str, Any]


class GroupAnswer(Envelope):
    """A group."""

    data: GroupJob


class GroupsAnswer(Envelope):
    """A page of groups."""

    data: list[GroupJob]
    pagination: Pagination


class Gone(Answered):
    """What was deleted."""

    message: str
    group_job_qrn: str


class GoneAnswer(Envelope):
    """What was deleted."""

    data: Gone


def create_group(desk: Desk, call: Call) -> Answer:
    """Make a group."""
    body: GroupBody = call.body
    made = desk.engine.create_group(
        name=body.name or None,
        tags=body.tags or {},
        metadata=body.metadata or {},
        max_ttl=body.max_ttl or DEFAULT_TTL,
    )
    return Answer(GroupAnswer(data=_shown(desk, made)), status=201)


def groups(desk: Desk, call: Call) -> Answer:
    """Return a page of the team's groups, the newest first."""
    query: GroupsQuery = call.query
    status = None if query.status is None else GroupStatus(query.status)
    found, total = desk.engine.groups(status, limit=query.limit, offset=(query.page - 1) * query.limit)
    rows = [_shown(desk, each) for each in found]
    return Answer(GroupsAnswer(data=rows, pagination=Pagination.of(query.page, query.limit, total)))


def group(desk: Desk, call: Call) -> Answer:
    """Return a group."""
    return Answer(GroupAnswer(data=_shown(desk, find.group(desk, call.path["group"]))))


def group_jobs(desk: Desk, call: Call) -> Answer:
    """Return a page of a group's jobs, the oldest first."""
    query: GroupJobsQuery = call.query
    found = find.group(desk, call.path["group"])
    wanted, qrn = JobFilter(group=found.id, erased=True), names.group_qrn(found.team, found.id)
    skipped, total = (query.page - 1) * query.limit, desk.count(wanted)
    records = (
        desk.jobs(wanted, limit=query.limit, offset=skipped, order=Order.OLDEST) if skipped < total else []
    )
    rows = [view.listed(desk, record, qrn) for record in records]
    return Answer(JobsAnswer(data=rows, pagination=Pagination.of(query.page, query.limit, total)))


def close_group(desk: Desk, call: Call) -> Answer:
    """Let a group take no more jobs."""
    closed = desk.engine.close_group(find.group(desk, call.path["group"]).id)
    return Answer(GroupAnswer(data=_shown(desk, closed)))


def cancel_group(desk: Desk, call: Call) -> Answer:
    """Close a group and ask for its jobs to end."""
    cancelled = desk.engine.cancel_group(find.group(desk, call.path["group"]).id)
    return Answer(GroupAnswer(data=_shown(desk, cancelled)))


def delete_group(desk: Desk, call: Call) -> Answer:
    """Forget a group whose jobs have all ended; they stay."""
    deleted = desk.engine.delete_group(find.group(desk, call.path["group"]).id)
    qrn = names.group_qrn(deleted.team, deleted.id)
    return Answer(GoneAnswer(data=Gone(message="The group is deleted; its jobs stay.", group_job_qrn=qrn)))


def _shown(desk: Desk, group: Group) -> GroupJob:
    totals = desk.engine.totals(JobFilter(group=group.id, erased=True, teams=desk.caller.teams))
    count = group.statuses.get
    return GroupJob(
        group_job_qrn=names.group_qrn(group.team, group.id),
        name=group.name,
        status=group.status,
        organization_user_id=names.organization_user_id(group.user, group.team),
        job_count=group.size,
        completed_count=count(JobStatus.COMPLETED, 0),
        failed_count=count(JobStatus.FAILED, 0),
        cancelled_count=count(JobStatus.CANCELLED, 0),
        total_estimated_cost=credits_of(totals.cost + totals.held),
        total_cost=credits_of(totals.cost),
        time_stamps=TimeStamps(created_at=group.created_at, ended_at=group.closed_at),
        max_ttl=group.max_ttl,
        tags=dict(group.tags),
        metadata=dict(group.metadata),
    )

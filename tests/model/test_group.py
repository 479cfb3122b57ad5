"""What the status of a group is."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.model.group import Group, GroupStatus, status_of
from qjob.model.job import JobStatus as S

MADE = datetime(2026, 3, 1, tzinfo=UTC)
NOW = MADE + timedelta(seconds=60)
OPEN, CLOSED, CANCELLED = {}, {"closed_at": NOW}, {"closed_at": NOW, "cancelled_at": NOW}


@pytest.mark.parametrize(
    ("times", "jobs", "status"),
    [
        pytest.param(OPEN, {}, "OPEN", id="new"),
        pytest.param(OPEN, {S.COMPLETED: 3}, "OPEN", id="all have ended, and more may come"),
        pytest.param({"max_ttl": 61}, {S.FAILED: 1}, "OPEN", id="its time is not over"),
        pytest.param({"max_ttl": 60}, {S.RUNNING: 1}, "CLOSED", id="its time is over"),
        pytest.param({"max_ttl": 60}, {}, "COMPLETED", id="its time is over and nothing came"),
        pytest.param(CLOSED, {S.QUEUED: 1, S.FAILED: 2}, "CLOSED", id="closed, one waits"),
        pytest.param(CLOSED, {S.INITIALIZING: 1}, "CLOSED", id="closed, one is not admitted"),
        pytest.param(CLOSED, {S.COMPLETED: 2}, "COMPLETED", id="closed, all completed"),
        pytest.param(CLOSED, {S.COMPLETED: 2, S.FAILED: 1}, "FAILED", id="closed, one failed"),
        pytest.param(
            CLOSED, {S.COMPLETED: 1, S.CANCELLED: 1}, "COMPLETED", id="closed, one cancelled by itself"
        ),
        pytest.param(CLOSED, {S.RUNNING: 0, S.COMPLETED: 1}, "COMPLETED", id="none runs"),
        pytest.param(CANCELLED, {S.CANCELLING: 1}, "CLOSED", id="being cancelled"),
        pytest.param(
            CANCELLED, {S.CANCELLED: 1, S.FAILED: 1}, "CANCELLED", id="cancelled, one failed before"
        ),
        pytest.param(CANCELLED, {S.COMPLETED: 1}, "CANCELLED", id="cancelled too late for its job"),
    ],
)
def test_the_status_of_a_group(times, jobs, status):
    group = Group(
        "g", "t", "ada", None, {}, {}, **{"max_ttl": None, "created_at": MADE} | times, statuses=jobs
    )
    assert status_of(group, NOW) is GroupStatus(status)
    assert group.size == sum(jobs.values())

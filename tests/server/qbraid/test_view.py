"""The status of several circuits as one."""

import pytest

from qjob.model.job import JobStatus
from qjob.server.qbraid.view import status_of


@pytest.mark.parametrize(
    ("statuses", "one"),
    [
        ("INITIALIZING", "INITIALIZING"),
        ("QUEUED", "QUEUED"),
        ("QUEUED RUNNING", "RUNNING"),
        ("QUEUED COMPLETED", "RUNNING"),
        ("RUNNING FAILED", "RUNNING"),
        ("CANCELLING RUNNING COMPLETED", "CANCELLING"),
        ("COMPLETED", "COMPLETED"),
        ("COMPLETED FAILED", "FAILED"),
        ("COMPLETED CANCELLED", "CANCELLED"),
        ("CANCELLED FAILED", "FAILED"),
        ("CANCELLED", "CANCELLED"),
    ],
)
def test_a_batch_has_the_status_of_what_matters_most(statuses, one):
    assert status_of({JobStatus(status): 1 for status in statuses.split()}) == one

"""How a job gets its task at Amazon Braket: created once, or found again.

Who pays twice? Nobody: a task is created under a client token of job and attempt, and AWS answers a repeated token
with the task that it made before. The token stays as long as no answer came. A process that resumes a job without
knowing its task looks for it by its tags first, since nobody says how long AWS remembers a token.
"""

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from braket.ir.openqasm import Program as OpenQasm

from qjob.backends.base import Task
from qjob.backends.braket.conversion import Converted
from qjob.backends.braket.faults import code_of
from qjob.backends.braket.parameters import without_rewiring
from qjob.backends.braket.sessions import Session

PREFIX = "tasks"
"""Where in the bucket results lie, as in the SDK."""

CLOCKS_APART = timedelta(minutes=30)
"""How much earlier than by our clock a task may seem to be created by AWS's."""

SEARCHED = 1000
"""How many of a device's tasks since then are looked through for one of ours."""

LONGEST_VALUE = 256
"""Characters of a tag's value, as AWS takes them."""


def create(session: Session, arn: str, task: Task, converted: Converted, bucket: str) -> str:
    """Create a job's task, or with the same token learn which one it is; return its ARN.

    Parameters
    ----------
    arn
        The device's.
    """
    extra = {"deviceParameters": without_rewiring(arn)} if converted.fixed else {}
    created: str = session.create_quantum_task(
        clientToken=f"{task.job_id}-{task.attempt}",
        deviceArn=arn,
        shots=task.request.shots,
        outputS3Bucket=bucket,
        outputS3KeyPrefix=PREFIX,
        action=OpenQasm(source=converted.source).json(),
        tags=tags_of(task),
        **extra,
    )
    return created


def find(session: Session, arn: str, task: Task) -> str | None:
    """Return the ARN of the task that an earlier process may have created for a job; None where there is none."""
    filters: list[dict[str, Any]] = [{"name": "deviceArn", "operator": "EQUAL", "values": [arn]}]
    if since := (task.about or {}).get("since"):
        after = datetime.fromisoformat(since) - CLOCKS_APART
        later = {"name": "createdAt", "operator": "GTE", "values": [after.isoformat()]}
        try:
            return _find(session, [*filters, later], task)
        except ClientError as error:  # nobody has written down which times AWS takes
            if code_of(error) != "ValidationException":
                raise
    return _find(session, filters, task)


def _find(session: Session, filters: list[dict[str, Any]], task: Task) -> str | None:
    pages = session.braket_client.get_paginator("search_quantum_tasks").paginate(
        filters=filters, PaginationConfig={"MaxItems": SEARCHED, "PageSize": 100}
    )
    wanted = task.job_id, str(task.attempt)
    for page in pages:
        for row in page["quantumTasks"]:
            tags = row.get("tags", {})
            if (tags.get("qjob:job"), tags.get("qjob:attempt")) == wanted:
                return str(row["quantumTaskArn"])
    return None


def tags_of(task: Task) -> dict[str, str]:
    """Return what AWS shows with a task."""
    about = task.about or {}
    named = {f"qjob:{name}": _plain(about.get(name, "")) for name in ("team", "user")}
    return {
        "qjob:job": task.job_id,
        "qjob:attempt": str(task.attempt),
        **{name: value for name, value in named.items() if value},
    }


def _plain(text: str) -> str:
    """Return a text in the alphabet that AWS takes for the value of a tag."""
    known = (each if each.isalnum() or each in " _.:/=+-@" else "_" for each in text)
    return "".join(known)[:LONGEST_VALUE].strip()

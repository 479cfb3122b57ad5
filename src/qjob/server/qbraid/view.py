"""How a job or a batch looks in qBraid's API. Reads; changes nothing."""

from collections.abc import Collection
from datetime import datetime

from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.snapshot import BatchSnapshot
from qjob.server import wording
from qjob.server.desk import Desk
from qjob.server.qbraid import names
from qjob.server.qbraid.answers import Destination, PlatformJob, TimeStamps
from qjob.server.qbraid.base import credits_of
from qjob.server.qbraid.find import Found, device_qrn
from qjob.server.seeds import shown_seed

BUCKET = "qjob"


def shown(desk: Desk, found: Found, group: str | None = None) -> PlatformJob:
    """Return a job or a batch as it stands; `group` is the QRN of the group that it is known to belong to."""
    if found.batch is not None:
        return _batch(desk, found.job, desk.engine.batch_snapshot(found.batch), group)
    snapshot = desk.engine.snapshot(found.job.id)
    return listed(desk, snapshot.job, group).model_copy(update={"queue_position": snapshot.queue_position})


def listed(desk: Desk, record: JobRecord, group: str | None = None) -> PlatformJob:
    """Return a job of a list, of its row alone: without its place in the queue."""
    device = device_qrn(desk, record.backend)
    vendor, provider, *_ = device.split(":")
    batch = None if record.batch is None else names.job_qrn(device, record.team, record.batch)
    message = _message(record.failure, record.pending, record.id)
    return PlatformJob(
        job_qrn=names.job_qrn(device, record.team, record.id),
        batch_job_qrn=batch,
        group_job_qrn=group,
        device_qrn=device,
        vendor=vendor,
        provider=provider,
        name=record.name,
        shots=record.shots,
        tags=dict(record.tags),
        runtime_options=dict(record.options),
        status=record.status,
        status_msg=message,
        time_stamps=times(record),
        cost=cost_of(record) if record.status.ended else None,
        estimated_cost=credits_of(record.cap),
        metadata=_metadata(record),
        job_vrn=record.remote_id,
        organization_user_id=names.organization_user_id(record.user, record.team),
        device_id=record.backend,
        provider_id=provider,
        error=message if record.status is JobStatus.FAILED else None,
        gcs_destination=Destination(bucket=BUCKET, directory=record.id),
    )


def cost_of(record: JobRecord) -> float:
    """Return what an ended job cost, in credits."""
    return credits_of(record.cost or 0)


def times(record: JobRecord) -> TimeStamps:
    """Return a job's times."""
    return _times(record.created_at, record.started_at, record.ended_at)


def batch_times(batch: BatchSnapshot) -> TimeStamps:
    """Return a batch's times: from its first job's beginning to its last one's end."""
    return _times(batch.batch.created_at, batch.started_at, batch.ended_at if batch.ended else None)


def _times(created: datetime, started: datetime | None, ended: datetime | None) -> TimeStamps:
    ran = None if ended is None else (ended - (started or ended)).total_seconds()
    return TimeStamps(
        created_at=created,
        ended_at=ended,
        execution_duration=None if ran is None else max(0, round(ran * 1000)),
    )


def _batch(desk: Desk, first: JobRecord, batch: BatchSnapshot, group: str | None) -> PlatformJob:
    """Return a batch: what its jobs have in common is the first one's."""
    status = status_of(batch.statuses)
    cost = batch.cost or 0
    return listed(desk, first, group).model_copy(
        update={
            "job_qrn": names.job_qrn(device_qrn(desk, first.backend), first.team, batch.id),
            "batch_job_qrn": None,
            "name": batch.batch.name,
            "num_circuits": batch.batch.size,
            "status": status,
            "status_msg": _batch_message(batch),
            "error": _batch_message(batch) if status is JobStatus.FAILED else None,
            "time_stamps": batch_times(batch),
            "cost": credits_of(cost) if batch.ended else None,
            "estimated_cost": credits_of(batch.held + batch.asked + cost),
            "metadata": {**_metadata(first), "batchId": batch.id},
            "job_vrn": None,
            "gcs_destination": Destination(bucket=BUCKET, directory=batch.id),
        }
    )


def status_of(statuses: Collection[JobStatus]) -> JobStatus:
    """Return the status of a batch by those that its jobs have.

    A batch is COMPLETED where all its jobs are: one that failed, or was cancelled, must not go unseen.
    """
    going_on = [status for status in statuses if not status.ended]
    if not going_on:
        order = (JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.COMPLETED)
        return next(status for status in order if status in statuses)
    for status in (JobStatus.INITIALIZING, JobStatus.CANCELLING):
        if status in going_on:
            return status
    started = JobStatus.RUNNING in going_on or len(going_on) < len(set(statuses))
    return JobStatus.RUNNING if started else JobStatus.QUEUED


def _batch_message(batch: BatchSnapshot) -> str | None:
    failed = batch.statuses.get(JobStatus.FAILED, 0)
    if not failed:
        return _message(None, batch.pending, batch.id)
    first = next((job for job in batch.jobs if job.failure is not None), None)
    why = "" if first is None else f" Circuit {first.place}: {_message(first.failure, None, first.id)}"
    return f"{failed} of {batch.batch.size} circuits failed; GET result has the others'.{why}"


def _message(failure: Failure | None, pending: Pending | None, job_id: str) -> str | None:
    if failure is not None:
        remedy = wording.said(failure.remedy, names.SPEECH, [job_id])
        return f"{wording.with_whole(failure.reason, [job_id])} {remedy}".strip()
    return (wording.said(pending.why, names.SPEECH, [job_id]) or None) if pending is not None else None


def _metadata(record: JobRecord) -> dict[str, object]:
    known: dict[str, object] = {
        "jobId": record.id,
        "backend": record.backend,
        "executionMode": record.mode,
        "seed": shown_seed(record.seed),
    }
    if record.erased_at is not None:
        known["deletedAt"] = record.erased_at.isoformat().replace("+00:00", "Z")
    if record.retry_of is not None:
        known["retryOf"] = record.retry_of
    return known

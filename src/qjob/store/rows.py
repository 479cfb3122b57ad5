"""Values as rows and back: times as integer microseconds, everything structured as JSON text. Knows no query."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from qjob.model.attempt import Attempt
from qjob.model.batch import BatchRecord
from qjob.model.bits import BitLayout
from qjob.model.events import EventKind, LogEntry, Progress
from qjob.model.job import Failure, JobRecord, JobStatus, Pending
from qjob.model.snapshot import BatchJob
from qjob.model.worker import WorkerRecord

Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NO_VALUES = "{}"
_STATUS = {status.value: status for status in JobStatus}  # a quarter of the time of JobStatus(...)


@dataclass(frozen=True, slots=True)
class StoredJob:
    """What the store knows about one job at one moment.

    Parameters
    ----------
    job
        The job's row.
    progress
        The last progress; None before the first.
    layout
        The result's classical bits; None before the end.
    queue_position
        Its rank, from 1, among the QUEUED jobs of its owner; None otherwise.
    """

    job: JobRecord
    progress: Progress | None
    layout: BitLayout | None
    queue_position: int | None


def to_time(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_time(microseconds: int) -> datetime:
    """Return the time, in UTC, of microseconds since 1970."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC)  # exact, as long as seconds have ten digits


def to_json(value: Any) -> str:
    """Return JSON text; dataclasses become objects."""
    return orjson.dumps(value).decode()


def fold(text: str) -> str:
    """Return text as it is searched: case folded, without NUL, at which SQLite's functions would stop."""
    return text.casefold().replace("\0", "")


def search_text(job: JobRecord) -> str:
    """Return what a search looks through: the name and each ``key=value`` of the tags, a line each."""
    lines = [job.name] if job.name else []
    lines += [f"{key}={value}" for key, value in job.tags.items()]
    return fold("\n".join(lines))


def job_to_row(job: JobRecord) -> dict[str, Any]:
    """Return the columns of a job, all but the number."""
    return {
        "id": job.id,
        "username": job.user,
        "name": job.name,
        "backend": job.backend,
        "program": job.program,
        "num_qubits": job.num_qubits,
        "shots": job.shots,
        "seed": job.seed,
        "options": to_json(dict(job.options)),
        "mode": job.mode,
        "tags": to_json(dict(job.tags)),
        "status": job.status.value,
        "failure": failure_to_json(job.failure),
        "owner": job.owner,
        "retry_of": job.retry_of,
        "created_at": to_time(job.created_at),
        "started_at": job.started_at and to_time(job.started_at),
        "ended_at": job.ended_at and to_time(job.ended_at),
        "search": search_text(job),
        "batch": job.batch,
        "place": job.place,
        "team": job.team,
        "cap": job.cap,
        "cost": job.cost,
        "fingerprint": job.fingerprint,
        "admitted_at": job.admitted_at and to_time(job.admitted_at),
        "pending": pending_to_json(job.pending),
        "source": job.source,
        "likeness": job.likeness,
        "site": site_to_json(job.site),
        "work": job.work,
    }


def job_from_row(row: Row) -> JobRecord:
    """Return the job of a row of the view ``records``; what follows its columns is ignored."""
    (
        job_id, user, name, backend, program, num_qubits, shots, seed, options, mode, tags, status, failure,
        owner, retry_of, created_at, started_at, ended_at, batch, place, team, cap, cost, fingerprint,
        admitted_at, pending, source, likeness, site, remote_id, work, fence, attempt, erased_at, erased_by,
    ) = row[:35]  # fmt: skip
    return JobRecord(
        job_id,
        user,
        name,
        backend,
        program,
        num_qubits,
        shots,
        seed,
        {} if options == NO_VALUES else orjson.loads(options),
        mode,
        {} if tags == NO_VALUES else orjson.loads(tags),
        _STATUS[status],
        _failure(failure),
        owner,
        retry_of,
        from_time(created_at),
        None if started_at is None else from_time(started_at),
        None if ended_at is None else from_time(ended_at),
        batch,
        place,
        team,
        cap,
        cost,
        fingerprint,
        None if admitted_at is None else from_time(admitted_at),
        None if pending is None else pending_from_json(pending),
        source,
        likeness,
        None if site is None else orjson.loads(site),
        remote_id,
        work,
        fence,
        attempt,
        None if erased_at is None else from_time(erased_at),
        erased_by,
    )


def batch_to_row(batch: BatchRecord) -> dict[str, Any]:
    """Return the columns of a batch, all but the number."""
    return {
        "id": batch.id,
        "username": batch.user,
        "name": batch.name,
        "size": batch.size,
        "created_at": to_time(batch.created_at),
    }


def batch_from_row(row: Row) -> BatchRecord:
    """Return the batch of a row of `batch_to_row`'s columns."""
    batch_id, user, name, size, created_at = row
    return BatchRecord(batch_id, user, name, size, from_time(created_at))


def rest_of(row: Row) -> Row:
    """Return what follows the columns of the view ``records`` in a row."""
    return row[36:]


def leased(job: JobRecord, *, owner: str, fence: int, attempt: int) -> JobRecord:
    """Return a job as its row stands once a worker has taken it up."""
    return job._replace(owner=owner, fence=fence, attempt=attempt)


def attempt_from_row(row: Row) -> Attempt:
    """Return an attempt of a row of the query ``attempts``."""
    number, worker, shots, began_at, ended_at, failure, cost = row
    ended = None if ended_at is None else from_time(ended_at)
    return Attempt(number, worker, shots, from_time(began_at), ended, _failure(failure), cost)


def worker_from_row(row: Row, *, silent: float) -> WorkerRecord:
    """Return a worker process of a row of the query ``workers``; ``silent``: seconds since it was heard of."""
    worker_id, user, host, pid, version, began_at, _, asked, ended_at, jobs = row
    ended = None if ended_at is None else from_time(ended_at)
    return WorkerRecord(worker_id, user, host, pid, version, from_time(began_at), silent, asked, ended, jobs)


def number_of(row: Row) -> int:
    """Return the number of a row of the view ``records``."""
    number: int = row[35]
    return number


def snapshot_from_row(row: Row) -> StoredJob:
    """Return a row of the view ``records`` followed by progress, layout and queue position."""
    progress, layout, position = row[36:]
    return StoredJob(
        job_from_row(row),
        _progress(progress),
        _layout(layout),
        position,
    )


def batch_job_from_row(row: Row) -> BatchJob:
    """Return a job of a batch, of a row of the query ``batch_lines``."""
    place, job_id, name, status, shots, failure, progress, layout = row
    return BatchJob(
        place, job_id, name, _STATUS[status], shots, _failure(failure), _progress(progress), _layout(layout)
    )


def entry_from_row(job_id: str, row: Row) -> LogEntry:
    """Return a log entry of seq, time, kind and data."""
    seq, at, kind, data = row
    return LogEntry(job_id, seq, from_time(at), EventKind(kind), orjson.loads(data))


def pending_to_json(pending: Pending | None) -> str | None:
    """Return what a job waits for as JSON text."""
    if pending is None:
        return None
    until = None if pending.until is None else to_time(pending.until)
    plain = {"consent": pending.consent, "until": until, "why": pending.why, "preflight": pending.preflight}
    return to_json(plain)


def pending_from_json(text: str) -> Pending:
    """Return what was written as this JSON text."""
    plain = orjson.loads(text)
    until = plain["until"]
    moment = None if until is None else from_time(until)
    return Pending(plain["consent"], moment, plain["why"], plain.get("preflight", False))


def site_to_json(site: Mapping[str, str] | None) -> str | None:
    """Return where a job runs as JSON text."""
    return None if site is None else to_json(dict(site))


def failure_to_json(failure: Failure | None) -> str | None:
    """Return a failure as JSON text."""
    return None if failure is None else to_json(failure)


def _failure(text: str | None) -> Failure | None:
    return None if text is None else Failure(**orjson.loads(text))


def _progress(text: str | None) -> Progress | None:
    return None if text is None else Progress.from_object(orjson.loads(text))


def _layout(text: str | None) -> BitLayout | None:
    return None if text is None else BitLayout.from_object(orjson.loads(text))

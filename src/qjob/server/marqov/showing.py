"""Jobs, batches and results as Marqov's API shows them. Pure: values of the engine in, models out."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from qjob.model import attempt, events, job, program, result, snapshot
from qjob.model.counts import Counts
from qjob.model.money import from_nano
from qjob.model.program import ProgramFormat
from qjob.server import wording
from qjob.server.marqov import models
from qjob.server.marqov.words import SPEECH, WORDS, word_of_all
from qjob.server.seeds import shown_seed

FREE = "0.00"


def usd(nano: int | None) -> str | None:
    """Return nano-dollars as decimal text; None stays None."""
    return None if nano is None else f"{from_nano(nano):f}"


def links(base: str, job_id: str, batch: str | None = None) -> models.Links:
    """Return where the rest of a job is told, below the server's path."""
    jobs = f"{base}qjob/api/jobs"
    here = f"{jobs}/{job_id}"
    parts = {part: f"{here}/{part}" for part in ("events", "result", "program", "cancel", "retry")}
    above = None if batch is None else f"{jobs}/{batch}"
    return models.Links(job=here, page=f"{base}qjob/jobs/{job_id}", batch=above, **parts)


def line(record: job.JobRecord, base: str) -> models.JobLine:
    """Return a job as lists show it."""
    return models.JobLine(**_line(record, base))


def _line(record: job.JobRecord, base: str) -> dict[str, Any]:
    return {
        "kind": "job",
        "job_id": record.id,
        "name": record.name,
        "user": record.user,
        "team_id": record.team,
        "status": WORDS[record.status],
        "state": record.status.value,
        "backend": record.backend,
        "shots": record.shots,
        "num_qubits": record.num_qubits,
        "seed": shown_seed(record.seed),
        "options": dict(record.options),
        "execution_mode": record.mode,
        "tags": dict(record.tags),
        "created_at": record.created_at,
        "admitted_at": record.admitted_at,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "erased_at": record.erased_at,
        "price": _price(record),
        "failure": failure(record.failure, record.id),
        "batch_id": record.batch,
        "place": record.place,
        "retry_of": record.retry_of,
        "links": links(base, record.id, record.batch),
    }


def _price(record: job.JobRecord) -> models.Price:
    held = record.cap if not record.status.ended and record.admitted_at is not None else 0
    free = not record.cap and record.cost is None
    return models.Price(
        estimated_usd=usd(record.cap) or FREE,
        held_usd=usd(held) or FREE,
        cost_usd=FREE if free else usd(record.cost),
    )


def failure(why: job.Failure | None, job_id: str) -> models.Failure | None:
    """Return why a job came to nothing, and what a request can do about it."""
    if why is None:
        return None
    reason, remedy = wording.with_whole(why.reason, [job_id]), wording.said(why.remedy, SPEECH, [job_id])
    return models.Failure(code=why.code, reason=reason, remedy=remedy, transient=why.transient)


def detail(shot: snapshot.JobSnapshot, base: str) -> models.JobDetail:
    """Return everything that is known of a job."""
    record, layout = shot.job, shot.layout
    return models.JobDetail(
        **_line(record, base),
        progress=_progress(shot.progress, ended=shot.ended),
        queue_position=shot.queue_position,
        pending=_pending(record.pending, record.id),
        phases=[models.Phase(what=one.what, seconds=one.seconds) for one in shot.phases],
        movements=[
            models.Movement(at=one.at, kind=one.kind.value, usd=f"{one.amount:f}", reason=one.reason)
            for one in shot.movements
        ],
        attempts=[_attempt(one, record.id) for one in shot.attempts],
        tried_again_at=shot.due_at,
        worker=None if shot.outlook is None else shot.outlook.prospect.value,
        registers=None if layout is None else _registers(layout.registers),
        site=None if record.site is None else dict(record.site),
        remote_id=record.remote_id,
    )


def _progress(done: events.Progress | None, *, ended: bool) -> models.Progress | None:
    if done is None:
        return None
    return models.Progress(
        phase="" if ended else done.phase,
        shots_done=done.shots_done,
        distinct=done.distinct,
        top=[models.Outcome(outcome=outcome, count=count) for outcome, count in done.top],
        queue=None if done.queue is None else models.QueuePlace(**asdict(done.queue)),
        note="" if ended else done.note,
    )


def _pending(pending: job.Pending | None, of: str) -> models.Pending | None:
    if pending is None:
        return None
    return models.Pending(**{**asdict(pending), "why": wording.said(pending.why, SPEECH, [of])})


def _attempt(one: attempt.Attempt, job_id: str) -> models.Attempt:
    return models.Attempt(
        number=one.number,
        worker=one.worker,
        shots_before=one.shots,
        began_at=one.began_at,
        ended_at=one.ended_at,
        failure=failure(one.failure, job_id),
        cost_usd=usd(one.cost),
    )


def _registers(registers: Iterable[object]) -> list[models.Register]:
    return [models.Register.model_validate(one, from_attributes=True) for one in registers]


def batch_detail(shot: snapshot.BatchSnapshot, first: job.JobRecord, base: str) -> models.BatchDetail:
    """Return everything that is known of a batch.

    Parameters
    ----------
    shot
        Lists all its jobs, or some of them.
    first
        One of them, for what they have in common.
    """
    batch = shot.batch
    above = links(base, batch.id).model_copy(update={"retry": None})
    free = shot.cost is None and not shot.held and not shot.asked
    return models.BatchDetail(
        kind="batch",
        job_id=batch.id,
        name=batch.name,
        user=batch.user,
        team_id=first.team,
        execution_mode="durable" if first.durable else "direct",
        tags=dict(first.tags),
        status=word_of_all(shot.statuses),
        counts_by_state={status.value: count for status, count in shot.statuses.items()},
        backends=list(shot.backends),
        size=batch.size,
        created_at=batch.created_at,
        started_at=shot.started_at,
        ended_at=shot.ended_at if shot.ended else None,
        price=models.Price(
            estimated_usd=usd(shot.held + shot.asked + (shot.cost or 0)) or FREE,
            held_usd=usd(shot.held) or FREE,
            cost_usd=FREE if free else usd(shot.cost),
        ),
        pending=_pending(shot.pending, batch.id),
        jobs=[_member(one, base) for one in sorted(shot.jobs, key=lambda one: one.place)],
        links=above,
    )


def _member(one: snapshot.BatchJob, base: str) -> models.BatchMember:
    return models.BatchMember(
        job_id=one.id,
        place=one.place,
        name=one.name,
        status=WORDS[one.status],
        state=one.status.value,
        shots=one.shots,
        failure=failure(one.failure, one.id),
        link=links(base, one.id).job,
    )


def log(job_id: str, entries: Iterable[events.LogEntry]) -> models.JobEvents:
    """Return a job's log."""
    return models.JobEvents(job_id=job_id, events=[event(job_id, one) for one in entries])


def event(job_id: str, entry: events.LogEntry) -> models.Event:
    """Return a row of a job's log."""
    data = wording.said_within(dict(entry.data), SPEECH, [job_id])
    return models.Event(seq=entry.seq, at=entry.at, kind=entry.kind.value, data=data)


def outcome(record: job.JobRecord, found: result.Result) -> models.JobResult:
    """Return a result without its counts and its state vector, which are written piece by piece."""
    layout = found.counts.layout
    return models.JobResult(
        job_id=record.id,
        backend=record.backend,
        shots=found.counts.shots,
        bit_order=Counts.bit_order,
        num_clbits=layout.num_clbits,
        registers=_registers(layout.registers),
        counts={},
        metadata=dict(found.metadata),
        statevector=None,
    )


def part(record: job.JobRecord) -> models.BatchPart:
    """Return what became of a job of a batch, without its result."""
    return models.BatchPart(
        job_id=record.id,
        place=record.place or 0,
        status=WORDS[record.status],
        result=None,
        failure=failure(record.failure, record.id),
    )


def written(record: job.JobRecord, given: program.Program) -> models.Program:
    """Return a program: as text where it is text, else as base64."""
    binary = given.format is ProgramFormat.QPY
    return models.Program(
        job_id=record.id,
        format=given.format.value,
        sha256=record.program,
        text=None if binary else given.data.decode(),
        base64=b64encode(given.data).decode("ascii") if binary else None,
    )

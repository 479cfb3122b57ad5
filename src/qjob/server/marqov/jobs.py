"""What can be asked about jobs that are there, and done with them. A batch's id is good wherever a job's is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlencode

import orjson

from qjob.model.batch import BatchRecord
from qjob.model.errors import IllegalMove, InvalidRequest, JobEnded, NoSuchJob
from qjob.model.job import JobRecord, JobStatus
from qjob.model.result import Result
from qjob.server.desk import Desk
from qjob.server.marqov import models, showing
from qjob.server.marqov.asked import EventsQuery, JobsQuery, ResultQuery
from qjob.server.marqov.submitting import answer, digest_of, request_key, telling_what_is_left
from qjob.server.marqov.words import WORDS, statuses_of, word_of_all
from qjob.server.pieces import AT_A_TIME, counts_in_json, put
from qjob.server.routes import Answer, Call
from qjob.store.listing import JobFilter

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Earlier and later than any job; what lies beyond is not counted with."""

MOST_OUTCOMES, MOST_BYTES = 500_000, 20_000_000
"""Of all the results, and of all the programs, of a batch: what one answer holds at the most."""


@dataclass(frozen=True, slots=True)
class Batched:
    """A batch, and its jobs by their places."""

    record: BatchRecord
    jobs: tuple[JobRecord, ...]


def find(desk: Desk, job_id: str) -> JobRecord | Batched:
    """Return the job, or the batch, of a full id.

    Raises
    ------
    NoSuchJob
        There is neither, or it belongs to another team.
    """
    try:
        return desk.record(job_id)
    except NoSuchJob as unknown:
        try:
            record, jobs = desk.batch(job_id)
        except NoSuchJob:
            raise unknown from None
        return Batched(record, tuple(jobs))


def page(desk: Desk, call: Call) -> Answer:
    """Return a page of the jobs that the caller may see."""
    query = cast("JobsQuery", call.query)
    wanted = JobFilter.of(
        backend=query.backend,
        text=query.text,
        since=_within(query.since),
        until=_within(query.until),
        tag=query.tag,
    )
    statuses = statuses_of(query.status)
    wanted = replace(wanted, statuses=statuses or frozenset())
    there = statuses is not None
    records = desk.jobs(wanted, limit=query.limit, offset=query.offset) if there else []
    total = desk.count(wanted) if there else 0
    rest = total - query.offset - len(records)
    given = query.model_dump(mode="json", exclude_defaults=True) | {"offset": query.offset + len(records)}
    more = f"{call.base}qjob/api/jobs?{urlencode(given)}" if records and rest > 0 else None
    return Answer(
        models.JobsPage(
            jobs=[showing.line(record, call.base) for record in records],
            total=total,
            limit=query.limit,
            offset=query.offset,
            next=more,
        )
    )


def _within(moment: datetime | None) -> datetime | None:
    return None if moment is None else min(max(moment, FIRST), LAST)


def detail(desk: Desk, call: Call) -> Answer:
    """Return everything that is known of a job or a batch."""
    found = find(desk, call.path["job_id"])
    if isinstance(found, JobRecord):
        return Answer(models.Detail(showing.detail(desk.engine.snapshot(found.id), call.base)))
    shot = desk.engine.store.batch_snapshot(found.record, found.record.size)
    return Answer(models.Detail(showing.batch_detail(shot, found.jobs[0], call.base)))


def events(desk: Desk, call: Call) -> Answer:
    """Return the log of a job, or those of a batch's jobs."""
    after = cast("EventsQuery", call.query).after
    log: Callable[[str], models.JobEvents] = lambda job_id: showing.log(  # noqa: E731 - said twice below
        job_id, desk.engine.store.log(job_id, after)
    )
    found = find(desk, call.path["job_id"])
    if isinstance(found, JobRecord):
        return Answer(models.Events(log(found.id)))
    return Answer(
        models.Events(
            models.BatchEvents(job_id=found.record.id, jobs=[log(record.id) for record in found.jobs])
        )
    )


def result(desk: Desk, call: Call) -> Answer:
    """Return the result of a job, or those of a batch whose jobs have all ended."""
    found = find(desk, call.path["job_id"])
    if isinstance(found, Batched):
        return Answer(b"".join(_of_batch(desk, found)))
    packed = desk.engine.result(found.id)
    whole = packed.statevector is not None and cast("ResultQuery", call.query).statevector
    return Answer(b"".join(_written(found, packed, whole=whole)))


def _of_batch(desk: Desk, batch: Batched) -> Iterator[bytes]:
    left = [record for record in batch.jobs if not record.status.ended]
    if left:
        raise IllegalMove(
            f"{len(left):,} of the {len(batch.jobs):,} jobs of batch {batch.record.id} have not ended.",
            remedy=f"Wait for them, or ask for a job's own result: GET qjob/api/jobs/{left[0].id}/result",
            numbers={"left": len(left), "jobs": len(batch.jobs)},
        )
    parts, outcomes = [], 0
    for record in batch.jobs:
        found = _result_of(desk, record)
        outcomes += 0 if found is None else len(found.counts)
        if outcomes > MOST_OUTCOMES:
            raise _too_much(batch, f"have more than {MOST_OUTCOMES:,} different outcomes", "result")
        parts.append((record, found))
    yield b'{"job_id":"%s","jobs":' % batch.record.id.encode()
    for place, (record, found) in enumerate(parts):
        text = showing.part(record).model_dump_json().encode()
        yield b"," if place else b"["
        yield from [text] if found is None else put(text, "result", _written(record, found))
    yield b"]}"


def _too_much(batch: Batched, what: str, part: str) -> InvalidRequest:
    first = batch.jobs[0].id
    return InvalidRequest(
        f"the jobs of batch {batch.record.id} {what} in all, which is more than one answer holds.",
        remedy=f"Ask job by job: GET qjob/api/jobs/{first}/{part}, and so on.",
        numbers={"jobs": [record.id for record in batch.jobs]},
    )


def _result_of(desk: Desk, record: JobRecord) -> Result | None:
    """Return the result of an ended job; None where it has none, or no more."""
    if record.status is not JobStatus.COMPLETED:
        return None
    try:
        return desk.engine.result(record.id)
    except JobEnded:  # erased
        return None


def _written(record: JobRecord, found: Result, *, whole: bool = False) -> Iterator[bytes]:
    """Yield a result, with its state vector where all of it is wanted."""
    text = showing.outcome(record, found).model_dump_json(exclude={"statevector"}).encode()
    *head, rest = put(text, "counts", counts_in_json(found.counts))
    yield from head
    yield rest[:-1] + b',"statevector":'
    yield from _amplitudes(found) if whole else (b"null",)
    yield b"}"


def _amplitudes(found: Result) -> Iterator[bytes]:
    """Yield the state vector: a million amplitudes at once would stop the whole server."""
    assert found.statevector is not None  # noqa: S101 - or nobody would ask
    pairs = found.statevector.view("<f8").reshape(-1, 2)
    for start in range(0, len(pairs), AT_A_TIME):
        piece = orjson.dumps(pairs[start : start + AT_A_TIME], option=orjson.OPT_SERIALIZE_NUMPY)
        yield (b"," if start else b"[") + piece[1:-1]
    yield b"]"


def program(desk: Desk, call: Call) -> Answer:
    """Return the program of a job, or those of a batch."""
    found = find(desk, call.path["job_id"])
    written: Callable[[JobRecord], models.Program] = lambda record: showing.written(  # noqa: E731 - as above
        record, desk.engine.program_of(record)
    )
    if isinstance(found, JobRecord):
        return Answer(models.Programs(written(found)))
    programs, size = [], 0
    for record in found.jobs:
        size += len(desk.engine.program_of(record).data)
        if size > MOST_BYTES:
            raise _too_much(found, f"have more than {MOST_BYTES:,} bytes of programs", "program")
        programs.append(written(record))
    return Answer(models.Programs(models.BatchPrograms(job_id=found.record.id, programs=programs)))


def cancel(desk: Desk, call: Call) -> Answer:
    """Ask for a job, or all jobs of a batch, to end; tell its status then, and whether there was anything to end."""
    found = find(desk, call.path["job_id"])
    if isinstance(found, JobRecord):
        asked = desk.engine.cancel(found.id)
        status = desk.record(found.id).status
        done = models.Cancelled(
            job_id=found.id, status=WORDS[status], state=status.value, cancelled=asked, jobs=int(asked)
        )
        return Answer(done)
    count = desk.engine.cancel_batch(found.record.id)
    word = word_of_all(desk.engine.statuses_of(found.record.id))
    return Answer(
        models.Cancelled(job_id=found.record.id, status=word, state=None, cancelled=count > 0, jobs=count)
    )


def retry(desk: Desk, call: Call) -> Answer:
    """Submit an ended job again, as a new one that names it."""
    found = find(desk, call.path["job_id"])
    if isinstance(found, Batched):
        raise _not_as_a_whole(found)
    key, digest = request_key(call), digest_of("retry", found.id)
    with telling_what_is_left(desk):
        again = desk.engine.retry(found.id, request_key=key, request_digest=digest)
    return answer(again, call)


def _not_as_a_whole(batch: Batched) -> IllegalMove:
    """Return why a batch is not repeated, and which of its jobs can be: those that ended without a result."""
    lost = [job.id for job in batch.jobs if job.status in (JobStatus.FAILED, JobStatus.CANCELLED)]
    left = sum(not job.status.ended for job in batch.jobs)
    if lost:
        remedy = f"Repeat the {len(lost):,} without a result one by one: POST qjob/api/jobs/{lost[0]}/retry"
    elif left:
        remedy = f"Wait for the {left:,} of its jobs that have not ended: none has failed."
    else:
        remedy = "All its jobs have a result; to run it once more, submit it again: POST qjob/api/jobs/submit"
    return IllegalMove(
        f"{batch.record.id} is a batch, which is not repeated as a whole.",
        remedy=remedy,
        numbers={"jobs": lost},
    )

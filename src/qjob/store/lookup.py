"""From what a user types to a job: a full id, the beginning of one, or a name. Knows no job's life."""

from collections.abc import Sequence
from typing import Any

from qjob.model.backend import did_you_mean
from qjob.model.batch import BatchRecord
from qjob.model.errors import AmbiguousJob, InvalidRequest, NoSuchJob
from qjob.model.job import JobRecord
from qjob.store.database import Connection
from qjob.store.listing import ID_PART, prefix_range
from qjob.store.rows import batch_from_row, job_from_row

SHORT = 8
"""Characters of an id that are shown to people, where these suffice."""

MIN_PREFIX = 4
"""The fewest characters of an id that stand for it."""

SHOWN = 10
"""How many candidates an error lists."""


def no_such_job(text: str, near: str = "") -> NoSuchJob:
    """Return the error for a text that stands for no job."""
    return NoSuchJob(
        f"no job is called {text!r}{near}.",
        remedy=f"Give an id, its first {MIN_PREFIX} or more characters, or a name. `%qjob list` shows the jobs.",
        numbers={"text": text},
    )


def no_such_batch(text: str) -> NoSuchJob:
    """Return the error for a text that stands for no batch."""
    return NoSuchJob(
        f"no batch is called {text!r}.",
        remedy=f"Give an id, its first {MIN_PREFIX} or more characters, or a name.",
        numbers={"text": text},
    )


def resolve(queries: Any, connection: Connection, text: str) -> str:
    """Return the id of the job that a text stands for: of several with one name, the newest.

    A cell that is run again gives its job the same name again, and whoever asks for it by name means the last one.

    Raises
    ------
    NoSuchJob
        None; names that look alike are named.
    AmbiguousJob
        The beginning of several ids; the newest of these jobs are listed.
    InvalidRequest
        It is no text.
    """
    if not isinstance(text, str):
        raise InvalidRequest(
            f"{text!r:.80} is neither the id nor the name of a job.",
            remedy="Give one as text, such as job.id.",
        )
    text = text.strip()
    if queries.get_number(connection, id=text.lower()) is not None:
        return text.lower()
    named = list(queries.with_name(connection, name=text, max_rows=1)) if text else []
    if named:
        return job_from_row(named[0]).id
    if len(text) >= MIN_PREFIX and ID_PART.fullmatch(text.lower()):
        found = queries.with_prefix(connection, **prefix_range(text.lower()), max_rows=SHOWN + 1)
        jobs = [job_from_row(row) for row in found]
        if len(jobs) == 1:
            return jobs[0].id
        if jobs:
            raise _ambiguous(text, jobs)
    raise _is_batch(queries, connection, text) or no_such_job(text, _near(queries, connection, text))


def batch(queries: Any, connection: Connection, text: str) -> BatchRecord:
    """Return the batch that a text stands for, by the same rules.

    Raises
    ------
    NoSuchJob
        None.
    AmbiguousJob
        The beginning of several ids.
    """
    text = text.strip()
    exact = queries.get_batch(connection, id=text.lower())
    if exact is not None:
        return batch_from_row(exact)
    is_prefix = len(text) >= MIN_PREFIX and ID_PART.fullmatch(text.lower())
    span = prefix_range(text.lower()) if is_prefix else {"low": "", "high": ""}
    found = [
        batch_from_row(row) for row in queries.batches_like(connection, name=text, **span, max_rows=SHOWN + 1)
    ]
    named = [one for one in found if one.name == text]
    if named or len(found) == 1:
        return (named or found)[0]
    if found:
        shorts = short_ids([one.id for one in found])
        raise AmbiguousJob(
            f"{text!r} stands for several batches.",
            remedy=f"Give the id of the one you mean, newest first: {', '.join(shorts[:SHOWN])}",
            numbers={"text": text, "candidates": [one.id for one in found[:SHOWN]]},
        )
    raise no_such_batch(text)


def _is_batch(queries: Any, connection: Connection, text: str) -> NoSuchJob | None:
    """Return the error for a text that stands for a batch where one job is wanted; None where it stands for none."""
    try:
        found = batch(queries, connection, text)
    except (NoSuchJob, AmbiguousJob):
        return None
    example = f", such as {found.name}[0]" if found.name else f": %qjob status {found.id[:SHORT]} shows them"
    return NoSuchJob(
        f"{text!r} is a batch of {found.size} jobs, and one job is wanted.",
        remedy=f"Name one of its jobs{example}.",
        numbers={"text": text, "jobs": found.size},
    )


def _near(queries: Any, connection: Connection, text: str) -> str:
    known = [row[0] for row in queries.names(connection, **prefix_range(""), max_rows=200)]
    return did_you_mean(text, known)


def short_ids(ids: Sequence[str]) -> list[str]:
    """Return the beginnings of ids, as long as it takes to tell them apart."""
    length = SHORT
    while len({id_[:length] for id_ in ids}) < len(set(ids)):
        length += 1
    return [id_[:length] for id_ in ids]


def _ambiguous(text: str, jobs: list[JobRecord]) -> AmbiguousJob:
    shown = jobs[:SHOWN]
    shorts = short_ids([job.id for job in jobs])[: len(shown)]
    rows = [
        f"  {short}  {job.created_at:%Y-%m-%d %H:%M:%S} UTC  {job.status:<12}  {job.name or ''}".rstrip()
        for short, job in zip(shorts, shown, strict=True)
    ]
    count = f"{len(jobs)}" if len(jobs) <= SHOWN else f"more than {SHOWN}"
    return AmbiguousJob(
        f"{text!r} stands for {count} jobs.",
        remedy="\n".join(["Give the id of the one you mean, newest first:", *rows]),
        numbers={"text": text, "candidates": [job.id for job in shown]},
    )

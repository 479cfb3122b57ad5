"""Jobs over qBraid's API: looked at, listed, cancelled, deleted. Submitting is in `qjob.server.qbraid.submitting`."""

import json
from collections.abc import Iterable, Mapping

from qjob.model.errors import InvalidRequest, NotAllowed
from qjob.model.job import JobRecord, JobStatus
from qjob.server.desk import Desk
from qjob.server.qbraid import find, names, view
from qjob.server.qbraid.answers import (
    Deleted,
    DeletedAnswer,
    Done,
    DoneAnswer,
    JobAnswer,
    JobsAnswer,
    Pagination,
    Statuses,
    StatusesAnswer,
)
from qjob.server.qbraid.bodies import MAX_LIMIT, MAX_NAMED, MOST_SOUGHT, DeleteQuery, JobsQuery
from qjob.server.qbraid.errors import CancelConflict
from qjob.server.qbraid.submitting import tag_text
from qjob.server.routes import Answer, Call
from qjob.store.listing import JobFilter
from qjob.typed import MAX_TAG

MOST_SIFTED = 10_000
"""Of how many jobs with the first of several tags the others are looked at."""

CHUNK = 500
GROUPS: Mapping[str, frozenset[JobStatus]] = {
    "pending": frozenset(status for status in JobStatus if not status.ended),
    "returned": frozenset(status for status in JobStatus if status.ended),
    "all": frozenset(),
}


def job(desk: Desk, call: Call) -> Answer:
    """Return a job or a batch as it stands."""
    return Answer(JobAnswer.of(view.shown(desk, find.job_or_batch(desk, call.path["qrn"]))))


def jobs(desk: Desk, call: Call) -> Answer:
    """Return a page of the caller's jobs, the newest first; those of a batch one by one."""
    query: JobsQuery = call.query
    skipped = (query.page - 1) * query.limit
    pairs, wanted = _tags(query.tags), _filter(desk, query)
    if wanted is None:
        found, total = [], 0
    elif len(pairs) > 1:
        sifted = _sifted(desk, wanted, pairs)
        found, total = sifted[skipped : skipped + query.limit], len(sifted)
    else:
        total = desk.count(wanted)
        found = desk.jobs(wanted, limit=query.limit, offset=skipped) if skipped < total else []
    rows = [view.listed(desk, record) for record in found]
    return Answer(JobsAnswer(data=rows, pagination=Pagination.of(query.page, query.limit, total)))


def _filter(desk: Desk, query: JobsQuery) -> JobFilter | None:
    """Return which jobs a query asks for; None where no job can be among them."""
    if query.status is not None and query.status not in list(JobStatus):
        return None
    named = frozenset() if query.status is None else frozenset({JobStatus(query.status)})
    backends: tuple[str, ...] = ()
    for part, word in enumerate((query.vendor, query.provider)):
        if word is None or word == "all":
            continue
        fitting = {info.slug for info in desk.engine.catalogue if info.qrn.split(":")[part] == word.lower()}
        backends = tuple(slug for slug in backends if slug in fitting) if backends else tuple(sorted(fitting))
        if not backends:
            return None
    return JobFilter(
        statuses=named or GROUPS[query.status_group or "all"],
        text=_text(query.search or ""),
        tag=next(iter(_tags(query.tags).items()), None),
        backends=backends,
    )


def _text(search: str) -> str:
    """Return what to look for: of the name of a job its id, by the beginning of which jobs are found."""
    if search and not search.isprintable():
        raise InvalidRequest("search is no line of text.", remedy="Leave out what cannot be printed.")
    return names.id_of(search, names.JOB) or search


def _tags(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    values = given.values() if isinstance(given, dict) else ()
    if not isinstance(given, dict) or not all(isinstance(value, str | int | float) for value in values):
        raise InvalidRequest(
            f"tags {text[:80]!r} are no JSON object of texts and numbers.",
            remedy='Give such as tags={"experiment": "bell"}.',
        )
    if len(given) > MOST_SOUGHT or not all(given):
        raise InvalidRequest(
            f"{len(given)} tags do not fit: at most {MOST_SOUGHT}, each with a name.",
            remedy="Leave some out.",
            numbers={"maximum": MOST_SOUGHT},
        )
    found = {key: tag_text(value) for key, value in given.items()}
    if any(len(text) > MAX_TAG for pair in found.items() for text in pair):
        raise InvalidRequest(
            f"a name or a value of these tags is longer than {MAX_TAG} characters.",
            remedy="No tag is that long.",
            numbers={"maximum": MAX_TAG},
        )
    if not all(text.isprintable() for pair in found.items() for text in pair):
        raise InvalidRequest("a tag is no line of text.", remedy="Leave out what cannot be printed.")
    return found


def _sifted(desk: Desk, wanted: JobFilter, pairs: Mapping[str, str]) -> list[JobRecord]:
    """Return the jobs that pass a filter, which knows one tag, and have the others as well."""
    total = desk.count(wanted)
    if total > MOST_SIFTED:
        raise InvalidRequest(
            f"{total:,} jobs have the first of these tags: the others are looked for among {MOST_SIFTED:,}.",
            remedy="Name the rarest tag first.",
            numbers={"jobs": total, "most": MOST_SIFTED},
        )
    pages = (desk.jobs(wanted, limit=CHUNK, offset=start) for start in range(0, total, CHUNK))
    return [record for page in pages for record in page if pairs.items() <= record.tags.items()]


def statuses(desk: Desk, _: Call) -> Answer:
    """Return what jobs can be asked for by."""
    parts = [info.qrn.split(":") for info in desk.engine.catalogue]
    return Answer(
        StatusesAnswer(
            data=Statuses(
                statuses=[status.value for status in JobStatus],
                status_groups={name: _named(group or JobStatus) for name, group in GROUPS.items()},
                vendors=sorted({vendor for vendor, *_ in parts}),
                providers=sorted({provider for _, provider, *_ in parts}),
            )
        )
    )


def _named(group: Iterable[JobStatus]) -> list[str]:
    return [status.value for status in JobStatus if status in group]


def cancel_job(desk: Desk, call: Call) -> Answer:
    """Ask for a job, or all jobs of a batch, to end."""
    found = find.job_or_batch(desk, call.path["qrn"])
    asked = (
        desk.engine.cancel_batch(found.batch.id)
        if found.batch is not None
        else desk.engine.cancel(found.job.id)
    )
    now = view.shown(desk, find.job_or_batch(desk, call.path["qrn"]))
    if not asked and now.status.ended:
        raise CancelConflict(
            f"the job is {now.status} already: there is nothing to cancel.",
            remedy="GET result has what came of it."
            if now.status is JobStatus.COMPLETED
            else "Submit it again.",
            numbers={"jobQrn": now.job_qrn, "status": str(now.status)},
        )
    done = Done(message="The job is asked to end.", job_qrn=now.job_qrn, status=now.status)
    return Answer(DoneAnswer(data=done), status=202)


def delete_job(desk: Desk, call: Call) -> Answer:
    """Erase the program and the result of a job, or of all jobs of a batch; refused while it runs."""
    found = find.job_or_batch(desk, call.path["qrn"])
    return _deleted(desk, [found])


def delete_jobs(desk: Desk, call: Call) -> Answer:
    """Erase the programs and results of several jobs: all of them, or none where one cannot be deleted."""
    query: DeleteQuery = call.query
    try:
        qrns = json.loads(query.qrns)
    except (ValueError, RecursionError):
        qrns = None
    if not isinstance(qrns, list) or not all(isinstance(qrn, str) and len(qrn) <= MAX_NAMED for qrn in qrns):
        raise InvalidRequest(
            f"qrns {query.qrns[:80]!r} is no JSON array of names.", remedy='Give such as qrns=["..."].'
        )
    if not 1 <= len(qrns) <= MAX_LIMIT:
        raise InvalidRequest(
            f"{len(qrns)} jobs do not fit: 1 to {MAX_LIMIT} are deleted at a time.",
            remedy="Name them in several requests.",
            numbers={"maximum": MAX_LIMIT},
        )
    return _deleted(desk, [find.job_or_batch(desk, qrn) for qrn in dict.fromkeys(qrns)])


def _deleted(desk: Desk, found: list[find.Found]) -> Answer:
    """Erase what was found: by a key what is its user's own, whatever that user may do besides."""
    for each in found:
        if desk.caller.key is not None and each.job.user != desk.caller.user:
            raise NotAllowed(
                f"job {each.job.id} is {each.job.user}'s: a key deletes jobs of its own user, {desk.caller.user}, "
                "and no others.",
                remedy=f"Ask {each.job.user}; or delete it signed in to Jupyter, as an owner or admin of the team.",
                numbers={"job": each.job.id, "user": each.job.user},
            )
    erased = desk.engine.delete([job_id for each in found for job_id in each.ids(desk)])
    message = "Program and result are deleted; what was paid stays on record."
    return Answer(DeletedAnswer(data=Deleted(message=message, deleted_count=erased.jobs)))

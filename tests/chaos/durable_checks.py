"""What has to be true of durable jobs after any chaos: `wrong` finds what is not."""

from collections import Counter
from itertools import pairwise

from qjob.model.events import EventKind
from qjob.model.job import JobStatus

ENDS = {EventKind.COMPLETED, EventKind.FAILED, EventKind.CANCELLED}


def wrong(engine, jobs, promised, references, tasks):
    """Yield what is wrong.

    Parameters
    ----------
    engine
        On the store, after all.
    jobs
        What was to be submitted, by name.
    promised
        Names of jobs by the ids that submissions have returned.
    references
        Counts of uninterrupted runs by kind and seed.
    tasks
        What the service has made, as its loopback tells.
    """
    stored = {job.id: job for job in all_jobs(engine) if job.record.admitted_at is not None}
    for job_id in promised.keys() - stored.keys():
        yield f"{job_id} was accepted and is lost"
    times = Counter(job.record.name for job in stored.values())
    for name in jobs:
        if times[name] != 1:
            yield f"{name} is there {times[name]} times"
    by_job = {}
    for task in tasks:
        by_job.setdefault(task.tags["qjob:job"], []).append(task)
    for job in stored.values():
        planned = jobs[job.record.name]
        found = [*_end(job, planned, references), *_log(job), *_attempts(job)]
        found += _tasks(planned, by_job.pop(job.id, []))
        yield from (f"{job.record.name} ({planned.kind}) {job.id}: {each}" for each in found)
    for job_id in by_job:
        yield f"a task was made for {job_id}, which is not in the store"
    audit = engine.audit()
    yield from (f"audit: {finding}" for finding in audit.findings)
    if (held := engine.budget().held) != 0:
        yield f"{held} is still held"


def all_jobs(engine):
    """Yield every job of the store."""
    after = None
    while True:
        page = engine.jobs(limit=100, after=after)
        yield from page
        if len(page) < 100:
            return
        after = page[-1].id


def _end(job, planned, references):
    if job.status is not JobStatus.COMPLETED:
        yield f"is {job.status}: {job.record.failure}"
        return
    counts = dict(job.counts)
    if sum(counts.values()) != planned.shots:
        yield f"has {sum(counts.values())} counts for {planned.shots} shots"
    if counts != references[planned.kind, planned.seed]:
        yield "has other counts than an uninterrupted run"


def _log(job):
    entries = list(job.events())
    if [entry.seq for entry in entries] != list(range(len(entries))):
        yield f"has a log with gaps: {[entry.seq for entry in entries]}"
    kinds = [entry.kind for entry in entries]
    ends = [kind for kind in kinds if kind in ENDS]
    if len(ends) != 1 or kinds[-1] not in ENDS:
        yield f"does not end once: {[str(kind) for kind in kinds]}"
    attempts = [entry.data["attempt"] for entry in entries if entry.kind is EventKind.ATTEMPT]
    if attempts != list(range(1, len(job.attempts()) + 1)):
        yield f"has the attempts {attempts} in its log"
    open_attempt = False
    for kind in kinds:
        if kind is EventKind.ATTEMPT:
            if open_attempt:
                yield "has two attempts in its log without a word of what became of the first"
            open_attempt = True
        elif kind is EventKind.RETRYING:
            if not open_attempt:
                yield "tries again in its log without an attempt"
            open_attempt = False
        elif kind is EventKind.RUNNING and not open_attempt:
            yield "runs without an attempt"


def _attempts(job):
    attempts = job.attempts()
    if [one.number for one in attempts] != list(range(1, len(attempts) + 1)):
        yield f"has the attempts {[one.number for one in attempts]}"
    for one in attempts:
        if one.ended_at is None:
            yield f"has an attempt {one.number} that has not ended"
        if (one.failure is None) != (one is attempts[-1]):
            yield f"has an attempt {one.number} of {len(attempts)} with the failure {one.failure}"
    for one, after in pairwise(attempts):
        if one.ended_at is not None and after.began_at < one.ended_at:
            yield f"has the attempts {one.number} and {after.number} at the same time"
        if after.shots < one.shots:
            yield f"went on from {after.shots} shots after {one.shots} had been kept"


def _tasks(planned, tasks):
    if len(tasks) != planned.remote:
        yield f"has the tasks {[(task.arn, task.status) for task in tasks]}"
    if len({task.token for task in tasks}) != len(tasks):
        yield f"has two tasks of one token: {[task.token for task in tasks]}"


def figures(engine):
    """Return what happened to the attempts: how many there were, and why those that were not the last ended."""
    why = Counter()
    for job in all_jobs(engine):
        attempts = job.attempts()
        why["attempts"] += len(attempts)
        why["resumed from a checkpoint"] += sum(one.shots > 0 for one in attempts)
        why["most attempts at one job"] = max(why["most attempts at one job"], len(attempts))
        why.update(f"ended by {one.failure.code}" for one in attempts if one.failure is not None)
    return why

"""What a display of a batch says in words, the same on live card and receipt. Pure; knows no HTML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from qjob.model.counts import wilson
from qjob.model.job import Failure, JobStatus
from qjob.model.money import format_usd, from_nano
from qjob.model.snapshot import BatchJob, BatchSnapshot
from qjob.showing import attempts
from qjob.showing.summary import awaits
from qjob.showing.wording import (
    LABEL,
    bit_labels,
    duration,
    moment,
    number,
    percent,
    plain,
    plural,
    share_digits,
    short_id,
)

_S = JobStatus
PARTS: Mapping[str, frozenset[JobStatus]] = {
    "completed": frozenset({_S.COMPLETED}),
    "failed": frozenset({_S.FAILED}),
    "cancelled": frozenset({_S.CANCELLED}),
    "running": frozenset({_S.RUNNING}),
    "cancelling": frozenset({_S.CANCELLING}),
    "queued": frozenset({_S.QUEUED}),
    "not submitted": frozenset({_S.INITIALIZING}),
}
"""The parts of a batch, in the order in which its bar shows them: what has ended comes first."""

_URGENCY = {_S.FAILED: 0, _S.RUNNING: 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One job of a batch, as its display shows it.

    Parameters
    ----------
    label
        Its name, or its place and short id.
    status
        Its status.
    text
        The most frequent outcome, short enough to stand beside a bar; or else what goes on or went wrong: where that
        is the same as in a line before, it says so.
    share
        How frequent that outcome is, 0 to 1; None where ``text`` is no outcome.
    whole
        All of it in words, for a tooltip.
    """

    label: str
    status: JobStatus
    text: str
    share: float | None
    whole: str


def title(snapshot: BatchSnapshot) -> str:
    """Return the batch's name on one line; where it has none, its short id and its size."""
    batch = snapshot.batch
    return plain(batch.name or "") or f"batch {short_id(batch.id)} of {plural(batch.size, 'job')}"


def facts(snapshot: BatchSnapshot) -> tuple[str, ...]:
    """Return where it runs, how many shots, what it costs, and its short id."""
    several = len(snapshot.backends) > 2  # noqa: PLR2004 - two have room
    backends = f"{len(snapshot.backends)} backends" if several else ", ".join(snapshot.backends)
    mode = "durable" if snapshot.durable else ""
    said = backends, _shots(snapshot), mode, cost(snapshot), short_id(snapshot.id)
    return tuple(filter(None, said))


def _shots(snapshot: BatchSnapshot) -> str:
    low, high = snapshot.shots
    shots = plural(high, "shot") if low == high else f"{number(low)} to {plural(high, 'shot')}"
    if snapshot.batch.name:
        return f"{plural(snapshot.batch.size, 'job')} of {shots}"
    return shots if snapshot.batch.size == 1 else f"{shots} each"  # the title tells how many jobs


def cost(snapshot: BatchSnapshot) -> str:
    """Return what the batch cost so far, and what is held for the rest."""
    if snapshot.asked:
        return f"up to {format_usd(from_nano(snapshot.asked))}"
    if snapshot.cost is None and not snapshot.held:
        return "free"
    held = f"{format_usd(from_nano(snapshot.held))} held" if snapshot.held else ""
    if snapshot.cost is None:
        return held
    charged = format_usd(from_nano(snapshot.cost))
    return charged if snapshot.ended else ", ".join(filter(None, (f"{charged} so far", held)))


def parts(snapshot: BatchSnapshot) -> dict[str, int]:
    """Return how many jobs are in each of `PARTS`; parts without any are missing."""
    sums = {name: _count(snapshot, statuses) for name, statuses in PARTS.items()}
    return {name: count for name, count in sums.items() if count}


def ended_jobs(snapshot: BatchSnapshot) -> int:
    """Return how many jobs have ended, whichever way."""
    return _count(snapshot, (status for status in JobStatus if status.ended))


def status(snapshot: BatchSnapshot) -> JobStatus:
    """Return the status of the batch as a whole: of one that ended, the worst of its jobs'."""
    seen = set(snapshot.statuses)
    if snapshot.ended:
        return next((each for each in (_S.FAILED, _S.CANCELLED) if each in seen), _S.COMPLETED)
    unended = {each for each in seen if not each.ended}
    if unended == {_S.CANCELLING}:
        return _S.CANCELLING
    if _S.INITIALIZING in seen:  # it is admitted as a whole
        return _S.INITIALIZING
    return _S.QUEUED if seen == {_S.QUEUED} else _S.RUNNING


def heading(snapshot: BatchSnapshot) -> str:
    """Return the status, and where the batch ended with it in part, of how many jobs."""
    whole = status(snapshot)
    count, size = snapshot.statuses.get(whole, 0), snapshot.batch.size
    if snapshot.ended and count < size:
        return f"{number(count)} of {number(size)} {whole.value}"
    return whole.value


def phase(snapshot: BatchSnapshot) -> str:
    """Return what goes on, or how it ended; of one that goes on it changes seldom."""
    match whole := status(snapshot):
        case JobStatus.INITIALIZING:
            return awaits(snapshot.pending)
        case JobStatus.QUEUED if not snapshot.durable:
            return "waiting"
        case JobStatus.RUNNING | JobStatus.CANCELLING if snapshot.outlook is None:
            return whole.value.lower()
        case JobStatus.QUEUED | JobStatus.RUNNING | JobStatus.CANCELLING:
            return attempts.waiting(snapshot.outlook)
    if snapshot.started_at is None or snapshot.ended_at is None:
        return f"{whole.value.lower()} before it began"
    took = duration((snapshot.ended_at - snapshot.started_at).total_seconds())
    return f"completed in {took}" if whole is JobStatus.COMPLETED else f"ended after {took}"


def standing(snapshot: BatchSnapshot, now: datetime) -> tuple[str, ...]:
    """Return what goes on or how it ended, and when that was so: a receipt outlives what it says."""
    if snapshot.ended_at is not None and snapshot.ended:
        return phase(snapshot), moment(snapshot.ended_at)
    return (f"{phase(snapshot)}, when this was shown at {moment(now)}",)


def note(snapshot: BatchSnapshot) -> str:
    """Return what somebody should do about a batch that is held up; empty where nothing."""
    return attempts.hint(snapshot.outlook)


def since(snapshot: BatchSnapshot) -> datetime:
    """Return when what goes on now began: the first job's run, or else the wait."""
    return snapshot.started_at or snapshot.batch.created_at


def digits(snapshot: BatchSnapshot) -> int:
    """Return how many decimals the shares have."""
    return share_digits(snapshot.shots[1])


def lines(snapshot: BatchSnapshot, most: int) -> list[Line]:
    """Return a line for each of the snapshot's jobs, or the most urgent so many of them, by place."""
    urgent = sorted(snapshot.jobs, key=lambda job: (_URGENCY.get(job.status, 2), job.place))
    jobs = sorted(urgent[:most], key=lambda job: job.place)
    outcomes = _outcomes(jobs)
    first: dict[str, str] = {}  # by reason, the label of the first job that failed for it
    shown = []
    for job in jobs:
        line = _line(job, outcomes.get(job.place, ""), digits(snapshot))
        if (
            job.failure is not None
            and (same := first.setdefault(job.failure.reason, line.label)) != line.label
        ):
            line = replace(line, text=f"the same as {same}")
        shown.append(line)
    return shown


def more(snapshot: BatchSnapshot, shown: Sequence[Line]) -> str:
    """Return the line below the others: ``… 24 more jobs (3 failed)``; empty where there are no more."""
    left = snapshot.batch.size - len(shown)
    if left <= 0:
        return ""
    failed = snapshot.statuses.get(_S.FAILED, 0) - sum(line.status is _S.FAILED for line in shown)
    return f"… {plural(left, 'more job')}" + (f" ({number(failed)} failed)" if failed else "")


def first_failure(snapshot: BatchSnapshot) -> tuple[str, Failure] | None:
    """Return the label of the first job that failed, and why; None where none did."""
    failed = (job for job in snapshot.jobs if job.status is _S.FAILED)
    return next(((_label(job), job.failure) for job in failed if job.failure is not None), None)


def ways_back(snapshot: BatchSnapshot) -> tuple[str, ...]:
    """Return the lines to type that lead back to this batch, the most useful one first."""
    verb = "result" if snapshot.ended and status(snapshot) is _S.COMPLETED else "status"
    return (f"%qjob {verb} {short_id(snapshot.id)}",)


def _count(snapshot: BatchSnapshot, statuses: Iterable[JobStatus]) -> int:
    return sum(snapshot.statuses.get(each, 0) for each in statuses)


def _label(job: BatchJob) -> str:
    name = plain(job.name or "")
    if len(name) > LABEL:  # the place at its end is what tells it from the others
        end = f"…[{job.place}]"
        return name[: LABEL - len(end)].rstrip() + end
    return name or f"[{job.place}] {short_id(job.id)}"


def _outcomes(jobs: Sequence[BatchJob]) -> dict[int, str]:
    """Return the label of each completed job's most frequent outcome, by place."""
    seen = {job.place: job.progress.top[0][0] for job in jobs if _top(job) and job.progress}
    short = dict(zip(seen, bit_labels(list(seen.values())), strict=True))
    for job in jobs:
        if job.place in seen and job.layout is not None and job.layout.num_clbits == len(seen[job.place]):
            spaced = job.layout.spaced(seen[job.place])
            short[job.place] = spaced if len(spaced) <= LABEL else short[job.place]
    return short


def _top(job: BatchJob) -> tuple[str, int] | None:
    """Return the most frequent outcome of a completed job, and how often it was seen."""
    if job.status is not _S.COMPLETED or job.progress is None or not job.progress.shots_done:
        return None
    return next((top for top in job.progress.top if top[0]), None)


def _line(job: BatchJob, outcome: str, decimals: int) -> Line:
    label, found = _label(job), _top(job)
    if found is None or job.progress is None:
        said = _said(job)
        return Line(label, job.status, said, None, f"{label}: {said}")
    bits, count = found
    shots = job.progress.shots_done
    low, high = (percent(end, decimals) for end in wilson(count, shots))
    share = percent(count / shots, decimals)
    whole = f"{label}: {bits} in {number(count)} of {plural(shots, 'shot')}, {share} (95 % interval {low} to {high})"
    return Line(label, job.status, outcome, count / shots, whole)


def _said(job: BatchJob) -> str:
    """Return what goes on in a job, or why it has no outcome."""
    progress = job.progress
    match job.status:
        case JobStatus.INITIALIZING:
            return "not submitted"
        case JobStatus.QUEUED:
            return "waiting"
        case JobStatus.RUNNING:
            phase = plain(progress.phase) if progress and progress.phase else "starting"
            done = progress.shots_done / job.shots if progress else 0
            return f"{phase}, {percent(done, 0)} of the shots" if done else phase
        case _:
            return plain(job.failure.reason) if job.failure else job.status.value.lower()

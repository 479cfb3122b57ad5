"""What a display of a job says in words, the same on live card and receipt. Pure; knows no HTML."""

from datetime import UTC, datetime

from qjob.model.events import Progress
from qjob.model.job import JobRecord, JobStatus, Pending
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.movement import MovementKind
from qjob.model.snapshot import JobSnapshot
from qjob.showing import attempts
from qjob.showing.tables import cost_of
from qjob.showing.wording import duration, moment, number, ordinal, plain, plural, sentence, short_id


def title(snapshot: JobSnapshot) -> str:
    """Return the job's name on one line; where it has none, its short id."""
    return plain(snapshot.job.name or "") or f"job {short_id(snapshot.job.id)}"


def cost(snapshot: JobSnapshot) -> str:
    """Return what the job cost, or what is held for it; empty where that is not known."""
    if snapshot.job.cap or snapshot.job.cost is not None:
        return cost_of(snapshot.job)
    return "free" if snapshot.backend is not None and snapshot.backend.free else ""


REFUNDS = 3
"""Refunds that are told one by one."""


def payment(snapshot: JobSnapshot) -> tuple[str, ...]:
    """Return what was held and became of it, a line, and the refunds, a line each; nothing of what is free."""
    moved = dict.fromkeys(MovementKind, 0)
    for movement in snapshot.movements:
        moved[movement.kind] += to_nano(movement.amount)
    held, beyond = moved[MovementKind.HOLD], moved[MovementKind.OVERRUN]
    charged = moved[MovementKind.CHARGE] + beyond
    told = [
        (held, "held"),
        (charged, "charged"),
        (moved[MovementKind.RELEASE], "released"),
        (beyond, "more than was held"),
    ]
    if held == charged:
        told = [(held, "held and charged")]
    words = [f"{what} {_usd(nano)}" for nano, what in told[:3] if nano]
    words += [f"{_usd(nano)} {what}" for nano, what in told[3:] if nano]
    refunds = [each for each in snapshot.movements if each.kind is MovementKind.REFUND]
    lines = [
        f"refunded {format_usd(each.amount)} on {moment(each.at)}: {each.reason}"
        for each in refunds[-REFUNDS:]
    ]
    if earlier := refunds[:-REFUNDS]:
        total = sum(to_nano(each.amount) for each in earlier)
        lines.insert(0, f"refunded {_usd(total)} before that, in {plural(len(earlier), 'part')}")
    return tuple(line for line in (", ".join(words), *lines) if line)


def phase(snapshot: JobSnapshot) -> str:
    """Return what goes on, or how it ended; never more than is known."""
    status, progress = snapshot.job.status, snapshot.progress
    match status:
        case JobStatus.INITIALIZING:
            return awaits(snapshot.job.pending, _device(snapshot))
        case JobStatus.QUEUED if snapshot.job.elsewhere and snapshot.outlook is None:
            return _waiting_there(progress, _device(snapshot))
        case JobStatus.QUEUED if snapshot.job.durable:
            return attempts.waiting(snapshot.outlook, snapshot.queue_position, snapshot.due_at)
        case JobStatus.QUEUED:
            return _waiting(snapshot.queue_position)
        case JobStatus.RUNNING:
            return plain(progress.phase) if progress and progress.phase else "starting"
        case JobStatus.CANCELLING:
            return "cancelling"
        case _:
            return _ended(snapshot)


def standing(snapshot: JobSnapshot, now: datetime) -> tuple[str, ...]:
    """Return what goes on or how it ended, and when that was so: a receipt outlives what it says."""
    ended_at = snapshot.job.ended_at
    if ended_at is None:
        going_on = ", ".join(filter(None, (phase(snapshot), counted(snapshot))))
        return f"{going_on}, when this was shown at {moment(now)}", attempts.running_on(snapshot)
    return phase(snapshot), attempts.ended_in(snapshot), moment(ended_at)


def counted(snapshot: JobSnapshot) -> str:
    """Return ``408 of 100,000 shots`` of a job that is being counted; empty of any other."""
    progress = snapshot.progress
    if snapshot.ended or progress is None or not progress.shots_done:
        return ""
    return f"{number(progress.shots_done)} of {plural(snapshot.job.shots, 'shot')}"


def facts(snapshot: JobSnapshot) -> tuple[str, ...]:
    """Return where it runs, how many shots, its mode where that is durable, what it costs, and its short id."""
    job = snapshot.job
    said = job.backend, plural(job.shots, "shot"), attempts.mode(job), cost(snapshot), short_id(job.id)
    return tuple(filter(None, said))


def awaits(pending: Pending | None, device: str = "the service") -> str:
    """Return what a job that is not admitted yet waits for."""
    if pending is None:
        return "preparing"
    if pending.consent:
        return "waiting for a confirmation"
    if pending.preflight:
        return f"asking {device} whether it can run this"
    return f"submits itself at {moment(pending.until)}" if pending.until else "waiting for its turn"


def note(snapshot: JobSnapshot) -> str:
    """Return what somebody should know or do about a job that is held up; empty where nothing is."""
    progress, status = snapshot.progress, snapshot.job.status
    if status.ended:
        return ""
    told = sentence(plain(progress.note)) if progress is not None else ""
    return attempts.hint(snapshot.outlook) or told


def _device(snapshot: JobSnapshot) -> str:
    return snapshot.backend.title if snapshot.backend is not None else snapshot.job.backend


def _waiting_there(progress: Progress | None, device: str) -> str:
    """Return where a job stands at its service; never more than that has told."""
    if progress is None:
        return f"on its way to {device}"
    if progress.queue is None:
        return plain(progress.phase)
    queue, over = progress.queue, "over " if progress.queue.beyond else ""
    # of two lower bounds that are one number, the second says nothing
    length = None if queue.beyond and queue.length == queue.position else queue.length
    of = "" if length is None else f" of {over}{number(length)}"
    place = f"position {over}{number(queue.position)}{of}" if queue.position is not None else "waiting"
    opens = "" if queue.opens_at is None else f", opens {queue.opens_at.astimezone(UTC):%A %H:%M} UTC"
    return f"{place} in the queue of {device}{opens}"


def _waiting(position: int | None) -> str:
    if position is None:
        return "waiting"
    return "waiting, next in the queue" if position == 1 else f"waiting, {ordinal(position)} in the queue"


def _ended(snapshot: JobSnapshot) -> str:
    job = snapshot.job
    if job.started_at is None:
        return (
            job.status.lower()
            if job.status is JobStatus.COMPLETED
            else f"{job.status.lower()} before it began"
        )
    word = "in" if job.status is JobStatus.COMPLETED else "after"
    return f"{job.status.lower()} {word} {duration(_seconds(job.started_at, job.ended_at))}"


def since(snapshot: JobSnapshot) -> datetime:
    """Return when what goes on now began: the run, or else the wait."""
    return attempts.since(snapshot) or snapshot.job.started_at or _admitted(snapshot.job)


def _admitted(job: JobRecord) -> datetime:
    return job.admitted_at or job.created_at


def told(snapshot: JobSnapshot) -> str:
    """Return what a notification says of a job that has ended, below its name and status."""
    return " · ".join(filter(None, (phase(snapshot), cost(snapshot))))


def task(snapshot: JobSnapshot) -> str:
    """Return what the service calls the job, to find it there; empty of a job that ran here."""
    remote_id = snapshot.job.remote_id
    return "" if remote_id is None else f"task {plain(remote_id)}"


def remark(snapshot: JobSnapshot) -> str:
    """Say so where counts are shown that are no result; empty otherwise."""
    job, progress = snapshot.job, snapshot.progress
    if job.status not in {JobStatus.FAILED, JobStatus.CANCELLED} or not progress or not progress.shots_done:
        return ""
    counted = f"{number(progress.shots_done)} of {plural(job.shots, 'shot')}"
    return f"Counted before the end: {counted}; not kept as a result."


def ways_back(snapshot: JobSnapshot) -> tuple[str, ...]:
    """Return the lines to type that lead back to this job, the most useful one first."""
    known = short_id(snapshot.job.id)
    match snapshot.job.status:
        case JobStatus.COMPLETED:
            return (f"%qjob result {known}",)
        case JobStatus.FAILED | JobStatus.CANCELLED:
            return (f"%qjob status {known}", f"%qjob retry {known}")
        case _:
            return (f"%qjob status {known}",)


def ways_on(snapshot: JobSnapshot) -> tuple[str, ...]:
    """Return the line to type that runs it again in another way, where a form can be shown."""
    return (f"%qjob form {short_id(snapshot.job.id)}",) if snapshot.ended else ()


def _usd(nano: int) -> str:
    return format_usd(from_nano(nano))


def _seconds(begin: datetime | None, end: datetime | None) -> float:
    return max(0.0, (end - begin).total_seconds()) if begin and end else 0.0

"""What is said of a durable job: how it waits for a worker, and what its attempts came to. Pure; knows no HTML."""

from datetime import UTC, datetime

from qjob.model.attempt import Attempt
from qjob.model.job import DURABLE, Failure, JobRecord, JobStatus
from qjob.model.money import format_usd, from_nano
from qjob.model.snapshot import JobSnapshot
from qjob.model.worker import Outlook, Prospect
from qjob.showing.tables import mode_of
from qjob.showing.wording import duration, moment, number, ordinal, plain, plural, sentence

SHOWN = 5
"""Attempts that are told one by one."""

TAKEN = "taken up by a worker"


def mode(job: JobRecord) -> str:
    """Return ``durable``, while it goes on with its attempt from the second on; nothing of a direct job."""
    return mode_of(job) if job.mode == DURABLE else ""


def waiting(outlook: Outlook | None, position: int | None = None, due_at: datetime | None = None) -> str:
    """Return what goes on in a durable job, or a batch of them, that is queued; never more than is known.

    Parameters
    ----------
    outlook
        How the workers stand; None where one has taken it up.
    position
        Its rank among those that wait, from 1; None of a batch.
    due_at
        When it is tried again.
    """
    if outlook is None:
        return TAKEN
    match outlook.prospect:
        case Prospect.STOPPED | Prospect.MISSING:
            return "no worker runs"
        case Prospect.ENDING:
            return "the worker ends"
        case _ if due_at is not None:
            return f"waiting to be tried again at {_time(due_at)}"
        case Prospect.STARTING:
            return "a worker is starting"
        case Prospect.LISTENING:
            place = "" if position is None else _place(position)
            return f"waiting for a worker{place}"


def _place(position: int) -> str:
    return ", next in the queue" if position == 1 else f", {ordinal(position)} in the queue"


def hint(outlook: Outlook | None) -> str:
    """Return what somebody should do about the workers that a job waits for; empty where nothing."""
    match outlook:
        case Outlook(Prospect.STOPPED, stopped_at):
            when = "" if stopped_at is None else f" at {moment(stopped_at)}"
            return (
                f"The worker was stopped by hand{when}. Start one in a terminal: qjob worker. "
                "The next durable job that is submitted starts one too."
            )
        case Outlook(Prospect.MISSING, _, said):
            last = f" What the last one said: {plain(said)}." if said else ""
            return f"No worker process has come up.{last} Start one in a terminal and see why: qjob worker"
        case Outlook(Prospect.ENDING):
            return "It was asked to end, and takes up nothing more; the job goes on with the next worker."
        case _:
            return ""


def running_on(snapshot: JobSnapshot) -> str:
    """Return which worker has the job in hand, ``worker lab3:4242``; empty where none has."""
    last = _last(snapshot)
    return f"worker {plain(last.worker)}" if last is not None and last.ended_at is None else ""


def setback(snapshot: JobSnapshot) -> str:
    """Return why the attempt before came to nothing, and from where the job went on; empty where none did.

    Of a job that has ended, `lines` says it.
    """
    if snapshot.job.status.ended:
        return ""
    failed = next((each for each in reversed(snapshot.attempts) if each.failure is not None), None)
    if failed is None or failed.failure is None:
        return ""
    now = snapshot.attempts[-1]
    went_on = now is not failed and now.shots > 0
    resumed = f" Attempt {number(now.number)} goes on from {plural(now.shots, 'shot')}." if went_on else ""
    return (
        f"Attempt {number(failed.number)} ended after {_length(failed)}: {_reason(failed.failure)}{resumed}"
    )


def lines(snapshot: JobSnapshot) -> tuple[str, ...]:
    """Return the attempts at a job, a line each, the last ones where there are many; nothing where one was enough."""
    attempts = snapshot.attempts
    if not attempts or (len(attempts) == 1 and (snapshot.job.status.ended or attempts[0].failure is None)):
        return ()
    shown = attempts[-SHOWN:]
    before = len(attempts) - len(shown)
    said = [f"{plural(before, 'attempt')} before these"] if before else []
    reason = ""
    for attempt in shown:
        why = "" if attempt.failure is None else _reason(attempt.failure)
        said.append(_line(attempt, snapshot, "the same" if why and why == reason else why))
        reason = why
    return tuple(said)


def ended_in(snapshot: JobSnapshot) -> str:
    """Return ``in 3 attempts`` of a job that has ended; empty where one was enough."""
    count = len(snapshot.attempts)
    return f"in {plural(count, 'attempt')}" if snapshot.job.status.ended and count > 1 else ""


def _line(attempt: Attempt, snapshot: JobSnapshot, why: str) -> str:
    job = snapshot.job
    same_day = attempt.began_at.date() == job.created_at.date()
    began = _time(attempt.began_at) if same_day else moment(attempt.began_at)
    cost = f", {format_usd(from_nano(attempt.cost))}" if attempt.cost else ""
    resumed = f", from {plural(attempt.shots, 'shot')} on" if attempt.shots else ""
    if attempt.ended_at is None:
        return f"attempt {number(attempt.number)} at {began}{resumed}: {running_on(snapshot)} has it in hand"
    came_to = why or (job.status.lower() if job.status.ended else "ended")
    return f"attempt {number(attempt.number)} at {began} for {_length(attempt)}{resumed}{cost}: {came_to}"


def _last(snapshot: JobSnapshot) -> Attempt | None:
    return snapshot.attempts[-1] if snapshot.attempts and not snapshot.job.status.ended else None


def _length(attempt: Attempt) -> str:
    ended = attempt.ended_at or attempt.began_at
    return duration((ended - attempt.began_at).total_seconds())


def _reason(failure: Failure) -> str:
    reason = sentence(plain(failure.reason))
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M:%S UTC")


def since(snapshot: JobSnapshot) -> datetime | None:
    """Return since when a durable job waits that was in hand before; None of any other."""
    waits = snapshot.job.status is JobStatus.QUEUED and snapshot.job.owner is None
    return snapshot.attempts[-1].ended_at if waits and snapshot.attempts else None

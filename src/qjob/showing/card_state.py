"""The small JSON state that the live card draws. Pure: a snapshot and a time in, a dict of at most 2 KB out.

Every update of the card is one message with this dict in it, so it stays small whatever the job is called and
however many bits it has: long texts are cut, and rows go before a limit is passed.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from qjob.model.job import JobStatus, Pending
from qjob.model.money import format_usd, from_nano
from qjob.model.snapshot import JobSnapshot
from qjob.model.worker import Outlook, Prospect
from qjob.showing import attempts
from qjob.showing.histogram import MAX_ROWS, Row, histogram
from qjob.showing.packet import LIMIT, clip, size
from qjob.showing.summary import facts, note, phase, remark, since, title, told, ways_back
from qjob.showing.timing_text import expected, is_long, phases
from qjob.showing.wording import sentence, short_id

_CANCELLABLE = {JobStatus.INITIALIZING, JobStatus.QUEUED, JobStatus.RUNNING}
_NAME, _SLUG, _PHASE, _REASON, _STEPS = 120, 64, 80, 440, 160  # bytes


def card_state(snapshot: JobSnapshot, now: datetime) -> dict[str, Any]:
    """Return what the live card shows of a job.

    Returns
    -------
    dict
        JSON values only, at most `LIMIT` bytes of JSON. ``rows`` are lists
        ``[label, count, low, high, bits]`` with the interval as shares; ``bits`` is there where the label is
        shortened and the whole string has room. ``since`` (seconds since 1970) and ``elapsed`` (seconds) let
        the card count on between two updates; of a job that waits, ``until`` is the time to count down to, ``soon``
        what happens then, and ``confirm`` what its button says. ``steps`` are the phases that are over, ``eta`` what
        is expected, and ``told`` what a notification says, where the job took long enough for one.
    """
    # what is dropped first: the whole strings of shortened labels, then rows from the end
    drafts = [(MAX_ROWS, True), *((rows, False) for rows in range(MAX_ROWS, -1, -4))]
    head = _head(snapshot, now)
    for rows, whole_strings in drafts:
        state = head | _counts(snapshot, rows, whole_strings=whole_strings)
        if size(state) <= LIMIT:
            break
    return state


def _head(snapshot: JobSnapshot, now: datetime) -> dict[str, Any]:
    job, begin = snapshot.job, since(snapshot)
    state: dict[str, Any] = {
        "id": short_id(job.id),
        "title": clip(title(snapshot), _NAME),
        "facts": [clip(fact, _SLUG) for fact in facts(snapshot) if fact],
        "status": job.status.value,
        "phase": clip(phase(snapshot), _PHASE),
        "ended": job.status.ended,
        "cancellable": job.status in _CANCELLABLE,
        "since": round(begin.timestamp(), 1),
        "elapsed": round(max(0.0, (now - begin).total_seconds()), 1),
        "back": list(ways_back(snapshot)),
    }
    if job.pending is not None:
        # a batch is agreed to as a whole, on its own card
        state |= pending_state(
            job.pending if job.batch is None else replace(job.pending, consent=False), job.cap
        )
    if steps := phases(snapshot):
        state["steps"] = clip(steps, _STEPS)
    if soon := expected(snapshot.eta):
        state["eta"] = soon
    if is_long(snapshot):
        state["told"] = clip(told(snapshot), _NAME)
    if job.durable:
        state |= _durable_state(snapshot)
    if held_up := note(snapshot):
        state["remark"] = clip(held_up, _REASON)
    if job.failure is not None:
        state["reason"] = clip(sentence(job.failure.reason), _REASON)
        state["remedy"] = clip(job.failure.remedy, _REASON)
    return state


def _durable_state(snapshot: JobSnapshot) -> dict[str, Any]:
    """Return what the card shows of a durable job: who has it in hand, and what came to nothing."""
    state: dict[str, Any] = {"durable": True}
    if worker := attempts.running_on(snapshot):
        state["worker"] = clip(worker, _SLUG)
    if setback := attempts.setback(snapshot):
        state["setback"] = clip(setback, _REASON)
    if snapshot.due_at is not None and snapshot.outlook is not None and _listens(snapshot.outlook):
        after = attempts.waiting(snapshot.outlook, snapshot.queue_position)
        state |= {"until": round(snapshot.due_at.timestamp(), 1), "soon": "is tried again", "phase": after}
    return state


def _listens(outlook: Outlook) -> bool:
    return outlook.prospect in {Prospect.LISTENING, Prospect.STARTING}


def pending_state(pending: Pending, cap: int) -> dict[str, Any]:
    """Return what the card shows of a job or a batch that waits to be admitted and can cost so many nano-dollars."""
    state: dict[str, Any] = {"remark": clip(pending.why, _REASON)} if pending.why else {}
    if pending.consent:
        state["confirm"] = f"Confirm {format_usd(from_nano(cap))}"
    elif pending.until is not None:
        state["until"] = round(pending.until.timestamp(), 1)
    return state


def _counts(snapshot: JobSnapshot, max_rows: int, *, whole_strings: bool) -> dict[str, Any]:
    progress = snapshot.progress
    counts: dict[str, Any] = {"done": progress.shots_done if progress else 0, "shots": snapshot.job.shots}
    drawn = histogram(progress, snapshot.layout, max_rows)
    if drawn is not None:
        counts |= {
            "rows": [_row(row, whole_strings=whole_strings) for row in drawn.rows],
            "scale": drawn.scale,
            "digits": drawn.digits,
            "more": drawn.more,
            "remark": remark(snapshot) or clip(note(snapshot), _REASON),
        }
    return counts


def _row(row: Row, *, whole_strings: bool) -> list[Any]:
    drawn: list[Any] = [row.label, row.count, round(row.low, 5), round(row.high, 5)]
    return [*drawn, row.bits] if whole_strings and row.label != row.bits else drawn

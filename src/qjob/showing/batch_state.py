"""The small JSON state that the live card draws of a batch. Pure: a snapshot and a time in, at most 2 KB out.

It has the fields of `qjob.showing.card_state` that a batch has as well, so that one card draws both; its jobs are
its shots.
"""

from datetime import datetime
from typing import Any

from qjob.model.job import JobStatus
from qjob.model.snapshot import BatchSnapshot
from qjob.showing import batch_summary as summary
from qjob.showing.card_state import pending_state
from qjob.showing.histogram import axis_end
from qjob.showing.packet import LIMIT, clip, size
from qjob.showing.timing_text import is_long
from qjob.showing.wording import short_id

_CANCELLABLE = {JobStatus.INITIALIZING, JobStatus.QUEUED, JobStatus.RUNNING}
_NAME, _FACT, _PHASE, _LABEL, _REASON = 120, 64, 64, 48, 200  # bytes

# The longest text of a line in bytes, and how many lines, in the order in which it is tried.
_DRAFTS = ((120, 16), (72, 16), (56, 16), (40, 16), (40, 12), (40, 8), (40, 4), (40, 0))


def batch_state(snapshot: BatchSnapshot, now: datetime) -> dict[str, Any]:
    """Return what the live card shows of a batch.

    Returns
    -------
    dict
        JSON values only, at most `LIMIT` bytes of JSON. ``parts`` are lists ``[name, count]`` in the order of the
        bar; ``jobs`` are lists ``[label, status, text]``, followed by a share of 0 to 1 where the text is an
        outcome; ``scale`` is the share at the end of their bars. ``done`` and ``shots`` count jobs.
    """
    head = _head(snapshot, now)
    for most_bytes, most_lines in _DRAFTS:
        lines = summary.lines(snapshot, most_lines)
        shares = [line.share for line in lines if line.share is not None]
        state = head | {
            "jobs": [_line(line, most_bytes) for line in lines],
            "scale": axis_end(max(shares, default=1.0)),
            "others": summary.more(snapshot, lines),
        }
        if size(state) <= LIMIT:
            break
    return state


def _head(snapshot: BatchSnapshot, now: datetime) -> dict[str, Any]:
    status, begin = summary.status(snapshot), summary.since(snapshot)
    done = summary.ended_jobs(snapshot)
    state: dict[str, Any] = {
        "id": short_id(snapshot.id),
        "title": clip(summary.title(snapshot), _NAME),
        "facts": [clip(fact, _FACT) for fact in summary.facts(snapshot) if fact],
        "status": status.value,
        "heading": summary.heading(snapshot),
        "phase": clip(summary.phase(snapshot), _PHASE),
        "ended": snapshot.ended,
        "cancellable": not _CANCELLABLE.isdisjoint(snapshot.statuses),
        "really": "Really cancel the rest?" if done else "Really cancel all?",
        "since": round(begin.timestamp(), 1),
        "elapsed": round(max(0.0, (now - begin).total_seconds()), 1),
        "back": list(summary.ways_back(snapshot)),
        "done": done,
        "shots": snapshot.batch.size,
        "unit": "jobs",
        "noun": "batch",
        "digits": summary.digits(snapshot),
        "parts": [[name, count] for name, count in summary.parts(snapshot).items()],
    }
    if snapshot.pending is not None:
        state |= pending_state(snapshot.pending, snapshot.asked)
    if is_long(snapshot):
        state["told"] = clip(f"{summary.phase(snapshot)} · {summary.cost(snapshot)}", _NAME)
    if snapshot.durable:
        state["durable"] = True
    if held_up := summary.note(snapshot):
        state["remark"] = clip(held_up, _REASON)
    failed = summary.first_failure(snapshot) if snapshot.ended else None
    if failed is not None:
        label, failure = failed
        state["reason"] = clip(f"{label}: {failure.reason}", _REASON)
        state["remedy"] = clip(failure.remedy, _REASON)
    return state


def _line(line: summary.Line, most_bytes: int) -> list[Any]:
    drawn: list[Any] = [clip(line.label, _LABEL), line.status.value, clip(line.text, most_bytes)]
    return drawn if line.share is None else [*drawn, round(line.share, 4)]

"""A batch as plain text for terminals and for front ends without HTML. Pure; at most `COLUMNS` wide."""

from datetime import datetime

from qjob.model.snapshot import BatchSnapshot
from qjob.showing import batch_summary as summary
from qjob.showing.receipt_text import COLUMNS, left, right, wrapped
from qjob.showing.wording import clip, number, percent, plain

MOST_LINES = 16
"""The most jobs that have a line."""


def batch_text(snapshot: BatchSnapshot, now: datetime) -> str:
    """Return the batch as text: a heading, its facts, how many jobs came to what, and some of them.

    Of a batch that still runs it shows the moment ``now``, and says so.
    """
    heading = summary.heading(snapshot)
    name = clip(summary.title(snapshot), COLUMNS - len(heading) - 2)
    facts = (summary.facts(snapshot), summary.standing(snapshot, now))
    shown = summary.lines(snapshot, MOST_LINES)
    lines = [
        f"{name}  {heading}",
        *(clip(" · ".join(plain(fact) for fact in line if fact), COLUMNS) for line in facts),
        ", ".join(f"{number(count)} {part}" for part, count in summary.parts(snapshot).items()),
    ]
    lines += wrapped(summary.note(snapshot))
    lines += ["", *_rows(shown, summary.digits(snapshot))]
    if more := summary.more(snapshot, shown):
        lines.append(f"  {more}")
    if snapshot.ended and (failed := summary.first_failure(snapshot)) is not None:
        label, failure = failed
        lines += ["", *wrapped(f"{label}: {failure.reason}"), *wrapped(failure.remedy)]
    return "\n".join([*lines, "", "   ".join(summary.ways_back(snapshot))])


def _rows(shown: list[summary.Line], digits: int) -> list[str]:
    labels = left([line.label for line in shown])
    statuses = left([line.status.value for line in shown])
    outcomes = left([line.text if line.share is not None else "" for line in shown])
    shares = right([percent(line.share, digits) if line.share is not None else "" for line in shown])
    rows = []
    for line, label, status, outcome, share in zip(shown, labels, statuses, outcomes, shares, strict=True):
        said = "" if line.text == line.status.value.lower() else line.text  # the status has said it
        row = f"  {label}  {status}  " + (said if line.share is None else f"{outcome}  {share}")
        rows.append(clip(row.rstrip(), COLUMNS))
    return rows

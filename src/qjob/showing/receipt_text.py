"""A job as plain text for terminals and for front ends without HTML. Pure; at most `COLUMNS` wide."""

from datetime import datetime
from textwrap import wrap

from qjob.model.snapshot import JobSnapshot
from qjob.showing import attempts
from qjob.showing.histogram import Histogram, histogram
from qjob.showing.summary import facts, note, payment, remark, standing, task, title, ways_back
from qjob.showing.timing_text import phases
from qjob.showing.wording import clip, number, percent, plain, plain_lines, sentence, width

COLUMNS = 96
"""The widest line, in terminal columns."""

_BAR = 32  # columns of the longest bar
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def receipt_text(snapshot: JobSnapshot, now: datetime) -> str:
    """Return the job as text: a heading, its facts, the top outcomes as bars, and the lines that lead back.

    After each percentage stands the 95 % interval of the probability. Of a job that still runs it shows the
    moment ``now``, and says so.
    """
    job, status = snapshot.job, snapshot.job.status.value
    name = clip(title(snapshot), COLUMNS - len(status) - 2)
    lines = [f"{name}  {status}"]
    lines += [
        clip(" · ".join(plain(fact) for fact in line if fact), COLUMNS)
        for line in (facts(snapshot), standing(snapshot, now))
    ]
    more = (*payment(snapshot), task(snapshot), *attempts.lines(snapshot), note(snapshot))
    for line in filter(None, (phases(snapshot), *more)):
        lines += wrap(plain(line), COLUMNS)
    if job.failure is not None:
        lines += ["", *wrapped(sentence(job.failure.reason)), *wrapped(job.failure.remedy)]
    drawn = histogram(snapshot.progress, snapshot.layout)
    if drawn is not None:
        lines += ["", *_rows(drawn)]
        lines += [f"  {text}" for text in (drawn.more, remark(snapshot)) if text]
    return "\n".join([*lines, "", "   ".join(ways_back(snapshot))])


def wrapped(text: str) -> list[str]:
    """Return text as lines that fit, indented by two."""
    paragraphs = (wrap(line, COLUMNS - 2, break_on_hyphens=False) for line in plain_lines(text).splitlines())
    return [f"  {line}" for lines in paragraphs for line in lines]


def _rows(drawn: Histogram) -> list[str]:
    counts = [number(row.count) for row in drawn.rows]
    shares = [percent(row.share, drawn.digits) for row in drawn.rows]
    intervals = [
        f"{row.low * 100:.{drawn.digits}f} to {row.high * 100:.{drawn.digits}f}" for row in drawn.rows
    ]
    labels = [row.label for row in drawn.rows]
    beside = sum(max(width(cell) for cell in cells) for cells in (labels, counts, shares, intervals))
    longest = min(_BAR, COLUMNS - beside - 5 * 2)  # two spaces before each of the five columns
    bars = [_bar(row.share / drawn.scale, longest) for row in drawn.rows]
    columns = (left(labels), left(bars), right(counts), right(shares), right(intervals))
    return ["  " + "  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]


def _bar(share: float, longest: int) -> str:
    """Draw a share of 0 to 1 with block characters, to an eighth of a column; never nothing for something."""
    eighths = max(1, round(share * longest * 8))
    return _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def left(cells: list[str]) -> list[str]:
    """Return cells of one width, set flush left."""
    widest = max(width(cell) for cell in cells)
    return [cell + " " * (widest - width(cell)) for cell in cells]


def right(cells: list[str]) -> list[str]:
    """Return cells of one width, set flush right."""
    widest = max(width(cell) for cell in cells)
    return [" " * (widest - width(cell)) + cell for cell in cells]

"""A batch as plain HTML that stays in a notebook. Pure; knows no IPython.

Made like the receipt of a job (see `qjob.showing.receipt`): one table between plain lines, inline styles only.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from qjob.model.job import JobStatus
from qjob.model.snapshot import BatchSnapshot
from qjob.showing import batch_summary as summary
from qjob.showing import receipt_parts as parts
from qjob.showing.batch_text import MOST_LINES
from qjob.showing.histogram import axis_end
from qjob.showing.receipt_parts import BLUE, CELL, CODE, DOT, GREEN, GREY, LINE, QUIET, RED, ROW, text
from qjob.showing.wording import number, percent, width

_EMPTY = "rgba(128,128,128,0.22)"
_COLOURS = {"completed": GREEN, "failed": RED, "cancelled": GREY, "running": BLUE, "cancelling": GREY}
_WAITING = {JobStatus.INITIALIZING, JobStatus.QUEUED}


def batch_html(snapshot: BatchSnapshot, now: datetime, ways: Iterable[str] | None = None) -> str:
    """Return the batch as an HTML fragment without script, style element or reference to anything outside.

    Meant for batches that ended; of one that still runs it shows the moment ``now``, and says so. ``ways`` are the
    lines at its foot; None for those to type in a notebook.
    """
    shown = summary.lines(snapshot, MOST_LINES)
    label, failure = (snapshot.ended and summary.first_failure(snapshot)) or ("", None)
    return parts.box(
        [
            parts.header(summary.title(snapshot), summary.status(snapshot), summary.heading(snapshot)),
            parts.facts(summary.facts(snapshot), summary.standing(snapshot, now)),
            parts.quiet(summary.note(snapshot)),
            _bar(snapshot),
            _legend(snapshot),
            _table(shown, summary.digits(snapshot)),
            parts.quiet(summary.more(snapshot, shown)),
            parts.failure(failure, label),
            parts.footer(summary.ways_back(snapshot) if ways is None else ways),
        ]
    )


def _bar(snapshot: BatchSnapshot) -> str:
    """Draw how many of the jobs came to what; what waits leaves it empty."""
    pieces = "".join(
        f'<div style="width:{100 * count / snapshot.batch.size:.2f}%;min-width:3px;height:8px;'
        f'background-color:{_COLOURS[name]}"></div>'
        for name, count in summary.parts(snapshot).items()
        if name in _COLOURS
    )
    track = (
        f"display:flex;height:8px;margin-top:14px;overflow:hidden;border-radius:2px;background-color:{_EMPTY}"
    )
    return f'<div style="{track}">{pieces}</div>'


def _legend(snapshot: BatchSnapshot) -> str:
    said = " &nbsp; ".join(
        f"{_dot(_COLOURS.get(name, GREY), filled=name in _COLOURS)} {number(count)} {name}"
        for name, count in summary.parts(snapshot).items()
    )
    return f'<div style="margin-top:2px;font-size:12px;line-height:18px">{said}</div>'


def _dot(colour: str, *, filled: bool = True) -> str:
    return f'<span style="color:{colour}">{"●" if filled else "○"}</span>'


def _table(shown: list[summary.Line], digits: int) -> str:
    """Draw a line for each job: the label, then a bar between outcome and share, or what else there is to say.

    In a narrow window the plot shrinks first, then labels and outcomes are cut, so that every job keeps to its line.
    """
    shares = [line.share for line in shown if line.share is not None]
    scale = axis_end(max(shares, default=1.0))
    label = 7 * max(width(line.label) for line in shown) + 24
    outcome = 8 * max((len(line.text) for line in shown if line.share is not None), default=0)
    cut = f"{CELL};text-align:left;white-space:nowrap;overflow:hidden;text-overflow:ellipsis"
    first = f"{cut};flex:0 1 {label}px;min-width:{min(label, 48)}px"
    said = f"{cut};flex:1 1 40px;min-width:0;padding-left:10px;{QUIET}"
    figure = f"{CELL};padding-left:10px;text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums"
    plot = (
        f"{cut};flex:0 1 {outcome}px;min-width:{min(outcome, 24)}px;padding-left:10px",
        f"{CELL};flex:1 1 40px;min-width:40px;padding-left:10px",
        f"{figure};flex:0 0 {7 * (digits + 6)}px;{QUIET}",
    )
    rows = []
    for line in shown:
        dot = _dot(DOT.get(line.status, GREY), filled=line.status not in _WAITING)
        cells = [f'<td style="{first}">{dot} {text(line.label)}</td>']
        if line.share is None:
            cells.append(f'<td style="{said}">{text(line.text)}</td>')
        else:
            contents = (
                f'<code style="{CODE}">{text(line.text)}</code>',
                _share_bar(line.share / scale),
                percent(line.share, digits),
            )
            cells += [f'<td style="{style}">{each}</td>' for style, each in zip(plot, contents, strict=True)]
        rows.append(f'<tr style="{ROW}" title="{escape(line.whole)}">{"".join(cells)}</tr>')
    table = "display:block;width:100%;margin:8px 0 0 0;font-size:13px;border-collapse:collapse"
    return f'<table style="{table}"><tbody style="display:block">{"".join(rows)}</tbody></table>'


def _share_bar(length: float) -> str:
    bar = f"position:absolute;left:0;top:4px;height:12px;width:{100 * length:.2f}%;background-color:{BLUE}"
    return (
        f'<div style="position:relative;height:20px;border-left:1px solid {LINE}">'
        f'<div style="{bar};border-radius:1px"></div></div>'
    )

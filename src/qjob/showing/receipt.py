"""A job as plain HTML that stays in a notebook. Pure; knows no IPython.

The HTML must read well wherever a saved notebook is opened: a JupyterLab without kernel that does not trust
it, nbconvert, a viewer that drops every style. So it is one table between plain lines, with inline styles
only, and of these only what JupyterLab's sanitizer lets through (no svg, no style element, no var() colours).
"""

from collections.abc import Iterable
from datetime import datetime

from qjob.model.snapshot import JobSnapshot
from qjob.showing import attempts
from qjob.showing import receipt_parts as parts
from qjob.showing.histogram import Histogram, Row, histogram
from qjob.showing.receipt_parts import BLUE, CELL, LABEL, LINE, QUIET, ROW, text
from qjob.showing.receipt_text import receipt_text
from qjob.showing.summary import facts, note, payment, remark, standing, task, title, ways_back, ways_on
from qjob.showing.timing_text import phases
from qjob.showing.wording import number, percent

__all__ = ["receipt_html", "receipt_text"]


def receipt_html(snapshot: JobSnapshot, now: datetime, ways: Iterable[str] | None = None) -> str:
    """Return the job as an HTML fragment without script, style element or reference to anything outside.

    Meant for jobs that ended; of one that still runs it shows the moment ``now``, and says so. That is what a
    front end without widgets gets to see.

    Parameters
    ----------
    ways
        The lines at its foot; None for those to type in a notebook.
    """
    job = snapshot.job
    drawn = histogram(snapshot.progress, snapshot.layout)
    shown = [
        parts.header(title(snapshot), job.status),
        parts.facts(facts(snapshot), standing(snapshot, now)),
        parts.quiet(phases(snapshot)),
        *map(parts.quiet, (*payment(snapshot), task(snapshot), *attempts.lines(snapshot), note(snapshot))),
        parts.failure(job.failure),
    ]
    if drawn is not None:
        shown += [_table(drawn), parts.quiet(drawn.more), parts.quiet(remark(snapshot))]
    lines = (*ways_back(snapshot), *ways_on(snapshot)) if ways is None else ways
    return parts.box([*shown, parts.footer(lines)])


def _table(drawn: Histogram) -> str:
    """Draw a table whose rows are flex boxes of equal columns.

    In a narrow window the plot shrinks first, then long labels wrap; counts always stay whole. Where styles are
    dropped it is the plain table that it is.
    """
    cells = _columns(drawn)
    rows = "".join(_row(row, drawn, cells) for row in drawn.rows)
    scale = f"{drawn.scale * 100:g}\N{NO-BREAK SPACE}%"
    axis = (
        '<div style="display:flex;justify-content:space-between;font-size:11px;line-height:14px;opacity:0.72">'
        f"<span>0</span> <span>{scale}</span></div>"
    )
    foot = "".join(
        f'<td style="{cell}">{content}</td>' for cell, content in zip(cells, ("", axis, "", ""), strict=True)
    )
    table = "display:block;width:100%;margin:10px 0 0 0;font-size:13px;border-collapse:collapse"
    return (
        f'<table style="{table}"><tbody style="display:block">{rows}<tr style="{ROW}">{foot}</tr>'
        "</tbody></table>"
    )


def _columns(drawn: Histogram) -> tuple[str, str, str, str]:
    """Return the styles of label, plot, count and share, the same in every row; pixels a character are generous."""
    label = 8 * max(len(row.label) for row in drawn.rows)
    count = 8 * max(len(number(row.count)) for row in drawn.rows)
    share = 7 * max(len(percent(row.share, drawn.digits)) for row in drawn.rows) + 6
    figure = f"{CELL};text-align:right;white-space:nowrap;padding-left:10px;font-variant-numeric:tabular-nums"
    return (
        f"{CELL};flex:0 1 {label}px;min-width:{min(label, 48)}px;text-align:left;overflow-wrap:break-word",
        f"{CELL};flex:1 1 40px;min-width:40px;padding-left:10px",
        f"{figure};flex:0 0 {count}px",
        f"{figure};flex:0 0 {share}px;{QUIET}",
    )


def _row(row: Row, drawn: Histogram, cells: tuple[str, ...]) -> str:
    contents = (
        f'<code style="{LABEL}">{text(row.label)}</code>',
        _bar(row, drawn.scale),
        number(row.count),
        percent(row.share, drawn.digits),
    )
    columns = "".join(
        f'<td style="{cell}">{content}</td>' for cell, content in zip(cells, contents, strict=True)
    )
    return f'<tr style="{ROW}" title="{text(row.describe(drawn.digits))}">{columns}</tr>'


def _bar(row: Row, scale: float) -> str:
    """Draw a bar with its error bar: a bracket of the text's own colour."""
    length, begin, span = (
        f"{100 * share / scale:.2f}%" for share in (row.share, row.low, row.high - row.low)
    )
    bar = (
        f"position:absolute;left:0;top:4px;height:12px;width:{length};background-color:{BLUE};"
        "border-radius:1px"
    )
    bracket = (
        f"position:absolute;left:{begin};width:{span};top:7px;height:6px;box-sizing:border-box;"
        "border-left:1px solid;border-right:1px solid;opacity:0.75"
    )
    return (
        f'<div style="position:relative;height:20px;border-left:1px solid {LINE}">'
        f'<div style="{bar}"></div><div style="{bracket}">'
        '<div style="height:0;margin-top:2.5px;border-top:1px solid"></div></div></div>'
    )

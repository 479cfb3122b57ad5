"""A job as plain HTML that stays in a notebook. Pure; knows no IPython.

The HTML must read well wherever a saved notebook is opened: a JupyterLab without kernel that does not trust
it, nbconvert, a viewer that drops every style. So it is one table between plain lines, with inline styles
only, and of these only what JupyterLab's sanitizer lets through (no svg, no style element, no var() colours).
Text has the reader's own colour; the few literal colours keep a contrast of 3 on white and on #111.
"""

from datetime import datetime

from qjob.model.job import JobStatus
from qjob.model.snapshot import JobSnapshot
from qjob.notebook import markup
from qjob.notebook.histogram import Histogram, Row, histogram
from qjob.notebook.receipt_text import receipt_text
from qjob.notebook.summary import cost, payment, remark, standing, title, ways_back
from qjob.notebook.wording import number, percent, plain, plain_lines, plural, short_id

__all__ = ["receipt_html", "receipt_text"]

_BLUE, _GREEN, _RED, _GREY = "#1e88e5", "#2e9b4f", "#e0483e", "#8a8a8a"
_LINE = "rgba(128,128,128,0.35)"
_DOT = {JobStatus.COMPLETED: _GREEN, JobStatus.FAILED: _RED, JobStatus.RUNNING: _BLUE}

_QUIET = "opacity:0.72"
_CELL = "padding:0;line-height:20px"
_ROW = "display:flex;padding:0;background-color:transparent"
_LABEL = "background-color:transparent;padding:0;font-size:12px;white-space:normal"
_CODE = "background-color:transparent;padding:0;font-size:12px;white-space:nowrap"


def receipt_html(snapshot: JobSnapshot, now: datetime) -> str:
    """Return the job as an HTML fragment without script, style element or reference to anything outside.

    Meant for jobs that ended; of one that still runs it shows the moment ``now``, and says so. That is what a
    front end without widgets gets to see.
    """
    drawn = histogram(snapshot.progress, snapshot.layout)
    parts = [_header(snapshot), _facts(snapshot, now), *map(_quiet, payment(snapshot)), _failure(snapshot)]
    if drawn is not None:
        parts += [_table(drawn), _quiet(drawn.more), _quiet(remark(snapshot))]
    parts.append(_footer(snapshot))
    box = (
        f"max-width:560px;box-sizing:border-box;margin:4px 0;padding:12px 16px;border:1px solid {_LINE};"
        "border-radius:6px;font-size:13px;line-height:20px"
    )
    return f'<div style="{box}">{"".join(parts)}</div>'


def _header(snapshot: JobSnapshot) -> str:
    status = snapshot.job.status
    dot = f'<span style="color:{_DOT.get(status, _GREY)}">●</span>'
    return (
        '<div style="display:flex;justify-content:space-between;gap:16px">'
        f'<b style="font-size:14px;overflow-wrap:break-word;min-width:0">{_text(title(snapshot))}</b> '
        f'<span style="white-space:nowrap;font-size:12px;letter-spacing:0.4px">{dot} {status.value}</span>'
        "</div>"
    )


def _facts(snapshot: JobSnapshot, now: datetime) -> str:
    job = snapshot.job
    first = (job.backend, plural(job.shots, "shot"), cost(snapshot), short_id(job.id))
    lines = (" · ".join(_text(fact) for fact in line if fact) for line in (first, standing(snapshot, now)))
    return f'<div style="{_QUIET};font-size:12px;line-height:18px">{"<br>".join(lines)}</div>'


def _failure(snapshot: JobSnapshot) -> str:
    failure = snapshot.job.failure
    if failure is None:
        return ""
    reason = f"<div>{_lines(failure.reason)}</div>"
    remedy = f'<div style="{_QUIET}">{_lines(failure.remedy)}</div>' if failure.remedy else ""
    edge = f"margin-top:10px;padding:1px 0 1px 10px;border-left:3px solid {_RED};overflow-wrap:break-word"
    return f'<div style="{edge}">{reason}{remedy}</div>'


def _table(drawn: Histogram) -> str:
    """Draw a table whose rows are flex boxes of equal columns.

    In a narrow window the plot shrinks first, then long labels wrap; counts always stay whole. Where styles are
    dropped it is the plain table that it is.
    """
    cells = _columns(drawn)
    rows = "".join(_row(row, drawn, cells) for row in drawn.rows)
    scale = f"{drawn.scale * 100:g}\N{NO-BREAK SPACE}%"
    axis = (
        '<div style="display:flex;justify-content:space-between;font-size:11px;line-height:14px;opacity:0.6">'
        f"<span>0</span> <span>{scale}</span></div>"
    )
    foot = "".join(
        f'<td style="{cell}">{content}</td>' for cell, content in zip(cells, ("", axis, "", ""), strict=True)
    )
    table = "display:block;width:100%;margin:10px 0 0 0;font-size:13px;border-collapse:collapse"
    return (
        f'<table style="{table}"><tbody style="display:block">{rows}<tr style="{_ROW}">{foot}</tr>'
        "</tbody></table>"
    )


def _columns(drawn: Histogram) -> tuple[str, str, str, str]:
    """Return the styles of label, plot, count and share, the same in every row; pixels a character are generous."""
    label = 8 * max(len(row.label) for row in drawn.rows)
    count = 8 * max(len(number(row.count)) for row in drawn.rows)
    share = 7 * max(len(percent(row.share, drawn.digits)) for row in drawn.rows) + 6
    figure = (
        f"{_CELL};text-align:right;white-space:nowrap;padding-left:10px;font-variant-numeric:tabular-nums"
    )
    return (
        f"{_CELL};flex:0 1 {label}px;min-width:{min(label, 48)}px;text-align:left;overflow-wrap:break-word",
        f"{_CELL};flex:1 1 40px;min-width:40px;padding-left:10px",
        f"{figure};flex:0 0 {count}px",
        f"{figure};flex:0 0 {share}px;{_QUIET}",
    )


def _row(row: Row, drawn: Histogram, cells: tuple[str, ...]) -> str:
    contents = (
        f'<code style="{_LABEL}">{_text(row.label)}</code>',
        _bar(row, drawn.scale),
        number(row.count),
        percent(row.share, drawn.digits),
    )
    columns = "".join(
        f'<td style="{cell}">{content}</td>' for cell, content in zip(cells, contents, strict=True)
    )
    return f'<tr style="{_ROW}" title="{_text(row.describe(drawn.digits))}">{columns}</tr>'


def _bar(row: Row, scale: float) -> str:
    """Draw a bar with its error bar: a bracket of the text's own colour."""
    length, begin, span = (
        f"{100 * share / scale:.2f}%" for share in (row.share, row.low, row.high - row.low)
    )
    bar = (
        f"position:absolute;left:0;top:4px;height:12px;width:{length};background-color:{_BLUE};"
        "border-radius:1px"
    )
    bracket = (
        f"position:absolute;left:{begin};width:{span};top:7px;height:6px;box-sizing:border-box;"
        "border-left:1px solid;border-right:1px solid;opacity:0.75"
    )
    return (
        f'<div style="position:relative;height:20px;border-left:1px solid {_LINE}">'
        f'<div style="{bar}"></div><div style="{bracket}">'
        '<div style="height:0;margin-top:2.5px;border-top:1px solid"></div></div></div>'
    )


def _quiet(text: str) -> str:
    style = f"{_QUIET};font-size:12px;line-height:18px;overflow-wrap:break-word"
    return f'<div style="{style}">{_text(text)}</div>' if text else ""


def _footer(snapshot: JobSnapshot) -> str:
    commands = " &nbsp; ".join(f'<code style="{_CODE}">{_text(line)}</code>' for line in ways_back(snapshot))
    return f'<div style="{_QUIET};margin-top:8px">{commands}</div>'


def _lines(text: str) -> str:
    return "<br>".join(_text(line) for line in plain_lines(text).splitlines())


def _text(text: str) -> str:
    """Escape text for HTML, also within a quoted attribute."""
    return markup.text(plain(text))

"""A picture as plain HTML that stays in a notebook, and as text for terminals. Pure.

The HTML reads well with only what JupyterLab's sanitizer lets through: see `qjob.showing.receipt`.
"""

from qjob.model.ranking import Outcome
from qjob.notebook.pictures.rows import Rows, heading, rows_of
from qjob.notebook.pictures.shown import Shown
from qjob.notebook.pictures.words import Told, texts
from qjob.showing.receipt_parts import BLUE, CELL, LABEL, LINE, QUIET, ROW, box, quiet, text
from qjob.showing.receipt_text import COLUMNS, left, right, wrapped
from qjob.showing.wording import clip, number, plain

SECOND = ("#c2620a", "#2e9b4f", "#9b51e0")
"""The colours of what stands beside the first job: each has a contrast of 3 on white and on #111."""

_BAR = 32  # columns of the longest bar of a text
_HEAD = 18  # columns of a heading above numbers


def picture_html(shown: Shown, found: tuple[Told, ...], back: tuple[str, ...]) -> str:
    """Return the picture as an HTML fragment without script, style element or reference to anything outside."""
    rows = rows_of(shown)
    parts = [
        f'<b style="font-size:14px;overflow-wrap:break-word">{text(shown.title)}</b>',
        quiet(" · ".join(filter(None, (*shown.facts, heading(shown))))),
    ]
    if rows is not None:
        parts += [_legend(shown), _table(shown, rows), quiet(rows.more)]
    parts += [quiet(line) for line in (*texts(found), *shown.notes)]
    lines = " &nbsp; ".join(f'<code style="{LABEL}">{text(line)}</code>' for line in back)
    parts.append(f'<div style="{QUIET};margin-top:8px">{lines}</div>' if back else "")
    return box(parts)


def _legend(shown: Shown) -> str:
    if len(shown.series) == 1:
        return ""
    marks = [f'<span style="color:{BLUE}">■</span>', *(_mark(place) for place in range(1, len(shown.series)))]
    told = (f"{mark} {text(one.label)}" for mark, one in zip(marks, shown.series, strict=True))
    return f'<div style="font-size:12px;line-height:18px;margin-top:6px">{" &nbsp; ".join(told)}</div>'


def _mark(place: int) -> str:
    return f'<span style="color:{SECOND[place - 1]}">{"□" if place == 1 else "▏"}</span>'


def _table(shown: Shown, rows: Rows) -> str:
    widths = [8 * max(map(len, rows.labels)), 8 * max(_digits(shown, rows))]
    share = 7 * max(len(each) for row in rows.outcomes for each in rows.shares(row)) + 6
    figure = f"{CELL};text-align:right;white-space:nowrap;padding-left:10px;font-variant-numeric:tabular-nums"
    columns = [
        f"{CELL};flex:0 1 {widths[0]}px;min-width:{min(widths[0], 48)}px;text-align:left;overflow-wrap:break-word",
        f"{CELL};flex:1 1 40px;min-width:40px;padding-left:10px",
        *([f"{figure};flex:0 0 {widths[1]}px"] if len(shown.series) == 1 else []),
        *([f"{figure};flex:0 0 {share}px"] * len(shown.series)),
    ]
    body = "".join(
        _row(shown, rows, outcome, label, columns)
        for outcome, label in zip(rows.outcomes, rows.labels, strict=True)
    )
    end = f"{rows.scale * 100:g}\N{NO-BREAK SPACE}%"
    axis = (
        f'<div style="display:flex;justify-content:space-between;font-size:11px;line-height:14px;{QUIET}">'
        f"<span>0</span> <span>{end}</span></div>"
    )
    foot = "".join(
        f'<td style="{cell}">{axis if place == 1 else ""}</td>' for place, cell in enumerate(columns)
    )
    style = "display:block;width:100%;margin:6px 0 0 0;font-size:13px;border-collapse:collapse"
    return (
        f'<table style="{style}"><tbody style="display:block">{body}<tr style="{ROW}">{foot}</tr>'
        "</tbody></table>"
    )


def _digits(shown: Shown, rows: Rows) -> list[int]:
    return [len(number(round(row.amounts[0]))) for row in rows.outcomes] if len(shown.series) == 1 else [0]


def _row(shown: Shown, rows: Rows, outcome: Outcome, label: str, columns: list[str]) -> str:
    contents = [f'<code style="{LABEL}">{text(label)}</code>', _plot(outcome, rows.scale)]
    if len(shown.series) == 1:
        amount, exact = outcome.amounts[0], outcome.intervals[0] is None
        contents.append("" if exact else number(round(amount)))
    contents += map(text, rows.shares(outcome))
    cells = "".join(
        f'<td style="{style}">{content}</td>' for style, content in zip(columns, contents, strict=True)
    )
    return f'<tr style="{ROW}" title="{text(rows.describe(shown, outcome))}">{cells}</tr>'


def _plot(outcome: Outcome, scale: float) -> str:
    """Draw a filled bar with its error bar, an outline for the second, a tick for each further one."""
    length = f"{100 * outcome.shares[0] / scale:.2f}%"
    bar = f"position:absolute;left:0;top:4px;height:12px;width:{length};background-color:{BLUE}"
    marks = [f'<div style="{bar};border-radius:1px"></div>']
    if (interval := outcome.intervals[0]) is not None:
        begin, span = (
            f"{100 * share / scale:.2f}%" for share in (interval.low, interval.high - interval.low)
        )
        marks.append(
            f'<div style="position:absolute;left:{begin};width:{span};top:7px;height:6px;box-sizing:border-box;'
            'border-left:1px solid;border-right:1px solid;opacity:0.75">'
            '<div style="height:0;margin-top:2.5px;border-top:1px solid"></div></div>'
        )
    for place, share in enumerate(outcome.shares[1:], 1):
        at, colour = f"{100 * share / scale:.2f}%", SECOND[place - 1]
        shape = f"left:0;width:{at};border:1.5px solid {colour};border-left:none"
        if place > 1:
            shape = f"left:{at};width:0;border-left:2px solid {colour}"
        if share > 0:
            marks.append(
                f'<div style="position:absolute;top:1px;height:18px;box-sizing:border-box;{shape}"></div>'
            )
    return f'<div style="position:relative;height:20px;border-left:1px solid {LINE}">{"".join(marks)}</div>'


def picture_text(shown: Shown, found: tuple[Told, ...], back: tuple[str, ...]) -> str:
    """Return the picture as text: a heading, the outcomes with bars and numbers, comparisons, the way back."""
    said = (" · ".join(map(plain, shown.facts)), heading(shown))
    lines = [clip(shown.title, COLUMNS), *(clip(line, COLUMNS) for line in said if line)]
    rows = rows_of(shown)
    if rows is not None:
        lines += ["", *_text_rows(shown, rows)]
        lines += [f"  {rows.more}"] if rows.more else []
    told = [line for each in (*texts(found), *shown.notes) for line in wrapped(each)]
    return "\n".join([*lines, *([""] if told else []), *told, *(["", "   ".join(back)] if back else [])])


def _text_rows(shown: Shown, rows: Rows) -> list[str]:
    several = len(shown.series) > 1
    columns = [left([*([""] if several else []), *rows.labels])]
    for place, one in enumerate(shown.series):
        shares = [rows.shares(row)[place] for row in rows.outcomes]
        columns.append(right([clip(one.head or one.label, _HEAD), *shares] if several else shares))
    if not several and shown.series[0].shots is not None:
        columns.append(right([number(round(row.amounts[0])) for row in rows.outcomes]))
    bars = [_text_bar(row.shares[0] / rows.scale) for row in rows.outcomes]
    columns.append(left([*([""] if several else []), *bars]))
    return [clip("  " + "  ".join(cells).rstrip(), COLUMNS) for cells in zip(*columns, strict=True)]


def _text_bar(share: float) -> str:
    return "█" * max(1, round(_BAR * share)) if share > 0 else ""

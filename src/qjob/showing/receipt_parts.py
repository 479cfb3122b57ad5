"""What the receipts of jobs and batches are made of: colours, frame, heading, lines of text. Pure; all inline styles.

Text has the reader's own colour; the few literal colours keep a contrast of 3 on white and on #111.
"""

from collections.abc import Iterable

from qjob.model.job import Failure, JobStatus
from qjob.showing import markup
from qjob.showing.wording import plain, plain_lines, sentence

BLUE, GREEN, RED, GREY = "#1e88e5", "#2e9b4f", "#e0483e", "#8a8a8a"
LINE = "rgba(128,128,128,0.35)"
DOT = {JobStatus.COMPLETED: GREEN, JobStatus.FAILED: RED, JobStatus.RUNNING: BLUE}
"""The colour of a status; all others are grey."""

QUIET = "opacity:0.72"
CELL = "padding:0;line-height:20px"
ROW = "display:flex;padding:0;background-color:transparent"
LABEL = "background-color:transparent;padding:0;font-size:12px;white-space:normal"
CODE = "background-color:transparent;padding:0;font-size:12px;white-space:nowrap"
_BOX = (
    f"max-width:560px;box-sizing:border-box;margin:4px 0;padding:12px 16px;border:1px solid {LINE};"
    "border-radius:6px;font-size:13px;line-height:20px"
)


def box(parts: Iterable[str]) -> str:
    """Return the frame around everything."""
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def header(title: str, status: JobStatus, said: str = "") -> str:
    """Return the title on the left, the status on the right; ``said`` in place of its name."""
    dot = f'<span style="color:{DOT.get(status, GREY)}">●</span>'
    return (
        '<div style="display:flex;justify-content:space-between;gap:16px">'
        f'<b style="font-size:14px;overflow-wrap:break-word;min-width:0">{text(title)}</b> '
        f'<span style="white-space:nowrap;font-size:12px;letter-spacing:0.4px">{dot} {said or status.value}</span>'
        "</div>"
    )


def facts(*lines: Iterable[str]) -> str:
    """Return lines of facts, those that are empty left out."""
    shown = (" · ".join(text(fact) for fact in line if fact) for line in lines)
    return f'<div style="{QUIET};font-size:12px;line-height:18px">{"<br>".join(shown)}</div>'


def failure(found: Failure | None, of: str = "") -> str:
    """Return why there is no result and what to do about it; ``of`` says of which job."""
    if found is None:
        return ""
    reason = f"<div>{_lines(f'{of}: {found.reason}' if of else sentence(found.reason))}</div>"
    remedy = f'<div style="{QUIET}">{_lines(found.remedy)}</div>' if found.remedy else ""
    edge = f"margin-top:10px;padding:1px 0 1px 10px;border-left:3px solid {RED};overflow-wrap:break-word"
    return f'<div style="{edge}">{reason}{remedy}</div>'


def quiet(line: str) -> str:
    """Return a line of small text, or nothing."""
    style = f"{QUIET};font-size:12px;line-height:18px;overflow-wrap:break-word"
    return f'<div style="{style}">{text(line)}</div>' if line else ""


def footer(ways_back: Iterable[str]) -> str:
    """Return the lines to type that lead back, or nothing where there are none."""
    commands = " &nbsp; ".join(f'<code style="{CODE}">{text(line)}</code>' for line in ways_back)
    return f'<div style="{QUIET};margin-top:8px;min-height:24px">{commands}</div>' if commands else ""


def text(value: str) -> str:
    """Escape text for HTML, also within a quoted attribute."""
    return markup.text(plain(value))


def _lines(value: str) -> str:
    return "<br>".join(text(line) for line in plain_lines(value).splitlines())

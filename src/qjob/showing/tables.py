"""Lists of jobs and backends as small tables: HTML in a notebook, aligned text elsewhere. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from qjob.model.backend import BackendInfo, OptionSpec
from qjob.model.job import DURABLE, JobRecord, JobStatus
from qjob.model.money import format_usd, from_nano
from qjob.policy.audit import Audit
from qjob.showing import markup
from qjob.showing.price_wording import sourced
from qjob.showing.wording import moment, plain, plural, short_id


class Faint(str):
    """Text of a cell that matters less, such as what is long past: gray in a notebook."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under headings.

    Parameters
    ----------
    headings
        One a column.
    rows
        Cells as text, of several lines where it has line breaks; what is `Faint` is gray in a notebook.
    note
        A line below the table, or several.
    numeric
        Indices of the columns that are set flush right.
    whole
        Indices of the columns whose text is broken nowhere in a notebook, such as names to copy.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    numeric: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()

    def with_note(self, note: str) -> "Table":
        """Return the same table with more below it."""
        return self if not note else replace(self, note="\n".join(filter(None, (self.note, note))))

    def __repr__(self) -> str:
        if not self.rows:
            return self.note
        lines = [line for row in (self.headings, *self.rows) for line in _lines(row)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.headings))]
        text = [
            "  ".join(
                cell.rjust(widths[i]) if i in self.numeric else cell.ljust(widths[i])
                for i, cell in enumerate(line)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([*text, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        style = "text-align:{};padding:2px 14px 2px 0;vertical-align:top"
        align = ["right" if i in self.numeric else "left" for i in range(len(self.headings))]
        wrap = [";white-space:nowrap" if i in self.whole else "" for i in range(len(self.headings))]
        head = "".join(
            f'<th style="{style.format(a)}">{markup.text(h)}</th>'
            for a, h in zip(align, self.headings, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{style.format(a)}{w}">{_html(cell)}</td>'
                for a, w, cell in zip(align, wrap, row, strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        lines = "<br>".join(markup.text(line) for line in self.note.splitlines())
        note = f'<div style="opacity:0.72">{lines}</div>' if lines else ""
        if not self.rows:
            return note
        return (
            f'<table style="margin-left:0"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}'
        )


def _lines(row: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a row as lines, a cell that has fewer of them filled up with empty ones."""
    return list(zip_longest(*(cell.split("\n") for cell in row), fillvalue=""))


def _html(cell: str) -> str:
    """Return a cell's text as HTML; lines that were broken on purpose are broken nowhere else."""
    lines = [markup.text(line) for line in cell.split("\n")]
    html = "<br>".join(
        f'<span style="white-space:nowrap">{line}</span>' if lines[1:] else line for line in lines
    )
    return f'<span style="opacity:0.6">{html}</span>' if isinstance(cell, Faint) else html


def options(info: BackendInfo) -> Table:
    """Return the options of one backend."""
    rows = [(spec.name, spec.bounds, _default(spec), spec.help) for spec in info.options]
    title = f"{info.title}: {info.description}" if rows else f"{info.slug} takes no options."
    note = f"{title}\nPrice: {sourced(info.price)}" if info.price is not None else title
    return Table(("option", "takes", "default", "what it does"), rows, note)


def _default(spec: OptionSpec) -> str:
    if spec.default is None:
        return ""
    if isinstance(spec.default, bool):
        return str(spec.default).lower()
    unit = f" {spec.unit}" if spec.unit else ""
    return f"{spec.default:g}{unit}" if isinstance(spec.default, (int, float)) else spec.default


def jobs(records: Sequence[JobRecord], now: datetime) -> Table:
    """Return jobs, a row each, in the order given; their mode where any is durable, their cost where any can cost."""
    paid = any(record.cap or record.cost for record in records)
    durable = any(record.mode == DURABLE for record in records)
    rows = [
        (
            short_id(record.id),
            plain(record.name or ""),
            record.status.value,
            record.backend,
            f"{record.shots:,}",
            *((mode_of(record),) if durable else ()),
            *((cost_of(record),) if paid else ()),
            ago(now, record.created_at),
        )
        for record in records
    ]
    more = (*(("mode",) if durable else ()), *(("cost",) if paid else ()))
    headings = ("id", "name", "status", "backend", "shots", *more, "submitted")
    note = f"As of {moment(now)}. See one: %qjob status ID" if rows else "No jobs match."
    return Table(headings, rows, note, frozenset({4}))


def audit(found: Audit) -> Table:
    """Return what an audit found."""
    looked = f"{plural(found.jobs, 'job')} and {plural(found.movements, 'movement')} of money"
    if found.ok:
        return Table(
            (), (), f"Everything adds up: {looked} were recomputed from the ledger, and no limit was passed."
        )
    rows = [(finding.code, finding.what) for finding in found.findings]
    return Table(("finding", "what does not add up"), rows, f"{looked} were looked at.")


def mode_of(job: JobRecord) -> str:
    """Return ``direct`` or ``durable``; while it goes on, with the number of the attempt from the second on."""
    return f"{job.mode}, attempt {job.attempt:,}" if job.attempt > 1 and not job.status.ended else job.mode


def cost_of(job: JobRecord) -> str:
    """Return what a job cost, or what is held for it."""
    if job.cost is not None:
        return format_usd(from_nano(job.cost))
    if not job.cap:
        return "free"
    amount = format_usd(from_nano(job.cap))
    return f"up to {amount}" if job.status is JobStatus.INITIALIZING else f"{amount} held"


def ago(now: datetime, then: datetime) -> str:
    """Return how long ago a moment was, in one unit: ``3 min ago``."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"

"""A forecast as a table. Pure."""

from qjob.model.money import format_usd, from_nano, to_nano
from qjob.notebook.forecast.forecast import Forecast, Row, State
from qjob.showing.tables import Faint, Table
from qjob.showing.wording import plural

LONGEST = 60
"""Characters of a cell's line that are shown."""


def table(found: Forecast) -> Table:
    """Return the job cells of a notebook with what each would cost, and the total below."""
    if not found.rows:
        return Table((), (), "No cell of this notebook submits a job.")
    rows = [
        (str(row.cell.cell), _cut(row.cell.line), _backend(row), _cost(row), row.how.split("\n")[0])
        for row in found.rows
    ]
    note = "\n".join(
        [*_total(found), "Nothing was run, nothing was submitted. Cells of text are not counted."]
    )
    return Table(("code cell", "job", "backend", "would cost", "why"), rows, note, frozenset({0}))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def _backend(row: Row) -> str:
    arguments = row.cell.arguments
    return arguments.backend if arguments is not None and row.cell.job is None else ""


def _cost(row: Row) -> str:
    match row.state:
        case State.FREE:
            return Faint("free")
        case State.PAID:
            return Faint(f"paid: {_usd(row.paid)}" if row.paid else "nothing more")
        case State.REFUSED:
            return "refused"
        case State.UNKNOWN:
            return f"not known, at least {_usd(row.low)}" if row.low else "not known"
        case State.NEW:
            return _range(row.low, row.expected, row.cap)


def _total(found: Forecast) -> list[str]:
    lines = [_sentence(found)]
    if any(row.each for row in found.rows):
        lines.append("Cells of which nobody knows how many circuits they make are counted with one.")
    if found.paid:
        lines.append(f"{_usd(found.paid)} was paid before for what is found again, and is not paid twice.")
    left, cap = to_nano(found.remaining), found.cap
    if cap or found.count(State.UNKNOWN):
        lines.append(f"Left of the budget now: {_usd(left)}.")
    if found.low > left:
        lines.append(f"That does not do: {_usd(found.low - left)} are missing. See %qjob budget")
    elif cap > left:
        lines.append(f"That may not do: up to {_usd(cap - left)} are missing. See %qjob budget")
    return lines


def _sentence(found: Forecast) -> str:
    """Return what Run All would cost, and how much of that is not known."""
    unknown = found.count(State.UNKNOWN)
    known = _range(sum(row.low for row in found.rows if row.cap), found.expected, found.cap)
    least = "at least " if any(row.each for row in found.rows) else ""
    if not unknown:
        return f"Run All would cost {least}{known}." if found.cap else "Run All would cost nothing."
    cells = f"{plural(unknown, 'cell')} cannot be priced before {'it runs' if unknown == 1 else 'they run'}"
    if not found.cap:
        return f"Run All would cost {f'at least {_usd(found.low)}' if found.low else 'an unknown amount'}: {cells}."
    return f"Run All would cost {least}{known} and more: {cells}. It is at least {_usd(found.low)} in all."


def _range(low: int, expected: int, cap: int) -> str:
    return _usd(cap) if low == cap else f"{_usd(expected)} ({_usd(low)} to {_usd(cap)})"


def _usd(nano: int) -> str:
    return format_usd(from_nano(nano))

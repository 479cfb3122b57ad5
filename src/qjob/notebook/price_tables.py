"""The backends with their prices, and one circuit's quotes on all of them, as tables. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from qjob.model.backend import BackendInfo
from qjob.model.quote import Quote, Unpriced
from qjob.notebook.price_wording import marked
from qjob.notebook.tables import Table
from qjob.notebook.wording import plural
from qjob.quoting import QuoteRow

UNPRICED = "not priced"


def backends(catalogue: Iterable[BackendInfo], today: date, can_run: Callable[[BackendInfo], bool]) -> Table:
    """Return every backend, a row each, tiers in the catalogue's order.

    Parameters
    ----------
    today
        By which old prices are told.
    can_run
        Whether jobs for a backend can be submitted here.
    """
    rows = [
        (
            info.slug,
            info.tier,
            str(info.max_qubits),
            f"{info.max_shots:,}",
            marked(str(info.price or "not known"), info.price, today),
            _status(info, can_run),
            info.description,
        )
        for info in catalogue
    ]
    headings = ("backend", "tier", "qubits", "shots", "price", "status", "what it is")
    note = "Options and price of one: %qjob backends SLUG\nYour circuit on all of them: %qjob quote NAME"
    return Table(headings, rows, note, frozenset({2, 3}))


def _status(info: BackendInfo, can_run: Callable[[BackendInfo], bool]) -> str:
    if info.retired:
        return f"retired {info.retired}{info.way_out}"
    return "ready" if can_run(info) else "prices only"


def quotes(rows: Sequence[QuoteRow], today: date) -> Table:
    """Return what one circuit would cost on every backend, and whether it fits there."""
    cells = [_quote(row, today) for row in rows]
    note = (
        f"For {plural(rows[0].shots, 'shot')}. 1 credit = $0.01. A range is an estimate: expected (low to cap). "
        "Nothing was submitted."
    )
    note = "\n".join([note, *_remedies(rows)])
    return Table(("backend", "price", "credits", "fits", "how the price comes about"), cells, note)


def _remedies(rows: Sequence[QuoteRow]) -> list[str]:
    """Return how to get at the prices that are missing, each way once."""
    named: dict[str, list[str]] = {}
    for row in rows:
        if isinstance(row.quote, Unpriced) and row.quote.remedy and not row.backend.retired:
            named.setdefault(row.quote.remedy, []).append(row.backend.slug)
    return [f"{', '.join(slugs)}: {remedy}" for remedy, slugs in named.items()]


def _quote(row: QuoteRow, today: date) -> tuple[str, str, str, str, str]:
    found = row.quote
    fits = "yes" if row.fits else f"no: {row.problem}"
    if isinstance(found, Quote):
        how = "" if found.free else found.explanation
        return row.backend.slug, found.usd, found.credits, fits, marked(how, found.price, today).strip()
    return row.backend.slug, UNPRICED, "", fits, found.reason

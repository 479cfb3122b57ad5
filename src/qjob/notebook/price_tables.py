"""The backends with their prices, and one circuit's quotes on all of them, as tables. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.model.quote import Quote, Unpriced
from qjob.notebook.device_wording import lines, shots
from qjob.quoting import QuoteRow
from qjob.showing.price_wording import marked
from qjob.showing.tables import Faint, Table, ago
from qjob.showing.wording import plural

UNPRICED = "not priced"
NO_CREDENTIALS = "no credentials here"
JUST_NOW = timedelta(seconds=10)
NOBODY_ASKED: Mapping[str, DeviceFacts] = MappingProxyType({})


def backends(
    catalogue: Iterable[BackendInfo],
    now: datetime,
    can_run: Callable[[BackendInfo], bool],
    is_set_up: Callable[[BackendInfo], bool],
    facts: Mapping[str, DeviceFacts] = NOBODY_ASKED,
) -> Table:
    """Return every backend, a row each, tiers in the catalogue's order.

    Parameters
    ----------
    now
        By which old prices are told, and how long ago devices were asked.
    can_run
        Whether jobs for a backend can be submitted here.
    is_set_up
        Whether there are signs here that somebody uses its service.
    facts
        What devices said last, by their targets: it stands for "ready" where it is known.
    """
    listed = tuple(catalogue)
    rows = [
        (
            info.slug,
            info.tier,
            str(info.max_qubits),
            _shots(info, facts.get(info.target)),
            marked(str(info.price or "not known"), info.price, now.date()),
            _status(info, facts.get(info.target), now, can_run=can_run(info), is_set_up=is_set_up(info)),
            info.description,
        )
        for info in listed
    ]
    headings = ("backend", "tier", "qubits", "shots", "price", "status", "what it is")
    note = "Options and price of one: %qjob backends SLUG\nYour circuit on all of them: %qjob quote NAME"
    fresh = [
        told.at for info in listed if (told := facts.get(info.target)) is not None and told.is_fresh(now)
    ]
    asked = f"Devices were asked {_lately(now, min(fresh))}; those in gray, longer ago.\n" if fresh else ""
    return Table(headings, rows, asked + note, frozenset({2, 3}), whole=frozenset({0}))


def _lately(now: datetime, earliest: datetime) -> str:
    return "just now" if now - earliest < JUST_NOW else f"{ago(now, earliest)} or since"


def _shots(info: BackendInfo, facts: DeviceFacts | None) -> str:
    narrower = shots(facts, info.min_shots, info.max_shots) if facts is not None else ""
    return narrower or f"{info.max_shots:,}"


def _status(
    info: BackendInfo, facts: DeviceFacts | None, now: datetime, *, can_run: bool, is_set_up: bool
) -> str:
    if info.retired:
        return f"retired {info.retired}{info.way_out}"
    if not can_run:
        return "prices only"
    said = lines(facts, now) if facts is not None else []
    if facts is None or not said:
        return "ready" if is_set_up else NO_CREDENTIALS
    if facts.status == "retired":
        said[0] += info.way_out
    if facts.is_fresh(now):
        return "\n".join(said)
    return Faint("\n".join([f"{ago(now, facts.at)}: {said[0]}", *said[1:]]))


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

"""The backends of a form, a row each: price, what its device said last, and why a circuit cannot run there. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.quote import Quote, Unpriced
from qjob.notebook.device_wording import lines
from qjob.quoting import QuoteRow
from qjob.showing.tables import ago

UNPRICED = "not priced"


@dataclass(frozen=True, slots=True)
class Row:
    """One backend as the form shows it.

    Parameters
    ----------
    price
        What the program would cost there, or what the backend charges where there is no program.
    device
        What its device said last: state, queue, opening; empty where nothing is known.
    problem
        Why it cannot be chosen; empty where it can.
    about
        What it is, and how the price comes about.
    """

    slug: str
    tier: str
    price: str
    device: str
    problem: str
    about: str

    @property
    def plain(self) -> list[str]:
        """It as JSON, in the order that backends.js reads."""
        return [self.slug, self.tier, self.price, self.device, self.problem, self.about]


def listed(
    catalogue: Iterable[BackendInfo],
    can_run: Callable[[BackendInfo], bool],
    facts: Mapping[str, DeviceFacts],
    now: datetime,
) -> tuple[Row, ...]:
    """Return the rows while there is no program that can be quoted: what the backends charge."""
    return tuple(
        Row(
            info.slug,
            info.tier,
            "free" if info.free else str(info.price or UNPRICED),
            device_of(info, facts, now),
            "" if can_run(info) else _never(info),
            info.description,
        )
        for info in catalogue
    )


def quoted(
    columns: Sequence[Sequence[QuoteRow]], facts: Mapping[str, DeviceFacts], now: datetime
) -> tuple[Row, ...]:
    """Return the rows for one program or several, each of which was quoted on all backends in the same order."""
    rows = []
    for each in zip(*columns, strict=True):
        info = each[0].backend
        price, how = total([one.quote for one in each])
        about = "\n".join(filter(None, (info.description, how)))
        rows.append(Row(info.slug, info.tier, price, device_of(info, facts, now), _problem(each), about))
    return tuple(rows)


def total(quotes: Sequence[Quote | Unpriced]) -> tuple[str, str]:
    """Return what several jobs cost together, in a few words, and how it comes about."""
    priced = [quote for quote in quotes if isinstance(quote, Quote)]
    if len(priced) < len(quotes):
        return UNPRICED, next(quote.reason for quote in quotes if isinstance(quote, Unpriced))
    low, cap = (sum(to_nano(getattr(quote, name)) for quote in priced) for name in ("low", "cap"))
    if not cap:
        return "free", ""
    each = " each" if len(quotes) > 1 and len({quote.explanation for quote in priced}) == 1 else ""
    how = priced[0].explanation + each if each or len(quotes) == 1 else f"{len(quotes):,} jobs"
    most = format_usd(from_nano(cap))
    return (most if low == cap else f"{format_usd(from_nano(low))} to {most}"), how


def device_of(info: BackendInfo, facts: Mapping[str, DeviceFacts], now: datetime) -> str:
    """Return what a backend's device said last, and how long ago where that matters."""
    told = facts.get(info.target)
    said = [] if told is None or info.retired else lines(told, now)
    if told is None or not said:
        return ""
    words = ", ".join(line for line in said if not line.startswith("calibrated"))
    return words if told.is_fresh(now) else f"{ago(now, told.at)}: {words}"


def _problem(each: Sequence[QuoteRow]) -> str:
    place, problem = next(((i, row.problem) for i, row in enumerate(each) if row.problem), (0, ""))
    if problem and not each[0].backend.retired and len(each) > 1:
        return f"program {place}: {problem}"
    return problem


def _never(info: BackendInfo) -> str:
    if info.retired:
        return f"retired {info.retired}{info.way_out}"
    return f"no adapter {info.adapter!r} is installed here"

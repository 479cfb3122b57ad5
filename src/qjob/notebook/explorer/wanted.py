"""What the explorer is asked to show: filters and an order, from words and controls, and as a line. Pure."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from qjob.model.errors import InvalidRequest
from qjob.notebook.arguments import Parser, refuse_unknown
from qjob.notebook.verbs import VERBS
from qjob.store.listing import JobFilter, Order

PROG = "%qjob explore"
_AGO = re.compile(r"(\d{1,6})\s*(min|h|d|w)", re.IGNORECASE)
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs, in which order.

    Parameters
    ----------
    text
        Something in the name, the tags or the id.
    statuses
        One or several, in capitals; none: whatever the status.
    backend
        A slug; empty: any.
    tag
        ``key`` or ``key=value``; empty: any.
    team
        The id of a team; empty: any.
    since, until
        Created at ``since`` or later, and before ``until``; in UTC.
    sort
        The order of the rows.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    backend: str = ""
    tag: str = ""
    team: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: Order = Order.NEWEST

    def filter(self) -> JobFilter:
        """Return the same as the store is asked for it.

        Raises
        ------
        InvalidRequest
            There is no such status, or the tag has no key.
        """
        return JobFilter.of(
            status=self.statuses,
            backend=self.backend,
            text=self.text,
            since=self.since,
            until=self.until,
            team=self.team,
            tag=self.tag,
        )

    def line(self) -> str:
        """Return the line that asks for the same."""
        pairs = [
            ("--status", ",".join(status.lower() for status in self.statuses)),
            ("--backend", self.backend),
            ("--tag", self.tag),
            ("--team", self.team),
            ("--since", _written(self.since)),
            ("--until", _written(self.until)),
            ("--sort", "" if self.sort is Order.NEWEST else self.sort.value),
        ]
        words = [word for flag, value in pairs if value for word in _option(flag, value)]
        text = _option("--text", self.text) if self.text.startswith("-") else [self.text] if self.text else []
        return " ".join([PROG, *map(shlex.quote, [*text, *words])])

    def plain(self) -> dict[str, Any]:
        """Return the same as JSON, for the controls."""
        return {
            "text": self.text,
            "statuses": list(self.statuses),
            "backend": self.backend,
            "tag": self.tag,
            "team": self.team,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "sort": self.sort.value,
        }


def from_words(words: Sequence[str], now: datetime) -> Wanted:
    """Return what a line asks for; words that are no options are searched for.

    Raises
    ------
    InvalidRequest
        An option, a status, a time or an order that there is not.
    """
    parser = Parser(prog=PROG, add_help=False, allow_abbrev=False)
    for flag in VERBS["explore"].flags:
        parser.add_argument(flag, action="append" if flag == "--status" else "store")
    found, rest = parser.parse_known_args(list(words))
    refuse_unknown([word for word in rest if word.startswith("-")], VERBS["explore"].flags, PROG)
    statuses = [status for given in found.status or () for status in given.split(",") if status.strip()]
    return Wanted(
        text=" ".join(filter(None, [found.text, *rest])),
        statuses=_statuses(statuses),
        backend=found.backend or "",
        tag=found.tag or "",
        team=found.team or "",
        since=moment_of(found.since or "", now),
        until=moment_of(found.until or "", now, end=True),
        sort=_order(found.sort or ""),
    )


def from_controls(values: Mapping[str, Any], now: datetime) -> Wanted:
    """Return what the controls are set to; what comes from a browser is text or a list of texts, or nothing.

    Raises
    ------
    InvalidRequest
        What nobody could have set there.
    """

    def text(key: str) -> str:
        return str(values.get(key) or "").strip()

    return Wanted(
        text=text("text"),
        statuses=_statuses([str(status) for status in values.get("statuses") or ()]),
        backend=text("backend"),
        tag=text("tag"),
        team=text("team"),
        since=moment_of(text("since"), now),
        until=moment_of(text("until"), now, end=True),
        sort=_order(text("sort")),
    )


def moment_of(text: str, now: datetime, *, end: bool = False) -> datetime | None:
    """Return the time that a text stands for; None of an empty one.

    Parameters
    ----------
    text
        ``7d``, ``12h``, ``30min`` or ``2w`` ago, a day, or a time; UTC where it names no zone.
    end
        Whether a day stands for its end.

    Raises
    ------
    InvalidRequest
        It stands for none.
    """
    if not text.strip():
        return None
    try:
        if ago := age_of(text):
            return now - ago
        at = datetime.fromisoformat(text.strip())
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at + timedelta(days=1) if end and _A_DAY.fullmatch(text.strip()) else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(
            f"{text!r:.60} is no time.",
            remedy="Give how long ago, such as 7d, 12h or 30min; or a day or a time in UTC, such as 2026-03-04.",
        ) from error


def age_of(text: str) -> timedelta | None:
    """Return how long ``7d``, ``12h``, ``30min`` or ``2w`` is; None of what is written otherwise."""
    age = _AGO.fullmatch(text.strip())
    return timedelta(**{_UNITS[age[2].lower()]: int(age[1])}) if age else None


def _option(flag: str, value: str) -> list[str]:
    """Return an option as words; a value that looks like an option stands in one with it."""
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]


def _written(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _statuses(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(status.value for status in JobFilter.of(status=[n.strip() for n in names]).statuses))


def _order(name: str) -> Order:
    return Order.of(name) if name.strip() else Order.NEWEST

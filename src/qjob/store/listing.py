"""Which jobs a list shows and how they are sorted: values that people's words become. Knows no query."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus
from qjob.store.rows import to_time

SLOTS = 1000
"""How many numbers belong to one microsecond."""

INDEXED = 3
"""The shortest text that the trigram index takes."""

ID_PART = re.compile(r"[0-9a-f-]+")
AFTER_ANY_TEXT = "\U0010ffff"


class Order(StrEnum):
    """How the jobs of a list are sorted; of equals, the newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    COST = "cost"  # the dearest first: by what it cost, or what is held for it; what is free comes last
    RUN_TIME = "run_time"  # the longest first; what has not ended, or never ran, comes last
    SHOTS = "shots"  # the most first

    @classmethod
    def of(cls, text: str) -> "Order":
        """Return the order that people call so, with ``-`` or ``_``.

        Raises
        ------
        InvalidRequest
            There is no such order.
        """
        name = text.strip().lower().replace("-", "_").replace(" ", "_")
        names = [order.value for order in cls]
        if name not in names:
            raise InvalidRequest(
                f"jobs cannot be sorted by {text!r:.80}{did_you_mean(name, names)}.",
                remedy=f"Sort them by {', '.join(names[:-1])} or {names[-1]}.",
            )
        return cls(name)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a page shows; what is left out does not restrict it.

    Parameters
    ----------
    statuses
        Jobs in one of these.
    backend
        Jobs of this slug.
    text
        Jobs whose name or ``key=value`` tags hold this text, upper and lower case alike, or whose id begins
        with it.
    since, until
        Jobs created at ``since`` or later, and before ``until``; aware times.
    team
        Jobs that belong to the team of this id.
    tag
        Jobs with this tag: its key and its value, or None for any value.
    erased
        Whether jobs whose program and result were erased are shown as well.
    teams
        Jobs that belong to one of the teams of these ids; to none of them, where there are none: None does not
        restrict it.
    backends
        Jobs of one of these slugs; of any, where there are none.
    group
        Jobs of the group of this id.
    """

    statuses: frozenset[JobStatus] = frozenset()
    backend: str | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    team: str | None = None
    tag: tuple[str, str | None] | None = None
    erased: bool = False
    teams: tuple[str, ...] | None = None
    backends: tuple[str, ...] = ()
    group: str | None = None

    @classmethod
    def of(
        cls,
        *,
        status: str | Iterable[str] | None = None,
        backend: str | None = None,
        text: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        team: str | None = None,
        tag: str | tuple[str, str | None] | None = None,
        erased: bool = False,
        teams: Iterable[str] | None = None,
        backends: Iterable[str] = (),
        group: str | None = None,
    ) -> "JobFilter":
        """Make a filter of what people type: one status or several, in capitals or not; a tag as ``key[=value]``.

        Raises
        ------
        InvalidRequest
            There is no such status, a tag has no key, or a time is none or has no time zone.
        """
        names = [status] if isinstance(status, str) else list(status or ())
        statuses = frozenset(_status(name) for name in names)
        for moment in (since, until):
            if not isinstance(moment, datetime | None):
                raise InvalidRequest(
                    f"{moment!r:.80} is no time.", remedy="Give one such as datetime(2026, 3, 1, tzinfo=UTC)."
                )
            if moment is not None and moment.tzinfo is None:
                raise InvalidRequest(
                    f"{moment} has no time zone.",
                    remedy="Give one: datetime(2026, 3, 1, tzinfo=UTC), or moment.astimezone() for local time.",
                )
        marked = _tag(tag) if isinstance(tag, str) else _pair(tag)
        return cls(
            statuses,
            backend or None,
            text or "",
            since,
            until,
            team or None,
            marked,
            erased,
            None if teams is None else tuple(teams),
            tuple(backends),
            group or None,
        )


def _tag(text: str) -> tuple[str, str | None] | None:
    if not text.strip():
        return None
    key, equals, value = text.partition("=")
    if not key.strip():
        raise InvalidRequest(f"the tag {text!r:.80} has no key.", remedy="Give KEY or KEY=VALUE.")
    return key.strip(), value.strip() if equals else None


def _pair(tag: object) -> tuple[str, str | None] | None:
    match tag:
        case None:
            return None
        case (str(key), None):
            return key, None
        case (str(key), str(value)):
            return key, value
    raise InvalidRequest(
        f"{tag!r:.80} is no tag.", remedy='Give "KEY" or "KEY=VALUE", or a tuple of both: ("KEY", "VALUE").'
    )


def _status(name: str) -> JobStatus:
    try:
        return JobStatus(name.upper())
    except ValueError as error:
        known = [status.lower() for status in JobStatus]
        raise InvalidRequest(
            f"there is no status {name!r}{did_you_mean(name.lower(), known)}.",
            remedy=f"A job is {', '.join(known[:-1])} or {known[-1]}.",
        ) from error


def first_number(moment: datetime) -> int:
    """Return the lowest number of a job created at this time."""
    return to_time(moment) * SLOTS


def prefix_range(prefix: str) -> dict[str, str]:
    """Return the range of the texts that begin with a prefix, as the parameters of a query."""
    return {"low": prefix, "high": prefix + AFTER_ANY_TEXT}

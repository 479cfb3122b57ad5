"""The page that lists jobs: filters as a plain form, fifty jobs, and the way to those before and after. Pure.

Its script asks for it anew as long as something on it goes on: what changes lies in parts with ids.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from qjob.model.errors import InvalidRequest
from qjob.model.job import JobRecord, JobStatus
from qjob.server.marqov.words import Word, statuses_of
from qjob.server.pages.shell import TROUBLE, Place, attribute, document, heading, link, shown, status, table
from qjob.showing.tables import ago, cost_of, mode_of
from qjob.showing.wording import moment, number, plain, plural, short_id
from qjob.store.listing import JobFilter

ROWS = 50
"""How many jobs a page shows."""

LONGEST = 200
"""The most characters of what is typed into a filter."""

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "initializing": "initializing",
        "queued": "queued",
        Word.PENDING: "initializing or queued",
        **{each.lower(): each.lower() for each in list(JobStatus)[2:]},
    }
)
"""What the form offers, by what is asked for: qjob's own words, and the one of the API's that stands for two."""

PAGE = re.compile(r"[1-9][0-9]{0,6}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see: each empty where it does not matter; pages count from 1."""

    status: str = ""
    backend: str = ""
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: dict[str, str]) -> "Wanted":
        """Return what a query asks for.

        Raises
        ------
        InvalidRequest
            The page is no number, or something is too long.
        """
        texts = {name: asked.get(name, "").strip() for name in ("status", "backend", "text")}
        for name, text in texts.items():
            if len(text) > LONGEST:
                raise InvalidRequest(
                    f"{name} has {number(len(text))} characters.",
                    remedy=f"Give at most {LONGEST}.",
                    numbers={"characters": len(text)},
                )
        page = asked.get("page", "1").strip()
        if not PAGE.fullmatch(page):
            raise InvalidRequest(f"there is no page {page!r:.40}.", remedy="The first one is page=1.")
        return cls(**texts, page=int(page))

    @property
    def filter(self) -> JobFilter:
        """The same as a filter of jobs.

        Raises
        ------
        InvalidRequest
            There is no such status; both dialects' words are known here.
        """
        statuses = statuses_of(self.status) or frozenset()  # see `impossible`
        return JobFilter(statuses, self.backend or None, self.text, erased=True)

    @property
    def impossible(self) -> bool:
        """Whether a status is asked for that no job is ever in."""
        return bool(self.status.strip(" ,")) and not self.filter.statuses

    @property
    def offset(self) -> int:
        """How many jobs come before."""
        return (self.page - 1) * ROWS

    def at(self, page: int) -> str:
        """Return the query of another page of the same."""
        given = {"status": self.status, "backend": self.backend, "text": self.text}
        asked = {name: value for name, value in given.items() if value}
        return urlencode(asked | ({"page": str(page)} if page > 1 else {}))


def list_page(
    place: Place,
    wanted: Wanted,
    jobs: Sequence[JobRecord],
    total: int,
    backends: Sequence[str],
    *,
    users: bool,
) -> str:
    """Return the page.

    Parameters
    ----------
    jobs
        Those of this page, in their order.
    total
        How many there are on all pages.
    backends
        The slugs to choose from.
    users
        Whether to say who submitted each job.
    """
    if jobs:
        first = wanted.offset + 1
        said = f"{number(first)} to {number(first + len(jobs) - 1)} of {plural(total, 'job')}"
    else:
        said = "none here" if total else "none"
    going_on = any(not job.status.ended for job in jobs)
    body = [
        f'<div id="qjob-count">{heading("Jobs", said)}</div>{TROUBLE}',
        _form(place, wanted, backends),
        f'<div id="qjob-list"{" data-open" if going_on else ""}>',
        _table(place, jobs, users=users) if jobs else _none(place, wanted, total),
        _ways(place, wanted, total),
        "</div>",
        _still(place) if going_on else "",
    ]
    return document(place, "Jobs", "\n".join(body))


def _form(place: Place, wanted: Wanted, backends: Sequence[str]) -> str:
    statuses = _options([*STATUSES], wanted.status.lower(), STATUSES)
    slugs = _options([*backends], wanted.backend)
    return (
        f'<form class="qjobp-filters" method="get" action="{attribute(place.jobs)}" role="search">'
        f'<label>Status <select name="status">{statuses}</select></label>'
        f'<label>Backend <select name="backend">{slugs}</select></label>'
        f'<label>Name, tag or id <input type="search" name="text" maxlength="{LONGEST}" '
        f'value="{attribute(wanted.text)}"></label>'
        '<button class="qjobp-button">Show</button></form>'
    )


def _still(place: Place) -> str:
    return (
        f"<noscript><p>This is how they stood at {moment(place.now)}. "
        "Reload the page to see how they go on.</p></noscript>"
    )


def _options(values: list[str], chosen: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
    known = [*values, *([chosen] if chosen and chosen not in values else [])]
    marked = {chosen: " selected"}
    return '<option value="">any</option>' + "".join(
        f'<option value="{attribute(each)}"{marked.get(each, "")}>{shown(names.get(each, each))}</option>'
        for each in known
    )


def _table(place: Place, jobs: Sequence[JobRecord], *, users: bool) -> str:
    headings = (
        "name",
        "status",
        "backend",
        "shots",
        "mode",
        "cost",
        *(("by",) if users else ()),
        "submitted",
    )
    return table("jobs", headings, [_row(place, job, users=users) for job in jobs], numeric=(3,))


def _row(place: Place, job: JobRecord, *, users: bool) -> tuple[str, ...]:
    name = link(place.page(job.id), plain(job.name or "") or f"job {short_id(job.id)}")
    small = f' <span class="qjobp-small">{short_id(job.id)}</span>' if plain(job.name or "") else ""
    batch = f' <span class="qjobp-small">{link(place.page(job.batch), "batch")}</span>' if job.batch else ""
    at = job.created_at
    when = f'<time datetime="{at.isoformat()}" title="{moment(at)}">{ago(place.now, at)}</time>'
    return (
        f"{name}{small}{batch}",
        status(job.status.value),
        shown(job.backend),
        number(job.shots),
        shown(mode_of(job)),
        shown(cost_of(job)),
        *((shown(job.user),) if users else ()),
        when,
    )


def _none(place: Place, wanted: Wanted, total: int) -> str:
    if total:
        return f"<p>There are fewer pages. {link(f'{place.jobs}?{wanted.at(1)}', 'The first one')}</p>"
    if wanted.at(1):
        return f"<p>No job fits. {link(place.jobs, 'All jobs')}</p>"
    return "<p>There are no jobs yet. Submit one in a notebook: <code>%%qjob</code> above a cell with a circuit.</p>"


def _ways(place: Place, wanted: Wanted, total: int) -> str:
    ways = []
    if wanted.page > 1 and wanted.offset <= total:
        ways.append(
            f'<a rel="prev" href="{attribute(f"{place.jobs}?{wanted.at(wanted.page - 1)}")}">Newer</a>'
        )
    if wanted.offset + ROWS < total:
        ways.append(
            f'<a rel="next" href="{attribute(f"{place.jobs}?{wanted.at(wanted.page + 1)}")}">Older</a>'
        )
    return f'<nav class="qjobp-ways" aria-label="pages">{"".join(ways)}</nav>' if ways else ""

"""What all pages have in common: the document around a body, tables, errors. Pure.

All that came from outside is escaped here, or in `qjob.showing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http import HTTPStatus
from urllib.parse import quote, urlencode

from qjob.model.errors import NoSuchJob, QjobError
from qjob.server.pages.words import on_page
from qjob.showing.wording import plain, plain_lines, sentence


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies and what it is drawn with.

    Parameters
    ----------
    base
        The path that comes before ``qjob/``.
    script, style
        The names of both files.
    nonce
        What the policy of the page lets scripts run by.
    xsrf
        The token that forms have to send back.
    once
        What nobody has drawn before: a form that is sent twice is known by it.
    now
        The time.
    """

    base: str
    script: str
    style: str
    nonce: str
    xsrf: str
    once: str
    now: datetime

    @property
    def jobs(self) -> str:
        """The path of the list."""
        return f"{self.base}qjob/jobs"

    def page(self, of: str) -> str:
        """Return the path of a job's or a batch's page."""
        return f"{self.jobs}/{quote(of, safe='')}"

    def api(self, of: str, what: str) -> str:
        """Return the path of something that the API tells of a job or a batch."""
        return f"{self.base}qjob/api/jobs/{quote(of, safe='')}/{what}"

    @property
    def token_field(self) -> str:
        """The hidden field that a form has to send."""
        return f'<input type="hidden" name="_xsrf" value="{attribute(self.xsrf)}">'


def document(place: Place, title: str, body: str) -> str:
    """Return a whole page."""
    static = f"{place.base}qjob/static"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(plain(title))} · qjob</title>
<link rel="stylesheet" href="{attribute(f"{static}/{place.style}")}">
<script type="module" nonce="{attribute(place.nonce)}" src="{attribute(f"{static}/{place.script}")}"></script>
</head>
<body>
<header class="qjobp-top"><a href="{attribute(place.jobs)}">Jobs</a></header>
<main>
{body}
</main>
</body>
</html>
"""


def heading(text: str, said: str = "") -> str:
    """Return the heading of a page, with what is said of it."""
    more = f' <span class="qjobp-small">{shown(said)}</span>' if said else ""
    return f"<h1>{shown(text)}{more}</h1>"


def error(place: Place, title: str, found: QjobError) -> str:
    """Return a page that says what went wrong and the way out."""
    # where nothing is found, the remedy is a line of the API's; here it is the list
    remedy = "" if found.http_status == HTTPStatus.NOT_FOUND else on_page(found.remedy)
    said = "\n".join(filter(None, (sentence(found.message), remedy)))
    lines = "<br>".join(escape(line) for line in plain_lines(said).splitlines())
    ways = [link(place.jobs, "All jobs")]
    if isinstance(found, NoSuchJob) and (text := found.numbers.get("id")):
        lines += (
            "<br>A page is found by the whole id of a job or a batch, or by a beginning that only one has."
        )
        ways.insert(
            0, link(f"{place.jobs}?{urlencode({'text': text})}", f"Jobs with {text!r} in name, tags or id")
        )
    body = f'{heading(title)}<p class="qjobp-refused">{lines}</p><p>{"<br>".join(ways)}</p>'
    return document(place, title, body)


TROUBLE = (
    '<p id="qjob-trouble" class="qjobp-refused"></p><p id="qjob-said" class="qjob-unseen" role="status"></p>'
)
"""Where the script of a page tells, to eyes and to ears, that it hears nothing from the server."""


def table(
    name: str, headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: tuple[int, ...] = ()
) -> str:
    """Return rows of HTML under headings of text; on a narrow page each row stands as lines of its own."""
    right = dict.fromkeys(numeric, ' class="qjobp-number"')
    head = "".join(f'<th scope="col"{right.get(i, "")}>{shown(text)}</th>' for i, text in enumerate(headings))
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-of="{attribute(headings[i])}"{right.get(i, "")}>{cell}</td>'
            for i, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="qjobp-table" aria-label="{attribute(name)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def link(path: str, text: str) -> str:
    """Return a link to a page of ours."""
    return f'<a href="{attribute(path)}">{shown(text)}</a>'


def shown(text: str) -> str:
    """Return text as HTML, on one line."""
    return escape(plain(text))


def attribute(text: str) -> str:
    """Return text as the value of an attribute between double quotes."""
    return escape(text, quote=True)


def status(name: str) -> str:
    """Return a status with the dot of its colour."""
    return f'<span class="qjobp-status" data-status="{attribute(name)}">{shown(name)}</span>'

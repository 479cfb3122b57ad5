"""Serves the pages to who is signed in to Jupyter, under a policy that lets no foreign code in."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from qjob.engine import utc_now
from qjob.model.errors import NoSuchJob, NotAllowed, QjobError
from qjob.model.job import JobRecord
from qjob.server.desk import Desk
from qjob.server.errors import NoSuchRoute, foreign
from qjob.server.identity import Callers
from qjob.server.newsroom import Kind
from qjob.server.pages import finding, listing, shell
from qjob.server.pages import job as job_pages
from qjob.server.pages.assets import Assets
from qjob.server.pool import Pool
from qjob.server.stream import subject_of

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""Bars have their length as a style of their own; of scripts there is the one that a page names."""

FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An answer that leads to another page.

    Parameters
    ----------
    path
        Where that is.
    status
        303 where something was done, 302 where it was only asked for by another name.
    """

    path: str
    status: int = 303


Made = str | Elsewhere
AMOUNT = re.compile(r"[0-9]{1,18}")
"""Nano-dollars in a form."""


class Page(JupyterHandler):
    """What all pages share: who may see them, their headers, how they say no."""

    auth_resource = "qjob"

    def initialize(self, callers: Callers, pool: Pool, assets: Assets) -> None:
        """Take what the server shares."""
        self.callers, self.pool, self.assets = callers, pool, assets

    @cached_property
    def nonce(self) -> str:
        """What the scripts of this answer are known by."""
        return secrets.token_urlsafe(16)

    @property
    def content_security_policy(self) -> str:
        """The policy of a page; what the server has in its settings counts as well."""
        own = POLICY.format(nonce=self.nonce)
        given = self.settings.get("headers", {}).get("Content-Security-Policy")
        return f"{own}, {given}" if given else f"{own}; frame-ancestors 'self'"

    def set_default_headers(self) -> None:
        """Say what a page may do, and that nobody keeps it."""
        super().set_default_headers()
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")

    @property
    def place(self) -> shell.Place:
        """Where this page lies, and what it is drawn with, now."""
        return shell.Place(
            base=self.base_url,
            script=self.assets.script.name,
            style=self.assets.style.name,
            nonce=self.nonce,
            xsrf=self.xsrf_token.decode(),
            once=secrets.token_urlsafe(16),
            now=utc_now(),
        )

    async def answer(self, make: Callable[[Desk, shell.Place], Made], *, slow: bool = False) -> None:
        """Send what a function makes in a thread, or the page of its error."""
        try:
            made = await self._ask(make, slow=slow)
        except QjobError as error:
            self.refuse(error)
        else:
            if isinstance(made, Elsewhere):
                self.redirect(made.path, status=made.status)
            else:
                self.finish(made)

    async def _ask(self, make: Callable[[Desk, shell.Place], Made], *, slow: bool) -> Made:
        action = "read" if self.request.method in {"GET", "HEAD"} else "write"
        user = self.current_user
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, self.auth_resource)):
            raise NotAllowed(
                f"{user.username} may not {action} jobs on this server.",
                remedy="Ask who runs this Jupyter server.",
            )
        place = self.place
        return await self.pool.run(
            lambda: make(self.callers.desk(self.callers.of_session()), place), who=user.username, slow=slow
        )

    def refuse(self, error: QjobError) -> None:
        """Send the page of an error."""
        self.set_status(error.http_status)
        title = {404: "Not found", 403: "Not allowed", 503: "Not available just now"}
        self.finish(shell.error(self.place, title.get(error.http_status, "That does not work"), error))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send the page of an error that is not ours: Jupyter's own refusals, and mistakes in the code."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        name = HTTPStatus(status_code).phrase
        self.set_status(status_code)
        self.finish(shell.error(self.place, f"{status_code} {name}", foreign(status_code, error)))


class JobsPage(Page):
    """The list."""

    @web.authenticated
    async def get(self) -> None:
        """Show a page of jobs."""
        asked = {name: self.get_query_argument(name) for name in self.request.query_arguments}

        def make(desk: Desk, place: shell.Place) -> str:
            wanted = listing.Wanted.of(asked)
            total = 0 if wanted.impossible else desk.count(wanted.filter)
            jobs = desk.jobs(wanted.filter, limit=listing.ROWS, offset=wanted.offset) if total else []
            slugs = sorted(info.slug for info in desk.engine.catalogue)
            users = any(len(desk.engine.store.members(team)) > 1 for team in desk.caller.teams)
            return listing.list_page(place, wanted, jobs, total, slugs, users=users)

        await self.answer(make)


class JobPage(Page):
    """A job, or a batch."""

    @web.authenticated
    async def get(self, job_id: str) -> None:
        """Show how it stands."""

        def make(desk: Desk, place: shell.Place) -> Made:
            try:
                subject = subject_of(desk, job_id)
            except NoSuchJob:
                if (whole := finding.whole_id(desk, job_id)) is None:
                    raise
                return Elsewhere(place.page(whole), 302)
            if subject.kind is Kind.JOB:
                return job_pages.job_page(place, desk.engine, desk.engine.snapshot(subject.id))
            batch, jobs = desk.batch(subject.id)
            return job_pages.batch_page(place, desk.engine.batch_snapshot(batch), jobs)

        await self.answer(make)


class ProgramPage(Page):
    """The program of a job."""

    @web.authenticated
    async def get(self, job_id: str) -> None:
        """Show it, drawn where it is no text."""
        await self.answer(lambda desk, place: job_pages.program_page(place, desk.engine, desk.record(job_id)))


class CancelPage(Page):
    """The question before something is cancelled, and the answer."""

    @web.authenticated
    async def get(self, job_id: str) -> None:
        """Ask."""

        def make(desk: Desk, place: shell.Place) -> str:
            subject = subject_of(desk, job_id)
            if subject.kind is Kind.JOB:
                job = desk.record(subject.id)
                return job_pages.cancel_page(place, job, _open([job]))
            batch, jobs = desk.batch(subject.id)
            return job_pages.cancel_page(place, batch, _open(jobs))

        await self.answer(make)

    @web.authenticated
    async def post(self, job_id: str) -> None:
        """Cancel it; whoever asked sees its page next."""

        def cancel(desk: Desk, place: shell.Place) -> Made:
            subject = subject_of(desk, job_id)
            if subject.kind is Kind.JOB:
                desk.engine.cancel(subject.id)
            else:
                desk.engine.cancel_batch(subject.id)
            return Elsewhere(place.page(subject.id))

        await self.answer(cancel)


class AgainPage(Page):
    """The question before a job runs again that may cost something, and the answer."""

    @web.authenticated
    async def get(self, job_id: str) -> None:
        """Ask."""

        def make(desk: Desk, place: shell.Place) -> str:
            job = desk.record(job_id)
            return job_pages.again_page(place, job, desk.engine.retry_cap(job.id))

        await self.answer(make, slow=True)

    @web.authenticated
    async def post(self, job_id: str) -> None:
        """Run it again, for no more than what was agreed to; whoever asked sees the page of the new job next."""
        agreed, once = self.get_body_argument("agreed", "0"), self.get_body_argument("once", "")

        def again(desk: Desk, place: shell.Place) -> Made:
            job = desk.record(job_id)
            cap = desk.engine.retry_cap(job.id)
            if cap > (int(agreed) if AMOUNT.fullmatch(agreed) else 0):
                return job_pages.again_page(place, job, cap)
            key = f"page {once}" if once else None
            new = desk.engine.retry(job.id, request_key=key, request_digest=f"page {job.id}")
            return Elsewhere(place.page(new.id))

        await self.answer(again, slow=True)  # a service may be asked first


class NoPage(Page):
    """What is no page."""

    @web.authenticated
    async def get(self, *_: str) -> None:
        """Say so."""
        self.refuse(NoSuchRoute.of(self.request.path))


class StaticFile(Page):
    """The script and the style of the pages; they tell nothing about anybody."""

    @allow_unauthenticated
    async def get(self, name: str) -> None:
        """Send it, to be kept for ever: its name changes with it."""
        asset = self.assets.get(name)
        if asset is None:
            raise web.HTTPError(404)
        self.set_header("Content-Type", asset.content_type)
        self.set_header("Cache-Control", FOR_EVER)
        self.finish(asset.data)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer with nothing but the status."""
        self.set_status(status_code)
        self.finish()


def _open(jobs: "list[JobRecord] | Any") -> int:
    return sum(job.status in job_pages.CANCELLABLE for job in jobs)


PAGES: tuple[tuple[str, type[Page]], ...] = (
    ("qjob/jobs/?", JobsPage),
    ("qjob/jobs/([^/]+)/?", JobPage),
    ("qjob/jobs/([^/]+)/cancel/?", CancelPage),
    ("qjob/jobs/([^/]+)/again/?", AgainPage),
    ("qjob/jobs/([^/]+)/program/?", ProgramPage),
    ("qjob/jobs/.*", NoPage),
    ("qjob/static/([^/]+)", StaticFile),
)
"""Where the pages are, below the server's base URL."""

"""The explorer in the output of a cell: answers the table's questions, and keeps what it shows up to date.

It holds no state of a job. Questions are answered in the thread that the front end's messages come in, what may take
long in one of its own; a third one waits for news as long as the explorer is open.
"""

import atexit
import contextlib
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets

from qjob.engine import utc_now
from qjob.model.errors import QjobError
from qjob.model.job import JobRecord, JobStatus
from qjob.model.upkeep import Totals
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.explorer import rows
from qjob.notebook.explorer.actions import Actions, Plan
from qjob.notebook.explorer.detail import Detail
from qjob.notebook.explorer.pages import Page, Pages
from qjob.notebook.explorer.sums import Sums, totals
from qjob.notebook.explorer.wanted import Wanted, from_controls
from qjob.notebook.explorer.widgets import TableWidget
from qjob.notebook.upkeep_words import size
from qjob.notebook.widgets.stage import Stage
from qjob.showing.tables import Table
from qjob.store.listing import Order

if TYPE_CHECKING:
    from qjob.notebook.session import Session

PAUSE = 0.2
"""Seconds between two updates: five a second are enough for a list."""

STORE_RETRY = 1.0
"""Seconds until a store that does not answer is asked again."""


class Explorer:
    """One explorer.

    Parameters
    ----------
    session
        Whose engine answers.
    wanted
        What is shown at first.

    Raises
    ------
    QjobError
        What is wanted does not exist.
    """

    def __init__(self, session: "Session", wanted: Wanted) -> None:
        self._session, self._engine = session, session.engine
        self._lock = threading.RLock()
        self._wanted, self._pages = wanted, Pages(self._engine, wanted)
        self._ask = 0
        self._plans: dict[int, Plan] = {}
        self._totals: Totals | None = None
        self._sums = Sums()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._stage: Stage | None = None
        self._actions = Actions(self._engine, session.asking(SubmitArguments(yes=True), None))
        self._pages.here()
        self.table = TableWidget(
            wanted=wanted.plain(), choices=self._choices(), page=self._state(self._pages.page)
        )
        self.table.on_msg(self._receive)
        self.detail = Detail(self._engine, lambda: self._open({}), self._lock)
        self.box = ipywidgets.VBox([self.table, self.detail.box], layout={"overflow": "visible"})

    def show(self) -> None:
        """Display its first page as HTML that stays, over which a front end with widgets draws the explorer."""
        self._stage = Stage(self.box)
        self._stage.show(*self._as_it_is())
        self._thread = threading.Thread(target=self._watch, name="qjob-explorer", daemon=True)
        self._thread.start()
        # registered after the engine's own, so run before it: who still looks would open it again
        atexit.register(self.rest)
        self._session.open.append(self)

    def rest(self) -> None:
        """Look for no more news; what is shown stays."""
        atexit.unregister(self.rest)
        with contextlib.suppress(ValueError):
            self._session.open.remove(self)
        with self._lock:
            thread, self._closed, self._thread = self._thread, True, None
        self._engine.feed.bump()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=2)

    def keep(self) -> None:
        """Replace the explorer by the page that it shows, as a table that stays in the notebook."""
        with self._lock:
            self._pages.here()
            self._totals = totals(self._engine, self._wanted.filter())
        if self._stage is not None:
            self._stage.replace(*self._as_it_is())
        self.rest()

    def static(self) -> Table:
        """Return the page as a table."""
        page = self._pages.page
        return rows.table(page.jobs, page.first, self._totals, self._wanted.line(), utc_now())

    def _as_it_is(self) -> tuple[str, str]:
        table = self.static()
        return table._repr_html_(), repr(table)

    # -- questions --------------------------------------------------------------------------------------------

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        handlers = {
            "ask": self._answer,
            "open": self._open,
            "plan": self._plan,
            "do": self._do,
            "keep": lambda _: self.keep(),
        }
        handler = handlers.get(str(content.get("type")))
        if handler is None:
            return
        try:
            handler(content)
        except QjobError as error:
            self._refuse(error, content)
        finally:
            self.table.send({"type": "heard"})

    def _refuse(self, error: QjobError, content: Mapping[str, Any]) -> None:
        told = {"type": "refused", "of": content.get("type"), "ask": content.get("ask"), "text": str(error)}
        self.table.send(told)

    def _answer(self, content: Mapping[str, Any]) -> None:
        """Show another page, or other jobs."""
        with self._lock:
            self._ask = int(content.get("ask") or 0)
            wanted = from_controls(content.get("wanted") or {}, utc_now())
            if wanted != self._wanted:
                self._pages, self._wanted = self._checked(wanted), wanted
            else:
                turns = {
                    "next": self._pages.next,
                    "previous": self._pages.previous,
                    "first": self._pages.start,
                }
                turns.get(str(content.get("go")), self._pages.here)()
            self.table.page = self._state(self._pages.page)
            self._sums.ask()
        self._engine.feed.bump([])  # the thread that waits for news sums them up

    def _checked(self, wanted: Wanted) -> Pages:
        pages = Pages(self._engine, wanted)
        pages.here()
        return pages

    def _open(self, content: Mapping[str, Any]) -> None:
        ids = [str(each) for each in content.get("ids") or ()]
        with self._lock:
            if ids:
                self.detail.open(ids)
            else:
                self.detail.shut()
            self.table.opened = ids
        self._engine.feed.bump([])  # it is followed from now on

    # -- actions ----------------------------------------------------------------------------------------------

    def _plan(self, content: Mapping[str, Any]) -> None:
        self._aside(lambda: self._tell(self._planned(content), content), content)

    def _planned(self, content: Mapping[str, Any]) -> Plan:
        ids = [str(each) for each in content.get("ids") or ()]
        return self._actions.plan(str(content.get("what")), ids, str(content.get("text") or ""))

    def _tell(self, plan: Plan, content: Mapping[str, Any]) -> None:
        number = int(content.get("ask") or 0)
        self._plans = {number: plan}  # only the last one can be agreed to
        told = {
            "type": "plan",
            "ask": number,
            "text": plan.text,
            "confirm": plan.confirm,
            "grave": plan.grave,
        }
        self.table.send(told)

    def _do(self, content: Mapping[str, Any]) -> None:
        """Do what was agreed to; tags and files are named in the same step."""
        plan = self._plans.pop(int(content.get("ask") or 0), None)

        def run() -> None:
            done = (plan or self._planned(content)).run()
            if isinstance(done, Plan):
                self._tell(done, content)
                return
            self.table.send({"type": "done", "ask": content.get("ask"), "text": done})
            self._look_again()

        if plan is not None or content.get("what") in {"tag", "export"}:
            self._aside(run, content)

    def _aside(self, work: Any, content: Mapping[str, Any]) -> None:
        """Do something that may take long in a thread of its own."""

        def run() -> None:
            try:
                work()
            except QjobError as error:
                self._refuse(error, content)

        threading.Thread(target=run, name="qjob-explorer-action", daemon=True).start()

    def _look_again(self) -> None:
        """Show what has become of the jobs."""
        with self._lock:
            self._put(self._pages.here())
            if self.detail.ids:
                self.detail.open(self.detail.ids)
        self._show_disk()
        self._engine.feed.bump([])

    # -- news -------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Show news as they come, until this is closed."""
        tick = self._engine.feed.tick
        fresh = False
        while not self._closed:
            rested = time.monotonic() + PAUSE
            try:
                self._look()
                if not fresh:
                    self._show_disk()
                    fresh = True
                tick = self._engine.wait_for_news(
                    tick, self._sums.due_in(time.monotonic()), mine=self._mine()
                )
            except (
                QjobError
            ) as error:  # a full or locked disk: all stands still until the store answers again
                self._refuse(error, {"type": "news"})
                rested += STORE_RETRY
            time.sleep(max(0.0, rested - time.monotonic()))

    def _look(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._put(self._pages.here())
            self.detail.refresh()
            wanted = self._wanted
        if self._sums.due_in(began := time.monotonic()) == 0:
            self._sums.begin()
            found = totals(self._engine, wanted.filter())
            self._sums.done(began, time.monotonic())
            with self._lock:
                if wanted == self._wanted:  # else the answer to a question that nobody asks any more
                    self._totals, self.table.totals = found, rows.sums(found)

    def _put(self, page: Page) -> None:
        """Show a page, where anything on it is new."""
        state = self._state(page)
        if {**state, "now": 0} != {**self.table.page, "now": 0}:
            self.table.page = state
            self._sums.changed()

    def _mine(self) -> bool:
        """Whether nobody but this process changes what is shown; what has ended changes no more."""
        with self._lock:
            shown = [job for job in self._pages.page.jobs if not job.status.ended]
            if (opened := self.detail.follows) is not None:
                shown.append(opened.job)
        return all(map(self._engine.runs_here, shown))

    def _state(self, page: Page) -> dict[str, Any]:
        """Return a page as the table takes it."""
        return {
            "ask": self._ask,
            "rows": [rows.row(job, self._share(job)) for job in page.jobs],
            "number": page.number,
            "first": page.first,
            "more": page.more,
            "now": round(utc_now().timestamp(), 3),
            "line": self._wanted.line(),
        }

    def _share(self, job: JobRecord) -> float | None:
        if job.status is not JobStatus.RUNNING:
            return None
        progress = self._engine.store.snapshot(job.id).progress
        return progress.shots_done / job.shots if progress is not None and progress.shots_done else None

    def _show_disk(self) -> None:
        use = self._engine.disk()
        parts = ", ".join(f"{name} {size(count)}" for name, count in use.parts.items() if count)
        self.table.disk = f"{size(use.total)} on disk ({parts})" if parts else f"{size(use.total)} on disk"

    def _choices(self) -> dict[str, Any]:
        """Return what the filters offer."""
        return {
            "statuses": [status.value for status in JobStatus],
            "backends": [[info.slug, info.title] for info in self._engine.catalogue],
            "teams": [[team.id, team.name] for team in self._engine.teams()],
            "sorts": [order.value for order in Order],
        }

"""What stands below the table: an opened job with its tabs, or several that are compared. Asks the engine for all."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from qjob.engine import Engine, utc_now
from qjob.model.errors import QjobError
from qjob.model.job import DURABLE
from qjob.model.snapshot import JobSnapshot
from qjob.notebook.card import LiveCard
from qjob.notebook.explorer.comparing import differences
from qjob.notebook.explorer.widgets import TabsWidget
from qjob.showing.panels import erased_html, error_html, panel
from qjob.showing.summary import title
from qjob.showing.wording import plural

ONE: tuple[tuple[str, str], ...] = (
    ("card", "Card"),
    ("histogram", "Histogram"),
    ("events", "Events"),
    ("attempts", "Attempts"),
    ("program", "Program"),
    ("receipt", "Receipt"),
)
SEVERAL: tuple[tuple[str, str], ...] = (("compare", "Compared"),)
CHANGING = {"card", "histogram", "events", "attempts", "receipt"}
"""Tabs of which there may be more to tell as long as the job goes on."""


class Detail:
    """The place for what is opened.

    Parameters
    ----------
    engine
        Answers for the jobs.
    on_close
        Called when somebody wants it closed; calls `shut`.
    lock
        Whoever shows it holds this one; a second one could be taken in another order.

    Attributes
    ----------
    box : ipywidgets.VBox
        What is displayed; hidden as long as nothing is opened.
    ids : tuple of str
        What is opened; nothing, a job, or several.
    """

    def __init__(self, engine: Engine, on_close: Callable[[], None], lock: threading.RLock) -> None:
        self._engine = engine
        self._on_close = on_close
        self._lock = lock
        self._last: JobSnapshot | None = None
        self._shown: Any = None  # what of the tab has to follow its job: a card, or a picture
        self.ids: tuple[str, ...] = ()
        self._tabs = TabsWidget()
        self._tabs.on_msg(self._receive)
        self._stage = ipywidgets.Box(layout={"overflow": "visible", "display": "block"})
        self.box = ipywidgets.VBox(
            [self._tabs, self._stage], layout={"overflow": "visible", "display": "none", "margin": "0"}
        )

    @property
    def follows(self) -> JobSnapshot | None:
        """The opened job as it was shown, where there will be more to show of it."""
        with self._lock:
            return self._last if self._last is not None and not self._last.ended else None

    def open(self, ids: Sequence[str]) -> None:
        """Show a job, or compare several.

        Raises
        ------
        QjobError
            There is no such job.
        """
        with self._lock:
            snapshot = self._engine.snapshot(ids[0]) if len(ids) == 1 else None
            self.ids, self._last = tuple(ids), snapshot
            if snapshot is None:
                tabs, head = SEVERAL, f"{plural(len(ids), 'job')} compared"
            else:
                durable = snapshot.job.mode == DURABLE
                tabs = tuple(each for each in ONE if durable or each[0] != "attempts")
                head = title(snapshot)
            known = [key for key, _ in tabs]
            tab = self._tabs.tab if self._tabs.tab in known else known[0]
            with self._tabs.hold_sync():
                self._tabs.title, self._tabs.tabs = head, [list(each) for each in tabs]
                self._show(tab)
            self.box.layout.display = "flex"

    def shut(self) -> None:
        """Show nothing any more."""
        with self._lock:
            self.ids, self._last = (), None
            self.box.layout.display = "none"
            self._put(None)

    def refresh(self) -> None:
        """Bring it up to date; for a thread that hears of news. Nothing is done where there are none."""
        with self._lock:
            last = self.follows
            if last is None:
                return
            now = self._engine.snapshot(last.id)
            if now == last:
                return
            self._last = now
            if self._shown is not None:
                self._shown.update(now)
            elif self._tabs.tab in CHANGING:
                self._show(self._tabs.tab)

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        tab = str(content.get("tab"))
        with self._lock:
            if content.get("type") == "close":
                self._on_close()
            elif (
                content.get("type") == "tab" and self.ids and [tab] in [each[:1] for each in self._tabs.tabs]
            ):
                self._show(tab)

    def _show(self, tab: str) -> None:
        """Fill a tab; what cannot be shown says why."""
        job = None if self._last is None else self._last.job
        html, widget = "" if job is None or job.erased_at is None else erased_html(job), None
        try:
            if tab == "card":
                widget = self._card()
            elif tab == "histogram":
                widget = None if html else self._picture()
            elif tab == "compare":
                records = [self._engine.store.job(job_id) for job_id in self.ids]
                html = differences(records)._repr_html_()
                widget = self._picture()
            else:
                html += panel(self._engine, self.ids[0], tab, utc_now())
        except QjobError as error:
            html += error_html(error)
        with self._tabs.hold_sync():
            self._tabs.tab, self._tabs.html = tab, html
        self._put(widget)

    def _put(self, widget: Any) -> None:
        """Let a widget stand below the tabs, or none; the one before is taken out of the kernel's memory too."""
        before, self._stage.children = self._stage.children, () if widget is None else (widget,)
        if widget is None:
            self._shown = None
        for each in before:
            with contextlib.suppress(RuntimeError):
                each.close()

    def _card(self) -> Any:
        job_id = self.ids[0]
        if self._last is None:
            return None
        self._shown = LiveCard(
            self._last,
            now=utc_now,
            on_cancel=lambda: self._engine.cancel(job_id),
            on_confirm=lambda: self._engine.admit(job_id),
            cancel_url=f"qjob/api/jobs/{job_id}/cancel",
        )
        return self._shown.widget

    def _picture(self) -> Any:
        from qjob.notebook.pictures.picture import picture

        self._shown = picture(self._engine, self.ids)
        return self._shown.widget

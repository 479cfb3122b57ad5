"""The live card of a job or a batch: one widget while it runs, plain HTML once it ended. Knows no store, no engine.

Everything here may be called from a background thread: a trait is set, or a display updated, nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from qjob.model.errors import QjobError
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.showing.assets import card_script, card_style, joined
from qjob.showing.batch_receipt import batch_html
from qjob.showing.batch_state import batch_state
from qjob.showing.batch_text import batch_text
from qjob.showing.card_state import card_state
from qjob.showing.receipt import receipt_html, receipt_text

STILL = timedelta(seconds=1)
"""How often the HTML of a card is brought up to date where no widget is drawn."""


@dataclass(frozen=True, slots=True)
class Face:
    """How something looks at one moment: what its live card draws, and the HTML and the text that stay."""

    state: Callable[[Any, datetime], dict[str, Any]]
    html: Callable[[Any, datetime], str]
    text: Callable[[Any, datetime], str]


_FACES = {
    JobSnapshot: Face(card_state, receipt_html, receipt_text),
    BatchSnapshot: Face(batch_state, batch_html, batch_text),
}


class CardWidget(anywidget.AnyWidget):
    """The widget itself: it shows one state and sends what its buttons say."""

    _esm = joined("notebook/widgets/child_view.js") + "\n" + card_script()
    _css = card_style()
    state = traitlets.Dict().tag(sync=True)
    cancel_url = traitlets.Unicode().tag(sync=True)
    page_url = traitlets.Unicode().tag(sync=True)  # below Jupyter's base URL; empty where there is no page
    notify = traitlets.Bool(default_value=False).tag(
        sync=True
    )  # whether the user wants to be told of the end
    has_form = traitlets.Bool(default_value=False).tag(sync=True)  # whether there is one to open
    form = traitlets.Unicode().tag(sync=True)  # the id of its widget; empty while it is closed


class LiveCard:
    """The place of a job, or of a batch, in the output of a cell.

    Parameters
    ----------
    snapshot
        What is shown, as it is now.
    now
        The clock, in UTC.
    on_cancel
        Asks for what is left to be cancelled. Called when the user has confirmed, maybe while another cell runs,
        maybe more than once. A `QjobError` it raises is shown on the card.
    on_confirm
        Agrees to what the job can cost; as ``on_cancel``. None where nobody is asked.
    on_notify
        Is told whether the user wants to be told of the end of long jobs, when the bell is pressed.
    on_form
        Makes the form to run the job again in another way: a widget, or what has one as its ``widget``. None where
        there is no such form.
    unseen
        Whether a front end that draws widgets would have said so by now; never, where it is None.
    cancel_url
        Where the front end asks as well if the kernel does not answer, relative to Jupyter's base URL;
        empty where there is no such place.
    """

    def __init__(
        self,
        snapshot: JobSnapshot | BatchSnapshot,
        *,
        now: Callable[[], datetime],
        on_cancel: Callable[[], object],
        on_confirm: Callable[[], object] | None = None,
        on_notify: Callable[[bool], object] | None = None,
        on_form: Callable[[], Any] | None = None,
        unseen: Callable[[], bool] | None = None,
        cancel_url: str,
    ) -> None:
        self._snapshot = snapshot
        self._now = now
        self._face = _FACES[type(snapshot)]
        self._on_form = on_form
        self._actions: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "cancel": lambda _: on_cancel(),
            "confirm": lambda _: on_confirm and on_confirm(),
            "notify": lambda said: on_notify and on_notify(bool(said.get("on"))),
            "here": lambda _: setattr(self, "_unseen", None),
            "form": lambda said: self._open_form() if said.get("open") else self.close_form(),
        }
        self._unseen = unseen
        self._still_at = datetime.min.replace(tzinfo=UTC)
        self._handle: Any = None
        self._form: Any = None  # the widget of the form, while that is open
        self.widget = CardWidget(
            state=self._face.state(snapshot, now()),
            cancel_url=cancel_url,
            page_url=f"qjob/jobs/{snapshot.id}",
            has_form=on_form is not None,
        )
        self.widget.on_msg(self._receive)

    def show(self) -> None:
        """Display the card below the running cell, with the same as HTML and as text for other front ends."""
        widget, metadata = self.widget._repr_mimebundle_() or ({}, {})
        if self._unseen is not None and self._unseen():
            widget = {}
        bundle = {**widget, **_as_it_is(self._snapshot, self._now())}
        self._handle = display(bundle, metadata=metadata, raw=True, display_id=True)

    def update(self, snapshot: JobSnapshot | BatchSnapshot) -> None:
        """Show it as it is now: one message of 1 to 2 KB; where no widget is drawn, now and then as HTML."""
        self._snapshot = snapshot
        now = self._now()
        self.widget.state = self._face.state(snapshot, now)
        if self._unseen is not None and self._unseen() and now - self._still_at >= STILL:
            self._still_at = now
            self._replace()

    def finish(self, snapshot: JobSnapshot | BatchSnapshot) -> None:
        """Replace the card by the receipt, which stays in the notebook; where its form is open, once that is closed.

        The widget is left open: where the replacement gets lost (the page was reloaded while the job ran) it
        shows the final state.
        """
        self.update(snapshot)
        if self._form is None:
            self._replace()

    def notify(self, *, on: bool) -> None:
        """Show whether the end of the job is going to be told where the tab is in the background."""
        self.widget.notify = on

    def close_form(self) -> None:
        """Close the form below the card, if it is open."""
        form, self._form = self._form, None
        self.widget.form = ""
        if form is not None:
            form.close()
        if self._snapshot.ended:
            self._replace()

    def _open_form(self) -> None:
        if self._on_form is None or self._form is not None:
            return
        made = self._on_form()
        self._form = getattr(made, "widget", made)
        self.widget.form = self._form.model_id

    def _replace(self) -> None:
        if self._handle is not None:
            self._handle.update(_as_it_is(self._snapshot, self._now()), raw=True)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        action = self._actions.get(str(content.get("type")))
        if action is None:
            return
        try:
            action(content)
        except QjobError as error:
            self.widget.send({"type": "refused", "text": str(error)})


def show_receipt(snapshot: JobSnapshot | BatchSnapshot, now: datetime) -> None:
    """Display what has ended, as HTML and as text."""
    display(_as_it_is(snapshot, now), raw=True)


def _as_it_is(snapshot: JobSnapshot | BatchSnapshot, now: datetime) -> dict[str, str]:
    face = _FACES[type(snapshot)]
    return {"text/html": face.html(snapshot, now), "text/plain": face.text(snapshot, now)}

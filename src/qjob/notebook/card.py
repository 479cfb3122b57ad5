"""The live card of a job: one widget while it runs, plain HTML once it ended. Knows no store and no engine.

Everything here may be called from a background thread: a trait is set, or a display updated, nothing else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from qjob.model.errors import QjobError
from qjob.model.snapshot import JobSnapshot
from qjob.notebook.card_state import card_state
from qjob.notebook.receipt import receipt_html, receipt_text

_HERE = Path(__file__).parent


class CardWidget(anywidget.AnyWidget):
    """The widget itself: it shows one state and sends what its buttons say."""

    _esm = _HERE / "card.js"
    _css = _HERE / "card.css"
    state = traitlets.Dict().tag(sync=True)
    cancel_url = traitlets.Unicode().tag(sync=True)


class LiveCard:
    """A job's place in the output of a cell.

    Parameters
    ----------
    snapshot
        The job as it is now.
    now
        The clock, in UTC.
    on_cancel
        Asks for the job to be cancelled. Called when the user has confirmed, maybe while another cell runs,
        maybe more than once. A `QjobError` it raises is shown on the card.
    on_confirm
        Agrees to what the job can cost; as ``on_cancel``.
    cancel_url
        Where the front end asks as well if the kernel does not answer, relative to Jupyter's base URL.
    """

    def __init__(
        self,
        snapshot: JobSnapshot,
        *,
        now: Callable[[], datetime],
        on_cancel: Callable[[], None],
        on_confirm: Callable[[], None],
        cancel_url: str,
    ) -> None:
        self._snapshot = snapshot
        self._now = now
        self._actions = {"cancel": on_cancel, "confirm": on_confirm}
        self._handle: Any = None
        self.widget = CardWidget(state=card_state(snapshot, now()), cancel_url=cancel_url)
        self.widget.on_msg(self._receive)

    def show(self) -> None:
        """Display the card below the running cell, with the same as HTML and as text for other front ends."""
        widget, metadata = self.widget._repr_mimebundle_() or ({}, {})
        bundle = {**widget, **_as_it_is(self._snapshot, self._now())}
        self._handle = display(bundle, metadata=metadata, raw=True, display_id=True)

    def update(self, snapshot: JobSnapshot) -> None:
        """Show the job as it is now: one message of 1 to 2 KB."""
        self._snapshot = snapshot
        self.widget.state = card_state(snapshot, self._now())

    def finish(self, snapshot: JobSnapshot) -> None:
        """Replace the card by the receipt, which stays in the notebook.

        The widget is left open: where the replacement gets lost (the page was reloaded while the job ran) it
        shows the final state.
        """
        self.update(snapshot)
        if self._handle is not None:
            self._handle.update(_as_it_is(snapshot, self._now()), raw=True)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        action = self._actions.get(str(content.get("type")))
        if action is None:
            return
        try:
            action()
        except QjobError as error:
            self.widget.send({"type": "refused", "text": str(error)})


def show_receipt(snapshot: JobSnapshot, now: datetime) -> None:
    """Display a job that has ended, as HTML and as text."""
    display(_as_it_is(snapshot, now), raw=True)


def _as_it_is(snapshot: JobSnapshot, now: datetime) -> dict[str, str]:
    return {"text/html": receipt_html(snapshot, now), "text/plain": receipt_text(snapshot, now)}

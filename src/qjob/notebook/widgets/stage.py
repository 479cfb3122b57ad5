"""Displays a widget over HTML that stays: a saved notebook keeps the HTML, and nothing that nobody can draw then."""

from typing import Any
from uuid import uuid4

import anywidget
import traitlets
from IPython.display import display

from qjob.showing.assets import joined


class StageWidget(anywidget.AnyWidget):
    """What draws another widget where the page has an element."""

    _esm = joined(*(f"notebook/widgets/{name}.js" for name in ("draw_over", "child_view", "stage")))
    child = traitlets.Unicode().tag(sync=True)  # the id of the other widget's model
    anchor = traitlets.Unicode().tag(sync=True)  # the id of the element


class Stage:
    """The place of a widget in the output of a cell.

    Parameters
    ----------
    widget
        What a front end with widgets draws.
    """

    def __init__(self, widget: Any) -> None:
        self._widget = StageWidget(child=widget.model_id)
        self._handle: Any = None

    def show(self, html: str, text: str) -> None:
        """Display HTML below the running cell, and the widget over it."""
        anchor = f"qjob-{uuid4().hex}"
        bundle = {"text/html": f'<div id="{anchor}">{html}</div>', "text/plain": text}
        self._handle = display(bundle, raw=True, display_id=True)
        self._widget.anchor = anchor  # in one message with the child: it is drawn once

    def replace(self, html: str, text: str) -> None:
        """Take the widget away for good; this stays in its place."""
        if self._handle is not None:
            self._handle.update({"text/html": html, "text/plain": text}, raw=True)

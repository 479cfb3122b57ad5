"""The parts of a form that ipywidgets does not have: the list of backends, the shots, and the foot with its buttons.

They hold what they were told last, and say what a person does. Traits may be set from any thread.
"""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

_HERE = Path(__file__).parent


def _read(*names: str) -> str:
    return "\n".join((_HERE / name).read_text("utf-8") for name in names)


class Backends(anywidget.AnyWidget):
    """Radio buttons, some of which cannot be chosen."""

    _esm = _read("common.js", "backends.js")  # one module: a front end could not find a second one
    rows: Any = traitlets.List().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)


class Shots(anywidget.AnyWidget):
    """A logarithmic slider and a field, for text that is meant to be a number."""

    _esm = _read("common.js", "shots.js")
    value = traitlets.Unicode().tag(sync=True)


class Foot(anywidget.AnyWidget):
    """Price, budget, problem, buttons, lines; it has the style of the whole form with it."""

    _esm = _read("common.js", "foot.js")
    _css = _read("form.css")
    offer = traitlets.Dict().tag(sync=True)
    asking = traitlets.Bool().tag(sync=True)  # whether the offer is of an earlier edit
    answer = traitlets.Dict().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)

"""The parts of a form that ipywidgets does not have: the list of backends, the shots, and the foot with its buttons.

They hold what they were told last, and say what a person does. Traits may be set from any thread.
"""

from typing import Any

import anywidget
import traitlets

from qjob.showing.assets import joined


class Backends(anywidget.AnyWidget):
    """Radio buttons, some of which cannot be chosen."""

    _esm = joined("showing/dom.js", "notebook/form/common.js", "notebook/form/backends.js")
    rows: Any = traitlets.List().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)


class Shots(anywidget.AnyWidget):
    """A logarithmic slider and a field, for text that is meant to be a number."""

    _esm = joined("showing/dom.js", "notebook/form/common.js", "notebook/form/shots.js")
    value = traitlets.Unicode().tag(sync=True)


class Foot(anywidget.AnyWidget):
    """Price, budget, problem, buttons, lines; it has the style of the whole form with it."""

    _esm = joined("showing/dom.js", "notebook/form/common.js", "notebook/form/foot.js")
    _css = joined("notebook/form/form.css")
    offer = traitlets.Dict().tag(sync=True)
    asking = traitlets.Bool().tag(sync=True)  # whether the offer is of an earlier edit
    answer = traitlets.Dict().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    watched = traitlets.Dict().tag(sync=True)  # the controls' models by name: a click says what they showed

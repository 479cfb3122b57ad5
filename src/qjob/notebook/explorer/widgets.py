"""The explorer's two widgets: the table with its controls, and the tabs of what is opened. They know no store."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


def _read(*names: str) -> str:
    return "\n".join((_HERE / name).read_text("utf-8") for name in names)


class TableWidget(anywidget.AnyWidget):
    """The table: one page of jobs, what it was asked for, and what lies below it."""

    _esm = _read("parts.js", "filters.js", "actions.js", "table.js", "explorer.js")  # one module
    _css = _read("explorer.css")
    wanted = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    totals = traitlets.Dict().tag(sync=True)
    disk = traitlets.Unicode().tag(sync=True)
    opened: traitlets.List[str] = traitlets.List().tag(sync=True)
    box = traitlets.Unicode().tag(sync=True)  # the model of the box that this and what is opened stand in
    anchor = traitlets.Unicode().tag(sync=True)  # the element of the page to draw that box into


class TabsWidget(anywidget.AnyWidget):
    """The tabs of a job, or of several that are compared; what is a widget itself stands below."""

    _esm = _read("parts.js", "tabs.js")
    _css = _read("explorer.css")
    title = traitlets.Unicode().tag(sync=True)
    tabs: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    tab = traitlets.Unicode().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)

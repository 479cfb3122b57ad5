"""The explorer's two widgets: the table with its controls, and the tabs of what is opened. They know no store."""

import anywidget
import traitlets

from qjob.showing.assets import joined


class TableWidget(anywidget.AnyWidget):
    """The table: one page of jobs, what it was asked for, and what lies below it."""

    _esm = joined(
        "showing/dom.js",
        *(f"notebook/explorer/{name}.js" for name in ("parts", "filters", "actions", "table", "explorer")),
    )
    _css = joined("notebook/explorer/explorer.css")
    wanted = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    totals = traitlets.Dict().tag(sync=True)
    disk = traitlets.Unicode().tag(sync=True)
    opened: traitlets.List[str] = traitlets.List().tag(sync=True)


class TabsWidget(anywidget.AnyWidget):
    """The tabs of a job, or of several that are compared; what is a widget itself stands below."""

    _esm = joined("showing/dom.js", "notebook/explorer/parts.js", "notebook/explorer/tabs.js")
    _css = joined("notebook/explorer/explorer.css")
    title = traitlets.Unicode().tag(sync=True)
    tabs: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    tab = traitlets.Unicode().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)

"""The widget that draws a picture. Knows no job: it is given arrays and sends what it cannot reckon itself."""

import anywidget
import traitlets

from qjob.showing.assets import joined


class PictureWidget(anywidget.AnyWidget):
    """A histogram, or a final state, with its controls."""

    _esm = joined(
        "showing/dom.js",
        "notebook/widgets/draw_over.js",
        *(f"notebook/pictures/{name}.js" for name in ("outcomes", "rows", "views", "histogram")),
    )
    _css = joined("notebook/pictures/picture.css")
    picture = traitlets.Dict().tag(sync=True)
    anchor = traitlets.Unicode().tag(sync=True)  # where to draw it when nothing displays the widget itself

"""The widget that draws a picture. Knows no job: it is given arrays and sends what it cannot reckon itself."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


def _read(*names: str) -> str:
    return "\n".join((_HERE / name).read_text("utf-8") for name in names)


class PictureWidget(anywidget.AnyWidget):
    """A histogram, or a final state, with its controls."""

    # one module: a front end could not find a second one
    _esm = _read("outcomes.js", "rows.js", "views.js", "histogram.js")
    _css = _read("picture.css")
    picture = traitlets.Dict().tag(sync=True)
    anchor = traitlets.Unicode().tag(sync=True)  # where to draw it when nothing displays the widget itself

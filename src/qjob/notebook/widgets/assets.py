"""Reads the scripts and styles that lie beside the code of a widget."""

from pathlib import Path

_NOTEBOOK = Path(__file__).parents[1]


def joined(*names: str) -> str:
    """Return files of `qjob.notebook` as one text, each named by its path from there.

    A script is one module: a front end could not find a second one.
    """
    return "\n".join((_NOTEBOOK / name).read_text("utf-8") for name in names)

"""Reads the code cells of a notebook file. Runs nothing."""

import warnings
from pathlib import Path

from qjob.model.errors import InvalidRequest

LARGEST = 200_000_000
"""Bytes; more than any notebook that a browser opens."""


def code_cells(path: str | Path) -> list[str]:
    """Return the texts of a notebook's code cells, in its order.

    Raises
    ------
    InvalidRequest
        There is no such file, or it is no notebook of the formats 3 and 4.
    """
    try:
        file = Path(path).expanduser()
        if file.is_file() and file.stat().st_size > LARGEST:
            raise InvalidRequest(f"{path} has more than {LARGEST:,} bytes.", remedy="Clear its outputs.")
        text = file.read_text("utf-8")
    except (OSError, RuntimeError, ValueError) as error:  # also a home that nobody has
        why = getattr(error, "strerror", None) or "there is no such text file"
        raise InvalidRequest(
            f"{path} cannot be read: {why}.", remedy="Give the file of a notebook: NAME.ipynb"
        ) from error
    import nbformat

    try:
        with warnings.catch_warnings():  # what an old notebook lacks does not matter here
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)
        return [str(cell.source or "") for cell in notebook.cells if cell.cell_type == "code"]
    except (
        nbformat.ValidationError,
        nbformat.reader.NotJSONError,
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise InvalidRequest(
            f"{path} is no notebook.", remedy="Give the file of a notebook: NAME.ipynb"
        ) from error

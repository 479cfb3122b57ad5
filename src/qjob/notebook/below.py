"""A place in the output of the cell that runs now, for what comes after it is done. Knows IPython's publisher only.

What is displayed belongs to the request that the kernel says it answers. A click on a widget is a request of its own,
which no cell shows; here it is made the cell's again, so that an output is added there, and saved with the notebook.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Below:
    """The output of the running cell.

    Parameters
    ----------
    shell
        The IPython shell. Where its publisher names no requests (a terminal), what is displayed is displayed.
    """

    def __init__(self, shell: Any) -> None:
        self._publisher = shell.display_pub
        self._cell = getattr(self._publisher, "parent_header", None)

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let what is displayed meanwhile appear below that cell."""
        if self._cell is None:
            yield
            return
        before = self._publisher.parent_header
        self._publisher.set_parent(self._cell)
        try:
            yield
        finally:
            self._publisher.set_parent(before)

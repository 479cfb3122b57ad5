"""The processes that this one has started since some moment: what other tests have running is not counted."""

import psutil


class Offspring:
    """Those since it was made."""

    def __init__(self):
        self._before = {child.pid for child in psutil.Process().children()}

    def children(self):
        """The children that have come since."""
        return [child for child in psutil.Process().children() if child.pid not in self._before]

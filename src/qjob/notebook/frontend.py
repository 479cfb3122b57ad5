"""What shows the notebook, as far as it matters here: who sees what is displayed, and who can be asked."""

import time
from collections.abc import Callable, Mapping
from typing import Any

COLAB = "COLAB_RELEASE_TAG"
"""The environment variable that kernels of Google Colab have."""

PATIENCE = 5.0
"""Seconds of a free kernel after which a widget that was not heard of is taken for not drawn."""


class FrontEnd:
    """What is on the other side of a shell.

    Parameters
    ----------
    shell
        The IPython shell.
    environ
        The kernel's environment.
    clock
        Tells seconds that only grow.
    """

    def __init__(
        self, shell: Any, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shell = shell
        self._colab = COLAB in environ
        self._clock = clock
        self._free_since: float | None = None  # None while a cell runs, as when this is made

    def listen(self) -> None:
        """Begin to follow when the kernel is free, to hear what widgets say."""
        self._shell.events.register("pre_run_cell", self._cell_begins)
        self._shell.events.register("post_run_cell", self._cell_ends)

    def leave(self) -> None:
        """Follow it no more."""
        self._shell.events.unregister("pre_run_cell", self._cell_begins)
        self._shell.events.unregister("post_run_cell", self._cell_ends)

    def _cell_begins(self, *_: object) -> None:
        self._free_since = None

    def _cell_ends(self, *_: object) -> None:
        self._free_since = self._clock()

    def unseen(self) -> Callable[[], bool]:
        """Return what tells whether a front end that draws what is shown now would have said so by then.

        A kernel hears it only while no cell runs. VS Code without its extension for widgets, or a page without their
        manager, never says it.
        """
        shown = self._clock()

        def overdue() -> bool:
            free = self._free_since
            waited = free is not None and self._clock() - max(free, shown) >= PATIENCE
            return waited or not self.takes_widgets

        return overdue

    @property
    def _kernel(self) -> Any:
        """The kernel around the shell; None in a terminal."""
        return getattr(self._shell, "kernel", None)

    @property
    def shows_cards(self) -> bool:
        """Whether there is a place for a card that changes; a terminal has none."""
        return self._kernel is not None

    @property
    def answers(self) -> bool:
        """Whether somebody may be there: nbclient, nbval and nbconvert cannot be asked, and do not come back."""
        if self._kernel is None:
            return True
        parent = self._kernel.get_parent("shell") or {}
        return bool(parent.get("content", {}).get("allow_stdin", True))

    @property
    def paints_later(self) -> bool:
        """Whether somebody sees what changes in a cell's output once the cell has ended. Colab does not paint it."""
        return self.shows_cards and self.answers and not self._colab

    @property
    def takes_widgets(self) -> bool:
        """Whether a widget can be shown; Colab wants a switch of its own to be set for those of other people."""
        return self.shows_cards and not self._colab

    @property
    def must_wait(self) -> bool:
        """Whether a cell has to wait for its job, since nobody would see how it ends."""
        return self.shows_cards and not self.paints_later

    @property
    def cell_text(self) -> str | None:
        """The text of the cell that runs, as it was typed."""
        raw = self._shell.history_manager.input_hist_raw
        return raw[-1] if raw else None

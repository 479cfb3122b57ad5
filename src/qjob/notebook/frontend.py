"""What shows the notebook, as far as it matters here: who sees what is displayed, and who can be asked."""

from collections.abc import Mapping
from typing import Any

COLAB = "COLAB_RELEASE_TAG"
"""The environment variable that kernels of Google Colab have."""


class FrontEnd:
    """What is on the other side of a shell.

    Parameters
    ----------
    shell
        The IPython shell.
    environ
        The kernel's environment.
    """

    def __init__(self, shell: Any, environ: Mapping[str, str]) -> None:
        self._shell = shell
        self._colab = COLAB in environ

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

"""The catalogue of this installation: its rows, and those of devices that a service has shown since.

The kernel's first job waits for it, so what only devices need is imported where there were any.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qjob.catalog.loader import Catalogue, load_catalogue

if TYPE_CHECKING:
    from qjob.model.device import DeviceFacts

CACHE = "cache.sqlite"
"""The file in the home folder without which nothing is known of devices; see `qjob.cache`."""


def catalogue_of(home: Path, facts: Callable[[], "Iterable[DeviceFacts]"]) -> Catalogue:
    """Return the shipped rows, those of the user's file, and rows without a price of what else services have.

    Parameters
    ----------
    home
        The folder of the user's file.
    facts
        Returns what services said of their devices.

    Raises
    ------
    InvalidRequest
        The user's file does not fit.
    """
    rows = load_catalogue(home)
    if not (home / CACHE).exists():
        return rows
    from qjob.catalog.discovered import rows_of

    return rows.with_rows(rows_of(facts(), rows))

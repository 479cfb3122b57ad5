"""The catalogue of this installation: its rows, and those of devices that a service has shown since."""

from collections.abc import Iterable
from pathlib import Path

from qjob.catalog.discovered import rows_of
from qjob.catalog.loader import Catalogue, load_catalogue
from qjob.model.device import DeviceFacts


def catalogue_of(home: Path, facts: Iterable[DeviceFacts]) -> Catalogue:
    """Return the shipped rows, those of the user's file, and rows without a price of what else services have.

    Raises
    ------
    InvalidRequest
        The user's file does not fit.
    """
    rows = load_catalogue(home)
    return rows.with_rows(rows_of(facts, rows))

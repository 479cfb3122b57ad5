"""Which jobs are to be cancelled, as the store says: looked for often, and cheaply where nothing has changed."""

import logging
import time

from qjob.model.errors import StoreError
from qjob.store.store import Store

LOG = logging.getLogger(__name__)

POLL = 0.1
"""Seconds between looks for a cancel that another process asked for, while jobs are in hand."""


class Cancels:
    """The cancels that are asked of one owner.

    Parameters
    ----------
    store, owner
        Where they are asked, and whose jobs are meant.
    """

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner
        self._data_version: object = None  # never looked
        self._next_look = 0.0

    def look_again(self) -> None:
        """Look the next time whether or not the store has changed: there are jobs that were not here before."""
        self._data_version = None

    def wanted(self, *, now: bool, busy: bool) -> list[tuple[str, str | None]]:
        """Return the jobs that are to be cancelled, and where each runs, if elsewhere; none where nothing is new.

        Parameters
        ----------
        now
            Whether somebody says that there are some.
        busy
            Whether any job is in hand; else nobody has to be asked.
        """
        moment = time.monotonic()
        if not now and (not busy or moment < self._next_look):
            return []
        self._next_look = moment + POLL
        try:
            version = self._store.data_version()
            if version == self._data_version and not now:
                return []
            found = self._store.cancelling(self._owner)
        except StoreError as error:  # the jobs go on; the next look comes soon
            LOG.warning("no look for cancels: %s", error)
            return []
        self._data_version = version
        return found

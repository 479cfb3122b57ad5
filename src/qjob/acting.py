"""An engine of another user, or bound to one team, that runs its jobs with the parts of the engine it came from.

For who serves several users from one process: each is asked, billed and limited as the user, and nothing is started
twice. It opens nothing of its own.
"""
# ruff: noqa: SLF001 - parent and child are one family of engines

from typing import TYPE_CHECKING

from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue
from qjob.engine import Engine
from qjob.execution.opened import Opened
from qjob.request import Checker
from qjob.waitlist import Waitlist

if TYPE_CHECKING:  # what runs on this machine need not wait for it
    from qjob.cache import DeviceBook


class ActingEngine(Engine):
    """What `Engine.acting_as` returns.

    Jobs run in the processes of the parent, or in those of the user's own workers where they are durable; for these a
    worker process of that user is started where there is none.

    Parameters
    ----------
    parent
        The engine that it came from. Closed with it; to use either again opens both again.
    user
        Who asks and submits.
    team
        The id of the only team that it submits for; None: the one that the user has chosen.
    """

    def __init__(self, parent: Engine, user: str, team: str | None) -> None:
        super().__init__(
            parent.settings.model_copy(update={"user": user}), clock=parent._clock, draw=parent._given_draw
        )
        self._parent, self._team = parent, team
        self.patience = parent.patience
        self._base: Opened | None = None
        self.feed, self.examine = parent.feed, parent.examine

    def _opened(self) -> Opened:
        base = self._parent._opened()
        opened = self._open
        if opened is not None and self._base is base:
            return opened
        with self._lock:
            if self._open is None or self._base is not base:
                store, own = base.store.bound(self._team), self._parent.settings.user
                self.feed = self._parent.feed
                self._open, self._base = base.acting_as(self.settings, store, own), base
                self._adopt(self._open)
            return self._open

    def _mind_forks(self) -> None:
        """Leave it to the parent: nothing that is told to mind forks is ever let go of."""

    def acting_as(self, user: str, team: str | None = None) -> Engine:
        """Return an engine of yet another user, from the same parent."""
        return self._parent.acting_as(user, team)

    def close(self) -> None:
        """Try no more to admit what was proposed here. The parent's parts go on, and all jobs with them."""
        self._waitlist.close()
        with self._lock:
            self._proposed, self._waitlist = {}, Waitlist(self._attempt)
            self._open = self._base = None

    def sweep(self) -> None:
        """Take care of jobs whose process has died, as the parent does; those of this user at services as well."""
        self._parent.sweep()
        self._adopt(self._opened())

    def sweep_now_and_then(self) -> bool:
        """Sweep, but not more often than the parent would."""
        swept = self._parent.sweep_now_and_then()
        if swept:
            self._adopt(self._opened())
        return swept

    # what is known of backends is known once for all users

    @property
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""
        return self._parent.catalogue

    @property
    def _adapters(self) -> Registry:
        return self._parent._adapters

    @property
    def _devices(self) -> "DeviceBook":
        return self._parent._devices

    @property
    def _checker(self) -> Checker:
        return self._parent._checker

    def _forget_catalogue(self) -> None:
        self._parent._forget_catalogue()


def look_after_all(parent: Engine) -> None:
    """Go on with what users who have API keys left under way: durable jobs, and jobs at services.

    Nobody else may do that for a long time: they have no kernel here that would, and may not ask again.
    """
    store, own = parent.store, parent.settings.user
    under_way = {record.user for record in store.unfinished() if record.durable or record.elsewhere}
    for user in sorted(under_way - {own}):
        if store.keys_of(user):
            parent.acting_as(user)._opened()

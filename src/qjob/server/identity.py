"""Who asks: the user of a Jupyter session, or of an API key. Knows no tornado; wrong keys are counted here."""

import time
from collections.abc import Callable
from threading import Lock

from qjob.engine import Engine, connect
from qjob.model.errors import NotSignedIn, RateLimited, ServiceUnavailable
from qjob.model.key import Scope
from qjob.policy.guessing import Guesses
from qjob.reading import Reader
from qjob.server.desk import Caller, Desk
from qjob.server.inline import Codes


class Callers:
    """Turns credentials into callers, and callers into desks.

    Parameters
    ----------
    make_engine
        Connects the engine of this server's environment, with the first request.
    clock
        Seconds that only grow.
    reader
        Reads what is long, in other processes.
    """

    def __init__(
        self,
        make_engine: Callable[[], Engine] = connect,
        clock: Callable[[], float] = time.monotonic,
        reader: Reader | None = None,
    ) -> None:
        self._make, self._clock = make_engine, clock
        self._lock, self._making = Lock(), Lock()
        self._made: Engine | None = None
        self._closed, self.reader = False, reader or Reader()
        self._guesses, self._codes = Guesses(), Codes()

    @property
    def engine(self) -> Engine:
        """The engine of the server's own user.

        Raises
        ------
        ServiceUnavailable
            It is let go of already.
        """
        with self._making:  # the first requests come at once, and two engines would be two owners of jobs
            if self._closed:
                raise ServiceUnavailable("the server ends.", remedy="Ask again when it is back.")
            if self._made is None:
                self._made = self._make()
            return self._made

    def of_session(self) -> Caller:
        """Return the caller of a Jupyter session: the user whose notebooks this server runs.

        Whoever has such a session can run any code in a kernel, so that every scope is granted.
        """
        engine = self.engine
        user = engine.settings.user
        teams = engine.store.teams_of(user) or [(engine.team().id, "", True)]
        return Caller(user, tuple(team[0] for team in teams), None, frozenset(Scope))

    def of_nobody(self) -> Caller:
        """Return the caller of a route that is for everybody: one that sees nothing."""
        return Caller(self.engine.settings.user, (), None, frozenset())

    def of_key(self, text: str, address: str, *, email: str | None, organization: str | None) -> Caller:
        """Return the caller of an API key.

        Parameters
        ----------
        address
            Where the request comes from, for counting wrong keys.
        email, organization
            Headers that may say whose key it is.

        Raises
        ------
        NotSignedIn
            There is no such key, or a header says that it is somebody else's.
        RateLimited
            It is a wrong one, and too many of them came from there.
        """
        try:
            key = self.engine.key_of(text)
            _expect_same("email", email, key.email or (key.user if "@" in key.user else None))
            if organization:
                teams = dict(each[:2] for each in self.engine.store.teams_of(key.user))
                known = (key.team, key.team.replace("-", ""))  # told as either of them
                _expect_same("organization", organization, key.organization, *known, teams.get(key.team))
        except NotSignedIn:
            self._count_wrong(address)
            raise
        return Caller(key.user, (key.team,), key.team, key.scopes, key)

    def _count_wrong(self, address: str) -> None:
        """Count a wrong key, where there were not too many already."""
        now = self._clock()
        with self._lock:
            wait = self._guesses.wait(address, now)
            if wait is None:
                self._guesses = self._guesses.and_wrong(address, now)
                return
        raise RateLimited(
            "this API key is not valid, and too many such keys came lately.",
            remedy=f"Wait {wait:.0f} s, and give a key that `qjob key list` shows.",
            retry_after=wait,
        )

    def desk(self, caller: Caller) -> Desk:
        """Return the engine as a caller may use it."""
        if caller.key is None:
            return Desk(self.engine, caller, self._codes)
        return Desk(self.engine.acting_as(caller.user, caller.team), caller, self._codes)

    def close(self) -> None:
        """Let go of the engine, where one was connected, for good."""
        with self._making:
            made, self._made, self._closed = self._made, None, True
        self.reader.close()
        if made is not None:
            made.close()


def _expect_same(header: str, said: str | None, *known: str | None) -> None:
    """Refuse a header that contradicts the key; where nothing is known there is nothing to contradict."""
    names = {name.casefold() for name in known if name}
    if said and names and said.strip().casefold() not in names:
        raise NotSignedIn(
            f"the header {header!r} is not what the key was made for.",
            remedy=f"Leave out {header!r}, or give the one that the key was made with (qjob key list).",
        )

"""The user's API keys: made, listed, revoked, and recognised again. What each allows is checked where it is used."""

import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from qjob import typed
from qjob.membership import TeamView
from qjob.model.backend import did_you_mean
from qjob.model.errors import AmbiguousJob, InvalidRequest, NoSuchKey, NotSignedIn
from qjob.model.key import ID_BYTES, SECRET_BYTES, ApiKey, Scope, id_of, make
from qjob.settings import Settings
from qjob.store.store import Store

MAX_TEXT = 200
"""The longest name, email or organization of a key, in characters."""

MAX_DAYS = 3650
"""The longest time for which a key that ends is made."""

MIN_PREFIX = 4
"""The fewest characters of an id that stand for it."""

USUAL = (Scope.READ, Scope.SUBMIT)
"""What a key is for where nothing else is said."""


class Keyring(ABC):
    """API keys, as an engine answers for them."""

    settings: Settings
    _clock: Callable[[], datetime]

    @property
    @abstractmethod
    def store(self) -> Store:
        """Where they are."""

    @abstractmethod
    def team(self) -> TeamView:
        """Return the team that the user's jobs belong to."""

    @abstractmethod
    def team_called(self, text: str) -> TeamView:
        """Return one of the user's teams by its name or the beginning of its id."""

    def create_key(
        self,
        name: str,
        *,
        scopes: str | Iterable[str] = USUAL,
        team: str | None = None,
        email: str | None = None,
        organization: str | None = None,
        days: int | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key that stands for the user, and return it with its text, which nobody can show again.

        Parameters
        ----------
        name
            For people, such as the name of the script that is to use it.
        scopes
            ``"read"``, ``"submit"`` or ``"inline"``; the last one lets whoever has the key run Python code on the
            machine of the server.
        team
            The only team that it opens, of which the user is a member: a name, or the beginning of an id. None: the
            one that the user's jobs belong to now.
        email, organization
            What who uses it may say to be besides; what contradicts them is refused by the server.
        days
            After how many days it opens nothing any more; None: it does not end.

        Raises
        ------
        InvalidRequest
            A name, a scope or a number of days that does not fit.
        NoSuchTeam, AmbiguousJob
            The user is in no such team, or in several.
        """
        label = typed.text("name", name, MAX_TEXT)
        allowed = _scopes(scopes)
        mail = None if email is None else typed.text("email", email, MAX_TEXT)
        body = None if organization is None else typed.text("organization", organization, MAX_TEXT)
        span = None if days is None else timedelta(days=_days(days))
        chosen = self.team() if team is None else self.team_called(team)
        # not of the engine's own source of chance: nobody may guess these
        key_id, text = make(secrets.token_bytes(ID_BYTES), secrets.token_bytes(SECRET_BYTES))
        now = self._clock()
        until = None if span is None else now + span
        key = ApiKey(
            key_id, label, self.settings.user, chosen.id, allowed, now, until, email=mail, organization=body
        )
        self.store.add_key(key, text)
        return key, text

    def keys(self) -> list[ApiKey]:
        """Return the user's keys, the oldest first, also those that open nothing any more."""
        return self.store.keys_of(self.settings.user)

    def revoke_key(self, text: str) -> ApiKey:
        """Let one of the user's keys open nothing any more; return it. Again is harmless.

        Parameters
        ----------
        text
            Its id, the beginning of it, or its name; or the text of the key.

        Raises
        ------
        NoSuchKey, AmbiguousJob
            None of the user's keys, or several.
        """
        key = self._key_called(text)
        self.store.revoke_key(key.id, self._clock())
        return next(one for one in self.keys() if one.id == key.id)

    def key_of(self, text: str) -> ApiKey:
        """Return the key of a text, whoever's it is.

        Raises
        ------
        NotSignedIn
            It opens nothing: nobody's, over, revoked, or its user has left its team. It does not say which.
        """
        key = self.store.key_of(text)
        if key is None:
            raise NotSignedIn(
                "this API key is not valid.",
                remedy="Make one: qjob key create NAME. `qjob key list` shows yours, and until when they are valid.",
            )
        return key

    def _key_called(self, text: str) -> ApiKey:
        mine = self.keys()
        wanted = text.strip()
        wanted = id_of(wanted) or wanted
        found = [key for key in mine if key.id == wanted.lower()]
        found = found or [key for key in mine if key.name == wanted]
        if not found and len(wanted) >= MIN_PREFIX:
            found = [key for key in mine if key.id.startswith(wanted.lower())]
        if not found:
            # the text may be a secret with a slip in it, and errors are written down
            shown = repr(wanted) if re.fullmatch(r"[\w .-]{1,20}", wanted) else "so"
            raise NoSuchKey(f"none of your API keys is called {shown}.", remedy="See them: qjob key list")
        if len(found) > 1:
            raise AmbiguousJob(
                f"{wanted!r} stands for {len(found)} API keys.",
                remedy="Give the id of the one you mean: " + ", ".join(key.id for key in found),
                numbers={"text": wanted, "candidates": [key.id for key in found]},
            )
        return found[0]


def _scopes(given: str | Iterable[str]) -> frozenset[Scope]:
    names = given.split(",") if isinstance(given, str) else list(given)
    known = [scope.value for scope in Scope]
    chosen = set()
    for name in names:
        word = str(name).strip().lower()
        if word not in known:
            raise InvalidRequest(
                f"there is no scope {name!r:.80}{did_you_mean(word, known)}.",
                remedy=f"Scopes: {', '.join(known)}.",
                numbers={"scope": f"{name!r:.80}"},
            )
        chosen.add(Scope(word))
    if not chosen:
        raise InvalidRequest("a key without a scope opens nothing.", remedy=f"Scopes: {', '.join(known)}.")
    return frozenset(chosen)


def _days(days: object) -> int:
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
        raise InvalidRequest(
            f"days takes a whole number from 1 to {MAX_DAYS:,}, not {days!r:.40}.",
            remedy="Leave it out for a key that does not end.",
            numbers={"minimum": 1, "maximum": MAX_DAYS},
        )
    return days

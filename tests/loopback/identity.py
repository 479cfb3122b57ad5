"""Who calls: access keys, their accounts, what has expired and what is denied.

It reads the signature's credential scope; it does not compute the signature. It must not know what is asked for.
"""

import re
import threading
from dataclasses import dataclass, field

SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,"
)

MAIN, OTHER, SESSION = "AKIALOOPBACKMAIN0000", "AKIALOOPBACKOTHER000", "ASIALOOPBACKSESSION0"
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"


@dataclass
class Key:
    """An access key; one of a session has a token and may expire."""

    access_key: str
    account: str
    token: str | None = None
    expired: bool = False
    denied: set[str] = field(default_factory=set)

    @property
    def user(self) -> str:
        """The ARN of who it belongs to, as messages name it."""
        if self.token:
            return f"arn:aws:sts::{self.account}:assumed-role/loopback/{self.access_key.lower()}"
        return f"arn:aws:iam::{self.account}:user/{self.access_key.lower()}"


@dataclass(frozen=True)
class Caller:
    """Who sent a request, and to which region and service."""

    access_key: str
    account: str
    region: str
    service: str


class Unknown(Exception):
    """No request of anybody that is known here."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Identity:
    """The keys that are known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self.reset()

    def reset(self) -> None:
        """Go back to the keys that every test finds: two accounts, and a session of the first."""
        with self._lock:
            self._keys = {
                MAIN: Key(MAIN, ACCOUNT),
                OTHER: Key(OTHER, OTHER_ACCOUNT),
                SESSION: Key(SESSION, ACCOUNT, token=f"token-of-{SESSION}"),
            }

    def key(self, access_key: str) -> Key:
        """Return a key that is known."""
        with self._lock:
            return self._keys[access_key]

    def add(self, access_key: str, account: str, token: str | None) -> None:
        """Make a key known."""
        with self._lock:
            self._keys[access_key] = Key(access_key, account, token)

    def caller(self, authorization: str | None, token: str | None) -> Caller:
        """Return who signed a request.

        Raises
        ------
        Unknown
            with the kind "missing", "unknown" or "expired".
        """
        scope = SCOPE.match(authorization or "")
        if scope is None:
            raise Unknown("missing", "Missing Authentication Token")
        with self._lock:
            key = self._keys.get(scope["key"])
        if key is None or (key.token is not None and token != key.token):
            raise Unknown("unknown", "The security token included in the request is invalid.")
        if key.expired:
            raise Unknown("expired", "The security token included in the request is expired")
        return Caller(key.access_key, key.account, scope["region"], scope["service"])

    def refusal(self, caller: Caller, action: str, resource: str) -> str | None:
        """Return why somebody may not do something ("braket:GetDevice"), or None."""
        key = self.key(caller.access_key)
        service, operation = action.split(":")
        if not key.denied & {action, operation, f"{service}:*", "*"}:
            return None
        return (
            f"User: {key.user} is not authorized to perform: {action} on resource: {resource} because no "
            f"identity-based policy allows the {action} action"
        )

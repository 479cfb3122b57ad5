"""API keys: what one is for, and its text. Pure; knows no store, and keeps no text of a key.

A key's text is ``qjob_<id>_<secret>``: 12 hexadecimal digits that may be shown, and 43 characters of base64url that
are 32 random bytes. Whoever has the text is the key's user, so only a digest of it is ever stored.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ID_BYTES, SECRET_BYTES = 6, 32
"""How many random bytes the two parts of a text are made of."""

TEXT = re.compile(r"qjob_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")

NOBODY = hashlib.sha256(b"").hexdigest()
"""What a text is compared with whose id no key has; no text of a key has this digest."""


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"  # to see the jobs, results and budget of its team
    SUBMIT = (
        "submit"  # to submit, cancel and retry jobs, which its team pays, and to delete those of its user
    )
    INLINE = "inline"  # to send Python code that is run on the machine of the server


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its text."""

    id: str  # 12 hexadecimal digits
    name: str  # for people
    user: str  # whom it stands for
    team: str  # the id of the team that it is bound to
    scopes: frozenset[Scope]
    created_at: datetime  # UTC, as are all times
    expires_at: datetime | None = None  # None: it does not
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None  # to the minute
    email: str | None = None  # what who asks may say to be besides; contradicted, it is refused
    organization: str | None = None

    def valid(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def make(id_bytes: bytes, secret: bytes) -> tuple[str, str]:
    """Return the id and the text of a new key.

    Parameters
    ----------
    id_bytes, secret
        `ID_BYTES` and `SECRET_BYTES` bytes from a source that nobody can guess.

    Raises
    ------
    ValueError
        There are fewer, or more.
    """
    if (len(id_bytes), len(secret)) != (ID_BYTES, SECRET_BYTES):
        raise ValueError(f"{len(id_bytes)} and {len(secret)} bytes make no key")
    key_id = id_bytes.hex()
    return key_id, f"qjob_{key_id}_{urlsafe_b64encode(secret).decode().rstrip('=')}"


def id_of(text: str) -> str | None:
    """Return the id that the text of a key begins with; None of what is no such text."""
    found = TEXT.fullmatch(text)
    return found and found[1]


def digest_of(text: str) -> str:
    """Return what is stored of a text: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def is_text_of(text: str, digest: str | None) -> bool:
    """Whether a text has a digest; takes as long where it has not, or where there is none to compare it with."""
    same = hmac.compare_digest(digest_of(text), digest or NOBODY)
    return same and digest is not None

"""Keeps passwords, keys and tokens out of what is written for people to read: logs and traces.

It knows how secrets look, and those that this process was given in its environment. It hides too much rather than too
little. Must not know who writes.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

HIDDEN = "***"

SHORTEST = 6
"""Characters of a secret that is looked for: one such as "true" would tear other words to pieces."""

SECRET_NAMES = re.compile(
    r"SECRET|TOKEN|PASSW(OR)?D|CREDENTIAL|API_?KEY|ACCESS_?KEY|_HEADERS$", re.IGNORECASE
)
"""Names of environment variables that hold secrets."""

LOOKS = (
    # ://user:password@host, up to the last @ of the word: a password may hold one that should have been written %40
    (re.compile(r"(?<=://)([^\s:/@]{0,200}):\S{1,1000}@"), rf"\1:{HIDDEN}@"),
    # the ids of AWS's keys
    (re.compile(r"\b(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,}\b"), HIDDEN),
    (re.compile(r"\b(Bearer)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # password=..., "aws_secret_access_key": "...", X-Amz-Security-Token=..., Authorization: ...
    (
        re.compile(
            r"""((?:passw(?:or)?d|secret|token|credential|signature|authorization|api[_-]?key|access[_-]?key)
            [\w-]{0,40}["']?\s{0,8}[=:]\s{0,8})  # its name
            (?!Bearer\s)                      # dealt with above
            (?:b?"[^"]*"|b?'[^']*'|(?:(?:Basic|Digest|Negotiate)\s+)?[^\s,;&"']+)""",
            re.IGNORECASE | re.VERBOSE,
        ),
        rf"\1{HIDDEN}",
    ),
)

MARKS = re.compile(
    r"://|akia|asia|aida|aroa|bearer|passw|secret|token|credential|signature|authorization|(?:api|access)[_-]?key"
)
"""What has one of these looks has one of these marks, in small letters: most texts have none, and are done with."""


class Mask:
    """Hides secrets in texts.

    Parameters
    ----------
    known
        Secrets that are hidden wherever they stand, beside what looks like one.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        # the longest first: one may hold another
        self._known = sorted({secret for secret in known if len(secret) >= SHORTEST}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return a text without its secrets."""
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        if MARKS.search(text.casefold()):
            for look, instead in LOOKS:
                text = look.sub(instead, text)
        return text

    def within(self, value: Any) -> Any:
        """Return a value of JSON with every text in it masked; what is none of JSON as a text."""
        match value:
            case str():
                return self(value)
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {self(str(key)): self.within(each) for key, each in value.items()}
            case Collection() if not isinstance(value, (bytes, bytearray)):
                return [self.within(each) for each in value]
            case _:
                return self(str(value))


def secrets_of(environ: Mapping[str, str]) -> set[str]:
    """Return the secrets in an environment: variables with telling names, and the passwords of URLs."""
    found: set[str] = set()
    for name, value in environ.items():
        if SECRET_NAMES.search(name):
            found.add(value)
            found |= {part.partition("=")[2] for part in value.split(",")}  # of headers
        if "://" in value and (password := _password(value)):
            found |= {password, unquote(password)}
    return found


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:  # no URL, for all its slashes
        return ""

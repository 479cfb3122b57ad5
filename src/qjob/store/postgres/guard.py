"""What makes a PostgreSQL store unusable, said clearly: how it is reached, what the server reports, whose tables.

The one place that turns errors of psycopg into the project's own. Knows no query and no password.
"""

import re
from collections.abc import Callable

import psycopg

from qjob.model.errors import (
    InvalidRequest,
    QjobError,
    StoreCorrupt,
    StoreError,
    StoreTooNew,
    StoreUnavailable,
)

OLDEST = 130000
"""The oldest server, as libpq numbers them: 13 has ``pg_current_snapshot``."""

STORE_ERRORS = (psycopg.Error, OverflowError, UnicodeEncodeError)
"""What may come out of psycopg and has to go through `explain`."""

MOVE_STORE = "Or set QJOB_DATABASE_URL to another database."


def unreachable(shown: str, reason: str) -> StoreUnavailable:
    """Return the error for a database that cannot be connected to.

    Parameters
    ----------
    shown
        Its address without the password.
    reason
        What libpq says, without the password. It is text alone: there is no code for why a connection failed.
    """
    remedy = next(
        (remedy for pattern, remedy in _REMEDIES if re.search(pattern, reason)),
        "Look at QJOB_DATABASE_URL, the server and the network, then try again.",
    )
    return StoreUnavailable(
        f"the store {shown} cannot be reached: {_one_line(reason)}.",
        remedy=remedy,
        numbers={"address": shown},
        retry_after=5.0,
    )


_REMEDIES = (
    (
        "password authentication failed|no password supplied|empty password",
        "Give user and password in QJOB_DATABASE_URL=postgresql://user:password@host:port/database.",
    ),
    (
        "role .* does not exist",
        "Give a user that the server knows in QJOB_DATABASE_URL, or make it: createuser NAME",
    ),
    (
        "database .* does not exist",
        "Make it with: createdb NAME   Or mend the last part of QJOB_DATABASE_URL.",
    ),
    ("pg_hba.conf", "Ask who runs the server to let this user in from this machine (pg_hba.conf)."),
    ("resolve host|translate host", "Mend the host in QJOB_DATABASE_URL."),
    ("too many clients|connection slots", "Close some kernels, or raise max_connections in the server."),
    ("starting up|shutting down|recovery mode", "Try again in a moment."),
    (
        "refused|timeout expired|No such file|unreachable",
        "Start the server, or mend host and port in QJOB_DATABASE_URL.",
    ),
)


def check_server(shown: str, version: int, encoding: str, schema: str | None) -> None:
    """Refuse a server or a database that cannot hold a store.

    Parameters
    ----------
    version
        As libpq numbers them: 150018 is 15.18.
    encoding
        The database's.
    schema
        Where tables are made; None where there is none.

    Raises
    ------
    StoreUnavailable
        With what would do.
    """
    if version < OLDEST:
        raise StoreUnavailable(
            f"the server of {shown} is PostgreSQL {version // 10000}; a store needs {OLDEST // 10000} or newer.",
            remedy=f"Use a newer server. {MOVE_STORE}",
            numbers={"version": version, "oldest": OLDEST},
        )
    if encoding != "UTF8":
        raise StoreUnavailable(
            f"the database {shown} has the encoding {encoding}; a store needs UTF8.",
            remedy=f"createdb --encoding UTF8 --template template0 NAME   {MOVE_STORE}",
            numbers={"encoding": encoding},
        )
    if schema is None:
        raise StoreUnavailable(
            f"the database {shown} has no schema in which this user may see or make tables.",
            remedy="Let an administrator make one: CREATE SCHEMA AUTHORIZATION user. " + MOVE_STORE,
        )


def check_empty(shown: str, tables: int) -> None:
    """Refuse a database without a store that has tables of something else.

    Raises
    ------
    StoreCorrupt
        With their number.
    """
    if tables:
        raise StoreCorrupt(
            f"{shown} holds {tables} tables of another program, and no store.",
            remedy=f"Use a database of its own: createdb qjob. {MOVE_STORE}",
            numbers={"tables": tables},
        )


def check_version(shown: str, version: int, *, newest: int) -> None:
    """Refuse a store of a later version than this code knows.

    Raises
    ------
    StoreTooNew
        With both versions.
    """
    if version > newest:
        raise StoreTooNew(
            f"{shown} has the store's version {version}; this qjob knows versions up to {newest}.",
            remedy=f"Update qjob: pip install --upgrade qjob. {MOVE_STORE}",
            numbers={"version": version, "newest": newest},
        )


def explain(error: BaseException, shown: str) -> QjobError:
    """Return the project's error for one of `STORE_ERRORS`."""
    if isinstance(error, UnicodeEncodeError):
        return InvalidRequest(f"{error.object!r} holds characters that are no Unicode text.")
    code: str = getattr(error, "sqlstate", None) or ""
    if isinstance(error, (OverflowError, psycopg.errors.NumericValueOutOfRange)):
        return InvalidRequest(f"a value is too large for the store: {_one_line(str(error))}.")
    if isinstance(error, psycopg.DataError) and (not code or code in _NO_TEXT):
        return InvalidRequest(
            f"a value holds characters that PostgreSQL cannot store: {_one_line(str(error))}."
        )
    if isinstance(error, psycopg.OperationalError) and (not code or code[:2] == "08" or code in _GONE):
        return lost(shown, _one_line(str(error)))
    say = _BY_CODE.get(code) or _BY_CODE.get(code[:2], _failed)
    return say(shown, _one_line(str(error)))


def lost(shown: str, reason: str) -> StoreUnavailable:
    """Return the error for a connection that was lost before a commit."""
    return StoreUnavailable(
        f"the connection to the store {shown} was lost ({reason}); what was under way there was undone.",
        remedy="Try again: the next try connects anew.",
        numbers={"address": shown},
        retry_after=1.0,
    )


def lost_at_commit(shown: str, reason: str) -> StoreUnavailable:
    """Return the error for a connection that was lost while the server was told to commit."""
    return StoreUnavailable(
        f"the connection to the store {shown} was lost ({reason}) at the last moment: it has all of a change, "
        "or none.",
        remedy="Look whether it is there (%qjob list) before you do it again.",
        numbers={"address": shown},
        retry_after=1.0,
    )


def _in_the_way(shown: str, reason: str) -> StoreError:
    return StoreUnavailable(
        f"two changes of the store {shown} got in each other's way, and this one was undone ({reason}).",
        remedy="Try again.",
        numbers={"address": shown},
        retry_after=0.1,
    )


def _locked(shown: str, reason: str) -> StoreError:
    return StoreUnavailable(
        f"a part of the store {shown} stayed locked by another process for too long ({reason}).",
        remedy="Try again. If it stays so, look for what holds it: SELECT * FROM pg_stat_activity.",
        numbers={"address": shown},
        retry_after=1.0,
    )


def _full(shown: str, reason: str) -> StoreError:
    return StoreUnavailable(
        f"the server of {shown} has no room ({reason}).",
        remedy="What was stored is safe. Ask who runs the server for disk, memory or connections, then try again.",
        numbers={"address": shown},
    )


def _not_allowed(shown: str, reason: str) -> StoreError:
    return StoreUnavailable(
        f"this user may not use the store {shown} so: {reason}.",
        remedy="Let the owner of the database grant it: GRANT CREATE, USAGE ON SCHEMA public TO user, and all "
        f"rights on its tables. {MOVE_STORE}",
        numbers={"address": shown},
    )


def _read_only(shown: str, reason: str) -> StoreError:
    return StoreUnavailable(
        f"the store {shown} cannot be written: {reason}.",
        remedy=f"It is a replica, or set to be read only: use the primary server. {MOVE_STORE}",
        numbers={"address": shown},
    )


def _damaged(shown: str, reason: str) -> StoreError:
    return StoreCorrupt(
        f"the store {shown} is damaged: {reason}.",
        remedy="Ask who runs the server to look at its log and its disks, and to restore a backup.",
        numbers={"address": shown},
    )


def _failed(shown: str, reason: str) -> StoreError:
    return StoreError(
        f"the store {shown} refused: {reason}.",
        remedy="Please report this as a fault of qjob, with the text of this message.",
        numbers={"address": shown},
    )


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_GONE = ("57P01", "57P02", "57P03", "57P05", "25P03")  # the server ends this session
_NO_TEXT = ("22021", "22P05")
_BY_CODE: dict[str, Callable[[str, str], StoreError]] = {
    "40": _in_the_way,
    "55P03": _locked,
    "57014": _locked,
    "53": _full,
    "42501": _not_allowed,
    "25006": _read_only,
    "XX001": _damaged,
    "XX002": _damaged,
}


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")

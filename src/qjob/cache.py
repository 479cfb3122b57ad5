"""What may be lost, as JSON in ``$QJOB_HOME/cache.sqlite``: what devices said last, and what else takes time to ask.

Nobody may rely on it: a cache that is damaged is set aside and begun anew, one that cannot be used is done without.
Neither is an error. Each look opens the file and closes it again, which takes a millisecond or a few: nothing stays
open in a kernel, and a forked worker inherits none of it.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson

from qjob.model.device import DeviceFacts

LOG = logging.getLogger(__name__)
# sqlitedict logs, line by line, the errors that it raises; they are reported once, here
logging.getLogger("sqlitedict").addHandler(logging.NullHandler())

FILE = "cache.sqlite"
TABLE = "cache"
DEVICE = "device "
"""What the keys of devices begin with; their target follows."""

T = TypeVar("T")


class Kept(NamedTuple):
    """A JSON value, and when it was put there."""

    value: Any
    at: datetime


class Cache:
    """JSON values by key, shared by all processes that have the same home.

    Parameters
    ----------
    home
        The folder of the file; made where it is not there.
    clock
        Tells the time in UTC.
    """

    def __init__(self, home: Path, clock: Callable[[], datetime]) -> None:
        self._file = home / FILE
        self._clock = clock
        self._warned = False

    def get(self, key: str) -> Kept | None:
        """Return a value; None where there is none, or no cache."""
        found = self._read(lambda table: table.get(key))
        return None if found is None else _kept(found)

    def items(self, prefix: str) -> dict[str, Kept]:
        """Return the values of all keys that begin so, by the rest of their keys."""
        found: Mapping[str, Any] | None = self._read(lambda table: dict(table.items()))
        return {
            key.removeprefix(prefix): _kept(each)
            for key, each in (found or {}).items()
            if key.startswith(prefix)
        }

    def put(self, key: str, value: object) -> None:
        """Keep what `orjson` can write, in place of what was there."""
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, object]) -> None:
        """Keep several values."""
        at = self._clock().isoformat()
        # made plain before the file is opened: what cannot be written as JSON is the caller's mistake
        plain = {key: orjson.loads(orjson.dumps({"at": at, "value": value})) for key, value in values.items()}
        self._use(lambda table: table.update(plain))

    def _read(self, look: Callable[[Any], T]) -> T | None:
        return self._use(look) if self._file.exists() else None

    def _use(self, do: Callable[[Any], T]) -> T | None:
        """Do something with the table; without a cache, nothing."""
        from sqlitedict import SqliteDict

        try:
            self._prepare()
            with SqliteDict(
                str(self._file),
                tablename=TABLE,
                autocommit=True,
                encode=orjson.dumps,
                decode=orjson.loads,
                outer_stack=False,
            ) as table:
                return do(table)
        except (sqlite3.Error, OSError, RuntimeError, ValueError) as error:
            if not self._warned:
                LOG.warning("There is no cache: %s cannot be used (%s). Going on without.", self._file, error)
            self._warned = True
            return None

    def _prepare(self) -> None:
        """Make the folder, and set a damaged file aside; sqlitedict's own thread would not survive that.

        Raises
        ------
        OSError, sqlite3.OperationalError
            There can be no such file, or it is locked for too long.
        """
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(self._file)) as connection:
                verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:  # no database at all
            verdict = str(error)
        if verdict != "ok":
            aside = self._file.with_name(f"{FILE}.damaged")
            LOG.warning("The cache is damaged (%s); it begins anew. It was set aside as %s.", verdict, aside)
            with suppress(FileNotFoundError):  # another process was quicker
                self._file.replace(aside)
            self._file.with_name(f"{FILE}-journal").unlink(missing_ok=True)


def _kept(found: Mapping[str, Any]) -> Kept:
    return Kept(found["value"], datetime.fromisoformat(found["at"]))


class DeviceBook:
    """What is known of devices, by their target; for ever, until newer facts come.

    Parameters
    ----------
    cache
        Where it is kept.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def facts(self, target: str) -> DeviceFacts | None:
        """Return what a device said last, however long ago."""
        kept = self._cache.get(DEVICE + target)
        return None if kept is None else _facts(kept.value)

    def fresh(self, target: str, now: datetime) -> DeviceFacts | None:
        """Return what a device said a few minutes ago at the most."""
        facts = self.facts(target)
        return facts if facts is not None and facts.is_fresh(now) else None

    def all(self) -> dict[str, DeviceFacts]:
        """Return what is known, by target."""
        found = {target: _facts(kept.value) for target, kept in self._cache.items(DEVICE).items()}
        return {target: facts for target, facts in found.items() if facts is not None}

    def keep(self, facts: Iterable[DeviceFacts]) -> None:
        """Keep what devices said, in place of what they said before."""
        self._cache.put_all({DEVICE + one.target: one for one in facts})


def _facts(plain: Mapping[str, Any]) -> DeviceFacts | None:
    try:
        return DeviceFacts.from_object(plain)
    except (TypeError, ValueError, KeyError):  # another version wrote it: as good as not there
        return None

"""Where a PostgreSQL store is, and a way there. The one place that sees the password; it never says it."""

from typing import Any

import psycopg
from psycopg import conninfo
from psycopg.adapt import Loader

from qjob.model.errors import InvalidRequest
from qjob.store.postgres.guard import unreachable

DEFAULTS = {
    "connect_timeout": 10,
    "fallback_application_name": "qjob",
    # a server that has gone without a word is noticed after a minute, not after two hours
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""Parameters of libpq, where the URL does not say otherwise."""

# OFF: a commit survives the death of any client, but the last ones before the server dies (0.6 s at the most) may be
# missing; nothing is torn. That is the promise of SQLite's NORMAL. Where money moves, a transaction asks for ON.
#
# The rest lets the server give up what a machine that has vanished was holding: its transactions, and its lock as an
# owner, both within about a minute.
SESSION = """
SET synchronous_commit TO off;
SET client_encoding TO 'UTF8';
SET idle_in_transaction_session_timeout TO '60s';
SET tcp_keepalives_idle TO 30;
SET tcp_keepalives_interval TO 10;
SET tcp_keepalives_count TO 3;
"""


class _Whole(Loader):
    """Sums of whole numbers, which PostgreSQL calls numeric, as whole numbers."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


class Address:
    """The address of a database.

    Parameters
    ----------
    url
        As libpq takes it.
    lock_timeout
        Seconds to wait for what another transaction has locked.

    Raises
    ------
    InvalidRequest
        The URL cannot be read.
    """

    def __init__(self, url: str, lock_timeout: float) -> None:
        try:
            given: dict[str, Any] = conninfo.conninfo_to_dict(url)
        except psycopg.Error:
            # its text may be the whole URL
            raise InvalidRequest(
                "the URL of the store's database cannot be read.",
                remedy="Write QJOB_DATABASE_URL=postgresql://user:password@host:port/database. In user and password, "
                "each character but letters and digits has to be written as %XX.",
            ) from None
        self._parameters = {**DEFAULTS, **given}
        self._setup = f"{SESSION}SET lock_timeout TO '{round(lock_timeout * 1000)}ms';".encode()
        self._secrets = [str(given[name]) for name in ("password", "sslpassword") if given.get(name)]
        self.shown = _shown(given)

    def __repr__(self) -> str:
        return f"<Address {self.shown}>"

    def connect(self) -> psycopg.Connection:
        """Return a new connection, in which every statement is a transaction unless one is begun.

        Raises
        ------
        StoreUnavailable
            With the reason, and what helps.
        """
        try:
            connection = psycopg.connect(autocommit=True, **self._parameters)
        except psycopg.Error as error:
            reason = str(error)
            for secret in self._secrets:
                reason = reason.replace(secret, "***")
            raise unreachable(self.shown, reason) from None
        try:
            connection.execute(self._setup)
        except BaseException:
            connection.close()
            raise
        connection.adapters.register_loader("numeric", _Whole)
        return connection


def _shown(given: dict[str, Any]) -> str:
    user = f"{given['user']}@" if given.get("user") else ""
    port = f":{given['port']}" if given.get("port") else ""
    return f"postgresql://{user}{given.get('host') or 'localhost'}{port}/{given.get('dbname') or ''}"

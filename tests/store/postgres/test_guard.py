"""What makes a PostgreSQL store unusable, and what is said then; never the password."""

import socket
import struct
import sys
import threading
import traceback
from urllib.parse import urlsplit

import psycopg
import pytest

from qjob.model.errors import InvalidRequest, StoreCorrupt, StoreError, StoreTooNew, StoreUnavailable
from qjob.store.postgres.guard import check_server, explain
from qjob.store.postgres.schema import VERSION
from qjob.store.store import Store

SAID = "pa55-w0rd"
PASSWORD = f"{SAID}%21"


def clock():
    raise AssertionError("nothing is stored here")


def refused(url, kind=StoreUnavailable):
    """Return what is said where a store cannot be opened; the password is in no line of it, nor in its traceback."""
    with pytest.raises(kind) as caught:
        Store.connect(url, clock=clock)
    assert caught.value.remedy
    assert SAID not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.fixture
def server_saying():
    """Start what answers each connection as a server does that lets nobody in; return its port."""
    listeners = []

    def start(code, message):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        fields = b"".join(
            kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"C", code), (b"M", message))
        )
        answer = b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    while len(packet := connection.recv(1024)) == 8:  # asks for encryption: no
                        connection.send(b"N")
                    if packet:
                        connection.send(answer)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        pytest.param(
            "28P01", 'password authentication failed for user "ada"', "user and password", id="password"
        ),
        pytest.param("28000", 'role "ada" does not exist', "createuser", id="user"),
        pytest.param(
            "28000", 'no pg_hba.conf entry for host "10.0.0.1"', "who runs the server", id="machine"
        ),
        pytest.param("3D000", 'database "lab" does not exist', "createdb", id="database"),
        pytest.param("53300", "sorry, too many clients already", "Close some kernels", id="full"),
        pytest.param("57P03", "the database system is starting up", "in a moment", id="starting"),
        pytest.param("XX000", "etwas anderes", "try again", id="in words of another language"),
    ],
)
def test_a_server_that_lets_nobody_in(server_saying, code, message, remedy):
    said = refused(f"postgresql://ada:{PASSWORD}@127.0.0.1:{server_saying(code, message)}/lab")
    assert message in said
    assert remedy in said
    assert "postgresql://ada@127.0.0.1" in said


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = refused(f"postgresql://ada:{PASSWORD}@127.0.0.1:{port}/lab")
    assert "refused" in said
    assert "Start the server" in said


@pytest.mark.parametrize("rest", ["[::bad/lab", "127.0.0.1/lab?foo=1", "127.0.0.1:port/lab"])
def test_a_url_that_cannot_be_read(rest):
    kind = StoreUnavailable if "port" in rest else InvalidRequest
    refused(f"postgresql://ada:{PASSWORD}@{rest}", kind)


def test_without_psycopg_it_says_what_to_install(monkeypatch, schemas):
    for name in [name for name in sys.modules if name.startswith("qjob.store.postgres.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'qjob[postgres]'" in refused(schemas.url)


def test_tables_of_another_program_are_left_alone(places):
    url = places.argument("other", new=True)
    with places.raw("other") as connection:
        connection.execute("CREATE TABLE plants (name TEXT)")
        said = refused(url, StoreCorrupt)
        assert "1 tables of another program" in said
        connection.execute("DROP TABLE plants")
    Store.connect(url, clock=clock).close()


def test_a_newer_store_is_refused(world, places):
    with world.raw as connection:
        connection.execute("UPDATE qjob SET version = version + 1")
        said = refused(places.argument(world.path), StoreTooNew)
        connection.execute("UPDATE qjob SET version = version - 1")
    assert f"version {VERSION + 1}; this qjob knows versions up to {VERSION}" in said


@pytest.fixture
def guest(schemas, places):
    """The URL of a schema for a user who may look at it, and not more."""
    url = places.argument("guest", new=True)
    name = f"{schemas.made['guest']}_guest"
    with schemas.connect() as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(f"GRANT USAGE ON SCHEMA {schemas.made['guest']} TO {name}")
        yield f"{url}&user={name}&password={PASSWORD.replace('%', '%25')}"
        connection.execute(f"DROP OWNED BY {name}")
        connection.execute(f"DROP ROLE {name}")
    Store.connect(url, clock=clock).close()  # its tables, for who cleans them


def test_who_may_not_make_tables_is_told_what_to_ask_for(guest):
    said = refused(guest)
    assert "permission denied" in said
    assert "GRANT CREATE, USAGE ON SCHEMA" in said


def test_a_schema_that_is_not_there(schemas):
    assert "no schema" in refused(f"{schemas.url}?options=-csearch_path%3Dnowhere")


@pytest.mark.slow
def test_a_database_of_another_encoding(schemas):
    name = "qjob_test_ascii"
    with schemas.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
        try:
            url = urlsplit(schemas.url)._replace(path=f"/{name}").geturl()
            assert "encoding SQL_ASCII; a store needs UTF8" in refused(url)
        finally:
            connection.execute(f"DROP DATABASE {name}")


@pytest.mark.parametrize(
    ("version", "encoding", "schema", "says"),
    [
        (120017, "UTF8", "public", "PostgreSQL 12"),
        (150000, "LATIN1", "public", "LATIN1"),
        (150000, "UTF8", None, "no schema"),
    ],
)
def test_what_a_server_has_to_be(version, encoding, schema, says):
    check_server("postgresql://lab/qjob", 130000, "UTF8", "public")
    with pytest.raises(StoreUnavailable, match=says):
        check_server("postgresql://lab/qjob", version, encoding, schema)


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (psycopg.errors.DeadlockDetected("x"), StoreUnavailable, "in each other's way"),
        (psycopg.errors.SerializationFailure("x"), StoreUnavailable, "in each other's way"),
        (psycopg.errors.LockNotAvailable("x"), StoreUnavailable, "stayed locked"),
        (psycopg.errors.QueryCanceled("x"), StoreUnavailable, "stayed locked"),
        (psycopg.errors.DiskFull("x"), StoreUnavailable, "no room"),
        (psycopg.errors.InsufficientPrivilege("x"), StoreUnavailable, "may not use"),
        (psycopg.errors.ReadOnlySqlTransaction("x"), StoreUnavailable, "replica"),
        (psycopg.errors.AdminShutdown("x"), StoreUnavailable, "undone"),
        (psycopg.OperationalError("server closed the connection"), StoreUnavailable, "undone"),
        (psycopg.errors.DataCorrupted("x"), StoreCorrupt, "damaged"),
        (psycopg.errors.UniqueViolation("x"), StoreError, "refused"),
        (psycopg.errors.NumericValueOutOfRange("x"), InvalidRequest, "too large"),
        (psycopg.DataError("cannot contain NUL"), InvalidRequest, "cannot store"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), InvalidRequest, "no Unicode"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_error_of_the_server_is_one_of_ours(error, kind, says):
    explained = explain(error, "postgresql://lab/qjob")
    assert type(explained) is kind
    assert says in str(explained)


def test_text_that_postgresql_cannot_hold_is_refused(world):
    with pytest.raises(InvalidRequest, match="NUL"):
        world.job(name="a\0b")
    assert world.store.jobs() == []

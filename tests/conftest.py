"""What every test shares: a home of its own, and a guard that lets nothing off this machine."""

import os
import sys
from pathlib import Path

import pytest

POSTGRES = os.environ.pop("QJOB_DATABASE_URL", None)
"""A server for the tests that ask for one; all others have their store in a file."""

LOOPBACK = ("127.", "::1", "localhost")


def _only_loopback(event, args):
    """Refuse to look up or connect to another machine; an audit hook sees every socket of the process."""
    if event == "socket.connect":
        address = args[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event == "socket.getaddrinfo":
        host = args[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    if host and not host.startswith(LOOPBACK):
        raise AssertionError(f"a test tried to reach {host}")


sys.addaudithook(_only_loopback)


@pytest.fixture(scope="session", autouse=True)
def any_number_of_local_jobs():
    """Local jobs do not count for the rate limits, but where a test says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QJOB_COUNT_LOCAL", "false")
        yield


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a server in whose database tests may make and drop schemas."""
    if POSTGRES is None:
        pytest.skip("QJOB_DATABASE_URL names no PostgreSQL server")
    return POSTGRES


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A QJOB_HOME of the test's own, inherited by the processes it starts."""
    folder = tmp_path / "qjob-home"
    monkeypatch.setenv("QJOB_HOME", str(folder))
    for name in ("QJOB_USER", "QJOB_WORKERS", "QJOB_WORKER_START", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
    return folder

"""What every test shares: a home of its own, and a guard that lets nothing off this machine."""

import sys
from pathlib import Path

import pytest

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


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A QJOB_HOME of the test's own, inherited by the processes it starts."""
    folder = tmp_path / "qjob-home"
    monkeypatch.setenv("QJOB_HOME", str(folder))
    monkeypatch.setenv("QJOB_COUNT_LOCAL", "false")  # the tests of the rate limits set it to true
    for name in ("QJOB_USER", "QJOB_WORKERS", "QJOB_WORKER_START", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
    return folder

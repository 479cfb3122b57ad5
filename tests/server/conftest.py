"""One Jupyter server for all tests of this folder; each test has users, teams and jobs of its own."""

import json
import os
from pathlib import Path

import pytest

from server_lab import jupyter_server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A `server_lab.Server` that all tests of a process share: `server.person()` gives a user of the test's own."""
    with jupyter_server(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture
def ada(server):
    """A user with a key that may read and submit."""
    return server.person("ada")


@pytest.fixture(scope="session")
def watched(tmp_path_factory):
    """A server of its own, whose event loop is watched; `stalls` tells what it stood still for."""
    folder, here = tmp_path_factory.mktemp("watched"), Path(__file__).parent
    extensions = folder / "config" / "jupyter_server_config.d"
    extensions.mkdir(parents=True)
    (extensions / "lag.json").write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"lag": True}}}))
    path = os.pathsep.join(filter(None, (str(here), os.environ.get("PYTHONPATH"))))
    with jupyter_server(folder, environ={"PYTHONPATH": path}) as server:
        server.stalls = lambda: server.me("GET", "qjob-lag").json
        yield server

"""One Jupyter server for all tests of this folder; each test has users, teams and jobs of its own."""

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

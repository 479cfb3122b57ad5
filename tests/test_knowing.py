"""What an engine knows of services without asking them."""

import os

import pytest

import qjob
from qjob.backends.braket.provider import CREDENTIALS


@pytest.fixture
def engine(home, monkeypatch):
    """An engine of somebody who uses no service here."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)
    with qjob.connect(home=home) as engine:
        yield engine


@pytest.mark.parametrize("name", [None, *CREDENTIALS])
def test_which_backends_are_set_up(engine, monkeypatch, name):
    if name is not None:
        monkeypatch.setenv(name, "something")
    local, cloud, unknown = map(engine.catalogue.get, ("marqov-sim", "sv1", "quantinuum-h1-1"))
    assert engine.is_set_up(local)
    assert engine.is_set_up(cloud) is (name is not None)
    assert not engine.is_set_up(unknown)


def test_a_file_of_credentials_is_a_sign_too(engine, monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text("[default]\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert engine.is_set_up(engine.catalogue.get("sv1"))

"""The loopback Amazon Braket as a fixture; its process is started by the first test that asks for it."""

import sys

import pytest

from loopback.client import Loopback


@pytest.fixture(scope="session")
def loopback_process():
    """One loopback for all tests of this process, in whatever state the last one left it."""
    with Loopback.start() as loopback:
        yield loopback


@pytest.fixture
def loopback(loopback_process, monkeypatch):
    """A loopback as new, and an environment in which all AWS clients talk to it, as its main account in us-east-1."""
    loopback_process.reset()
    for name, value in loopback_process.environment().items():
        monkeypatch.setenv(name, value)
    _forget_the_default_session()
    yield loopback_process
    _forget_the_default_session()
    assert loopback_process.bugs() == []


def _forget_the_default_session():
    """Let boto3.client() read its environment anew; it would keep the keys of the test before."""
    if (boto3 := sys.modules.get("boto3")) is not None:
        boto3.DEFAULT_SESSION = None

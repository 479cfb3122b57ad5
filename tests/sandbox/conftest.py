"""One circuit, and the promise that a run leaves neither a process nor a folder."""

import tempfile

import psutil
import pytest

BELL = "from qiskit import QuantumCircuit\nqc = QuantumCircuit(2)\nqc.h(0)\nqc.cx(0, 1)\nqc.measure_all()\n"


@pytest.fixture(scope="session")
def bell():
    return BELL


@pytest.fixture
def nothing_left(tmp_path, monkeypatch):
    """Make folders in a place of the test's own; afterwards nothing of this test is left there or runs."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    mine = psutil.Process()
    yield
    assert list(place.iterdir()) == []
    assert [
        each for each in mine.children(recursive=True) if "qjob.sandbox.child" in " ".join(each.cmdline())
    ] == []

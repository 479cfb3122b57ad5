"""What a device of Amazon Braket is refused before anything is stored, by what is known of it."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from qjob.backends.base import Needs
from qjob.backends.braket.admission import check
from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.device import DeviceFacts, ExecutionWindow
from qjob.model.errors import BackendRefused, InvalidRequest
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile, Program, ProgramFormat

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GARNET = load_catalogue().get("iqm-garnet")
ONLINE = DeviceFacts(GARNET.target, NOW, status="online", shots=(1, 20_000), qubits=20)
MINUTES, DAYS = timedelta(minutes=3), timedelta(days=3)


def profile(qubits):
    return CircuitProfile(qubits + 5, qubits, BitLayout(1, (0,)), 1, {"h": 1}, terminal=True)


def attempt(facts, *, info=GARNET, shots=1000, qubits=2, age=timedelta(0)):
    request = JobRequest(Program(ProgramFormat.QPY, b""), info.slug, shots, 1, {})
    told = None if facts is None else replace(facts, at=NOW - age)
    return check(info, profile(qubits), request, told, NOW)


NIGHT = (ExecutionWindow("Everyday", time(1), time(2)),)


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        pytest.param(ONLINE, {}, id="online"),
        pytest.param(None, {}, id="never asked"),
        pytest.param(DeviceFacts(GARNET.target, NOW), {}, id="nothing told"),
        pytest.param(replace(ONLINE, windows=NIGHT), {}, id="closed now: it takes tasks all the same"),
        pytest.param(replace(ONLINE, status="offline"), {"age": timedelta(minutes=6)}, id="offline some time ago"),
        pytest.param(ONLINE, {"shots": 20_000, "qubits": 20}, id="at both limits"),
        pytest.param(None, {"shots": 100_000, "qubits": 20}, id="at the catalogue's limits"),
    ],
)  # fmt: skip
def test_taken(facts, asked):
    assert attempt(facts, **asked) == Needs()


RETIRED = replace(GARNET, instead=("iqm-emerald", "ionq-forte-1"))


@pytest.mark.parametrize(
    ("facts", "asked", "message", "remedy"),
    [
        pytest.param(replace(ONLINE, status="offline"), {"age": MINUTES},
            "iqm-garnet is offline and takes no jobs for now (asked 3 min ago).",
            "Try again later; %qjob backends shows when it is online. "
            "Meanwhile --rehearse runs the circuit here, for free.", id="offline"),
        pytest.param(replace(ONLINE, status="retired"), {"age": DAYS},
            "iqm-garnet takes no jobs any more: Amazon Braket retired it (asked on 2026-11-17 at 12:00 UTC).",
            "Use another one: %qjob backends", id="retired, also long ago"),
        pytest.param(replace(ONLINE, status="retired"), {"info": RETIRED},
            "iqm-garnet takes no jobs any more: Amazon Braket retired it (asked just now).",
            "Use iqm-emerald or ionq-forte-1 instead.", id="retired, with others"),
        pytest.param(ONLINE, {"qubits": 21}, "the circuit needs 21 qubits, iqm-garnet has 20.",
            "Use at most 20 qubits, or a backend that has more: %qjob backends", id="too wide for the catalogue"),
        pytest.param(replace(ONLINE, qubits=16), {"qubits": 17, "age": MINUTES},
            "the circuit needs 17 qubits, iqm-garnet has 16 (asked 3 min ago).",
            "Use at most 16 qubits, or a backend that has more: %qjob backends", id="too wide for the device"),
    ],
)  # fmt: skip
def test_refused(facts, asked, message, remedy):
    with pytest.raises(BackendRefused) as caught:
        attempt(facts, **asked)
    assert (caught.value.message, caught.value.remedy) == (message, remedy)


@pytest.mark.parametrize(
    ("told", "asked", "message", "remedy"),
    [
        pytest.param((1, 20_000), {"shots": 30_000, "age": DAYS},
            "iqm-garnet takes 1 to 20,000 shots, not 30,000 (asked on 2026-11-17 at 12:00 UTC).",
            "Try --shots 20000. Or submit several jobs of at most 20,000 shots; each is billed.", id="too many"),
        pytest.param((100, 20_000), {"shots": 10, "age": MINUTES},
            "iqm-garnet takes 100 to 20,000 shots, not 10 (asked 3 min ago).", "Try --shots 100.", id="too few"),
        pytest.param(None, {"shots": 200_000},
            "iqm-garnet takes 1 to 100,000 shots, not 200,000.",
            "Try --shots 100000. Or submit several jobs of at most 100,000 shots; each is billed.", id="not told"),
        pytest.param((0, 500_000), {"shots": 200_000},
            "iqm-garnet takes 1 to 100,000 shots, not 200,000.",
            "Try --shots 100000. Or submit several jobs of at most 100,000 shots; each is billed.", id="wider"),
        pytest.param((1, 50), {"shots": 200, "info": replace(GARNET, min_shots=100)},
            "iqm-garnet takes 1 to 50 shots, not 200 (asked just now).",
            "Try --shots 50. Or submit several jobs of at most 50 shots; each is billed.",
            id="a row that does not fit"),
    ],
)  # fmt: skip
def test_shots(told, asked, message, remedy):
    with pytest.raises(InvalidRequest) as caught:
        attempt(replace(ONLINE, shots=told), **asked)
    assert (caught.value.message, caught.value.remedy) == (message, remedy)
    low, high = caught.value.numbers["min_shots"], caught.value.numbers["max_shots"]
    assert attempt(replace(ONLINE, shots=told), **{**asked, "shots": low}) == Needs()
    assert attempt(replace(ONLINE, shots=told), **{**asked, "shots": high}) == Needs()


def test_no_sdk_is_loaded_for_it():
    code = (
        "import sys, qjob.backends.braket.admission\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('braket', 'boto3', 'qiskit')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"

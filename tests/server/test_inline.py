"""Code of a request: who may have it run, and how much of it at a time."""

import threading
from datetime import UTC, datetime

import pytest

from qjob.model.errors import CodeRefused, ScopeMissing, ServiceUnavailable
from qjob.model.key import ApiKey, Scope
from qjob.model.program import ProgramFormat
from qjob.sandbox.limits import Limits
from qjob.sandbox.run import Made
from qjob.sandbox.walls import Walls
from qjob.server import inline
from qjob.server.desk import Caller
from qjob.server.inline import Codes, NoWalls, submitted

TEXT = "OPENQASM 3.0;\nqubit[1] q;\nh q[0];"
CODE = "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1, 1)\nqc.measure(0, 0)\n"
NONE, ALL = Walls(None, seccomp=False, bubblewrap=None), Walls(6, seccomp=True, bubblewrap=None)


def caller(*scopes, session=False):
    allowed = frozenset(map(Scope, scopes))
    key = ApiKey("0" * 12, "k", "ada", "t", allowed, datetime(2026, 1, 1, tzinfo=UTC))
    return Caller("ada", ("t",), "t", allowed, None if session else key)


def made(codes, home, code=CODE, framework=None, who=None):
    return codes.programs_of(code, framework, {"shots": 5}, who or caller("submit", "inline"), home)


@pytest.mark.parametrize("framework", [None, "openqasm"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_text_needs_neither_scope_nor_walls(home, framework, mark):
    found = made(Codes(look=lambda: NONE), home, mark + TEXT, framework, caller("submit"))
    assert [(each.format, each.data.decode()) for each in found.programs] == [(ProgramFormat.BRAKET, TEXT)]
    assert submitted(found) == found.programs[0]


@pytest.mark.parametrize("scopes", [("read", "submit"), ("read", "submit", "inline")])
def test_a_slip_in_the_first_word_of_openqasm_is_no_question_of_scopes_first(home, scopes):
    with pytest.raises(
        (ScopeMissing, CodeRefused), match=r"^this does not begin with OPENQASM, and was taken for"
    ):
        made(Codes(look=lambda: ALL), home, TEXT.replace("QASM", "QSM"), None, caller(*scopes))


@pytest.mark.parametrize("framework", [None, "qiskit"])
def test_code_of_a_key_needs_the_scope(home, framework):
    with pytest.raises(ScopeMissing, match="inline"):
        made(Codes(), home, CODE, framework, caller("read", "submit"))


@pytest.mark.parametrize(
    ("walls", "said"),
    [
        pytest.param(NONE, "has none of them", id="nothing"),
        pytest.param(Walls(None, seccomp=True, bubblewrap=None), "has seccomp\\.", id="seccomp alone"),
        pytest.param(Walls(3, seccomp=False, bubblewrap=None), "has Landlock\\.", id="Landlock alone"),
        pytest.param(
            Walls(3, seccomp=False, bubblewrap="/bin/bwrap"), "has Landlock and bubblewrap", id="no seccomp"
        ),
    ],
)
def test_code_of_a_key_needs_walls(home, walls, said):
    with pytest.raises(NoWalls, match=said) as caught:
        made(Codes(look=lambda: walls), home)
    assert (caught.value.http_status, caught.value.code) == (403, "no_walls")
    assert "openqasm" in caught.value.remedy


def test_a_framework_that_is_not_taken_is_told_before_anything_else(home):
    with pytest.raises(CodeRefused, match="cirq"):
        made(Codes(look=lambda: NONE), home, CODE, "cirq", caller("submit"))


@pytest.fixture
def ran(monkeypatch):
    """What a stand-in for the sandbox, which has tests of its own, was asked to run."""
    asked = []

    def run(code, framework, params, limits, *, private=()):
        asked.append((code, framework, dict(params), limits, list(private)))
        return Made((), single=False)

    monkeypatch.setattr(inline, "run", run)
    return asked


@pytest.mark.parametrize(
    ("who", "walls"),
    [
        pytest.param(caller("submit", "inline"), ALL, id="a key behind walls"),
        pytest.param(
            caller("submit", "inline"), Walls(None, seccomp=True, bubblewrap="/bin/bwrap"), id="bubblewrap"
        ),
        pytest.param(caller("inline", session=True), NONE, id="a session, walls or not"),
    ],
)
def test_code_is_run_with_its_parameters_and_away_from_the_store(home, ran, who, walls):
    made(Codes(look=lambda: walls), home, CODE, "qiskit", who)
    assert ran == [(CODE, "qiskit", {"shots": 5}, Limits(), [home])]


def test_no_more_than_so_many_run_at_a_time(home, monkeypatch):
    begun, go_on = threading.Semaphore(0), threading.Event()

    def run(*_, **__):
        begun.release()
        go_on.wait(10)
        return Made((), single=False)

    monkeypatch.setattr(inline, "run", run)
    codes = Codes(at_once=2, look=lambda: ALL)
    threads = [threading.Thread(target=made, args=(codes, home)) for _ in range(2)]
    for thread in threads:
        thread.start()
        begun.acquire()
    with pytest.raises(ServiceUnavailable) as caught:
        made(codes, home)
    assert caught.value.retry_after
    go_on.set()
    for thread in threads:
        thread.join()
    made(codes, home)  # there is room again


def test_what_fails_gives_its_room_back(home, monkeypatch):
    def run(*_, **__):
        raise CodeRefused("line 1: no")

    monkeypatch.setattr(inline, "run", run)
    codes = Codes(at_once=1, look=lambda: ALL)
    for _ in range(3):
        with pytest.raises(CodeRefused):
            made(codes, home)

"""Code through the one door, in real processes."""

import os
import re
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from qjob import programs
from qjob.model.errors import CodeRefused, ProgramRefused, WorkerError
from qjob.model.program import ProgramFormat
from qjob.sandbox import run as door
from qjob.sandbox.limits import Limits
from qjob.sandbox.run import run, told
from qjob.sandbox.walls import Walls, walls

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("nothing_left")]

QASM2 = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; x q[0]; measure q -> c;'


def fingerprint(program):
    return programs.fingerprint(programs.circuit(program))


def test_a_circuit_comes_out_as_it_was_made_and_what_was_printed_beside_it(bell):
    code = bell + "qc.rx(params['theta'], 0)\nqc.measure(0, 0)\nprint('made', params)\n"
    made = run(code, "qiskit", {"theta": 0.25, "layers": 2}, Limits())
    here = {"params": {"theta": 0.25}}
    exec(code, here)  # noqa: S102 - the same code, to compare
    (program,) = made.programs
    assert made.single
    assert program.format is ProgramFormat.QPY
    assert fingerprint(program) == fingerprint(programs.recognise(here["qc"]))
    assert made.printed == "made {'theta': 0.25, 'layers': 2}\n"


def test_a_list_keeps_its_order_and_its_kinds(bell):
    made = run(f"{bell}\n[qc, {QASM2!r}]", None, {}, Limits())
    assert not made.single
    assert [program.format for program in made.programs] == [ProgramFormat.QPY, ProgramFormat.QASM2]
    assert made.programs[1].data.decode() == QASM2


BIG = "import gc\nkept = [bytearray(10**8) for _ in range(99)]"
FORGED = "import os\nfor fd in range(3, 64):\n  try: os.write(fd, {!r})\n  except OSError: pass\nos._exit(0)"
BOMB = b"QISKIT" + bytes([13]) + b"\xff" * 400


def forged(data):
    from qjob.sandbox.messages import pack

    return FORGED.format(pack({"formats": ["qpy"], "single": True}, [data]))


@pytest.mark.parametrize(
    ("code", "limits", "message"),
    [
        pytest.param("x = 1\nqc", {}, r"line 2: NameError: name 'qc' is not defined", id="error"),
        pytest.param(
            "while True: pass", {"seconds": 1.5}, r"stopped: it still ran after 1.5 s", id="endless"
        ),
        pytest.param(BIG, {}, r"line 2: MemoryError \(the code may use 2,048 MB", id="memory"),
        pytest.param("while True: print('x' * 999)", {}, r"stopped: its output passed 1,000,000", id="print"),
        pytest.param("import os\nos._exit(3)", {}, r"the code ended its own process", id="exit"),
        pytest.param("import os\nos.abort()", {}, r"crashed its process \(SIG(ABRT|SEGV)\)", id="abort"),
        pytest.param(
            "open('a', 'wb').write(bytes(200_000))", {"file_bytes": 100_000}, r"File too large", id="file"
        ),
        pytest.param(
            "for n in range(9):\n  open(str(n), 'wb').write(bytes(90_000))\nwhile True: pass",
            {"file_bytes": 100_000},
            r"stopped: its files passed 100,000 bytes|No space left",
            id="files",
        ),
        pytest.param(FORGED.format(b"junk"), {}, r"wrote into a pipe that is not its own", id="junk"),
        pytest.param(
            forged(BOMB), {}, r"the circuit cannot be read|no circuit in qiskit's QPY format", id="bomb"
        ),
        pytest.param(forged(b"QISKIT\x0c" + b"0" * 50), {}, r"old version of QPY", id="old-qpy"),
        pytest.param(
            "from qiskit import QuantumCircuit\nq = QuantumCircuit(100_001, 1)\nq.measure(0, 0)",
            {},
            r"100,002 bits are declared; at most 100,000",
            id="wide",
        ),
        pytest.param("'OPENQASM 3.0; qubit q'", {}, r"line 1, column", id="text"),
        pytest.param(
            "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1)",
            {},
            r"measures nothing",
            id="unmeasured",
        ),
        pytest.param(
            "from qiskit import QuantumCircuit\nq = QuantumCircuit(1, 1)\nq.measure(0, 0)\n[q, QuantumCircuit(1)]",
            {},
            r"circuit 1 of the list: the circuit measures nothing",
            id="second-of-a-list",
        ),
        pytest.param(
            f"{QASM2!r}", {"program_bytes": 20}, r"the circuits take more than 20 bytes", id="big-program"
        ),
    ],
)
def test_what_fails_says_why(code, limits, message):
    with pytest.raises(CodeRefused) as caught:
        run(code, "qiskit", {}, Limits(**limits))
    assert re.search(message, caught.value.message)
    assert caught.value.http_status == 400
    if found := re.match(r"line (\d+): ", caught.value.message):
        assert caught.value.numbers["line"] == int(found[1])


def test_text_needs_no_process(monkeypatch):
    monkeypatch.setattr(door, "perform", None)
    made = run(QASM2, "openqasm", {}, Limits())
    assert (made.programs[0].data.decode(), made.single, made.printed) == (QASM2, True, "")
    with pytest.raises(ProgramRefused, match="does not begin with an OPENQASM line"):
        run("qreg q[1];", "openqasm", {}, Limits())


def test_code_that_is_too_long_is_not_looked_at():
    with pytest.raises(CodeRefused, match="has 50,001 characters; at most 50,000") as caught:
        run("#" * 50_001, None, {}, Limits())
    assert caught.value.numbers == {"characters": 50_001, "maximum": 50_000}


@pytest.mark.parametrize("params", [{"theta": 1j}, {"theta": object()}], ids=["complex", "object"])
def test_parameters_are_json(params):
    with pytest.raises(CodeRefused, match="no JSON values"):
        run("1", "qiskit", params, Limits())


@pytest.mark.parametrize(
    ("code", "given", "meant"),
    [
        pytest.param("from qiskit import QuantumCircuit", None, "qiskit", id="qiskit"),
        pytest.param("import numpy", None, "qiskit", id="nothing-known"),
        pytest.param("from braket.circuits import Circuit", None, "qiskit", id="braket"),
        pytest.param("import cirq\nimport qiskit.qasm2", None, "qiskit", id="both"),
        pytest.param("// a comment\n/* and */ OPENQASM 3.0;", None, "openqasm", id="text"),
        pytest.param("anything", "openqasm", "openqasm", id="text-by-name"),
    ],
)
def test_the_framework_is_told_by_the_imports(code, given, meant):
    assert told(code, given) == meant


@pytest.mark.parametrize(
    ("code", "given", "message", "remedy"),
    [
        pytest.param("import cirq", None, "circuits of cirq are not taken", "cirq.qasm", id="cirq"),
        pytest.param(
            "  from pennylane import qml", None, "of pennylane are not", "to_openqasm", id="pennylane"
        ),
        pytest.param("x", "marqov", "circuits of marqov are not taken", "with qiskit", id="marqov"),
        pytest.param(
            "x", "qisket", "'qisket' is not known; did you mean|not known", "Give one of", id="misspelt"
        ),
        pytest.param("OPENQASM 2.0;", "qiskit", "this is OpenQASM text", "framework openqasm", id="text"),
    ],
)
def test_a_framework_that_does_not_work_names_one_that_does(code, given, message, remedy):
    with pytest.raises(CodeRefused, match=message) as caught:
        told(code, given)
    assert remedy in caught.value.remedy


def test_a_store_among_pythons_packages_keeps_code_from_running(tmp_path, monkeypatch):
    packages = tmp_path / "site-packages"
    (packages / "home").mkdir(parents=True)
    monkeypatch.syspath_prepend(packages)
    with pytest.raises(WorkerError, match=r"may read .*site-packages"):
        run("1", "qiskit", {}, Limits(), private=[packages / "home"])


def test_a_wall_that_does_not_stand_lets_no_code_run(monkeypatch, bell):
    monkeypatch.setattr(door, "walls", lambda: Walls(landlock=7, seccomp=True, bubblewrap=None))
    whole = door.folders
    monkeypatch.setattr(door, "folders", lambda *given: replace(whole(*given), readable=("\0",)))
    with pytest.raises(WorkerError, match=r"before it ran: (?s:.*)ValueError: embedded null"):
        run(bell, "qiskit", {}, Limits())


def test_where_no_wall_is_offered_the_limits_still_hold(monkeypatch, bell):
    monkeypatch.setattr(door, "walls", lambda: Walls(landlock=None, seccomp=False, bubblewrap=None))
    code = f"{bell}import os\nos.mkdir('a')\nopen('a/b', 'w').close()\nos.chmod('a', 0)\nprint(os.getcwd())"
    made = run(code, "qiskit", {}, Limits())
    assert "qjob-code-" in made.printed
    assert not Walls(None, False, None).enough  # noqa: FBT003 - the three by position


SERVER = """
import sys
from qjob.sandbox.limits import Limits
from qjob.sandbox.run import run
run("print('begun', flush=True)\\nopen('begun', 'w').close()\\nwhile True: pass", "qiskit", {}, Limits())
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a process is not told that its parent died"
)
def test_the_death_of_the_server_ends_the_code(tmp_path):
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    server = subprocess.Popen([sys.executable, "-c", SERVER], env=environ, cwd=tmp_path)
    try:
        end = time.monotonic() + 20
        while not list(tmp_path.glob("qjob-code-*/begun")):  # on a disk of its own in namespaces of its own
            if (
                walls().bubblewrap is not None
                and len(psutil.Process(server.pid).children(recursive=True)) > 3
            ):
                break
            assert time.monotonic() < end
            time.sleep(0.02)
        began = psutil.Process(server.pid).children(recursive=True)
        assert len(began) >= 2
    finally:
        server.kill()
        server.wait()
    assert psutil.wait_procs(began, timeout=5)[1] == []

"""What the kernel loads stays light, and warming up leaves one thread."""

import subprocess
import sys
from dataclasses import replace

import pytest

from qjob.backends.aer.provider import AerBackend, AerProvider
from qjob.catalog.loader import load_catalogue
from qjob.model.errors import BackendRefused

LIGHT = """
import sys
from qjob.backends.aer.provider import AerProvider
from qjob.catalog.loader import load_catalogue
from qjob.model.bits import BitLayout
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile, Program, ProgramFormat
request = JobRequest(Program(ProgramFormat.QPY, b""), "x", 10, 1, {})
profile = CircuitProfile(26, 26, BitLayout(1, (0,)), 1, {"h": 1}, True)
for info in load_catalogue():
    if info.local:
        AerProvider().backend(info).check(request, profile)
print([name for name in ("qiskit", "qiskit_aer", "scipy", "braket") if name in sys.modules])
"""

WARM = """
import os, threading, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import qiskit
from qjob.backends.aer.provider import AerProvider
errors = []
def warm():
    try:
        AerProvider().warm_up()
    except BaseException as error:
        errors.append(error)
thread = threading.Thread(target=warm)
thread.start()
thread.join()
deadline = time.monotonic() + 5
while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < deadline:
    os.sched_yield()  # join returns a moment before the system has let the thread go
print(errors, len(os.listdir("/proc/self/task")))
pid = os.fork()
if pid == 0:
    AerProvider().warm_up()
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""

COLD = """
import threading
from qjob.backends.aer.provider import AerProvider
from qjob.model.errors import WorkerError
def warm():
    try:
        AerProvider().warm_up()
    except WorkerError as error:
        print(error.message)
thread = threading.Thread(target=warm)
thread.start()
thread.join()
"""


def output(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_checking_imports_no_simulator():
    assert output(LIGHT) == "[]\n"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forking is done on Linux only")
def test_warming_up_leaves_one_thread_and_a_fork_can_run():
    assert output(WARM) == "[] 1\n0\n"


def test_warming_up_in_a_thread_without_qiskit_is_refused():
    assert output(COLD).startswith("qiskit must be imported in the main thread")


def test_a_backend_for_each_row():
    provider = AerProvider()
    for info in (row for row in load_catalogue() if row.local):
        backend = provider.backend(info)
        assert isinstance(backend, AerBackend)
        assert backend.info is info


def test_an_unknown_target_is_refused():
    info = replace(load_catalogue().get("marqov-sim"), target="quantum")
    with pytest.raises(BackendRefused, match="target 'quantum'") as caught:
        AerProvider().backend(info)
    assert "matrix_product_state" in caught.value.remedy

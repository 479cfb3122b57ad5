"""Nothing that is asked of the server has its event loop stand still: notebooks and everybody else go on."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from server_lab import BELL

pytestmark = pytest.mark.slow
MOST = 50.0
"""Milliseconds."""

MB = 1_000_000
QASM2 = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; '
END = "measure q -> c;"
QASM3 = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; '
WIDE = 20
MANY = f'OPENQASM 2.0; include "qelib1.inc"; qreg q[{WIDE}]; creg c[{WIDE}]; h q; measure q -> c;'
BATCH = "qjob/qbraid/api/v1/jobs"
SUBMIT = "qjob/api/jobs/submit"


def of_length(head, length):
    gate = "cx q[0],q[1]; "
    return head + gate * ((length - len(head) - len(END)) // len(gate)) + END


def job(code, shots=10):
    return {"inline_code": code, "framework": "openqasm", "params": {"shots": shots}}


def program(form, code):
    return {"program": {"format": form, "data": code}, "deviceQrn": "marqov-sim", "shots": 10}


def expect_none(server, what, act):
    """Do it, and again if it was followed by a stall: what a busy machine did, it does not do each time."""
    for _ in range(3):
        act()
        stalls = server.stalls()
        worst = max((stall["own_ms"] for stall in stalls), default=0.0)
        waited = max((stall["ms"] for stall in stalls), default=0.0)
        print(f"{what}: {worst:.0f} ms, with waits for a core {waited:.0f} ms")
        if worst < MOST:
            return
    raise AssertionError([stall for stall in stalls if stall["own_ms"] >= MOST])


@pytest.fixture(autouse=True)
def afresh(watched):
    watched.me("GET", "qjob/api/backends")  # the first one connects, which has a test of its own
    watched.stalls()


def test_many_submissions(watched):
    def act():
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(watched.me, "POST", SUBMIT, job(BELL)) for _ in range(200)]
            assert {each.result().status for each in asked} == {201}

    expect_none(watched, "200 submissions", act)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param(SUBMIT, job(of_length(QASM2, 50_000)), 201, id="the longest OpenQASM 2 of a submission"),
        pytest.param(SUBMIT, job(of_length(QASM3, 50_000)), 201, id="the longest OpenQASM 3 of a submission"),
        pytest.param(BATCH, program("qasm2", of_length(QASM2, MB)), 201, id="a megabyte of OpenQASM 2"),
        pytest.param(
            BATCH, program("qasm2", of_length(QASM2, 8 * MB)), 400, id="more OpenQASM 2 than is read"
        ),
        pytest.param(
            BATCH, program("qasm3", of_length(QASM3, 8 * MB)), 400, id="more OpenQASM 3 than is read"
        ),
        pytest.param(SUBMIT, b"[" * 8 * MB, 400, id="brackets"),
        pytest.param(SUBMIT, b'{"a":' * (8 * MB // 5), 400, id="braces"),
        pytest.param(SUBMIT, b'{"params":[' + b"1," * (4 * MB - 10) + b"1]}", 400, id="four million numbers"),
        pytest.param(BATCH, b"{%s}" % b",".join(b'"%x":1' % n for n in range(600_000)), 400, id="many names"),
        pytest.param(BATCH, b'{"program":[' + b"{}," * (2 * MB) + b"{}]}", 400, id="two million faults"),
    ],
)
def test_one_big_request(watched, path, body, status):
    def act():
        reply = watched.me("POST", path, body)
        assert reply.status == status, reply.body[:300]

    expect_none(watched, path, act)


def test_a_result_of_many_outcomes(watched):
    made = watched.me("POST", SUBMIT, job(MANY, 100_000)).json["job_id"]
    assert watched.wait(made).status == "COMPLETED"
    listed = watched.me("GET", f"{BATCH}?limit=1").json["data"][0]["jobQrn"]

    def act():
        for path in (f"qjob/api/jobs/{made}/result", f"{BATCH}/{listed}/result", f"qjob/jobs/{made}"):
            assert watched.me("GET", path).status == 200

    watched.stalls()
    expect_none(watched, "results of 100,000 shots", act)


def test_the_description(watched):
    def act():
        assert watched.ask("GET", "qjob/api/openapi.yaml").status == 200

    expect_none(watched, "the description", act)

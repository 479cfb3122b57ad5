"""The cancel route of a real Jupyter server."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

import qjob

TOKEN = "secret"  # noqa: S105 - of a server on loopback that lives as long as this test
BASE = "/hub/"
pytestmark = pytest.mark.slow


@contextmanager
def jupyter_server(folder, home):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "QJOB_HOME": str(home)}
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        environ[f"JUPYTER_{kind}_DIR"] = str(folder / kind.lower())
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.base_url": BASE,
        "IdentityProvider.token": TOKEN,
    }
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, cwd=folder, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while ask(port, "GET", "api/status")[0] != 200:
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < end, (folder / "server.log").read_text()
            time.sleep(0.1)  # another process: there is no event to wait for
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask(port, method, path, token=TOKEN):
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{BASE}{path}", method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own server's address
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        body = error.read()
        return error.code, json.loads(body) if body.startswith(b"{") else body
    except OSError:
        return 0, None


LONG = """
OPENQASM 3.0;
include "stdgates.inc";
qubit[14] q;
bit[14] c;
for int i in [0:13] { h q[i]; }
c[0] = measure q[0];
if (c[0]) { x q[1]; }
c = measure q;
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    home = folder / "home"
    with jupyter_server(folder, home) as port, qjob.connect(home=home) as engine:
        yield port, engine


def test_a_running_job_of_another_process_is_cancelled(place):
    port, engine = place
    job = engine.submit(LONG, shots=100_000)
    status, answer = ask(port, "POST", f"qjob/api/jobs/{job.id}/cancel")
    assert (status, answer["job_id"], answer["cancelled"]) == (200, job.id, True)
    assert job.wait(10).status == "CANCELLED"


def test_an_ended_job_is_left_as_it_is(place):
    port, engine = place
    job = engine.submit("OPENQASM 3.0; qubit[1] q; h q[0];", shots=5).wait(20)
    status, answer = ask(port, "POST", f"qjob/api/jobs/{job.id}/cancel")
    assert (status, answer["status"], answer["cancelled"]) == (200, "COMPLETED", False)


def test_an_unknown_job_is_a_404_with_its_remedy(place):
    port, _ = place
    status, answer = ask(port, "POST", "qjob/api/jobs/00000000-0000-4000-8000-000000000000/cancel")
    assert (status, answer["code"]) == (404, "no_such_job")
    assert answer["remedy"]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_stranger_is_turned_away(place, token):
    port, engine = place
    job = engine.submit("OPENQASM 3.0; qubit[1] q; h q[0];", shots=5).wait(20)
    assert ask(port, "POST", f"qjob/api/jobs/{job.id}/cancel", token=token)[0] == 403


def test_there_is_nothing_to_get(place):
    port, _ = place
    assert ask(port, "GET", "qjob/api/jobs/x/cancel")[0] == 405

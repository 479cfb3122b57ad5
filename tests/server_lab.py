"""A real Jupyter server with qjob in it, in a process of its own, and what tests ask of it over HTTP."""

import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass

TOKEN = "secret"  # noqa: S105 - of a server on loopback that lives as long as its tests
BASE = "/hub/"

TOLL = """
[[backend]]
slug = "toll-sim"
qrn = "marqov:test:sim:toll"
title = "Simulator with a price"
tier = "Cloud simulators"
adapter = "aer"
target = "statevector"
description = "Runs on this machine and costs money all the same."
max_qubits = 20
min_shots = 1
max_shots = 100_000
local = true
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "test"
as_of = 2026-11-01
"""
"""A backend that costs money without any service: $0.30 and a cent a shot."""

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
SKEW = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[3]; creg c[3]; x q[0]; cx q[0],q[2]; measure q -> c;'
"""Every shot reads 101."""

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
"""Takes minutes with 100,000 shots."""


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    headers: object
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Person:
    """A user with a team of the own, and a key that opens it."""

    user: str
    engine: object  # acts as the user in this process, on the server's store
    key: object
    text: str  # the key's


class Server:
    """A running Jupyter server; `engine` is another process's engine on its store: that of these tests."""

    def __init__(self, port, home, engine, process, *, base=BASE, token=TOKEN):
        self.port, self.home, self.engine, self.process = port, home, engine, process
        self.base, self.token = base, token
        self.url = f"http://127.0.0.1:{port}{base}"
        self.numbers = itertools.count(1)

    def ask(self, method, path, body=None, *, token=None, key=None, headers=None, timeout=60):
        """Send a request and return the reply, whatever its status; nobody signs in but with token or key.

        A body that is no bytes is sent as JSON; `key` is a key's text, or a `Person`.
        """
        given = dict(headers or {})
        if token is not None:
            given.setdefault("Authorization", f"token {token}")
        if key is not None:
            given.setdefault("X-API-Key", key.text if isinstance(key, Person) else key)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, body, given, method=method)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310 - our own address
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    def me(self, method, path, body=None, **more):
        """Ask as the user whose server it is, with Jupyter's token."""
        return self.ask(method, path, body, token=self.token, **more)

    def person(self, name="ada", *, scopes=("read", "submit"), **more):
        """Return a user whom nobody else has, with a key."""
        user = f"{name}-{os.getpid()}-{next(self.numbers)}"
        engine = self.engine.acting_as(user, None)
        engine.budget()  # which makes the team
        key, text = engine.create_key("test", scopes=scopes, **more)
        return Person(user, engine, key, text)

    def wait(self, job_id, person=None, timeout=60):
        """Return a job of the own, or of a person, once it has ended."""
        engine = self.engine if person is None else person.engine
        return engine.job(job_id).wait(timeout)


@contextmanager
def jupyter_server(folder, *, base=BASE, token=TOKEN, environ=None, options=None):
    """Start one with a home of its own below a folder, and end it with the block.

    Parameters
    ----------
    environ, options
        More of the environment, and of Jupyter's settings by their names.
    """
    import qjob

    home = folder / "home"
    home.mkdir(parents=True)
    (home / "backends.toml").write_text(TOLL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    around = {**os.environ, "QJOB_HOME": str(home), **(environ or {})}
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        around[f"JUPYTER_{kind}_DIR"] = str(folder / kind.lower())
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.base_url": base,
        "IdentityProvider.token": token,
        **(options or {}),
    }
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=around, cwd=folder, stdout=stream, stderr=stream)
    try:
        with qjob.connect(home=home) as engine:
            server = Server(port, home, engine, process, base=base, token=token)
            _wait_until_up(server, log)
            yield server
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_up(server, log):
    end = time.monotonic() + 60
    while True:
        try:
            if server.me("GET", "api/status").status == 200:
                return
        except OSError:
            pass
        assert server.process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)  # another process: there is no event to wait for

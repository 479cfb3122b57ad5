"""Wherever the server stands: below a base URL, behind a proxy that keeps or strips a path, under JupyterHub."""

import http.server
import json
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
import yaml

from qjob import connect
from server_lab import BELL, Server, jupyter_server

pytestmark = pytest.mark.slow
ADAS = "the-token-of-ada"
KEPT, STRIPPED = "/hub/x/", "/lab7/"
BODY = {"inline_code": BELL, "framework": "openqasm", "params": {"shots": 10}}


class Pipe(socketserver.BaseRequestHandler):
    """One connection through a proxy: the path loses its beginning, and the client's address is told."""

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            if not (chunk := self.request.recv(65536)):
                return
            head += chunk
        line, rest = head.split(b"\r\n", 1)
        method, path, version = line.split(b" ")
        strip = self.server.strip.encode()
        assert path.startswith(strip)
        line = b" ".join([method, b"/" + path[len(strip) :] if strip else path, version])
        told = b"X-Forwarded-For: %s\r\nConnection: close\r\n" % self.server.client.encode()
        rest = re.sub(rb"(?i)connection: [^\r]*\r\n", b"", rest, count=1)
        with socket.create_connection(("127.0.0.1", self.server.behind)) as inner:
            inner.sendall(line + b"\r\n" + told + rest)
            forth = threading.Thread(target=_pour, args=(self.request, inner))
            forth.start()
            _pour(inner, self.request)
            forth.join()


def _pour(source, sink):
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the other side has what it wanted


class Proxy(socketserver.ThreadingTCPServer):
    """In front of a server; `client` is whom it says it asks for."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self, server, strip=""):
        super().__init__(("127.0.0.1", 0), Pipe)
        self.behind, self.strip, self.client = server.port, strip, "127.0.2.1"


@contextmanager
def behind_proxy(server, strip=""):
    """A server as it looks through a proxy."""
    proxy = Proxy(server, strip)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
    thread.start()
    try:
        outer = Server(
            proxy.server_address[1], server.home, server.engine, server.process, base=strip or server.base
        )
        yield SimpleNamespace(server=outer, proxy=proxy)
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A server below a base URL, behind a proxy that keeps it."""
    folder = tmp_path_factory.mktemp("kept")
    with (
        jupyter_server(folder, base=KEPT, options={"ServerApp.trust_xheaders": True}) as server,
        behind_proxy(server) as placed,
    ):
        yield placed


@pytest.fixture(scope="module")
def stripped(tmp_path_factory):
    """A server at the root, behind a proxy that strips a path."""
    with (
        jupyter_server(tmp_path_factory.mktemp("stripped"), base="/") as server,
        behind_proxy(server, STRIPPED) as placed,
    ):
        yield placed


def follow(server, path):
    """Ask for an absolute path of an answer."""
    assert path.startswith(server.base)
    return server.me("GET", path.removeprefix(server.base))


def expect_all_in_place(server):
    """Submit through whatever stands in front, and follow every link of the answers to its end."""
    made = server.me("POST", "qjob/api/jobs/submit", BODY)
    assert made.status == 201, made.body
    job = follow(server, made.headers["Location"]).json
    assert job["job_id"] == made.json["job_id"]
    stream = server.me("GET", f"qjob/api/jobs/{job['job_id']}/stream")
    assert stream.headers["Content-Type"] == "text/event-stream"
    assert b"event: end" in stream.body
    told = json.loads(re.findall(rb"^data: (\{.+\})", stream.body, re.MULTILINE)[0])
    asked = [path for name, path in job["links"].items() if path and name not in ("cancel", "retry", "batch")]
    for path in (*asked, told["link"]):
        assert follow(server, path).status == 200, path
    _expect_page_in_place(server, told["link"])
    return job


def _expect_page_in_place(server, path):
    page = follow(server, path).body.decode()
    inside = [each for each in re.findall(r'(?:href|src|action)="([^"#]+)"', page) if "://" not in each]
    assert inside
    for each in inside:
        assert urljoin(path, each).startswith(server.base), each
    for each in re.findall(r'<link[^>]+href="([^"]+\.css[^"]*)"', page):
        assert follow(server, urljoin(path, each)).status == 200


def described(server):
    """The addresses of the description's servers, as whoever has read it there resolves them."""
    where = f"{server.url}qjob/api/openapi.yaml"
    text = server.ask("GET", "qjob/api/openapi.yaml").body
    return [urljoin(where, each["url"]).rstrip("/") + "/" for each in yaml.safe_load(text)["servers"]]


def test_below_a_base_url_behind_a_proxy_that_keeps_it_all_links_lead_somewhere(kept):
    expect_all_in_place(kept.server)
    assert described(kept.server) == [kept.server.url, kept.server.url]


def test_a_key_is_good_through_a_proxy_and_its_links_as_well(kept):
    ada = kept.server.person("ada")
    made = kept.server.ask("POST", "qjob/api/jobs/submit", BODY, key=ada)
    path = made.headers["Location"].removeprefix(KEPT)
    assert kept.server.ask("GET", path, key=ada).status == 200
    assert kept.server.ask("GET", "qjob/qbraid/api/v1/jobs", key=ada).json["pagination"]["total"] == 1


def test_wrong_keys_are_counted_by_the_address_of_who_asks_and_not_of_the_proxy(kept):
    wrong = "qjob_0123456789ab_wrong"
    kept.proxy.client = "127.0.2.7"
    answers = [kept.server.ask("GET", "qjob/api/jobs", key=wrong) for _ in range(12)]
    assert [each.status for each in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    kept.proxy.client = "127.0.2.8"
    assert kept.server.ask("GET", "qjob/api/jobs", key=wrong).status == 401


def test_without_trust_what_a_client_says_of_its_address_is_not_believed(stripped):
    wrong = "qjob_0123456789ab_wrong"
    statuses = []
    for number in range(11):
        stripped.proxy.client = f"127.0.2.{number + 1}"
        statuses.append(stripped.server.ask("GET", "qjob/api/jobs", key=wrong).status)
    assert statuses == [401] * 10 + [429]


def test_behind_a_proxy_that_strips_a_path_the_api_is_served_and_its_description_leads_there(stripped):
    """Links are those that the server knows of, as Jupyter's own are; relative addresses are right anyway."""
    server = stripped.server
    made = server.me("POST", "qjob/api/jobs/submit", BODY)
    assert made.status == 201
    job = made.json["job_id"]
    assert b"event: end" in server.me("GET", f"qjob/api/jobs/{job}/stream").body
    assert server.me("GET", f"qjob/api/jobs/{job}/result").status == 200
    assert server.me("GET", f"qjob/jobs/{job}").status == 200
    assert described(server)[1] == server.url


# -- JupyterHub ---------------------------------------------------------------------------------------------------


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of a hub as a single user's server asks: its version, whose token that is, and that it lives."""

    ACCESS = ("access:servers!server=ada/", "access:servers")

    def do_GET(self):
        said, status = {"version": "5.0.0"}, 200
        if self.path == "/hub/api/user":
            token = self.headers.get("Authorization", "").rpartition(" ")[2]
            said = {"kind": "user", "name": "ada", "admin": False, "groups": [], "scopes": self.ACCESS}
            status = 200 if token == ADAS else 403
        self._answer(status, json.dumps(said).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(200, b"{}")

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def hub_environment(hub, port, folder):
    """What JupyterHub's spawner sets."""
    api = f"http://127.0.0.1:{hub}/hub/api"
    prefix = "/user/ada/"
    return {
        "JUPYTERHUB_USER": "ada",
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_API_TOKEN": "of-the-server",
        "JUPYTERHUB_API_URL": api,
        "JUPYTERHUB_ACTIVITY_URL": f"{api}/users/ada/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{prefix}",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps(Hub.ACCESS),
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(Hub.ACCESS[:1]),
        "JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp",
        "QJOB_HOME": str(folder / "home"),
        **{f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")},
    }


@pytest.fixture(scope="module")
def under_hub(tmp_path_factory):
    """JupyterHub's own single-user server, of the user ada, with a hub on loopback."""
    folder = tmp_path_factory.mktemp("hub")
    hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=hub.serve_forever, args=(0.02,))
    thread.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    around = {**os.environ, **hub_environment(hub.server_address[1], port, folder)}
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"],
        env=around,
        cwd=folder,
        stdout=log,
        stderr=log,
    )
    try:
        with connect(home=folder / "home", user="ada") as engine:
            server = Server(port, folder / "home", engine, process, base="/user/ada/", token=ADAS)
            _wait(server, folder / "server.log")
            yield server
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        hub.shutdown()
        thread.join()
        hub.server_close()


def _wait(server, log):
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except OSError:
            assert server.process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)  # another process: there is no event to wait for
        else:
            return


def test_under_jupyterhub_jobs_belong_to_its_user_and_all_links_lead_somewhere(under_hub):
    job = expect_all_in_place(under_hub)
    assert job["user"] == "ada"
    assert described(under_hub)[0] == under_hub.url


@pytest.mark.parametrize("token", [None, "somebody-elses"])
def test_under_jupyterhub_others_are_turned_away(under_hub, token):
    reply = under_hub.ask("GET", "qjob/api/jobs", token=token)
    assert (reply.status, reply.json["code"]) == (401, "not_signed_in")


def test_under_jupyterhub_a_key_is_as_good_as_elsewhere(under_hub):
    bob = under_hub.person("bob")
    assert under_hub.ask("GET", "qjob/api/budget", key=bob).json["team"]
    assert under_hub.ask("GET", "qjob/api/budget", key=f"{bob.text[:-1]}!").status == 401

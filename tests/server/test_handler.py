"""What every path has in common on a real server: odd requests, what strangers are told, and its end."""

import json
import select
import signal
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from qjob.server.intake import MOST_BYTES, MOST_EACH
from server_lab import BELL, LONG, jupyter_server

pytestmark = pytest.mark.slow


def raw(server, head):
    """Send the lines of a request as they are; return status, headers, and the body as JSON."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(f"{head}\r\nHost: 127.0.0.1\r\n\r\n".encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += line.recv(65536)
        lines, _, body = got.partition(b"\r\n\r\n")
        status, *headers = lines.decode().split("\r\n")
        told = {name.lower(): value for name, _, value in (each.partition(": ") for each in headers)}
        while len(body) < int(told["content-length"]):
            body += line.recv(65536)
        return int(status.split()[1]), told, json.loads(body[: int(told["content-length"])])


@pytest.mark.parametrize(
    ("lengths", "status", "said"),
    [
        pytest.param(["abc"], 400, "is no length", id="no number"),
        pytest.param(["2", "3"], 400, "is no length", id="two"),
        pytest.param([str(MOST_BYTES + 1)], 413, "longer than 8 MB", id="too long"),
    ],
)
def test_a_length_that_is_none_is_refused(server, ada, lengths, status, said):
    head = [f"POST {server.base}qjob/api/quote HTTP/1.1", f"X-API-Key: {ada.text}"]
    got = raw(server, "\r\n".join([*head, *(f"Content-Length: {each}" for each in lengths)]))
    assert (got[0], got[1]["connection"], said in got[2]["error"]) == (status, "close", True)


def test_bodies_that_stop_half_way_leave_room_for_others(server, ada):
    head = f"POST {server.base}qjob/api/quote HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {ada.text}\r\n"
    end = time.monotonic() + 60

    def status(person):
        return server.ask("POST", "qjob/api/quote", b"{" + b" " * 2_000_000, key=person).status

    def stop_half_way(lines):
        for _ in range(MOST_EACH // MOST_BYTES):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            line.sendall(f"{head}Content-Length: {MOST_BYTES}\r\n\r\n".encode() + b" " * (MOST_BYTES - 1))

    def is_refused():
        soon = time.monotonic() + 3
        while time.monotonic() < soon:  # the server may have read but a part
            if status(ada) == 503:
                return True
        return False

    refused = False
    while not refused:  # while they come in, a request of ours may take the room of one of them
        assert time.monotonic() < end
        with ExitStack() as lines:
            stop_half_way(lines)
            refused = is_refused()
            assert not refused or status(server.person("bob")) == 400
    while status(ada) != 400:
        assert time.monotonic() < end


@pytest.mark.parametrize(
    ("path", "status", "allow"),
    [
        pytest.param("qjob/api/jobs", 204, "GET, OPTIONS", id="one method"),
        pytest.param("qjob/api/quote", 204, "GET, OPTIONS, POST", id="two"),
        pytest.param("qjob/qbraid/api/v1/jobs", 204, "DELETE, GET, OPTIONS, POST", id="qBraid's"),
        pytest.param("qjob/api/nothing", 404, None, id="no path"),
    ],
)
def test_options_tells_the_methods_to_anybody(server, path, status, allow):
    reply = server.ask("OPTIONS", path)
    assert (reply.status, reply.headers["Allow"]) == (status, allow)
    assert (reply.body == b"") is (status == 204)


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        pytest.param({"Host": "evil.example"}, 403, "Forbidden.", id="foreign host"),
        pytest.param({"Origin": "https://evil.example"}, 404, "Not Found.", id="foreign origin"),
    ],
)
def test_what_jupyter_refuses_without_a_word_is_called_by_its_status(server, ada, headers, status, said):
    reply = server.ask("GET", "qjob/api/budget", key=ada, headers=headers)
    assert (reply.status, reply.json["error"]) == (status, said)


@pytest.mark.parametrize(
    ("path", "there"),
    [
        pytest.param("qjob", "qjob/jobs", id="qjob"),
        pytest.param("qjob/", "qjob/jobs", id="with a slash"),
        pytest.param("qjob/api", "qjob/api/openapi.yaml", id="the API"),
        pytest.param("qjob/api/", "qjob/api/openapi.yaml", id="the API with a slash"),
    ],
)
def test_what_people_try_first_leads_somewhere(server, path, there):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(f"GET {server.base}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = line.recv(65536).decode()
    assert (head.split()[1], f"Location: {server.base}{there}\r\n" in head) == ("302", True)
    assert server.me("GET", path).status == 200


def test_who_runs_the_server_is_told_what_is_wrong_with_the_store_and_nobody_else(tmp_path):
    with jupyter_server(tmp_path) as server:
        (server.home / "qjob.sqlite").write_bytes(b"this is no database, whatever its name says " * 100)
        key = f"qjob_{'0' * 12}_{'a' * 43}"
        mine, theirs = server.me("GET", "qjob/api/budget"), server.ask("GET", "qjob/api/budget", key=key)
        assert (mine.status, mine.json["code"]) == (theirs.status, theirs.json["code"])
        assert (theirs.status, theirs.json["error"]) == (503, "the store cannot be used now.")
        assert str(server.home) in mine.body.decode()
        assert str(tmp_path) not in theirs.body.decode()
        qbraid = server.ask("GET", "qjob/qbraid/api/v1/users/verify", key=key)
        assert (qbraid.status, str(tmp_path) in qbraid.body.decode()) == (503, False)
        assert str(server.home) in (tmp_path / "server.log").read_text()


@pytest.fixture
def silent():
    """The address of a service that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as hole:
        yield f"http://127.0.0.1:{hole.getsockname()[1]}"


def test_a_service_that_says_nothing_keeps_nobody_else_waiting_and_no_end(tmp_path, silent):
    environ = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": silent,
        "AWS_EC2_METADATA_DISABLED": "true",
        "QJOB_COUNT_LOCAL": "false",
    }
    replies = []

    def submit(server, ada):
        try:
            body = {"inline_code": BELL, "backend": "sv1", "params": {"shots": 10}}
            replies.append(server.ask("POST", "qjob/api/jobs/submit", body, key=ada))
        except OSError as error:  # the server has ended
            replies.append(error)

    with jupyter_server(tmp_path, environ=environ) as server:
        ada, bob = server.person("ada"), server.person("bob")
        assert server.ask("GET", "qjob/api/budget", key=bob).status == 200
        asking = [threading.Thread(target=submit, args=(server, ada)) for _ in range(12)]
        for thread in asking:
            thread.start()
        select.select([], [], [], 1.0)
        began = time.monotonic()
        for person in (bob, ada):  # ada's own questions do not stand behind her submissions either
            assert server.ask("GET", "qjob/api/budget", key=person).status == 200
        job = server.ask(
            "POST", "qjob/api/jobs/submit", {"inline_code": LONG, "params": {"shots": 100_000}}, key=bob
        )
        assert job.status == 201
        assert time.monotonic() - began < 15
        stream = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        path = f"{server.base}qjob/api/jobs/{job.json['job_id']}/stream"
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {bob.text}\r\n\r\n".encode())
        assert stream.recv(15) == b"HTTP/1.1 200 OK"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(40) == 0
        for thread in asking:
            thread.join(10)
        stream.close()
        failed = bob.engine.job(job.json["job_id"])
        assert (failed.status, failed.record.failure.code) == ("FAILED", "kernel_ended")
        assert "Traceback" not in (tmp_path / "server.log").read_text()
    assert len(replies) == len(asking)

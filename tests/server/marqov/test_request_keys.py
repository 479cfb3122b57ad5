"""A request that is sent again under the same Idempotency-Key is answered as the first one was."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from server_lab import BELL, SKEW

pytestmark = pytest.mark.slow
SUBMIT = "qjob/api/jobs/submit"


def send(server, person, key, path=SUBMIT, body=None, **change):
    asked = (
        None
        if path != SUBMIT
        else {"inline_code": SKEW, "backend": "toll-sim", "params": {"shots": 5}, **change}
    )
    return server.ask(
        "POST", path, asked if body is None else body, key=person, headers={"Idempotency-Key": key}
    )


def count(server, person):
    return server.ask("GET", "qjob/api/jobs", key=person).json["total"]


def test_the_same_again_is_answered_alike_and_paid_once(server, ada):
    key = str(uuid.uuid4())
    first, again = send(server, ada, key), send(server, ada, key)
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert first.headers["Location"] == again.headers["Location"]
    # what is left out means the same as what is said
    assert send(server, ada, key, execution_mode="direct", tags=None).body == first.body
    server.wait(first.json["job_id"], ada)
    assert send(server, ada, key).body == first.body
    assert count(server, ada) == 1
    assert f"{ada.engine.budget().charged}" == "0.35"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"inline_code": BELL}, id="program"),
        pytest.param({"params": {"shots": 6}}, id="shots"),
        pytest.param({"name": "n"}, id="name"),
        pytest.param({"backend": "marqov-sim"}, id="backend"),
    ],
)
def test_something_else_under_the_same_key_is_a_mistake(server, ada, change):
    first = send(server, ada, "k")
    other = send(server, ada, "k", **change)
    assert (first.status, other.status, other.json["code"]) == (201, 409, "request_key_reused")
    assert other.json["remedy"]
    assert count(server, ada) == 1


def test_another_user_s_key_is_another_one(server, ada):
    bob = server.person("bob")
    assert send(server, ada, "k").json["job_id"] != send(server, bob, "k").json["job_id"]


def test_twenty_at_once_make_one_job(server, ada):
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda _: send(server, ada, key), range(20)))
    assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
    assert count(server, ada) == 1
    server.wait(replies[0].json["job_id"], ada)
    assert f"{ada.engine.budget().charged}" == "0.35"
    assert ada.engine.audit().ok


def test_a_refused_request_leaves_its_key_free(server, ada):
    assert send(server, ada, "k", backend="sv2").status == 404
    assert send(server, ada, "k").status == 201


def test_a_retry_is_made_once_too(server, ada):
    job_id = send(server, ada, "first").json["job_id"]
    server.wait(job_id, ada)
    path = f"qjob/api/jobs/{job_id}/retry"
    once, twice = send(server, ada, "again", path), send(server, ada, "again", path)
    assert (once.status, once.body) == (201, twice.body)
    assert send(server, ada, "first", path).status == 409  # that was another request
    assert count(server, ada) == 2


def test_code_is_not_run_for_what_is_known(server):
    person = server.person("coder", scopes=("read", "submit", "inline"))
    code = "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1, 1)\nqc.x(0)\nqc.measure(0, 0)\n"
    key, narrow = str(uuid.uuid4()), person.engine.create_key("narrow")[1]
    first = send(server, person, key, inline_code=code)
    if first.json.get("code") == "no_walls":
        pytest.skip(first.json["error"])
    assert first.status == 201
    # a key that may not have code run is answered from what the user has sent before
    assert send(server, narrow, key, inline_code=code).body == first.body
    assert send(server, narrow, "new", inline_code=code).json["code"] == "scope_missing"


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("x" * 201, id="long"),
        pytest.param(" ", id="blank"),
        pytest.param("a\tb", id="unprintable"),
    ],
)
def test_what_is_no_key_is_refused(server, ada, key):
    reply = send(server, ada, key)
    assert (reply.status, reply.json["code"]) == (400, "invalid_request")
    assert "1 to 200" in reply.json["error"]
    assert send(server, ada, "x" * 200).status == 201

"""qBraid's dialect over plain HTTP: the published curl line, names, refusals, and requests that are sent twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from qjob.server.app import by_path
from qjob.server.qbraid.answers import PlatformJob
from qjob.server.qbraid.routes import QBRAID
from server_lab import BELL, LONG, SKEW

pytestmark = pytest.mark.slow

SIM, TOLL = "marqov:marqov:sim:marqov-sim", "marqov:test:sim:toll"
BRAKET = "OPENQASM 3.0;\nbit[3] b;\nqubit[3] q;\nx q[0];\ni q[1];\ni q[2];"
PUBLISHED = {
    "name",
    "shots",
    "deviceQrn",
    "tags",
    "runtimeOptions",
    "jobQrn",
    "batchJobQrn",
    "vendor",
    "provider",
    "status",
    "statusMsg",
    "experimentType",
    "queuePosition",
    "timeStamps",
    "cost",
    "estimatedCost",
    "metadata",
}
"""The fields of the published answer, at its top."""


def refusal(reply):
    body = reply.json
    assert body["success"] is False
    assert body["message"].startswith(body["error"]["message"])
    assert body["error"]["remedy"] in body["message"]
    return reply.status, body["error"]["code"]


def test_the_published_request_is_answered_as_published(wire):
    body = {
        "shots": 123,
        "deviceQrn": SIM,
        "program": {"format": "qasm2", "data": SKEW},
        "name": "My quantum job",
        "tags": {},
        "runtimeOptions": {},
    }
    headers = {"Content-Type": "application/json", "X-API-KEY": wire.person.text, "email": "ada@example.com"}
    reply = wire.ask("POST", "jobs", body, key=None, headers=headers)
    job = reply.json
    assert reply.status == 201
    assert set(job) >= PUBLISHED
    assert {key: job[key] for key in body if key != "program"} == {
        key: value for key, value in body.items() if key != "program"
    }
    assert {name: value for name, value in job.items() if name not in ("success", "data")} == job["data"]
    assert (job["cost"], job["batchJobQrn"], job["estimatedCost"], job["success"]) == (None, None, 0, True)
    assert set(job["timeStamps"]) == {"createdAt", "endedAt", "executionDuration"}
    assert reply.headers["Location"] == f"{wire.server.base}qjob/qbraid/api/v1/jobs/{job['jobQrn']}"


def test_a_name_is_read_escaped_and_plain(wire):
    qrn = wire.submit(SKEW)["jobQrn"]
    assert wire.get(f"jobs/{quote(qrn, safe='')}")["jobQrn"] == wire.get(f"jobs/{qrn}")["jobQrn"] == qrn


def test_a_braket_program_without_measurements_measures_all(wire):
    job = wire.submit([{"format": "qasm3", "data": BRAKET}], shots=10)
    wire.ended(job["jobQrn"])
    (result,) = wire.get(f"jobs/{job['jobQrn']}/result")["data"]["results"]
    assert result["resultData"]["measurementCounts"] == {"001": 10}


def test_nulls_are_as_good_as_nothing(wire):
    job = wire.submit(
        SKEW, shots=None, name=None, tags=None, runtimeOptions={"device": None}, groupJobQrn=None, other=None
    )
    assert (job["shots"], job["name"], job["tags"], job["runtimeOptions"]) == (1000, None, {}, {})


def test_a_circuit_of_a_notebook_is_told_as_text(wire):
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure([0, 1], [0, 1])
    wire.person.engine.submit(circuit, shots=5).wait(60)
    (job,) = wire.get("jobs")["data"]
    program = wire.get(f"jobs/{job['jobQrn']}/program")["data"]
    assert program["format"] == "qasm3"
    assert program["data"].startswith("OPENQASM 3.0;")


# -- whose it is ----------------------------------------------------------------------------------------------


def test_what_belongs_to_another_team_is_not_there(server, wire):
    other = server.person("eve")
    group = wire.ask("POST", "jobs/group", {}).json["data"]["groupJobQrn"]
    batch = wire.submit([{"format": "qasm2", "data": SKEW}], groupJobQrn=group)["jobQrn"]
    job = wire.submit(SKEW)["jobQrn"]
    for qrn in (job, batch):
        wire.ended(qrn)
        for method, path in [
            ("GET", ""),
            ("GET", "/result"),
            ("GET", "/program"),
            ("GET", "/compiled-program"),
            ("POST", "/cancel"),
            ("DELETE", ""),
        ]:
            assert refusal(wire.ask(method, f"jobs/{qrn}{path}", key=other)) == (404, "NOT_FOUND")
        assert refusal(wire.ask("DELETE", f"jobs?qrns={quote(json.dumps([qrn]))}", key=other)) == (
            404,
            "NOT_FOUND",
        )
    for method, path in [
        ("GET", ""),
        ("GET", "/jobs"),
        ("POST", "/close"),
        ("POST", "/cancel"),
        ("DELETE", ""),
    ]:
        assert refusal(wire.ask(method, f"jobs/group/{group}{path}", key=other)) == (404, "NOT_FOUND")
    body = {"deviceQrn": SIM, "program": {"format": "qasm2", "data": SKEW}, "groupJobQrn": group}
    assert refusal(wire.ask("POST", "jobs", body, key=other)) == (404, "NOT_FOUND")
    assert wire.ask("GET", "jobs", key=other).json["data"] == []
    assert wire.ask("GET", "jobs/group", key=other).json["data"] == []
    assert len(wire.get("jobs")["data"]) == 2


READ = {(route.method, route.path) for route in QBRAID.routes if route.scope == "read"}


@pytest.mark.parametrize("route", QBRAID.routes, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_wants_a_key_that_may(server, wire, route):
    path = route.path.replace("{qrn}", "x").replace("{group}", "x")
    assert refusal(wire.ask(route.method, path, key=None)) == (401, "INVALID_API_KEY")
    key = server.person(scopes=("read",) if (route.method, route.path) not in READ else ("submit",))
    assert refusal(wire.ask(route.method, path, key=key)) == (403, "SCOPE_MISSING")


# -- what does not fit ----------------------------------------------------------------------------------------

GOOD = {"deviceQrn": SIM, "shots": 5, "program": {"format": "qasm2", "data": SKEW}}


@pytest.mark.parametrize(
    ("change", "expected", "said"),
    [
        pytest.param(
            {"program": {"format": "quil", "data": "H 0"}}, (400, "PROGRAM_REFUSED"), "qasm3", id="quil"
        ),
        pytest.param(
            {"program": {"format": "qasm2", "data": 5}}, (400, "PROGRAM_REFUSED"), "text", id="no text"
        ),
        pytest.param(
            {"program": {"format": "qasm3", "data": SKEW}}, (400, "PROGRAM_REFUSED"), "qasm2", id="other"
        ),
        pytest.param(
            {"program": [GOOD["program"], {"format": "gst", "data": ""}]},
            (400, "PROGRAM_REFUSED"),
            "program 1 of the batch",
            id="second of two",
        ),
        pytest.param({"program": []}, (400, "INVALID_REQUEST"), "program", id="no program"),
        pytest.param(
            {"program": {"format": "qasm2", "data": "OPENQASM 2.0; x"}}, (400, "PROGRAM_REFUSED"), "", id="x"
        ),
        pytest.param({"deviceQrn": "a:b:c:d"}, (404, "NOT_FOUND"), "GET devices", id="device"),
        pytest.param({"deviceQrn": "aws:aws:sim:tn1"}, (400, "BACKEND_REFUSED"), "sv1", id="retired"),
        pytest.param({"shots": 0}, (400, "INVALID_REQUEST"), "shots", id="no shots"),
        pytest.param({"shots": "5"}, (400, "INVALID_REQUEST"), "shots", id="shots as text"),
        pytest.param({"shots": 100_001}, (400, "INVALID_REQUEST"), "100,000", id="many shots"),
        pytest.param({"tags": {"a": {"b": 1}}}, (400, "INVALID_REQUEST"), "tags", id="nested tag"),
        pytest.param({"tags": {"a": ""}}, (400, "INVALID_REQUEST"), "tag a", id="empty tag"),
        pytest.param(
            {"runtimeOptions": {"noise": 1}}, (400, "INVALID_OPTION"), "marqov-sim takes", id="option"
        ),
        pytest.param(
            {"runtimeOptions": {"noiseModel": "x"}}, (400, "INVALID_OPTION"), "noiseModels", id="noise"
        ),
        pytest.param(
            {"runtimeOptions": {"executionMode": "now"}}, (400, "INVALID_OPTION"), "durable", id="mode"
        ),
        pytest.param({"runtimeOptions": {"seed": -1}}, (400, "INVALID_REQUEST"), "seed", id="seed"),
        pytest.param({"groupJobQrn": "x"}, (404, "NOT_FOUND"), "jobs/group", id="group"),
    ],
)
def test_a_submission_that_does_not_fit_is_refused_with_the_way_out(wire, change, expected, said):
    reply = wire.ask("POST", "jobs", {**GOOD, **change})
    assert refusal(reply) == expected
    assert said in reply.json["message"]
    assert wire.get("jobs")["data"] == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "jobs?limit=101", (400, "INVALID_REQUEST")),
        ("GET", "jobs?page=0", (400, "INVALID_REQUEST")),
        ("GET", "jobs?page=1.5", (400, "INVALID_REQUEST")),
        ("GET", "jobs?status=completed", (400, "INVALID_REQUEST")),
        ("GET", "jobs?statusGroup=x", (400, "INVALID_REQUEST")),
        ("GET", "jobs?tags=x", (400, "INVALID_REQUEST")),
        ("GET", "jobs?tags=" + "[" * 5000, (400, "INVALID_REQUEST")),
        ("GET", 'jobs?tags={"a":"\\ud800"}'.replace('"', "%22"), (400, "INVALID_REQUEST")),
        ("GET", "jobs?search=%00", (400, "INVALID_REQUEST")),
        ("GET", "jobs?search=%FF", (400, "INVALID_REQUEST")),
        ("DELETE", "jobs", (400, "INVALID_REQUEST")),
        ("DELETE", "jobs?qrns=[]", (400, "INVALID_REQUEST")),
        ("DELETE", "jobs?qrns=[1]", (400, "INVALID_REQUEST")),
        ("GET", "jobs/x", (404, "NOT_FOUND")),
        ("GET", "jobs/group/x", (404, "NOT_FOUND")),
        ("GET", f"jobs/{SIM}-0000-qjob-{'0' * 32}", (404, "NOT_FOUND")),
        ("GET", f"jobs/{SIM}-0000-qgroup-{'0' * 32}", (404, "NOT_FOUND")),
        ("GET", "jobs/..%2F..%2Fapi", (404, "NOT_FOUND")),
        ("GET", "devices/x", (404, "NOT_FOUND")),
        ("GET", "devices?retired=1", (400, "INVALID_REQUEST")),
        ("GET", f"devices/{SIM}/calibrations", (404, "NOT_FOUND")),
        ("GET", "jobs/cost-estimate", (400, "INVALID_REQUEST")),
        ("GET", "jobs/cost-estimate?deviceQrn=x", (404, "NOT_FOUND")),
        ("GET", "billing/credits/balance?organizationId=x", (404, "NOT_FOUND")),
        ("POST", "access-tokens/refresh", (400, "NO_ACCESS_TOKENS")),
        ("GET", "jobs/statuses/x", (404, "NOT_FOUND")),
        ("POST", "devices", (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_the_dialect(wire, method, path, expected):
    assert refusal(wire.ask(method, path)) == expected


def test_a_result_is_not_there_before_the_end(wire):
    program = {"format": "qasm3", "data": LONG}
    job, batch = (
        wire.submit("", program=given, shots=100_000)["jobQrn"] for given in (program, [program] * 2)
    )
    for qrn in (job, batch):
        assert refusal(wire.ask("GET", f"jobs/{qrn}/result")) == (409, "ILLEGAL_MOVE")
        assert refusal(wire.ask("DELETE", f"jobs/{qrn}")) == (409, "ILLEGAL_MOVE")
        reply = wire.ask("POST", f"jobs/{qrn}/cancel")
        assert (reply.status, reply.json["data"]["jobQrn"]) == (202, qrn)
    for qrn in (job, batch):
        ended = wire.ended(qrn)
        assert (ended["status"], ended["cost"], ended["timeStamps"]["endedAt"] is None) == (
            "CANCELLED",
            0,
            False,
        )
        assert refusal(wire.ask("GET", f"jobs/{qrn}/result")) == (409, "JOB_ENDED")
        assert refusal(wire.ask("POST", f"jobs/{qrn}/cancel")) == (409, "JOB_CANCEL_CONFLICT")
        assert wire.ask("DELETE", f"jobs/{qrn}").status == 200
    assert wire.get("jobs")["data"] == []


# -- sent twice -----------------------------------------------------------------------------------------------


def test_a_request_with_a_key_is_one_job_however_often_it_is_sent(wire):
    headers = {"Idempotency-Key": "one"}
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: wire.ask("POST", "jobs", GOOD, headers=headers), range(8)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["jobQrn"] for reply in replies}) == 1
    spaced = json.dumps(GOOD, indent=2).encode()
    again = wire.ask("POST", "jobs", spaced, headers=headers)
    assert (again.status, again.json["jobQrn"]) == (201, replies[0].json["jobQrn"])
    assert refusal(wire.ask("POST", "jobs", {**GOOD, "shots": 6}, headers=headers)) == (
        409,
        "REQUEST_KEY_REUSED",
    )
    assert len(wire.get("jobs")["data"]) == 1


def test_without_a_key_two_requests_are_two_jobs(wire):
    assert wire.submit(BELL)["jobQrn"] != wire.submit(BELL)["jobQrn"]


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(wire, key):
    reply = wire.ask("POST", "jobs", GOOD, headers={"Idempotency-Key": key})
    assert refusal(reply) == (400, "INVALID_REQUEST")


# -- the table ------------------------------------------------------------------------------------------------


def test_a_key_deletes_jobs_of_its_own_user_alone(server, wire):
    owner = wire.person
    owner.engine.invite("bob")
    job = server.engine.acting_as("bob", owner.key.team).submit(SKEW, shots=10, name="bob's").wait(60)
    qrn = wire.get("jobs")["data"][0]["jobQrn"]
    for reply in (
        wire.ask("DELETE", f"jobs/{qrn}"),
        wire.ask("DELETE", f"jobs?qrns={quote(json.dumps([qrn]))}"),
    ):
        assert reply.status == 403
        assert "bob's: a key deletes jobs of its own user" in reply.json["message"]
    assert wire.get(f"jobs/{qrn}/result")["data"]["resultData"]["measurementCounts"] == {"101": 10}
    assert owner.engine.delete([job.id]).jobs == 1  # which an owner may, with more than a key


def test_what_is_fixed_wins_over_what_is_open():
    patterns = list(by_path(QBRAID.routes))
    first = patterns.index("jobs/([^/]+)/?")
    for fixed in ("jobs/statuses", r"jobs/cost\-estimate", "jobs/group"):
        assert patterns.index(f"{fixed}/?") < first


def test_every_field_of_a_job_is_told_beside_its_data():
    answer = next(
        route.answers[201] for route in QBRAID.routes if route.path == "jobs" and route.method == "POST"
    )
    assert set(answer.model_fields) == {*PlatformJob.model_fields, "success", "data"}

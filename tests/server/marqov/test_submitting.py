"""What becomes of a submission: a job, a batch, or a refusal that says the way out."""

import contextlib
import http.client
import json

import pytest

from qjob.server.wording import MAGIC
from server_lab import BELL, SKEW

pytestmark = pytest.mark.slow
SUBMIT = "qjob/api/jobs/submit"
QISKIT = """from qiskit import QuantumCircuit

qc = QuantumCircuit(3, 3)
qc.x(0)
qc.cx(0, 2)
qc.measure(range(3), range(3))
"""


def text(code=SKEW, **more):
    return {"inline_code": code, "framework": "openqasm", "backend": "marqov-sim", **more}


# -- the two bodies of Marqov's page, with the placeholders filled in -----------------------------------------------


def test_the_page_s_inline_body_makes_a_job(server):
    body = {
        "inline_code": QISKIT,
        "framework": "qiskit",
        "backend": "marqov-sim",
        "params": {"shots": 1000},
    }
    reply = server.me("POST", SUBMIT, body)
    assert reply.status == 201
    job_id = reply.json["job_id"]
    assert reply.headers["Location"] == f"{server.base}qjob/api/jobs/{job_id}"
    assert reply.headers["Content-Type"] == "application/json"
    assert server.wait(job_id).counts == {"101": 1000}


@pytest.mark.parametrize("script", ["uuid", "4b7f3f6e-52e6-4f0e-9a27-0d6f6c1f4a55"])
def test_the_page_s_script_body_says_that_scripts_come_later(server, script):
    body = {
        "script_id": script,
        "backend": "sv1",
        "params": {"shots": 1000},
        "execution_mode": "direct",
    }
    reply = server.me("POST", SUBMIT, body)
    assert (reply.status, reply.json["code"]) == (404, "no_such_script")
    assert "later step" in reply.json["error"]
    assert "inline_code" in reply.json["remedy"]


# -- what a body says is what is run ------------------------------------------------------------------------------


def test_all_that_a_body_says_is_in_the_job(server, ada):
    body = text(
        backend="marqov:qb:sim:noisy-aer",
        params={
            "shots": 64,
            "seed": 7,
            "noise_model": {"gate_error_2q": 0.25, "t1": 50},
            "options": {"device": "cpu"},
        },
        name="a name",
        tags={"run": "3"},
    )
    reply = server.ask("POST", SUBMIT, body, key=ada)
    record = ada.engine.store.job(reply.json["job_id"])
    assert (record.backend, record.shots, record.seed, record.mode) == ("qb-sim-noisy-aer", 64, 7, "direct")
    assert record.options == {"gate_error_2q": 0.25, "t1": 50.0, "device": "cpu"}
    assert (record.name, record.tags, record.user) == ("a name", {"run": "3"}, ada.user)
    assert record.team == ada.key.team


def test_a_list_is_a_batch(server):
    code = f"{QISKIT}\n[qc for _ in range(params['layers'])]"
    reply = server.me(
        "POST", SUBMIT, {"inline_code": code, "params": {"shots": 50, "layers": 3}, "name": "b"}
    )
    assert (reply.status, reply.json["batch"]) == (201, True)
    batch = server.engine.batch(reply.json["job_id"]).wait(60)
    assert [job.name for job in batch] == ["b[0]", "b[1]", "b[2]"]
    assert [dict(counts) for counts in batch.counts] == [{"101": 50}] * 3


@pytest.mark.parametrize("mode", ["durable", "temporal"])
def test_durable_and_temporal_are_the_same_here(server, ada, mode):
    quoted = server.ask("POST", "qjob/api/quote", text(execution_mode=mode), key=ada)
    assert quoted.json["free"]
    reply = server.ask("POST", SUBMIT, text(execution_mode=mode), key=ada)
    job = server.wait(reply.json["job_id"], ada)
    assert (job.record.mode, job.counts) == ("durable", {"101": 1000})


# -- refusals -----------------------------------------------------------------------------------------------------

LINE = "OPENQASM 2.0;\nqreg q[1];\nnonsense q[0];"


@pytest.mark.parametrize(
    ("change", "refusal", "said"),
    [
        pytest.param({"inline_code": None}, (400, "invalid_request"), "exactly one of", id="no-program"),
        pytest.param(
            {"script_slug": "bell-state"}, (400, "invalid_request"), "exactly one of", id="two-programs"
        ),
        pytest.param({"inline_code": ""}, (400, "invalid_request"), "inline_code", id="empty"),
        pytest.param({"inline_code": "x" * 50_001}, (400, "invalid_request"), "50000", id="too-long"),
        pytest.param({"inline_code": "x\0"}, (400, "invalid_request"), "inline_code", id="nul"),
        pytest.param({"inline_code": LINE}, (400, "program_refused"), "line 3", id="qasm-with-its-line"),
        pytest.param({"framework": "fortran"}, (400, "invalid_request"), "framework", id="unknown-framework"),
        pytest.param({"framework": "cirq"}, (400, "code_refused"), "cirq", id="framework-not-taken"),
        pytest.param({"backend": "sv2"}, (404, "unknown_backend"), "sv1", id="unknown-backend"),
        pytest.param({"backend": "tn1"}, (400, "backend_refused"), "retired", id="retired-backend"),
        pytest.param({"params": {"shots": 0}}, (400, "invalid_request"), "params.shots", id="no-shots"),
        pytest.param(
            {"params": {"shots": 100_001}}, (400, "invalid_request"), "params.shots", id="many-shots"
        ),
        pytest.param(
            {"params": {"shots": "12"}}, (400, "invalid_request"), "params.shots", id="shots-as-text"
        ),
        pytest.param(
            {"params": {"shots": True}}, (400, "invalid_request"), "params.shots", id="shots-as-bool"
        ),
        pytest.param(
            {"params": {"seed": -1}},
            (400, "invalid_request"),
            "params.seed: it takes a whole number",
            id="seed",
        ),
        pytest.param(
            {
                "inline_code": 'OPENQASM 3.0; include "stdgates.inc"; input float t; qubit q; bit c; c = measure q;'
            },
            (400, "program_refused"),
            "already inserted",
            id="a-name-that-a-gate-has",
        ),
        pytest.param({"params": {"graph_size": 21}}, (400, "invalid_request"), "graph_size", id="graph-size"),
        pytest.param({"params": {"layers": 0}}, (400, "invalid_request"), "layers", id="layers"),
        pytest.param({"params": {"shot": 5}}, (400, "invalid_request"), "params.shot", id="misspelt"),
        pytest.param(
            {"params": {"noise_model": {"t1": 5}}},
            (400, "invalid_option"),
            "marqov-sim has no option",
            id="noise",
        ),
        pytest.param(
            {"backend": "qb-sim-noisy-aer", "params": {"noise_model": {"gate_error": 1}}},
            (400, "invalid_option"),
            "gate_error_1q",
            id="unknown-noise",
        ),
        pytest.param(
            {"params": {"noise_model": {"t1": 1}, "options": {"t1": 2}}},
            (400, "invalid_request"),
            "t1",
            id="twice",
        ),
        pytest.param(
            {"params": {"options": {"device": [1]}}},
            (400, "invalid_request"),
            "params.options.device: it takes a finite number, true or false, or text",
            id="option-of-no-kind",
        ),
        pytest.param(
            {"params": {"theta": ["x"]}}, (400, "invalid_request"), "theta: it takes a finite", id="theta"
        ),
        pytest.param({"execution_mode": "fast"}, (400, "invalid_request"), "execution_mode", id="mode"),
        pytest.param({"create_capsule": True}, (400, "invalid_request"), "later step", id="capsule"),
        pytest.param({"name": ""}, (400, "invalid_request"), "name", id="empty-name"),
        pytest.param({"tags": {"a": 1}}, (400, "invalid_request"), "tags", id="tag-no-text"),
        pytest.param({"tags": {str(n): "x" for n in range(51)}}, (400, "invalid_request"), "tags", id="tags"),
        pytest.param({"colour": "red"}, (400, "invalid_request"), "colour", id="unknown-field"),
        pytest.param(
            {"inline_code": QISKIT, "framework": "qiskit"}, (403, "scope_missing"), "inline", id="scope"
        ),
        pytest.param(
            {"inline_code": QISKIT, "framework": None}, (403, "scope_missing"), "inline", id="scope-told"
        ),
    ],
)
def test_a_refusal_says_what_and_the_way_out(server, ada, change, refusal, said):
    reply = server.ask("POST", SUBMIT, {**text(), **change}, key=ada)
    assert (reply.status, reply.json["code"]) == refusal, reply.json
    assert said in reply.json["error"]
    assert reply.json["remedy"]
    assert not MAGIC.search(reply.body.decode())
    assert not ada.engine.jobs(team=ada.key.team)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b"", "application/json", 400, id="nothing"),
        pytest.param(b"{", "application/json", 400, id="broken"),
        pytest.param(b"[]", "application/json", 400, id="no-object"),
        pytest.param(b"\xff", "application/json", 400, id="no-utf-8"),
        pytest.param(b'{"inline_code":"\\ud800"}', "application/json", 400, id="surrogate"),
        pytest.param(b'{"inline_code":"x","params":{"theta":NaN}}', "application/json", 400, id="nan"),
        pytest.param(b'{"inline_code":"x","params":{"theta":1e999}}', "application/json", 400, id="infinity"),
        pytest.param(b'{"a":' * 5_000, "application/json", 400, id="nested"),
        pytest.param(b"inline_code=x", "application/x-www-form-urlencoded", 415, id="form"),
    ],
)
def test_what_is_no_such_body_is_refused(server, ada, body, kind, status):
    reply = server.ask("POST", SUBMIT, body, key=ada, headers={"Content-Type": kind})
    assert reply.status == status
    assert reply.json["error"]


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(server, ada):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", f"{server.base}{SUBMIT}")
    for name, value in (
        ("X-API-Key", ada.text),
        ("Content-Type", "application/json"),
        ("Content-Length", 2**40),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    with contextlib.closing(connection), connection.getresponse() as reply:
        assert (reply.status, json.loads(reply.read())["code"]) == (413, "body_too_large")


def test_the_line_of_a_fault_in_the_code_is_told(server):
    reply = server.me("POST", SUBMIT, {"inline_code": f"{QISKIT}qc.h(99)\n", "framework": "qiskit"})
    assert (reply.status, reply.json["code"]) == (400, "code_refused")
    assert reply.json["details"]["line"] == 7
    assert reply.json["error"].startswith("line 7: ")


# -- money and pace -----------------------------------------------------------------------------------------------


def test_a_paid_job_is_held_charged_and_refused_beyond_the_budget(server, ada):
    ada.engine.budget(day="2.00", job="1.50")
    paid = text(backend="toll-sim", params={"shots": 100})
    assert server.ask("POST", "qjob/api/quote", paid, key=ada).json["cap_usd"] == "1.30"
    first = server.ask("POST", SUBMIT, paid, key=ada)
    server.wait(first.json["job_id"], ada)
    detail = server.ask("GET", f"qjob/api/jobs/{first.json['job_id']}", key=ada).json
    assert detail["price"] == {"estimated_usd": "1.30", "held_usd": "0.00", "cost_usd": "1.30"}
    assert [(one["kind"], one["usd"]) for one in detail["movements"]] == [
        ("hold", "1.30"),
        ("charge", "1.30"),
    ]

    refused = server.ask("POST", SUBMIT, paid, key=ada)
    assert (refused.status, refused.json["code"]) == (402, "over_budget")
    assert refused.json["details"]["remaining_usd"] == {"job": "0.70", "day": "0.70", "month": "998.70"}
    money = {name: amount for name, amount in refused.json["details"].items() if name.endswith("_usd")}
    assert money == {
        "limit_usd": "2.00",
        "charged_usd": "1.30",
        "held_usd": "0.00",
        "quote_usd": "1.30",
        "remaining_usd": {"job": "0.70", "day": "0.70", "month": "998.70"},
    }
    assert refused.json["details"].keys() - money.keys() == {"period", "period_ends"}
    assert refused.json["details"]["period"] == "day"
    assert "40 shots" in refused.json["remedy"]
    assert int(refused.headers["Retry-After"]) >= 1

    quoted = server.ask("POST", "qjob/api/quote", paid, key=ada).json
    assert (quoted["within_budget"], quoted["reason"]) == (False, refused.json["error"])
    again = server.ask("POST", f"qjob/api/jobs/{first.json['job_id']}/retry", key=ada)
    assert (again.status, again.json["details"]["remaining_usd"]["day"]) == (402, "0.70")
    assert not any(MAGIC.search(str(reply)) for reply in (refused.json, again.json, quoted))
    large = server.ask("POST", SUBMIT, text(backend="toll-sim", params={"shots": 1000}), key=ada)
    assert (large.status, large.json["details"]["period"]) == (402, "job")
    budget = server.ask("GET", "qjob/api/budget", key=ada).json
    assert (budget["team"], budget["day"]["charged_usd"], budget["day"]["remaining_usd"]) == (
        ada.user,
        "1.30",
        "0.70",
    )
    assert ada.engine.audit().ok


def test_who_is_too_fast_is_told_when_to_come_again(server, ada):
    ada.engine.limits(user_per_minute=1)
    paid = text(backend="toll-sim", params={"shots": 1})
    assert server.ask("POST", SUBMIT, paid, key=ada).status == 201
    reply = server.ask("POST", SUBMIT, paid, key=ada)
    assert (reply.status, reply.json["code"]) == (429, "rate_limited")
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert reply.json["retry_after"] <= int(reply.headers["Retry-After"])


def test_a_bell_pair_reads_both_bits_alike(server, ada):
    reply = server.ask("POST", SUBMIT, text(BELL), key=ada)
    server.wait(reply.json["job_id"], ada)
    counts = server.ask("GET", f"qjob/api/jobs/{reply.json['job_id']}/result", key=ada).json["counts"]
    assert set(counts) == {"00", "11"}
    assert sum(counts.values()) == 1000

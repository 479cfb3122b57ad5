"""What is told of jobs that are there, and done with them; a batch's id is good wherever a job's is."""

import base64
import uuid
from dataclasses import asdict
from urllib.parse import urlencode

import pytest

from qjob import programs
from qjob.model.errors import InvalidRequest
from qjob.model.job import Failure, JobStatus
from qjob.model.key import Scope
from qjob.model.program import Program, ProgramFormat
from qjob.server.desk import Caller, Desk
from qjob.server.inline import Codes
from qjob.server.marqov import jobs as jobs_module
from qjob.server.marqov.asked import ResultQuery
from qjob.server.routes import Call
from server_lab import LONG, SKEW

pytestmark = pytest.mark.slow
STATE = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; x q[1]; s q[1]; measure q -> c;'
FOREVER = {"inline_code": LONG, "framework": "openqasm", "params": {"shots": 100_000}}


def jobs(job_id="", part="", **query):
    path = "/".join(filter(None, ("qjob/api/jobs", job_id, part)))
    return f"{path}?{urlencode(query)}" if query else path


def submit(server, person, **body):
    reply = server.ask(
        "POST", jobs("submit"), {"inline_code": SKEW, "framework": "openqasm", **body}, key=person
    )
    assert reply.status == 201, reply.json
    return reply.json["job_id"]


@pytest.fixture(scope="module")
def eve(server):
    """A user with a few jobs, which nothing changes."""
    return server.person("eve")


@pytest.fixture(scope="module")
def done(server, eve):
    """Her job that has ended, and her batch."""
    job_id = submit(server, eve, name="ended", tags={"kind": "one"}, params={"shots": 40, "seed": 5})
    server.wait(job_id, eve)
    return job_id


@pytest.fixture(scope="module")
def batch(eve):
    found = eve.engine.submit([SKEW, STATE], shots=10, name="pair")
    return found.wait(60)


# -- one job ------------------------------------------------------------------------------------------------------


def test_a_job_that_has_ended_is_told_in_whole(server, eve, done):
    told = server.ask("GET", jobs(done), key=eve).json
    expected = {
        "kind": "job",
        "job_id": done,
        "name": "ended",
        "user": eve.user,
        "team_id": eve.key.team,
        "status": "completed",
        "state": "COMPLETED",
        "backend": "marqov-sim",
        "shots": 40,
        "num_qubits": 3,
        "seed": 5,
        "options": {},
        "execution_mode": "direct",
        "tags": {"kind": "one"},
        "price": {"estimated_usd": "0.00", "held_usd": "0.00", "cost_usd": "0.00"},
        "failure": None,
        "batch_id": None,
        "retry_of": None,
        "queue_position": None,
        "pending": None,
        "movements": [],
        "attempts": [],
        "registers": [{"name": "c", "size": 3}],
    }
    assert {name: told[name] for name in expected} == expected
    assert told["created_at"] <= told["started_at"] <= told["ended_at"]
    assert told["progress"]["top"] == [{"outcome": "101", "count": 40}]
    assert (told["progress"]["shots_done"], told["progress"]["distinct"]) == (40, 1)
    links = told["links"]
    assert links["page"] == f"{server.base}qjob/jobs/{done}"
    for part in ("job", "events", "result", "program"):
        assert server.ask("GET", links[part].removeprefix(server.base), key=eve).status == 200


def test_events_are_the_log_from_any_number_on(server, eve, done):
    whole = server.ask("GET", jobs(done, "events"), key=eve).json
    assert [one["kind"] for one in whole["events"]] == ["accepted", "running", "completed"]
    assert [one["seq"] for one in whole["events"]] == [0, 1, 2]
    assert server.ask("GET", jobs(done, "events", after=1), key=eve).json["events"] == whole["events"][2:]
    assert server.ask("GET", jobs(done, "events", after=2), key=eve).json["events"] == []


def test_a_result_declares_its_bit_order(server, eve, done):
    result = server.ask("GET", jobs(done, "result"), key=eve).json
    assert result["counts"] == {"101": 40}
    assert result["bit_order"].startswith("qiskit: classical bit 0 is the rightmost")
    assert (result["shots"], result["num_clbits"], result["registers"]) == (40, 3, [{"name": "c", "size": 3}])
    assert result["statevector"] is None


def test_a_state_vector_comes_with_its_amplitudes_and_only_if_wanted(server, ada):
    job_id = submit(
        server,
        ada,
        inline_code=STATE,
        backend="qb-sim-statevector",
        params={"shots": 3, "options": {"statevector": True}},
    )
    server.wait(job_id, ada)
    result = server.ask("GET", jobs(job_id, "result"), key=ada)
    amplitudes = [complex(*pair) for pair in result.json["statevector"]]
    assert amplitudes == pytest.approx([0, 0, 1j, 0])  # qubit 0 is the lowest bit of the index
    assert result.json["counts"] == {"10": 3}
    assert result.headers["Content-Type"] == "application/json"
    without = server.ask("GET", jobs(job_id, "result", statevector="false"), key=ada).json
    assert without == {**result.json, "statevector": None}


def test_a_program_comes_back_as_it_was_sent(server, eve, done):
    told = server.ask("GET", jobs(done, "program"), key=eve).json
    assert (told["format"], told["text"], told["base64"]) == ("qasm2", SKEW, None)
    assert told["sha256"] == Program(ProgramFormat.QASM2, SKEW.encode()).digest


def test_a_program_that_is_no_text_comes_as_base64(server, ada):
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    job = ada.engine.submit(circuit, shots=1)
    told = server.ask("GET", jobs(job.id, "program"), key=ada).json
    assert (told["format"], told["text"]) == ("qpy", None)
    read = programs.circuit(Program(ProgramFormat.QPY, base64.b64decode(told["base64"])))
    assert read.count_ops() == {"measure": 1}


def test_a_job_that_runs_has_no_result_until_it_is_cancelled(server, ada):
    job_id = submit(server, ada, **FOREVER)
    early = server.ask("GET", jobs(job_id, "result"), key=ada)
    assert (early.status, early.json["code"]) == (409, "illegal_move")
    assert job_id in early.json["error"]
    assert early.json["remedy"] == f"Wait for it: GET qjob/api/jobs/{job_id}"
    again = server.ask("POST", jobs(job_id, "retry"), key=ada)
    assert (again.status, again.json["code"]) == (409, "illegal_move")
    assert again.json["remedy"] == f"Cancel it first: POST qjob/api/jobs/{job_id}/cancel"
    cancelled = server.ask("POST", jobs(job_id, "cancel"), key=ada).json
    assert (cancelled["cancelled"], cancelled["jobs"]) == (True, 1)
    server.wait(job_id, ada)
    told = server.ask("GET", jobs(job_id), key=ada).json
    assert (told["status"], (told["progress"] or {}).get("phase", "")) == ("cancelled", "")
    gone = server.ask("GET", jobs(job_id, "result"), key=ada)
    assert (gone.status, gone.json["code"]) == (409, "job_ended")
    assert gone.json["remedy"] == f"Run it again: POST qjob/api/jobs/{job_id}/retry"
    assert server.ask("POST", jobs(job_id, "cancel"), key=ada).json["cancelled"] is False


def test_seeds_come_back_as_every_reader_of_json_keeps_them(server, ada):
    given = str(2**60 + 1)
    first = submit(server, ada, params={"shots": 1, "seed": given})
    assert server.ask("GET", jobs(first), key=ada).json["seed"] == given
    drawn = server.ask("GET", jobs(submit(server, ada, params={"shots": 1})), key=ada).json["seed"]
    assert 0 <= drawn < 2**53


def test_a_retry_is_a_new_job_that_names_the_old_one(server, eve, done):
    reply = server.ask("POST", jobs(done, "retry"), key=eve)
    assert reply.status == 201
    assert server.wait(reply.json["job_id"], eve).counts == {"101": 40}
    told = server.ask("GET", jobs(reply.json["job_id"]), key=eve).json
    assert (told["retry_of"], told["seed"], told["name"]) == (done, 5, "ended")


def test_a_failure_tells_why_and_the_way_out(server, ada):
    job = ada.engine.submit(LONG, shots=1_500)  # some seconds: its simulator does not hear of this end
    why = Failure(
        "worker_killed", "somebody ended it", f"Run it again: %qjob retry {job.id[:8]}", transient=True
    )
    assert ada.engine.store.move(job.id, JobStatus.FAILED, failure=why)
    remedy = f"Run it again: POST qjob/api/jobs/{job.id}/retry"
    told = server.ask("GET", jobs(job.id), key=ada).json
    assert (told["status"], told["failure"]) == ("failed", {**asdict(why), "remedy": remedy})
    assert server.ask("GET", jobs(status="failed"), key=ada).json["jobs"][0]["failure"] == told["failure"]
    last = server.ask("GET", jobs(job.id, "events"), key=ada).json["events"][-1]
    assert last["kind"] == "failed"
    assert "%qjob" not in str(last["data"])
    gone = server.ask("GET", jobs(job.id, "result"), key=ada)
    assert (gone.status, gone.json["code"], gone.json["remedy"]) == (409, "job_ended", remedy)
    ada.engine.cancel(job.id)


# -- a batch --------------------------------------------------------------------------------------------------------


def test_a_batch_lists_its_jobs(server, eve, batch):
    told = server.ask("GET", jobs(batch.id), key=eve).json
    assert (told["kind"], told["job_id"], told["name"], told["size"]) == ("batch", batch.id, "pair", 2)
    assert (told["status"], told["counts_by_state"]) == ("completed", {"COMPLETED": 2})
    assert [(one["job_id"], one["place"], one["name"]) for one in told["jobs"]] == [
        (batch[0].id, 0, "pair[0]"),
        (batch[1].id, 1, "pair[1]"),
    ]
    assert (told["links"]["page"], told["links"]["retry"]) == (f"{server.base}qjob/jobs/{batch.id}", None)
    assert (told["team_id"], told["execution_mode"], told["tags"]) == (
        eve.key.team,
        "direct",
        dict(batch[0].record.tags),
    )
    member = server.ask("GET", told["jobs"][1]["link"].removeprefix(server.base), key=eve).json
    assert (member["batch_id"], member["place"], member["links"]["batch"]) == (
        batch.id,
        1,
        told["links"]["job"],
    )


def test_a_batch_s_parts_come_by_their_places(server, eve, batch):
    results = server.ask("GET", jobs(batch.id, "result"), key=eve).json["jobs"]
    assert [(one["place"], one["status"], one["result"]["counts"]) for one in results] == [
        (0, "completed", {"101": 10}),
        (1, "completed", {"10": 10}),
    ]
    texts = [one["text"] for one in server.ask("GET", jobs(batch.id, "program"), key=eve).json["programs"]]
    assert texts == [SKEW, STATE]
    logs = server.ask("GET", jobs(batch.id, "events"), key=eve).json["jobs"]
    assert [log["job_id"] for log in logs] == [job.id for job in batch]
    retry = server.ask("POST", jobs(batch.id, "retry"), key=eve)
    assert (retry.status, retry.json["code"]) == (409, "illegal_move")
    assert retry.json["remedy"].startswith("All its jobs have a result")


@pytest.mark.parametrize(("part", "most"), [("result", "MOST_OUTCOMES"), ("program", "MOST_BYTES")])
def test_a_batch_that_is_too_much_for_one_answer_is_asked_for_job_by_job(eve, batch, monkeypatch, part, most):
    monkeypatch.setattr(jobs_module, most, 1)
    who = Caller(eve.user, (eve.key.team,), eve.key.team, frozenset(Scope))
    handle = {"result": jobs_module.result, "program": jobs_module.program}[part]
    with pytest.raises(InvalidRequest, match="more than one answer holds") as caught:
        handle(Desk(eve.engine, who, Codes()), Call({"job_id": batch.id}, query=ResultQuery()))
    assert f"{batch[0].id}/{part}" in caught.value.remedy


def test_a_batch_is_cancelled_as_a_whole(server, ada):
    batch = ada.engine.submit([LONG, LONG], shots=100_000)
    early = server.ask("GET", jobs(batch.id, "result"), key=ada)
    assert (early.status, early.json["details"]["left"]) == (409, 2)
    told = server.ask("POST", jobs(batch.id, "cancel"), key=ada).json
    assert (told["cancelled"], told["jobs"], told["state"]) == (True, 2, None)
    batch.wait(30)
    parts = server.ask("GET", jobs(batch.id, "result"), key=ada).json["jobs"]
    assert [(one["status"], one["result"]) for one in parts] == [("cancelled", None)] * 2


# -- lists ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(server):
    """A user with seven jobs of several kinds, the newest first."""
    person = server.person("many")
    made = [
        *person.engine.submit([SKEW, SKEW], shots=3, name="twin", tags={"kind": "twin"}),
        *(person.engine.submit(SKEW, shots=n, name=f"n {n}", tags={"n": str(n)}) for n in range(1, 4)),
        person.engine.submit(SKEW, shots=2, backend="qb-sim-statevector", name="other"),
    ]
    for job in made:
        job.wait(30)
    slow = person.engine.submit(LONG, shots=100_000, name="cancelled")
    slow.cancel()
    slow.wait(30)
    return person


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param({}, ["cancelled", "other", "n 3", "n 2", "n 1", "twin[1]", "twin[0]"], id="all"),
        pytest.param({"limit": 2}, ["cancelled", "other"], id="first-page"),
        pytest.param({"limit": 2, "offset": 5}, ["twin[1]", "twin[0]"], id="last-page"),
        pytest.param({"offset": 7}, [], id="beyond"),
        pytest.param({"status": "dispatch_failed"}, [], id="a status that no job has"),
        pytest.param({"status": "cancelled"}, ["cancelled"], id="status"),
        pytest.param({"status": "CANCELLED, pending"}, ["cancelled"], id="statuses"),
        pytest.param({"status": "running,queued"}, [], id="unfinished"),
        pytest.param({"backend": "qb-sim-statevector"}, ["other"], id="backend"),
        pytest.param({"text": "N 2"}, ["n 2"], id="text"),
        pytest.param({"tag": "n"}, ["n 3", "n 2", "n 1"], id="tag"),
        pytest.param({"tag": "n=1"}, ["n 1"], id="tag-and-value"),
        pytest.param({"until": "2001-01-01T00:00:00Z"}, [], id="until"),
        pytest.param({"since": "0001-01-01T00:00:00Z", "limit": 1}, ["cancelled"], id="since-ever"),
        pytest.param({"since": "9999-12-31T23:59:59-12:00"}, [], id="since-the-end-of-time"),
        pytest.param({"token": "x", "limit": 1}, ["cancelled"], id="jupyter-s-own"),
    ],
)
def test_a_list_shows_what_was_asked_for(server, many, query, names):
    told = server.ask("GET", jobs(**query), key=many).json
    assert [job["name"] for job in told["jobs"]] == names
    assert told["total"] >= len(names)


def test_pages_follow_each_other(server, many):
    path, seen = jobs(limit=3, status="completed,cancelled"), []
    while path:
        told = server.ask("GET", path, key=many).json
        assert told["total"] == 7
        seen += [job["job_id"] for job in told["jobs"]]
        path = told["next"] and told["next"].removeprefix(server.base)
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param({"status": "done"}, "there is no status 'done'", id="status"),
        pytest.param({"limit": 101}, "limit", id="limit"),
        pytest.param({"limit": "ten"}, "limit", id="no-number"),
        pytest.param({"limit": "1_0"}, "limit: it takes a whole number", id="underscore"),
        pytest.param({"limit": "5.0"}, "limit: it takes a whole number", id="point"),
        pytest.param({"since": "1767225600"}, "since: it takes a time", id="seconds"),
        pytest.param({"offset": -1}, "offset", id="offset"),
        pytest.param({"since": "yesterday"}, "since", id="no-time"),
        pytest.param({"since": "2026-01-01T00:00:00"}, "since", id="no-zone"),
        pytest.param({"tag": "=x"}, "has no key", id="tag"),
        pytest.param({"text": "a\0b"}, "text", id="nul"),
        pytest.param({"stauts": "failed"}, "stauts", id="misspelt"),
    ],
)
def test_what_no_list_can_show_is_refused(server, eve, query, said):
    reply = server.ask("GET", jobs(**query), key=eve)
    assert (reply.status, reply.json["code"]) == (400, "invalid_request")
    assert said in reply.json["error"]
    assert reply.json["remedy"]


# -- whose it is ----------------------------------------------------------------------------------------------------

ROUTES = ["GET ", "GET events", "GET result", "GET program", "POST cancel", "POST retry"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_job_of_another_team_is_no_job(server, ada, done, batch, route):
    method, part = route.split(" ")
    unknown = server.ask(method, jobs(str(uuid.uuid4()), part), key=ada)
    assert (unknown.status, unknown.json["code"]) == (404, "no_such_job")
    for job_id in (done, batch.id, done[:8], done.upper(), "ended"):
        reply = server.ask(method, jobs(job_id, part), key=ada)
        assert (reply.status, reply.json["code"]) == (404, "no_such_job")
        assert reply.json["error"].replace(job_id, "") == unknown.json["error"].replace(
            unknown.json["details"]["id"], ""
        )


@pytest.mark.parametrize("route", ROUTES)
def test_half_an_id_or_a_name_is_no_job_even_of_the_own(server, eve, done, route):
    method, part = route.split(" ")
    for job_id in (done[:8], "ended", f"{done} ", f"{done}%0a"):
        assert server.ask(method, jobs(job_id.replace(" ", "%20"), part), key=eve).status == 404


def test_a_list_has_no_job_of_another_team(server, eve, done):
    stranger = server.person("stranger")
    assert server.ask("GET", jobs(), key=stranger).json["total"] == 0
    assert server.ask("GET", jobs(text=done), key=stranger).json["jobs"] == []
    assert server.ask("GET", jobs(text=done), key=eve).json["total"] == 1

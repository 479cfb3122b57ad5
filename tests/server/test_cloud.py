"""Jobs at Amazon Braket, asked for over HTTP: what they cost and hold, what they come to, and that they can be ended.

The server's store is in a file, or in PostgreSQL.
"""

from decimal import Decimal

import pytest

from cloud_lab import SKEW, SKEWED, until
from server_lab import jupyter_server

pytestmark = pytest.mark.slow

QBRAID, MARQOV = "qjob/qbraid/api/v1/", "qjob/api/"
SV1 = "aws:aws:sim:sv1"


@pytest.fixture(params=["file", "postgres"])
def cloud(request, loopback, tmp_path, monkeypatch):  # noqa: ARG001 - which changes the environment
    """A server whose Amazon Braket is the loopback."""
    if request.param == "postgres":
        monkeypatch.setenv("QJOB_DATABASE_URL", request.getfixturevalue("database_url"))
    with jupyter_server(tmp_path / "jupyter") as server:
        yield server
        assert server.engine.audit().ok


def ask(cloud, person, method, path, body=None):
    return cloud.ask(method, path, body, key=person)


def submit(cloud, person, **more):
    body = {"deviceQrn": SV1, "shots": 100, "program": {"format": "qasm2", "data": SKEW}, **more}
    reply = ask(cloud, person, "POST", QBRAID + "jobs", body)
    assert reply.status == 201, reply.body
    return reply.json["data"]["jobQrn"]


def job(cloud, person, qrn):
    return ask(cloud, person, "GET", f"{QBRAID}jobs/{qrn}").json["data"]


def tasks(loopback, user):
    return [task for task in loopback.tasks() if task.tags.get("qjob:user") == user]


def test_a_simulator_s_job_is_one_task_that_is_held_run_and_settled(cloud, loopback):
    ada = cloud.person("ada")
    before = ada.engine.budget().remaining
    qrn = submit(cloud, ada)
    until(lambda: job(cloud, ada, qrn)["status"] == "COMPLETED")
    result = ask(cloud, ada, "GET", f"{QBRAID}jobs/{qrn}/result").json["data"]
    assert result["resultData"]["measurementCounts"] == {SKEWED: 100}
    assert [task.status for task in tasks(loopback, ada.user)] == ["COMPLETED"]
    cost = Decimal(str(result["cost"])) / 100
    assert cost > 0
    assert ada.engine.budget().remaining == before - cost
    assert ada.engine.budget().held == 0


def test_a_task_that_is_queued_is_cancelled_there_and_costs_nothing(cloud, loopback):
    ada = cloud.person("ada")
    loopback.hold("sv1")
    made = ask(
        cloud,
        ada,
        "POST",
        MARQOV + "jobs/submit",
        {"inline_code": SKEW, "framework": "openqasm", "backend": "sv1", "params": {"shots": 100}},
    ).json["job_id"]
    until(lambda: tasks(loopback, ada.user))
    assert ada.engine.budget().held > 0
    assert ask(cloud, ada, "POST", f"{MARQOV}jobs/{made}/cancel").status in (200, 202)
    until(lambda: ask(cloud, ada, "GET", f"{MARQOV}jobs/{made}").json["status"] == "cancelled")
    assert [task.status for task in tasks(loopback, ada.user)] == ["CANCELLED"]
    assert (ada.engine.budget().held, ada.engine.budget().charged) == (0, 0)


def test_a_login_that_has_expired_is_said_before_anything_is_stored(cloud, loopback):
    ada = cloud.person("ada")
    loopback.expire("main")
    reply = ask(
        cloud,
        ada,
        "POST",
        QBRAID + "jobs",
        {"deviceQrn": SV1, "shots": 100, "program": {"format": "qasm2", "data": SKEW}},
    )
    assert reply.status == 424, reply.body
    assert "expired" in reply.json["error"]["message"]
    assert ask(cloud, ada, "GET", QBRAID + "jobs").json["data"] == []
    assert tasks(loopback, ada.user) == []

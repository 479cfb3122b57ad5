"""Backends, prices, budget and quotes, for who has not decided yet."""

import pytest

from server_lab import BELL

pytestmark = pytest.mark.slow


def get(server, path, person):
    return server.ask("GET", f"qjob/api/{path}", key=person)


def test_backends_come_by_tiers(server, ada):
    told = get(server, "backends", ada).json
    assert [tier["name"] for tier in told["tiers"]] == [
        "Marqov simulators",
        "Quantum Brilliance",
        "Cloud simulators",
        "Quantum hardware",
    ]
    listed = [slug for tier in told["tiers"] for slug in tier["backends"]]
    assert sorted(listed) == sorted(row["slug"] for row in told["backends"])
    assert {row["slug"]: row["availability"] for row in told["backends"]}["tn1"] == "retired"


@pytest.mark.parametrize(
    ("slug", "expected", "price"),
    [
        pytest.param(
            "marqov-sim", {"local": True, "available": True}, {"kind": "free", "summary": "free"}, id="free"
        ),
        pytest.param(
            "toll-sim",
            {"local": True, "max_qubits": 20, "qrn": "marqov:test:sim:toll"},
            {
                "kind": "task",
                "task_fee_usd": "0.30",
                "per_shot_usd": "0.01",
                "source": "test",
                "as_of": "2026-11-01",
            },
            id="task",
        ),
        pytest.param(
            "aws:aws:sim:sv1",
            {"slug": "sv1", "local": False, "available": False, "availability": "unknown"},
            {"kind": "time", "per_unit_usd": "0.075", "unit": "minute", "minimum_seconds": 3},
            id="time, by its QRN",
        ),
        pytest.param(
            "tn1", {"available": False, "availability": "retired"}, {"currency": "USD"}, id="retired"
        ),
        pytest.param(
            "quantinuum-h2-1",
            {"available": False, "availability": "not_installed"},
            {"kind": "hqc"},
            id="hqc",
        ),
    ],
)
def test_a_backend_tells_its_price_and_whether_it_can_be_used(server, ada, slug, expected, price):
    told = get(server, f"backends/{slug}", ada).json
    assert {name: told[name] for name in expected} == expected
    assert {name: told["price"][name] for name in price} == price


def test_both_dialects_say_the_same_of_what_can_be_used(server, ada):
    words = {"available": "ONLINE", "closed": "ONLINE", "unknown": "UNAVAILABLE", "retired": "RETIRED"}
    here = {row["qrn"]: row["availability"] for row in get(server, "backends", ada).json["backends"]}
    there = server.ask("GET", "qjob/qbraid/api/v1/devices", key=ada).json["data"]
    assert {row["qrn"]: row["status"] for row in there} == {
        qrn: words.get(state, "OFFLINE") for qrn, state in here.items()
    }


def test_options_come_with_their_bounds(server, ada):
    options = {each["name"]: each for each in get(server, "backends/qb-sim-noisy-aer", ada).json["options"]}
    t1 = options["t1"]
    assert (t1["type"], t1["minimum"], t1["unit"], t1["default"]) == ("number", 0.001, "us", None)
    assert options["preset"]["choices"] == ["superconducting", "trapped-ion", "nv-center"]
    assert options["gate_time_1q"]["default"] == 50


def test_an_unknown_backend_is_a_404_that_names_what_is_near(server, ada):
    reply = get(server, "backends/sv2", ada)
    assert (reply.status, reply.json["code"]) == (404, "unknown_backend")
    assert "sv1" in reply.json["error"]


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        pytest.param("backend=toll-sim&shots=70", 200, {"cap_usd": "1.00", "credits": "100.00"}, id="task"),
        pytest.param("backend=marqov-sim", 200, {"free": True, "cap_usd": "0.00", "shots": 1000}, id="free"),
        pytest.param(
            "backend=ionq-forte-1&shots=5000",
            200,
            {"cap_usd": "400.30", "within_budget": False},
            id="too dear",
        ),
        pytest.param("backend=sv1&shots=1", 400, {"code": "invalid_request"}, id="needs a circuit"),
        pytest.param("backend=sv2", 404, {"code": "unknown_backend"}, id="unknown"),
        pytest.param("shots=5", 400, {"code": "invalid_request"}, id="no backend"),
        pytest.param("backend=sv1&shots=0", 400, {"code": "invalid_request"}, id="no shots"),
    ],
)
def test_a_price_without_a_circuit(server, ada, query, status, expected):
    reply = get(server, f"quote?{query}", ada)
    assert reply.status == status
    assert {name: reply.json[name] for name in expected} == expected


def test_a_quote_stores_nothing_and_needs_no_credentials(server, ada):
    body = {"inline_code": BELL, "backend": "sv1", "params": {"shots": 1000}}
    told = server.ask("POST", "qjob/api/quote", body, key=ada).json
    assert (told["priced"], told["estimated_usd"], told["within_budget"]) == (True, "0.00375", True)
    assert told["explanation"]
    assert get(server, "jobs", ada).json["total"] == 0


def test_what_has_no_price_says_why(server, ada):
    body = {"inline_code": BELL, "backend": "quantinuum-h2-1"}
    told = server.ask("POST", "qjob/api/quote", body, key=ada).json
    assert (told["priced"], told["free"], told["cap_usd"], told["within_budget"]) == (
        False,
        False,
        None,
        None,
    )
    assert "contract" in told["reason"]
    assert "backends.toml" in told["remedy"]
    refused = server.ask("POST", "qjob/api/jobs/submit", body, key=ada)  # nothing here runs it
    assert (refused.status, refused.json["code"]) == (400, "adapter_missing")


def test_a_budget_is_the_team_s(server, ada):
    ada.engine.budget(day="25.50", month=100, job=7)
    ada.engine.limits(user_per_minute=3)
    told = get(server, "budget", ada).json
    assert (told["per_job_usd"], told["remaining_usd"], told["day"]["limit_usd"]) == (
        "7.00",
        "25.50",
        "25.50",
    )
    assert told["rates"] == {"user_per_minute": 3, "team_per_day": 100, "local_jobs_count": False}

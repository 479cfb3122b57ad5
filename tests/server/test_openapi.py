"""The description of the API is true: schemathesis finds nothing on a running server that contradicts it."""

import os
import re
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from qjob.server.app import dialects
from qjob.server.openapi import PATTERNS, Description, servers
from server_lab import jupyter_server

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SEEDS = (7, 11)
ADDRESS = count(1)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """A server that believes a proxy who asks, so that a test can ask from many addresses."""
    options = {"ServerApp.trust_xheaders": True}
    with jupyter_server(tmp_path_factory.mktemp("described"), options=options) as server:
        yield server


@pytest.fixture(scope="module")
def described(proxied):
    """The description as it is served, to nobody in particular."""
    reply = proxied.ask("GET", "qjob/api/openapi.yaml")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/yaml")
    return yaml.safe_load(reply.body)


def operations(described):
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            yield method.upper(), re.sub(r"\{\w+\}", "x", path).lstrip("/"), said


def test_what_is_served_is_the_description_of_all_routes(proxied, described):
    document = Description(dialects).document
    assert described == {"openapi": "3.1.0", "servers": servers(proxied.base), **document}
    said = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert said == {
        (route.method.lower(), f"/{dialect.prefix}/{route.path}")
        for dialect in dialects()
        for route in dialect.routes
    }
    ids = [one["operationId"] for _, _, one in operations(described)]
    assert len(set(ids)) == len(ids)


def test_every_schema_is_one_and_every_reference_leads_somewhere(described):
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"#/components/schemas/([\w-]+)", str(described)))
    assert named <= set(schemas)
    linked = {
        link["operationId"]
        for _, _, said in operations(described)
        for answer in said["responses"].values()
        for link in answer.get("links", {}).values()
    }
    assert linked <= {said["operationId"] for _, _, said in operations(described)}
    assert {"marqov_result", "qbraid_result", "qbraid_close_group"} <= linked


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        pytest.param("a", True, id="one character"),
        pytest.param("a b", True, id="a space within"),
        pytest.param("x" * 200, True, id="as long as can be"),
        pytest.param("x" * 201, False, id="longer"),
        pytest.param("", False, id="nothing"),
        pytest.param("\u00e9", False, id="not ASCII"),
    ],
)
def test_keys_of_requests_are_what_both_dialects_take(proxied, key, fits):
    assert (re.fullmatch(PATTERNS["Idempotency-Key"], key) is not None) is fits
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    marqov = proxied.me(
        "POST", "qjob/api/jobs/submit", {"inline_code": "?", "framework": "openqasm"}, headers=headers
    )
    program = {"format": "qasm2", "data": "?"}
    qbraid = proxied.me(
        "POST", "qjob/qbraid/api/v1/jobs", {"program": program, "deviceQrn": "marqov-sim"}, headers=headers
    )
    for reply in (marqov, qbraid):
        assert reply.status == 400  # in any case: there is no program
        assert (b"Idempotency-Key" in reply.body) is not fits


def test_no_route_is_open_to_who_shows_no_key_or_a_wrong_one(proxied, described):
    """Each wrong key comes from an address of its own: the eleventh from one is answered 429."""
    for method, path, said in operations(described):
        expected = 200 if said.get("security") == [] else 401
        nobody = proxied.ask(method, path)
        assert (nobody.status, method, path) == (expected, method, path)
        if expected == 401:
            address = {"X-Forwarded-For": f"127.0.1.{next(ADDRESS)}"}
            wrong = proxied.ask(method, path, key="qjob_0123456789ab_wrong", headers=address)
            assert (wrong.status, method, path) == (401, method, path)
            assert {"401", "403", "429", "503"} <= set(said["responses"])


def test_a_method_that_a_path_does_not_have_is_refused_with_those_that_it_has(proxied, described):
    for path, methods in described["paths"].items():
        has = {*(method.upper() for method in methods), "OPTIONS"}
        asked = re.sub(r"\{\w+\}", "x", path).lstrip("/")
        for method in ("PUT", "TRACE", "PROPFIND"):
            reply = proxied.me(method, asked)
            assert (reply.status, set(reply.headers["Allow"].split(", "))) == (405, has), (method, path)
            assert reply.headers["Content-Type"] == "application/json"


def explored(server, key, seed, *arguments):
    """Let schemathesis look for contradictions; return what it says."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    command += ["--no-color", "run", f"{server.url}qjob/api/openapi.yaml", "-H", f"X-API-Key: {key}"]
    command += ["--seed", str(seed), "--no-shrink", "--continue-on-failure", "--warnings", "off", *arguments]
    told = {"QJOB_TEST_SEED": str(seed), "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")}
    ran = subprocess.run(
        command, env={**os.environ, **told}, cwd=server.home, capture_output=True, text=True, check=False
    )
    print(ran.stdout[-400:])
    return ran


@pytest.mark.parametrize(
    ("scopes", "seed", "arguments"),
    [
        pytest.param(("read", "submit"), SEEDS[0], ("--phases", "coverage"), id="each bound of each field"),
        pytest.param(
            ("read", "submit"), SEEDS[0], ("--phases", "fuzzing,stateful", "-n", "8"), id="anything"
        ),
        pytest.param(
            ("read",), SEEDS[1], ("--phases", "fuzzing", "-n", "4"), id="with a key that may only read"
        ),
    ],
)
def test_schemathesis_finds_nothing_that_contradicts_the_description(proxied, scopes, seed, arguments):
    ran = explored(proxied, proxied.person("explorer", scopes=scopes).text, seed, *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = int(re.search(r"(\d+) generated", ran.stdout)[1])
    assert found > 100
    if "submit" in scopes:
        assert proxied.engine.store.count_jobs(_all()) > 0  # it has had something to look at


def _all():
    from qjob.store.listing import JobFilter

    return JobFilter()

"""How a route's path is read."""

import re

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from qjob.server.app import by_path
from qjob.server.errors import SHOWN, invalid
from qjob.server.marqov.asked import Submission
from qjob.server.routes import Answer, Route


def route(path, method="GET"):
    return Route(method, path, lambda _desk, _call: Answer(None), "does nothing", {200: None})


@pytest.mark.parametrize(
    ("path", "asked", "parts"),
    [
        pytest.param("jobs", "jobs", (), id="nothing is left open"),
        pytest.param("jobs", "jobs/", (), id="a slash at the end"),
        pytest.param("jobs", "job", None, id="another path"),
        pytest.param("jobs/{job_id}", "jobs/a-1", ("a-1",), id="a part"),
        pytest.param(
            "jobs/{job_id}", "jobs/aws:aws:sim:sv1-x", ("aws:aws:sim:sv1-x",), id="a part with colons"
        ),
        pytest.param("jobs/{job_id}", "jobs/a/b", None, id="two parts for one"),
        pytest.param("jobs/{job_id}", "jobs//", None, id="no part"),
        pytest.param("jobs/{a}/x/{b}", "jobs/1/x/2", ("1", "2"), id="two parts"),
        pytest.param("open.yaml", "openxyaml", None, id="a dot is a dot"),
    ],
)
def test_a_path_fits_or_not(path, asked, parts):
    (pattern, _), (rest, nothing) = by_path((route(path),)).items()
    found = re.fullmatch(pattern, asked)
    assert (found and found.groups()) == parts
    assert (rest, nothing) == (".*", {})


def test_the_methods_of_a_path_are_served_together_and_paths_keep_their_order():
    get, post, other = route("jobs"), route("jobs", "POST"), route("jobs/{job_id}")
    table = by_path((get, other, post))
    assert list(table) == ["jobs/?", "jobs/([^/]+)/?", ".*"]
    assert table["jobs/?"] == {"GET": get, "POST": post}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shots: int
    tags: dict[str, int] = {}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param("{}", "shots: Field required", id="missing"),
        pytest.param('{"shots": "many"}', "shots: Input should be a valid integer", id="of another type"),
        pytest.param(
            '{"shots": 1, "tags": {"a": "b"}}', "tags.a: Input should be a valid integer", id="inside"
        ),
        pytest.param("[]", "body: Input should be an object", id="of another kind"),
        pytest.param("{", "body: Invalid JSON: EOF", id="no JSON"),
    ],
)
def test_each_fault_is_told_with_its_place(given, told):
    with pytest.raises(ValidationError) as caught:
        Body.model_validate_json(given)
    error = invalid(caught.value, "body", Body)
    assert told in error.message
    assert (error.http_status, error.remedy) == (400, "What it takes: qjob/api/openapi.yaml")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(
            {"shots": 5}, "shots: there is no such field (did you mean 'params.shots'?)", id="misplaced"
        ),
        pytest.param(
            {"params": {"shot": 5}}, "params.shot: there is no such field (did you mean", id="misspelt"
        ),
        pytest.param({"zzzz": 1}, "zzzz: there is no such field.", id="unknown"),
    ],
)
def test_a_field_that_is_not_taken_is_told_with_those_that_are(given, told):
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate({"inline_code": "x", **given})
    error = invalid(caught.value, "body", Submission)
    assert told in error.message
    assert {"params.shots", "params.seed", "inline_code", "backend"} <= set(error.numbers["fields"])
    assert error.remedy == f"It takes {', '.join(error.numbers['fields'])}."


def test_of_many_faults_the_first_are_told():
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({"shots": 1, "tags": dict.fromkeys("abcdefgh", "x")})
    error = invalid(caught.value, "body", Body)
    assert error.message.endswith("; and 3 more.")
    assert len(error.numbers["faults"]) == SHOWN

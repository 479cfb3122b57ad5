"""The description of the API: names that people read, and YAML that every tool does."""

import re

import pytest

from qjob.server.app import dialects
from qjob.server.openapi import Description, _written


@pytest.fixture(scope="module")
def document():
    return Description(dialects).document


def test_schemas_are_named_by_what_they_are_and_by_the_dialect_where_both_have_them(document):
    names = set(document["components"]["schemas"])
    assert not {name for name in names if "__" in name}
    assert {"MarqovErrorBody", "QBraidErrorBody", "MarqovResult", "QBraidResult", "JobDetail"} <= names


def test_it_is_yaml_without_anchors_in_which_every_name_is_there(document):
    text = _written(document).decode()
    assert not re.search(r"(: |- )[&*]id\d", text)
    told = set(re.findall(r"#/components/schemas/([\w.-]+)", text))
    assert told <= set(document["components"]["schemas"])
    assert len(told) > 30


def test_an_answer_says_what_it_is_and_not_what_was_asked(document):
    [detail] = [path["get"] for name, path in document["paths"].items() if name.endswith("api/jobs/{job_id}")]
    assert detail["responses"]["200"]["description"] == "A job, or a batch of jobs."

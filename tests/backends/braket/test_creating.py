"""How a job gets its task: tags in AWS's alphabet, one token for one attempt, and how a lost task is found again."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.base import Task
from qjob.backends.braket.conversion import convert, side_of
from qjob.backends.braket.creating import CLOCKS_APART, LONGEST_VALUE, create, find, tags_of
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat

REQUEST = JobRequest(Program(ProgramFormat.QASM2, b""), "sv1", 1, 1, {})


def tags(**about):
    return tags_of(Task("job", 2, REQUEST, None, about=about))


def test_a_task_names_its_job_attempt_team_and_user():
    assert tags(user="ada", team="qc lab", since="2026") == {
        "qjob:job": "job",
        "qjob:attempt": "2",
        "qjob:user": "ada",
        "qjob:team": "qc lab",
    }


@pytest.mark.parametrize(
    ("user", "tag"),
    [
        pytest.param("ada@lab.org", "ada@lab.org", id="an address"),
        pytest.param("Zoë Müller", "Zoë Müller", id="letters of any language"),
        pytest.param("量子", "量子", id="of any script"),
        pytest.param("a;b#c\n", "a_b_c_", id="what AWS does not take"),
        pytest.param(" ada ", "ada", id="white space at the ends"),
        pytest.param("x" * 300, "x" * 256, id="longer than AWS takes"),
        pytest.param("", None, id="nobody"),
        pytest.param("  ", None, id="blank"),
    ],
)
def test_names_in_the_alphabet_of_aws(user, tag):
    assert tags(user=user).get("qjob:user") == tag


@given(st.text())
def test_whatever_the_name_aws_takes_the_tag(name):
    value = tags(user=name).get("qjob:user", "")
    assert len(value) <= LONGEST_VALUE
    assert all(unicodedata.category(each)[0] in "LNZ" or each in "_.:/=+-@" for each in value)


@pytest.fixture
def made(lab):
    """Creates tasks of a held device; returns their ARNs."""
    lab.loopback.hold("sv1")
    task = lab.task()
    device = lab.devices.get(lab.info("sv1").target, "")
    session = lab.devices.session("", "us-east-1")
    converted = convert(task.request.program, side_of(device.response))

    def make(**changed):
        return create(
            session, lab.info("sv1").target, replace(task, **changed), converted, task.site["bucket"]
        )

    make.find = lambda **changed: find(session, lab.info("sv1").target, replace(task, **changed))
    return make


def test_the_same_attempt_is_the_same_task_and_another_one_is_another(lab, made):
    assert made(job_id="a") == made(job_id="a")
    assert len({made(job_id="a"), made(job_id="a", attempt=2), made(job_id="b")}) == 3
    assert [task.token for task in lab.loopback.tasks()] == ["a-1", "a-2", "b-1"]


def test_the_same_attempt_with_another_program_is_refused_by_aws(made):
    made(job_id="a")
    with pytest.raises(ClientError, match="token"):
        made(job_id="a", request=replace(REQUEST, shots=7))


def test_a_task_is_found_by_its_job_and_attempt_among_hundreds(made):
    arns = {
        (f"job {number}", attempt): made(job_id=f"job {number}", attempt=attempt)
        for number in range(70)
        for attempt in (1, 2)
    }
    for key in [("job 0", 1), ("job 0", 2), ("job 69", 2)]:
        assert made.find(job_id=key[0], attempt=key[1]) == arns[key]
    assert made.find(job_id="job 0", attempt=3) is None


@pytest.mark.parametrize(
    ("admitted", "seen"),
    [
        pytest.param(timedelta(0), True, id="now"),
        pytest.param(CLOCKS_APART / 2, True, id="later than AWS says that the task was made: clocks differ"),
        pytest.param(CLOCKS_APART * 2, False, id="much later"),
        pytest.param(None, True, id="nobody knows when"),
    ],
)
def test_only_tasks_since_the_admission_are_looked_through(made, admitted, seen):
    arn = made(job_id="a")
    about = {} if admitted is None else {"since": (datetime.now(UTC) + admitted).isoformat()}
    assert made.find(job_id="a", about=about) == (arn if seen else None)


def test_a_times_filter_that_aws_refuses_is_left_out(lab, made):
    arn = made(job_id="a")
    lab.loopback.fail("SearchQuantumTasks", 1, "ValidationException")
    assert made.find(job_id="a") == arn
    lab.loopback.fail("SearchQuantumTasks", 1, "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        made.find(job_id="a")

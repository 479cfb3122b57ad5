"""Resource names: made and read back."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qjob.server.qbraid import names

UUIDS = st.uuids().map(str)
TEAM = "e34af086-3423-417d-9cd0-1425867ba9df"
JOB = "4dcea3a8-0009-4f74-8cbb-e620c0985a38"


def test_a_name_is_as_the_service_has_it():
    assert names.job_qrn("aws:aws:sim:sv1", TEAM, JOB) == (
        "aws:aws:sim:sv1-a9df-qjob-4dcea3a800094f748cbbe620c0985a38"
    )
    assert names.organization_user_id("ada", TEAM)[-4:] == "a9df"


@settings(max_examples=30)
@given(job=UUIDS, team=UUIDS, device=st.sampled_from(["aws:aws:sim:sv1", "a:b:qpu:x-0000-qjob-" + "0" * 32]))
def test_names_are_read_back_as_what_they_were_made_for(job, team, device):
    made = names.job_qrn(device, team, job)
    assert names.id_of(made, names.JOB) == job
    assert names.id_of(made, names.GROUP) is None
    group = names.group_qrn(team, job)
    assert (names.id_of(group, names.GROUP), names.id_of(group, names.JOB)) == (job, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        JOB,
        f"-a9df-qjob-{JOB}",
        f"-a9df-qjob-{uuid.UUID(JOB).hex}",
        f"x-a9df-qjob-{uuid.UUID(JOB).hex.upper()}",
        f"x-a9d-qjob-{uuid.UUID(JOB).hex}",
        f"x-a9df-qjob-{uuid.UUID(JOB).hex}0",
        f"x/y-a9df-qjob-{uuid.UUID(JOB).hex}",
        f"x\n-a9df-qjob-{uuid.UUID(JOB).hex}",
        "x" * 500 + f"-a9df-qjob-{uuid.UUID(JOB).hex}",
    ],
)
def test_what_is_no_name_holds_no_id(text):
    assert names.id_of(text, names.JOB) is None


def test_users_and_teams_are_told_apart():
    who = {names.organization_user_id(user, team) for user in "ab" for team in (TEAM, JOB)}
    assert len(who) == 4
    assert names.user_id("a") != names.user_id("b")

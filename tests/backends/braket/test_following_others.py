"""Who may look at a task that is followed, and what is lost for good."""

from decimal import Decimal

import boto3
import pytest

from braket_lab import SKEWED
from qjob.backends.braket.pace import LOST_AFTER

THREE_SECONDS = Decimal("0.00375")
"""The least that AWS bills on a simulator: 3 s at $0.075 a minute."""

# -- who asks ----------------------------------------------------------------------------------------------------


def be(lab, monkeypatch, key):
    for name, value in lab.loopback.environment(key).items():
        monkeypatch.setenv(name, value)
    lab.begin_again()


@pytest.mark.parametrize("state", ["before it is created", "QUEUED", "RUNNING", "COMPLETED"])
def test_expired_credentials_make_a_task_wait_and_say_so(lab, monkeypatch, state):
    be(lab, monkeypatch, "session")
    lab.loopback.hold("sv1")
    run = lab.follow(lab.task())
    if state != "before it is created":
        run.until("Queued")
        while lab.loopback.tasks()[0].status != state:
            lab.step()
    lab.loopback.expire()
    note = run.note()
    assert note.phase == "waiting for a login to AWS"
    assert "have expired" in note.note
    assert "aws sso login" in note.note
    for _ in range(5):
        assert run.turn() == []  # for hours, if need be, and without a word more
    lab.loopback.renew()
    lab.loopback.release("sv1")
    assert dict(run.end(4000).result.counts) == {SKEWED: 100}
    assert len(lab.loopback.tasks()) == 1


@pytest.mark.parametrize("known", [True, False], ids=["submitted", "nobody knows whether submitted"])
def test_another_account_never_touches_the_task_and_is_told_whose_it_is(lab, monkeypatch, known):
    again = lab.submitted().resumed(known=known)
    be(lab, monkeypatch, "other")
    again.cancel = True
    note = again.note()
    assert "belongs to the AWS account 111122223333; you are 444455556666 now" in note.note
    assert "AWS_PROFILE" in note.note
    theirs = [one for one in lab.loopback.requests() if one.access_key.startswith("AKIALOOPBACKOTHER")]
    assert {one.operation for one in theirs} == {"sts:GetCallerIdentity"}
    assert lab.loopback.tasks()[0].status == "QUEUED"


def test_who_may_not_create_tasks_learns_it_unpaid(lab):
    lab.loopback.deny("main", "CreateQuantumTask")
    end = lab.follow(lab.task()).end()
    assert (type(end).__name__, end.failure.code, end.cost) == ("Failed", "no_credentials", None)
    assert "CreateQuantumTask" in end.failure.reason
    assert "AmazonBraketFullAccess" in end.failure.remedy
    assert lab.loopback.tasks() == []


def test_what_the_device_refuses_when_it_is_created_fails_unpaid(lab):
    task = lab.task("iqm-garnet")
    lab.loopback.set_status("Garnet", "OFFLINE")
    end = lab.follow(task).end()
    assert (type(end).__name__, end.failure.code, end.cost) == ("Failed", "backend_refused", None)
    assert "offline" in end.failure.reason


@pytest.mark.parametrize("operation", ["GetQuantumTask", "s3:GetObject"])
def test_permissions_that_are_gone_are_waited_for(lab, operation):
    run = lab.submitted()
    lab.step()
    lab.step()
    lab.loopback.deny("main", operation)
    assert operation.removeprefix("s3:") in run.note().note
    lab.loopback.allow("main")
    assert dict(run.end().result.counts) == {SKEWED: 100}


def test_a_refusal_by_the_client_itself_never_ends_a_task_that_goes_on(lab, monkeypatch, tmp_path):
    run = lab.submitted()
    broken = tmp_path / "config"
    broken.write_text("[profile")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    again = run.resumed(known=True)
    assert "AWS" in again.note().note
    broken.write_text("")
    again.until("Queued")


# -- what is lost ------------------------------------------------------------------------------------------------


def test_a_task_that_nobody_knows_is_lost_at_last(lab):
    run = lab.submitted()
    lab.loopback.fail("GetQuantumTask", LOST_AFTER - 1, "ResourceNotFoundException", "not found")
    for _ in range(LOST_AFTER - 1):
        run.turn()
    run.until("Queued")  # it was only late
    lab.loopback.fail("GetQuantumTask", None, "ResourceNotFoundException", "not found")
    end = run.end()
    assert (end.failure.code, end.cost) == ("task_lost", 0)
    assert lab.arn() in end.failure.reason
    assert run.paused > 60


def test_a_cancel_of_a_task_that_nobody_knows_ends_as_well(lab):
    run = lab.submitted()
    lab.loopback.fail("GetQuantumTask", None, "ResourceNotFoundException", "not found")
    lab.loopback.fail("CancelQuantumTask", None, "ResourceNotFoundException", "not found")
    run.cancel = True
    assert run.end().failure.code == "task_lost"


@pytest.mark.parametrize("slug", ["sv1", "iqm-garnet"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="not there"),
        pytest.param(b"", id="empty"),
        pytest.param(b'{"braketSchemaHeader": {"name": "braket.task_re', id="cut off"),
        pytest.param(
            b'{"braketSchemaHeader": {"name": "braket.of_tomorrow", "version": "9"}}', id="unknown schema"
        ),
    ],
)
def test_a_result_that_cannot_be_read_is_lost_with_its_bill(lab, slug, body):
    run = lab.submitted(slug)
    lab.step()
    lab.step()
    (task,) = lab.loopback.tasks()
    s3, place = boto3.client("s3"), {"Bucket": task.bucket, "Key": f"{task.directory}/results.json"}
    if body is None:
        s3.delete_object(**place)
    else:
        s3.put_object(**place, Body=body)
    end = run.end()
    assert end.failure.code == "result_lost"
    assert f"s3://{place['Bucket']}/{place['Key']}" in end.failure.reason
    assert end.cost >= THREE_SECONDS if slug == "sv1" else end.cost == Decimal("0.445")


def test_a_result_that_comes_late_is_read(lab):
    run = lab.submitted()
    lab.step()
    lab.step()
    lab.loopback.fail("s3:GetObject", 3, "NoSuchKey")
    assert dict(run.end().result.counts) == {SKEWED: 100}


def test_a_device_that_is_gone_when_the_result_is_there_costs_the_result_and_not_the_bill(lab):
    run = lab.submitted("iqm-garnet")
    lab.step()
    lab.step()
    again = run.resumed(known=True)
    lab.loopback.fail("GetDevice", None, "ResourceNotFoundException", "not found")
    end = again.end()
    assert (end.failure.code, end.cost) == ("result_lost", Decimal("0.445"))

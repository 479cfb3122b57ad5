"""No task is left behind at AWS, and no run that AWS bills is booked as nothing."""

from dataclasses import replace
from decimal import Decimal

import boto3
import pytest

from braket_lab import SKEWED
from qjob.backends.braket import following
from qjob.backends.braket.sessions import ONCE

DENIED = "User is not authorized to perform: braket:SearchQuantumTasks"


def statuses(lab):
    return [task.status for task in lab.loopback.tasks()]


def unanswered(lab):
    """A run whose task was made, but nobody has heard of it."""
    lab.loopback.hold("sv1")
    run = lab.follow(lab.task())
    lab.loopback.lose_reply("CreateQuantumTask")
    run.turn()
    assert (run.said, statuses(lab)) == ([], ["QUEUED"])
    return run


def test_nothing_tries_to_create_a_task_again_behind_our_back():
    assert ONCE.retries["total_max_attempts"] == 1


def test_a_refusal_after_a_lost_answer_is_not_believed_before_it_was_searched(lab):
    run = unanswered(lab)
    lab.loopback.fail("CreateQuantumTask", None, "DeviceOfflineException", "the device is offline")
    assert run.until("Submitted").remote_id == lab.arn()


def test_a_cancel_waits_for_an_index_that_is_late(lab):
    run = unanswered(lab)
    client, tags = boto3.client("braket"), lab.loopback.tasks()[0].tags
    client.untag_resource(resourceArn=lab.arn(), tagKeys=list(tags))
    run.cancel, begun = True, lab.now
    while lab.now < begun + 30:
        assert run.turn() == []
    client.tag_resource(resourceArn=lab.arn(), tags=tags)
    assert run.end().cost == 0
    assert statuses(lab) == ["CANCELLED"]


@pytest.mark.parametrize("cancelled", [False, True], ids=["it goes on", "it is cancelled"])
def test_who_may_not_search_learns_of_the_task_by_its_token(lab, cancelled):
    run = unanswered(lab)
    lab.loopback.fail("SearchQuantumTasks", None, "AccessDeniedException", DENIED)
    run.cancel = cancelled
    assert run.until("Submitted").remote_id == lab.arn()
    assert len(lab.loopback.tasks()) == 1
    if cancelled:
        assert type(run.said[-1]).__name__ == "Cancelled"
        assert statuses(lab) == ["CANCELLED"]


def test_what_was_never_submitted_is_cancelled_without_a_login(lab):
    task = lab.task()
    lab.loopback.expire("main")
    lab.begin_again()
    run = lab.follow(task)
    assert run.note().phase == "waiting for a login to AWS"
    run.cancel = True
    assert type(run.end()).__name__ == "Cancelled"
    assert lab.loopback.tasks() == []


def test_a_cancel_is_sent_though_the_device_tells_nothing(lab):
    run = unanswered(lab).resumed(known=False)
    lab.loopback.fail(
        "GetDevice", None, "AccessDeniedException", "not authorized to perform: braket:GetDevice"
    )
    run.until("Queued")
    run.cancel = True
    assert run.end().cost == 0
    assert statuses(lab) == ["CANCELLED"]


def test_a_run_that_an_earlier_process_saw_is_billed_though_it_failed(lab):
    run = lab.submitted()
    lab.step()
    run.until("Running")
    lab.loopback.fail_tasks("sv1", "out of memory")
    again = replace(run.task, resumed=True, remote_id=lab.arn(), ran=True)
    lab.step()
    end = lab.follow(again).end()
    assert (end.failure.reason, end.cost > 0) == ("SV1: out of memory.", True)


def test_why_a_run_was_stopped_is_known_to_the_next_process(lab):
    run = lab.submitted(cap="0.00375")
    lab.step()
    run.until("Running")
    lab.now += 1000
    stopped = run.until("Attached")
    while stopped.kind != following.STOPPED:
        stopped = run.until("Attached")
    lab.step()
    kept = {following.STOPPED: stopped.text}
    again = replace(run.task, resumed=True, remote_id=lab.arn(), ran=True, attachments=kept)
    end = lab.follow(again).end()
    assert (end.failure.code, end.cost > 0) == ("money_spent", True)


def test_a_result_that_cannot_be_read_ends_the_job_with_its_bill(lab, monkeypatch):
    def odd(*_):
        raise IndexError("no such column")

    run = lab.submitted("iqm-garnet", cap="10")
    monkeypatch.setattr("qjob.backends.braket.ending.counts_of", odd)
    lab.loopback.release("Garnet")
    end = run.end()
    assert (end.failure.code, end.cost) == ("result_lost", Decimal("0.445"))
    assert "IndexError: no such column" in end.failure.reason


def test_an_odd_compiled_program_costs_only_itself(lab, monkeypatch):
    def odd(_):
        raise AttributeError("no metadata")

    run = lab.submitted("iqm-garnet", cap="10")
    monkeypatch.setattr(following, "compiled_by_vendor", odd)
    lab.loopback.release("Garnet")
    assert dict(run.end().result.counts) == {SKEWED: 100}

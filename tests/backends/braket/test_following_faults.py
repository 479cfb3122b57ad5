"""What AWS and the way to it can do to a task: none of it ends the task, or makes a second one."""

from dataclasses import replace

import boto3
import pytest

from braket_lab import SKEWED
from qjob.backends.braket.beginning import SEARCHES

ASKED = (
    "CreateQuantumTask",
    "GetQuantumTask",
    "CancelQuantumTask",
    "SearchQuantumTasks",
    "GetDevice",
    "sts:GetCallerIdentity",
    "s3:GetObject",
)


def whole_life(lab, fault):
    """A task that meets a fault before, while and after it runs; return its run and its end."""
    lab.loopback.hold("sv1")
    task = lab.task()
    lab.begin_again()
    fault()
    run = lab.follow(task)
    run.until("Queued")
    lab.step()
    fault()
    run.until("Running")
    lab.step()
    fault()
    return run, run.end()


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize("times", [1, 4])
def test_throttling_makes_a_task_slower_and_nothing_else(lab, operation, times):
    run, end = whole_life(lab, lambda: lab.loopback.throttle(operation, times))
    assert dict(end.result.counts) == {SKEWED: 100}
    assert len(lab.loopback.tasks()) == 1
    assert run.kinds.count("Submitted") == run.kinds.count("Running") == 1


@pytest.mark.parametrize("operation", ASKED[:5])
def test_internal_errors_of_aws_are_waited_for(lab, operation):
    _, end = whole_life(lab, lambda: lab.loopback.fail(operation, 3, "InternalServiceException"))
    assert dict(end.result.counts) == {SKEWED: 100}
    assert len(lab.loopback.tasks()) == 1


@pytest.mark.parametrize("operation", ["CreateQuantumTask", "GetQuantumTask", "GetDevice"])
def test_answers_that_never_arrive_are_asked_for_again(lab, operation):
    _, end = whole_life(lab, lambda: lab.loopback.lose_reply(operation, 2))
    assert dict(end.result.counts) == {SKEWED: 100}
    assert len(lab.loopback.tasks()) == 1


def test_a_network_that_is_gone_is_waited_for(lab, monkeypatch):
    run = lab.submitted()
    url = lab.loopback.url
    monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", "http://127.0.0.1:9")  # nobody listens
    lab.begin_again()
    run = run.resumed(known=True)
    note = run.note()
    assert (note.phase, "connection to the network" in note.note) == ("waiting for AWS", True)
    monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", url)
    lab.sessions.forget("")
    lab.now += 10
    assert run.until("Queued").position == 1


def test_a_single_refusal_is_nobodys_business_and_many_are_told_once(lab):
    run = lab.submitted()
    lab.loopback.throttle("GetQuantumTask", 1)
    assert run.turn() == []
    run.turn()
    lab.loopback.throttle("GetQuantumTask", 5)
    said = [event for _ in range(5) for event in run.turn()]
    assert [(event.phase, "Rate exceeded" in event.note) for event in said] == [("waiting for AWS", True)]
    assert run.until("Queued").position == 1  # said again, since something else was said last


def test_a_cancel_that_is_throttled_is_sent_again(lab):
    run = lab.submitted()
    lab.loopback.throttle("CancelQuantumTask", 3)
    run.cancel = True
    assert run.end().cost == 0
    assert lab.loopback.tasks()[0].status == "CANCELLED"


def test_an_older_answer_after_a_newer_one_makes_no_mess(lab):
    run = lab.submitted()
    lab.step()
    run.until("Running")
    lab.loopback.reorder()
    assert run.turn() == []  # it was told as QUEUED
    run.turn()
    lab.step()
    lab.loopback.reorder()
    end = run.end()
    assert dict(end.result.counts) == {SKEWED: 100}
    assert run.kinds.count("Queued") == run.kinds.count("Running") == 1


def test_a_task_that_really_goes_back_to_the_queue_waits_there_and_runs_again(lab):
    run = lab.submitted()
    lab.step()
    run.until("Running")
    run.turn()
    lab.loopback.reorder(2)
    assert [type(event).__name__ for _ in range(2) for event in run.turn()] == ["Queued"]
    assert [type(event).__name__ for event in run.turn()] == ["Running", "Progress"]


# -- created once ------------------------------------------------------------------------------------------------


@pytest.fixture
def unanswered(lab):
    """A run whose task was made, but nobody has heard of it."""
    lab.loopback.hold("sv1")
    run = lab.follow(lab.task())
    lab.loopback.lose_reply("CreateQuantumTask")
    run.turn()
    assert (run.said, len(lab.loopback.tasks())) == ([], 1)
    return run


@pytest.mark.parametrize("found", ["by its token", "by its tags"])
def test_a_task_whose_answer_was_lost_is_created_once(lab, unanswered, found):
    if found == "by its token":  # AWS's index is late
        boto3.client("braket").untag_resource(resourceArn=lab.arn(), tagKeys=["qjob:job"])
    assert unanswered.until("Submitted").remote_id == lab.arn()
    assert len(lab.loopback.requests("CreateQuantumTask")) == (2 if found == "by its token" else 1)


def test_a_resumed_process_finds_the_task_by_its_tags(lab, unanswered):
    again = unanswered.resumed(known=False)
    again.until("Queued")
    assert again.kinds == ["Submitted", "Attached", "Attached", "Queued"]
    assert again.said[0].remote_id == lab.arn()
    assert len(lab.loopback.requests("CreateQuantumTask")) == 1


def test_a_found_task_is_told_before_anything_else_is_asked(lab, unanswered):
    again = unanswered.resumed(known=False)
    lab.loopback.throttle("GetDevice", 3)
    assert type(again.turn()[0]).__name__ == "Submitted"
    for _ in range(8):
        again.turn()
    assert again.kinds.count("Attached") == 2


def test_a_resumed_process_whose_predecessor_never_came_so_far_creates_the_task(lab):
    lab.loopback.hold("sv1")
    run = lab.follow(replace(lab.task(), resumed=True))
    run.until("Queued")
    assert len(lab.loopback.tasks()) == 1


def test_a_resumed_process_that_knows_the_task_only_looks_at_it(lab):
    again = lab.submitted().resumed(known=True)
    again.until("Queued")
    assert [kind for kind in again.kinds if kind != "Attached"] == ["Queued"]
    assert len(lab.loopback.requests("CreateQuantumTask")) == 1
    assert lab.loopback.requests("SearchQuantumTasks") == []


@pytest.mark.parametrize("resumed", [False, True], ids=["same process", "another process"])
@pytest.mark.parametrize("late", [False, True], ids=["index up to date", "index late"])
def test_a_lost_answer_and_a_cancel_meanwhile_cancel_the_task(lab, unanswered, resumed, late):
    run = unanswered.resumed(known=False) if resumed else unanswered
    run.cancel = True
    if late:
        client, tags = boto3.client("braket"), lab.loopback.tasks()[0].tags
        client.untag_resource(resourceArn=lab.arn(), tagKeys=list(tags))
        assert run.turn() == []
        client.tag_resource(resourceArn=lab.arn(), tags=tags)
    assert run.end().cost == 0
    assert [task.status for task in lab.loopback.tasks()] == ["CANCELLED"]


def test_a_cancel_believes_only_after_some_searches_that_there_is_no_task(lab):
    run = lab.follow(replace(lab.task(), resumed=True))
    run.cancel = True
    assert type(run.end()).__name__ == "Cancelled"
    assert len(lab.loopback.requests("SearchQuantumTasks")) == SEARCHES


def test_a_search_whose_times_aws_does_not_take_goes_on_without(lab, unanswered):
    lab.loopback.fail("SearchQuantumTasks", 1, "ValidationException", "Invalid value for filter createdAt")
    again = unanswered.resumed(known=False)
    assert again.until("Submitted").remote_id == lab.arn()


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_new_attempt_is_a_new_task(lab, attempt):
    lab.loopback.hold("sv1")
    lab.follow(replace(lab.task(), attempt=attempt)).until("Submitted")
    task = lab.loopback.tasks()[0]
    assert (task.token, task.tags["qjob:attempt"]) == (f"job-1-{attempt}", str(attempt))

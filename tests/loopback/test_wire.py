"""The protocol below the SDK: client tokens, searches, pages, tags, and what the service model does not allow."""

import json
import urllib.request
from urllib.error import HTTPError

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from braket.aws import AwsSession
from braket.circuits import Circuit

from loopback.model import OPERATIONS, BadAnswer, Service

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
DM1 = "arn:aws:braket:::device/quantum-simulator/amazon/dm1"
ACTION = Circuit().x(0).to_ir("OPENQASM").json()


@pytest.fixture
def client(loopback):  # noqa: ARG001 - it talks to it
    return boto3.client("braket")


@pytest.fixture
def create(client):
    bucket = AwsSession().default_bucket()

    def ask(token, by=client, **more):
        asked = {
            "deviceArn": SV1,
            "shots": 10,
            "outputS3Bucket": bucket,
            "outputS3KeyPrefix": "tasks",
            "action": ACTION,
        }
        answer = by.create_quantum_task(clientToken=token, **asked | more)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
        return answer["quantumTaskArn"]

    return ask


@pytest.fixture
def raw(loopback):
    """Send a signed request as it is, past botocore's own checks; return status, error code and body."""

    def send(method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = AWSRequest(method, loopback.url + path, data=data)
        SigV4Auth(boto3.Session().get_credentials(), "braket", "us-east-1").add_auth(request)
        sent = urllib.request.Request(  # noqa: S310 - of our own process
            loopback.url + path, data=data, method=method, headers=dict(request.headers)
        )
        try:
            with urllib.request.urlopen(sent) as answer:  # noqa: S310 - the same
                return answer.status, None, json.load(answer)
        except HTTPError as error:
            return error.code, error.headers["x-amzn-ErrorType"], json.load(error)

    return send


def test_a_client_token_stands_for_one_task(create, loopback):
    first = create("job-1")

    assert create("job-1") == first
    assert create("job-2") != first
    assert [task.token for task in loopback.tasks()] == ["job-1", "job-2"]


def test_a_client_token_gives_the_same_task_after_its_end_too(create, loopback):
    loopback.fail_tasks("sv1", "broken")
    loopback.hold("sv1")
    arn = create("job-1")
    loopback.step(arn)
    assert loopback.step(arn) == "FAILED"

    loopback.set_status("sv1", "OFFLINE")  # a repetition is answered all the same
    assert create("job-1") == arn


def test_a_client_token_with_other_input_is_refused(create, loopback):
    create("job-1")

    with pytest.raises(ClientError, match="ValidationException"):
        create("job-1", shots=11)
    assert len(loopback.tasks()) == 1


def test_client_tokens_are_of_an_account_and_a_region(create, loopback):
    west = boto3.client("braket", region_name="us-west-2")
    bucket = AwsSession(boto3.Session(region_name="us-west-2")).default_bucket()
    environment = loopback.environment("other")
    keys = {
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
    }
    theirs = AwsSession(boto3.Session(**keys)).default_bucket()

    create("job-1")
    create("job-1", by=west, outputS3Bucket=bucket)
    create("job-1", by=boto3.client("braket", **keys), outputS3Bucket=theirs)
    assert [(task.account, task.region) for task in loopback.tasks()] == [
        ("111122223333", "us-east-1"),
        ("111122223333", "us-west-2"),
        ("444455556666", "us-east-1"),
    ]


def test_a_bucket_of_another_region_is_refused(create):
    bucket = AwsSession(boto3.Session(region_name="us-west-2")).default_bucket()

    with pytest.raises(ClientError, match="doesn't have access to"):
        create("job-1", outputS3Bucket=bucket)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param([], ["d", "c", "b", "a"], id="all, newest first"),
        pytest.param([("status", "EQUAL", ["COMPLETED"])], ["c", "a"], id="status"),
        pytest.param([("status", "EQUAL", ["CANCELLED", "QUEUED"])], ["d", "b"], id="one of several"),
        pytest.param([("deviceArn", "EQUAL", [DM1])], ["d", "c"], id="device"),
        pytest.param([("deviceArn", "EQUAL", [DM1]), ("status", "EQUAL", ["COMPLETED"])], ["c"], id="both"),
        pytest.param([("jobArn", "EQUAL", ["arn:aws:braket:us-east-1:111122223333:job/x"])], [], id="job"),
        pytest.param([("createdAt", "LT", ["2020-01-01T00:00:00Z"])], [], id="before"),
        pytest.param([("createdAt", "GTE", ["2020-01-01T00:00:00Z"])], ["d", "c", "b", "a"], id="since"),
        pytest.param(
            [("createdAt", "BETWEEN", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])],
            ["d", "c", "b", "a"],
            id="between",
        ),
    ],
)
def test_tasks_are_found(create, client, loopback, filters, found):
    loopback.hold("sv1")
    loopback.hold("dm1")
    arns = {
        name: create(name, deviceArn=device, tags={"name": name})
        for name, device in (("a", SV1), ("b", SV1), ("c", DM1), ("d", DM1))
    }
    for arn in (arns["a"], arns["c"]):
        loopback.step(arn)
        loopback.step(arn)
    client.cancel_quantum_task(quantumTaskArn=arns["b"])

    asked = [{"name": name, "operator": operator, "values": values} for name, operator, values in filters]
    answer = client.search_quantum_tasks(filters=asked)["quantumTasks"]

    assert [row["tags"]["name"] for row in answer] == found
    assert all(("endedAt" in row) is (row["status"] != "QUEUED") for row in answer)


def test_one_task_is_found_by_its_arn(create, client):
    arn = create("a")
    create("b")

    asked = [{"name": "quantumTaskArn", "operator": "EQUAL", "values": [arn]}]
    assert [row["quantumTaskArn"] for row in client.search_quantum_tasks(filters=asked)["quantumTasks"]] == [
        arn
    ]


@pytest.mark.parametrize(
    ("name", "operator", "values"),
    [
        ("shots", "EQUAL", ["10"]),
        ("status", "LT", ["QUEUED"]),
        ("createdAt", "BETWEEN", ["2020-01-01T00:00:00Z"]),
        ("createdAt", "LT", ["yesterday"]),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(client, name, operator, values):
    with pytest.raises(ClientError, match="ValidationException"):
        client.search_quantum_tasks(filters=[{"name": name, "operator": operator, "values": values}])


def test_pages_of_a_search_hold_every_task_once(create, client, loopback):
    loopback.hold("sv1")
    arns = [create(f"job-{number}") for number in range(7)]

    pages = list(
        client.get_paginator("search_quantum_tasks").paginate(filters=[], PaginationConfig={"PageSize": 3})
    )

    assert [len(page["quantumTasks"]) for page in pages] == [3, 3, 1]
    assert [row["quantumTaskArn"] for page in pages for row in page["quantumTasks"]] == arns[::-1]
    with pytest.raises(ClientError, match="ValidationException"):
        client.search_quantum_tasks(filters=[], nextToken="nonsense")


def test_tags_of_a_task(create, client, loopback):
    arn = create("a", tags={"job": "1", "team": "t"})

    client.tag_resource(resourceArn=arn, tags={"user": "u", "job": "2"})
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"job": "2", "team": "t", "user": "u"}
    client.untag_resource(resourceArn=arn, tagKeys=["job", "team"])
    assert client.get_quantum_task(quantumTaskArn=arn)["tags"] == {"user": "u"}
    assert loopback.tasks()[0].tags == {"user": "u"}
    assert create("a", tags={"job": "1", "team": "t"}) == arn  # the input is that of the creation


def test_what_get_quantum_task_tells(create, client, loopback):
    loopback.hold("sv1")
    reservation = {
        "arn": "arn:aws:braket:us-east-1:111122223333:reservation/1",
        "type": "RESERVATION_TIME_WINDOW_ARN",
    }
    arn = create("a", associations=[reservation], experimentalCapabilities={"enabled": "ALL"})

    plain = client.get_quantum_task(quantumTaskArn=arn)
    asked = client.get_quantum_task(quantumTaskArn=arn, additionalAttributeNames=["QueueInfo"])

    assert "queueInfo" not in plain
    assert asked["queueInfo"] == {"queue": "QUANTUM_TASKS_QUEUE", "queuePriority": "Normal", "position": "1"}
    assert plain["associations"] == [reservation]
    assert plain["experimentalCapabilities"] == {"enabled": "ALL"}
    assert plain["deviceParameters"] == "{}"
    assert plain["actionMetadata"]["actionType"] == "braket.ir.openqasm.program"
    assert plain["outputS3Directory"] == f"tasks/{arn.rsplit('/', 1)[1]}"
    assert plain["createdAt"].tzinfo is not None


def test_long_queues_are_told_as_more_than(create, client, loopback):
    loopback.hold("sv1")
    loopback.queue("sv1", 4000)
    arn = create("a")

    asked = client.get_quantum_task(quantumTaskArn=arn, additionalAttributeNames=["QueueInfo"])
    assert asked["queueInfo"]["position"] == ">2000"
    assert client.get_device(deviceArn=SV1)["deviceQueueInfo"][0]["queueSize"] == ">4000"


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        pytest.param("POST", "/devices", {}, "ValidationException", id="a required member is missing"),
        pytest.param(
            "POST", "/devices", {"filters": [], "maxResults": 0}, "ValidationException", id="too small"
        ),
        pytest.param(
            "POST", "/devices", {"filters": [], "maxResults": 101}, "ValidationException", id="too big"
        ),
        pytest.param("POST", "/devices", {"filters": "all"}, "ValidationException", id="another type"),
        pytest.param(
            "POST", "/devices", {"filters": [], "most": 1}, "ValidationException", id="an unknown member"
        ),
        pytest.param(
            "POST",
            "/quantum-tasks",
            {"filters": [{"name": "status", "operator": "NOT", "values": ["QUEUED"]}]},
            "ValidationException",
            id="not of the enum",
        ),
        pytest.param("POST", "/quantum-task", {"shots": 1}, "ValidationException", id="an empty creation"),
        pytest.param("GET", "/jobs", None, "UnknownOperationException", id="not played"),
        pytest.param(
            "GET", f"/device/{SV1}", None, "UnknownOperationException", id="an ARN that is not quoted"
        ),
    ],
)
def test_what_the_model_does_not_allow_is_refused(raw, method, path, body, code):
    status, error, told = raw(method, path, body)

    assert (status, error) == ({"ValidationException": 400}.get(code, 404), code)
    assert told["message"]


def test_a_body_that_is_no_json_is_refused(raw):
    assert raw("POST", "/devices", "text")[:2] == (400, "ValidationException")
    assert raw("POST", "/devices", {"filters": []})[0] == 200


def test_retries_keep_the_token_of_their_call(loopback, client, create):
    loopback.lose_reply("CreateQuantumTask", 2)
    bucket = AwsSession().default_bucket()

    client.create_quantum_task(  # botocore makes the token
        deviceArn=SV1, shots=10, outputS3Bucket=bucket, outputS3KeyPrefix="tasks", action=ACTION
    )

    assert len(loopback.requests("CreateQuantumTask")) == 3
    assert len(loopback.tasks()) == 1
    assert create("another") != loopback.tasks()[0].arn


def test_the_operations_are_the_models():
    client = boto3.client("braket")
    names = set(client.meta.service_model.operation_names)

    assert set(OPERATIONS) < names
    assert names - set(OPERATIONS) == {
        "CancelJob",
        "CreateJob",
        "CreateSpendingLimit",
        "DeleteSpendingLimit",
        "GetJob",
        "SearchJobs",
        "SearchSpendingLimits",
        "UpdateSpendingLimit",
    }


@pytest.mark.parametrize(
    "output",
    [
        pytest.param({"quantumTaskArn": "arn"}, id="a required member is missing"),
        pytest.param({"quantumTaskArn": "arn", "cancellationStatus": "DONE"}, id="not of the enum"),
        pytest.param(
            {"quantumTaskArn": "arn", "cancellationStatus": "CANCELLED", "more": 1}, id="an unknown member"
        ),
    ],
)
def test_the_loopback_itself_answers_only_what_the_model_allows(output):
    with pytest.raises(BadAnswer, match="CancelQuantumTask"):
        Service().answer("CancelQuantumTask", output)

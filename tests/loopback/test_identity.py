"""Who calls: keys, accounts, sessions that expire, permissions; the same for Braket, S3 and STS."""

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from braket.aws import AwsDevice, AwsSession
from braket.circuits import Circuit

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
CALLS = {
    "braket": lambda client: client.search_devices(filters=[]),
    "s3": lambda client: client.list_buckets(),
    "sts": lambda client: client.get_caller_identity(),
}


@pytest.fixture
def act_as(loopback, monkeypatch):
    """Make the environment that of a key."""

    def become(key, region="us-east-1"):
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        for name, value in loopback.environment(key, region).items():
            monkeypatch.setenv(name, value)
        return boto3.Session()

    return become


def error_of(session, service):
    with pytest.raises(ClientError) as caught:
        CALLS[service](session.client(service, config=Config(retries={"total_max_attempts": 1})))
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("key", "account"), [("main", "111122223333"), ("other", "444455556666"), ("session", "111122223333")]
)
def test_each_key_has_its_account(act_as, loopback, key, account):
    session = AwsSession(act_as(key))

    task = AwsDevice(SV1, session).run(Circuit().h(0), shots=10)

    assert session.account_id == account
    assert session.default_bucket() == f"amazon-braket-us-east-1-{account}"
    assert task.id.startswith(f"arn:aws:braket:us-east-1:{account}:quantum-task/")
    assert task.result() is not None
    assert {seen.access_key for seen in loopback.requests()} == {
        loopback.environment(key)["AWS_ACCESS_KEY_ID"]
    }


def test_the_accounts_do_not_see_each_others_tasks_and_buckets(act_as):
    mine = AwsSession(act_as("main"))
    task = AwsDevice(SV1, mine).run(Circuit().h(0), shots=10)
    task.result()

    other = act_as("other")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        other.client("braket").get_quantum_task(quantumTaskArn=task.id)
    assert other.client("braket").search_quantum_tasks(filters=[])["quantumTasks"] == []
    assert other.client("s3").list_buckets()["Buckets"] == []
    with pytest.raises(ClientError, match="AccessDenied"):
        other.client("s3").get_object(
            Bucket=mine.default_bucket(), Key=f"tasks/{task.id.split('/')[-1]}/results.json"
        )
    with pytest.raises(ClientError, match="Caller doesn't have access to"):
        AwsDevice(SV1, AwsSession(other)).run(Circuit().h(0), (mine.default_bucket(), "tasks"), shots=10)


def test_an_account_of_a_tests_own(act_as, loopback):
    loopback.add_key("ASIASOMEBODYELSE0000", "777788889999")

    assert act_as("ASIASOMEBODYELSE0000").client("sts").get_caller_identity()["Account"] == "777788889999"


@pytest.mark.parametrize(
    ("service", "error"),
    [
        ("braket", ("ExpiredTokenException", 403)),
        ("s3", ("ExpiredToken", 400)),
        ("sts", ("ExpiredToken", 403)),
    ],
)
def test_a_session_expires_and_is_renewed(act_as, loopback, service, error):
    session = act_as("session")
    CALLS[service](session.client(service))

    loopback.expire("session")
    assert error_of(session, service) == error
    loopback.renew("session")
    CALLS[service](session.client(service))


@pytest.mark.parametrize(
    ("service", "error"),
    [
        ("braket", ("UnrecognizedClientException", 403)),
        ("s3", ("InvalidAccessKeyId", 403)),
        ("sts", ("InvalidClientTokenId", 403)),
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"AWS_ACCESS_KEY_ID": "AKIANOBODYNOBODY0000"}, id="unknown key"),
        pytest.param({"AWS_SESSION_TOKEN": "another"}, id="another token"),
    ],
)
def test_a_key_that_is_not_known(act_as, monkeypatch, service, error, change):
    act_as("session")
    for name, value in change.items():
        monkeypatch.setenv(name, value)

    assert error_of(boto3.Session(), service) == error


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(
    ("service", "code"),
    [("braket", "MissingAuthenticationTokenException"), ("s3", "AccessDenied")],
)
def test_without_a_signature_nothing_goes(service, code):
    with pytest.raises(ClientError) as caught:
        CALLS[service](boto3.client(service, config=Config(signature_version=UNSIGNED)))
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("CreateQuantumTask", lambda device: device.run(Circuit().h(0), shots=10)),
        ("braket:*", lambda device: device.refresh_metadata()),
        ("s3:CreateBucket", lambda device: device.run(Circuit().h(0), shots=10)),
    ],
)
def test_a_permission_is_taken_away_and_given_back(loopback, operation, call):
    device = AwsDevice(SV1)
    loopback.deny("main", operation)

    with pytest.raises(ClientError, match="is not authorized to perform") as caught:
        call(device)
    assert caught.value.response["Error"]["Code"].startswith("AccessDenied")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert loopback.tasks() == []
    loopback.allow("main")
    call(device)


def test_who_one_is_needs_no_permission(loopback):
    loopback.deny("main", "*")

    assert boto3.client("sts").get_caller_identity()["Account"] == "111122223333"


def test_the_region_is_that_of_the_signature(act_as, loopback):
    act_as("main", "us-west-2")

    assert AwsDevice(SV1).run(Circuit().h(0), shots=10).result() is not None
    assert {seen.region for seen in loopback.requests()} == {"us-west-2"}
    assert [task.region for task in loopback.tasks()] == ["us-west-2"]
    assert [task.bucket for task in loopback.tasks()] == ["amazon-braket-us-west-2-111122223333"]

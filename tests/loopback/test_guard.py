"""No test can reach AWS, nor can a process that it starts."""

import os
import socket
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from loopback import guard

AWS = "https://braket.us-east-1.amazonaws.com"
REFUSED = "test tried to reach braket.us-east-1.amazonaws.com"
ASK = f"""
import boto3, sys
options = {{"endpoint_url": "{AWS}"}} if sys.argv[1] == "explicit" else {{}}
try:
    boto3.client("braket", **options).search_devices(filters=[])
except Exception as error:
    print(type(error).__name__, error, repr(error.__cause__), repr(error.__context__))
"""


def asked_by_a_process(how):
    done = subprocess.run([sys.executable, "-c", ASK, how], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("service", ["braket", "s3", "sts", "iam", "logs"])
def test_without_the_loopback_every_service_is_a_closed_port(service):
    url = boto3.client(service).meta.endpoint_url

    assert url.startswith("http://127.0.0.1:")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=5)


def test_without_the_loopback_a_call_fails():
    with pytest.raises(EndpointConnectionError):
        boto3.client("braket").search_devices(filters=[])


def reasons(error):
    """Return what an error and all that it came from say."""
    said = []
    while error is not None:
        said.append(str(error))
        error = error.__cause__ or error.__context__
    return " ".join(said)


def test_an_explicit_endpoint_is_refused_before_it_is_looked_up():
    with pytest.raises((HTTPClientError, EndpointConnectionError)) as caught:
        boto3.client("braket", endpoint_url=AWS).search_devices(filters=[])
    assert REFUSED in reasons(caught.value)


def test_with_the_endpoints_ignored_nothing_is_reached_either(monkeypatch):
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    with pytest.raises((HTTPClientError, EndpointConnectionError)) as caught:
        boto3.client("braket").search_devices(filters=[])
    assert REFUSED in reasons(caught.value)


def test_a_process_of_a_test_ends_up_at_the_closed_port():
    assert asked_by_a_process("environment").startswith("EndpointConnectionError")


def test_a_process_of_a_test_cannot_be_talked_into_an_explicit_endpoint():
    assert "a process of a test tried to reach braket.us-east-1.amazonaws.com" in asked_by_a_process(
        "explicit"
    )


def test_nobodys_keys_are_found(tmp_path, monkeypatch):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id=A\naws_secret_access_key=B\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))

    assert boto3.Session().get_credentials().access_key == "AKIANOBODYNOBODY0000"
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert boto3.Session().get_credentials() is None


def test_what_leads_to_aws_is_taken_out_of_an_environment():
    environment = {
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_PROFILE": "work",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/somewhere",
        "AWS_REGION": "eu-west-2",
        "BRAKET_ENDPOINT": AWS,
        "AMZN_BRAKET_OUT_S3_BUCKET": "mine",
        "HTTPS_PROXY": "http://127.0.0.1:3128",
        "PYTHONPATH": "/src",
        "HOME": "/home/me",
    }

    with guard.close(environment):
        kept = {
            name for name in environment if name in ("AWS_REGION", "BRAKET_ENDPOINT", "HTTPS_PROXY", "HOME")
        }
    assert kept == {"HOME"}
    assert not [
        name for name in environment if name.startswith(("AWS_IGNORE", "AWS_PROFILE", "AWS_WEB", "AMZN"))
    ]
    assert environment["PYTHONPATH"] == f"{guard.OFFLINE}{os.pathsep}/src"


@pytest.mark.usefixtures("loopback")
def test_the_keys_of_the_guard_are_unknown_to_the_loopback(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODYNOBODY0000")

    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        boto3.client("braket").search_devices(filters=[])

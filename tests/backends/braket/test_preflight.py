"""What AWS says before anything is held: each refusal is one clear sentence with the way out, and creates nothing."""

import boto3
import pytest
from qiskit import QuantumCircuit

from braket_lab import SKEW, Lab, program
from qjob.catalog.discovered import rows_of
from qjob.model.errors import BackendRefused, InvalidRequest, NoCredentials, QjobError, ServiceUnavailable
from qjob.model.program import ProgramFormat
from qjob.programs import recognise

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
MAKES = {"CreateQuantumTask", "s3:CreateBucket", "s3:PutObject"}
"""What would leave something behind."""


def refused(lab, kind, *, bucket=False, **asked):
    """Return what a preflight is refused with; nothing is made."""
    with pytest.raises(QjobError) as caught:
        lab.preflight(**asked)
    assert isinstance(caught.value, kind)
    assert caught.value.remedy
    made = {one.operation for one in lab.loopback.requests()} & MAKES
    assert made <= ({"s3:CreateBucket"} if bucket else set())
    assert not any(
        "secret-of" in text or "token-of" in text for text in (caught.value.message, caught.value.remedy)
    )
    return caught.value


@pytest.fixture
def keyless(loopback, monkeypatch):  # noqa: ARG001 - which sets keys
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def config(monkeypatch, tmp_path):
    """Write the two files of AWS."""

    def write(credentials="", config=""):
        for name, text in [("AWS_SHARED_CREDENTIALS_FILE", credentials), ("AWS_CONFIG_FILE", config)]:
            path = tmp_path / name.lower()
            path.write_text(text)
            monkeypatch.setenv(name, str(path))

    return write


# -- who asks ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("keyless")
def test_no_credentials(lab):
    error = refused(lab, NoCredentials)
    assert "no AWS credentials were found in this environment" in error.message
    assert "aws configure" in error.remedy


def test_half_of_the_credentials(lab, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refused(lab, NoCredentials)
    assert "AWS_SECRET_ACCESS_KEY" in error.message
    assert "aws configure" in error.remedy


def test_expired_credentials(lab, monkeypatch):
    for name, value in lab.loopback.environment("session").items():
        monkeypatch.setenv(name, value)
    lab.loopback.expire()
    error = refused(lab, NoCredentials)
    assert error.message == "the AWS credentials of this environment have expired."
    assert "aws sso login" in error.remedy
    lab.loopback.renew()
    lab.now += 2
    assert lab.preflight().site["account"] == "111122223333"


def test_unknown_credentials(lab, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNUNKNOWN00")
    error = refused(lab, NoCredentials)
    assert "does not accept the credentials" in error.message
    assert "aws sts get-caller-identity" in error.remedy


@pytest.mark.parametrize("operation", ["GetDevice", "s3:CreateBucket"])
def test_permissions_that_are_missing(lab, operation):
    lab.loopback.deny("main", operation)
    error = refused(lab, NoCredentials, bucket=True)
    assert operation.removeprefix("s3:") in error.message
    assert "AmazonBraketFullAccess" in error.remedy


def test_a_profile_that_there_is_not(lab, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "lab")
    error = refused(lab, NoCredentials)
    assert error.message == "there is no AWS profile 'lab'."
    assert "aws configure --profile lab" in error.remedy


@pytest.mark.usefixtures("keyless")
def test_a_profile_is_used_and_named(lab, monkeypatch, config):
    config(
        "[lab]\naws_access_key_id = AKIALOOPBACKOTHER000\naws_secret_access_key = x\n",
        "[profile lab]\nregion = us-west-2\n",
    )
    monkeypatch.setenv("AWS_PROFILE", "lab")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert lab.preflight().site == {
        "account": "444455556666",
        "region": "us-west-2",
        "profile": "lab",
        "bucket": "amazon-braket-us-west-2-444455556666",
    }


@pytest.mark.usefixtures("keyless")
def test_a_mended_file_is_read_with_the_next_try(lab, monkeypatch, config):
    config("[lab]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = x\n")
    monkeypatch.setenv("AWS_PROFILE", "lab")
    assert "the profile 'lab'" in refused(lab, NoCredentials).message
    config("[lab]\naws_access_key_id = AKIALOOPBACKMAIN0000\naws_secret_access_key = x\n")
    lab.now += 2
    assert lab.preflight().site["account"] == "111122223333"


@pytest.mark.usefixtures("keyless")
def test_an_expired_login_of_sso(lab, monkeypatch, config):
    config(
        "",
        "[profile lab]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
        "sso_account_id = 111122223333\nsso_role_name = R\nregion = us-east-1\n",
    )
    monkeypatch.setenv("AWS_PROFILE", "lab")
    error = refused(lab, NoCredentials)
    assert error.message.startswith(
        ("the AWS login of the profile 'lab'", "AWS gives the profile 'lab' no login")
    )
    assert "aws sso login --profile lab" in error.remedy


# -- regions and the bucket --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "slug", "answers"),
    [
        pytest.param(None, "sv1", "us-east-1", id="no region: the SDK's first"),
        pytest.param("us-west-2", "sv1", "us-west-2", id="our own"),
        pytest.param("eu-north-1", "sv1", "us-east-1", id="one without simulators: the next that has them"),
        pytest.param("us-east-1", "iqm-garnet", "eu-north-1", id="a QPU in its own"),
    ],
)
def test_where_a_job_runs(lab, monkeypatch, region, slug, answers):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    if region is not None:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    site = lab.preflight(slug).site
    assert (site["region"], site["bucket"]) == (answers, f"amazon-braket-{answers}-111122223333")


def test_the_bucket_of_somebody_else(lab, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    lab.loopback.fail("s3:CreateBucket", 1, "BucketAlreadyExists")
    error = refused(lab, BackendRefused, bucket=True)
    assert "amazon-braket-us-west-2-111122223333" in error.message
    assert "AMZN_BRAKET_OUT_S3_BUCKET" in error.remedy


def test_a_bucket_of_ones_own_has_to_be_there(lab, monkeypatch):
    monkeypatch.setenv("AMZN_BRAKET_OUT_S3_BUCKET", "amazon-braket-mine")
    error = refused(lab, BackendRefused)
    assert "there is no bucket amazon-braket-mine" in error.message
    assert "aws s3 mb s3://amazon-braket-mine" in error.remedy
    assert lab.loopback.requests("s3:CreateBucket") == []
    boto3.client("s3").create_bucket(Bucket="amazon-braket-mine")
    assert lab.preflight().site["bucket"] == "amazon-braket-mine"
    lab.loopback.deny("main", "s3:HeadBucket")  # whether it is there, nobody can tell then
    assert lab.preflight().site["bucket"] == "amazon-braket-mine"


# -- the device --------------------------------------------------------------------------------------------------


def test_a_device_that_is_offline(lab):
    lab.loopback.set_status("Garnet", "OFFLINE")
    error = refused(lab, BackendRefused, slug="iqm-garnet")
    assert "iqm-garnet is offline" in error.message
    assert "--rehearse" in error.remedy


def test_a_device_that_was_retired_meanwhile(lab):
    lab.loopback.retire("Garnet")
    assert "retired" in refused(lab, BackendRefused, slug="iqm-garnet").message


def test_a_device_that_aws_does_not_know(lab):
    lab.loopback.fail("GetDevice", None, "ResourceNotFoundException", "Device not found")
    error = refused(lab, BackendRefused, slug="iqm-garnet")
    assert "Amazon Braket has no device arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet" in error.message
    assert "%qjob backends" in error.remedy


@pytest.mark.parametrize("shots", [99, 5001])
def test_shots_out_of_the_devices_own_range(lab, shots):
    error = refused(lab, InvalidRequest, slug="ionq-forte-1", shots=shots)
    assert f"100 to 5,000 shots, not {shots:,}" in error.message
    assert "--shots" in error.remedy


def test_more_qubits_than_the_device_has(lab):
    circuit = QuantumCircuit(21)
    circuit.h(range(21))
    circuit.measure_all()
    error = refused(lab, BackendRefused, slug="iqm-garnet", what=recognise(circuit))
    assert "21 qubits, iqm-garnet has 20" in error.message


def test_gates_that_the_device_does_not_take(lab):
    text = (
        "OPENQASM 3.0;\nbit[1] b;\n#pragma braket verbatim\nbox {\nxx(0.1) $1, $2;\n}\nb[0] = measure $1;\n"
    )
    error = refused(lab, BackendRefused, slug="iqm-garnet", what=program(text, ProgramFormat.BRAKET))
    assert "xx" in error.message


# -- trouble, and what is well -----------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["GetDevice", "sts:GetCallerIdentity", "s3:CreateBucket"])
def test_a_service_that_takes_nothing_now(lab, operation):
    lab.loopback.throttle(operation, 1)
    error = refused(lab, ServiceUnavailable, bucket=True)
    assert "Rate exceeded" in error.message
    assert lab.preflight().site["region"] == "us-east-1"


def test_a_network_that_is_gone(lab, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", "http://127.0.0.1:9")
    lab.begin_again()
    error = refused(lab, ServiceUnavailable)
    assert "AWS cannot be reached in us-east-1" in error.message
    assert "network" in error.remedy


def test_what_is_well_says_where_for_whom_and_what_the_device_is(lab):
    clearance = lab.preflight("iqm-garnet")
    assert clearance.site["account"] == "111122223333"
    assert clearance.facts["status"] == "online"
    assert not any(text.startswith(("secret", "token", "AKIA")) for text in clearance.site.values())


def test_a_discovered_device_is_asked_like_any_other(lab, monkeypatch):
    facts = next(iter(lab.devices.of([lab.info("iqm-garnet").target], "")))
    shipped = [row for row in lab.catalogue if row.slug != "iqm-garnet"]
    (row,) = rows_of([facts], shipped)
    monkeypatch.setattr(Lab, "info", lambda self, slug: row if slug == row.slug else self.catalogue.get(slug))
    assert lab.preflight(row.slug, what=program(SKEW)).site["region"] == "eu-north-1"

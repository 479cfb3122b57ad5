"""Every error that AWS and the way to it can answer with: of which kind it is, and what the user can do."""

import inspect

import pytest
from botocore import exceptions as aws
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError

from qjob.backends.braket import faults
from qjob.backends.braket.faults import Gone, explain
from qjob.model.errors import BackendRefused, NoCredentials, QjobError, ServiceUnavailable

SECRET = "IQoJb3JpZ2luX2VjEJ"  # noqa: S105 - what a session token begins with


def answered(code, message="Something.", status=400, operation="GetQuantumTask"):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(response, operation)


def raised(kind):
    """An error of one of botocore's classes, with whatever its message takes."""
    if issubclass(kind, ResponseParserError):
        return kind("<html>Welcome to the hotel</html>")
    fields = {
        name: f"the {name}"
        for name in ("error", "error_msg", "profile", "provider", "cred_var", "endpoint_url")
    }
    return kind(
        **fields,
        msg="x",
        proxy_url="http://proxy",
        actual_bytes=1,
        expected_bytes=2,
        checksum_type="crc",
        expected_checksum="a",
        actual_checksum="b",
        auth_token="x",  # noqa: S106 - part of a message
    )


KINDS = {
    aws.NoCredentialsError: NoCredentials,
    aws.PartialCredentialsError: NoCredentials,
    aws.CredentialRetrievalError: NoCredentials,
    aws.MetadataRetrievalError: NoCredentials,
    aws.NoAuthTokenError: NoCredentials,
    aws.TokenRetrievalError: NoCredentials,
    aws.SSOError: NoCredentials,
    aws.SSOTokenLoadError: NoCredentials,
    aws.UnauthorizedSSOTokenError: NoCredentials,
    aws.LoginRefreshRequired: NoCredentials,
    aws.ProfileNotFound: NoCredentials,
    aws.EndpointConnectionError: ServiceUnavailable,
    aws.ConnectTimeoutError: ServiceUnavailable,
    aws.ReadTimeoutError: ServiceUnavailable,
    aws.ConnectionClosedError: ServiceUnavailable,
    aws.ProxyConnectionError: ServiceUnavailable,
    aws.SSLError: ServiceUnavailable,
    aws.HTTPClientError: ServiceUnavailable,
    aws.IncompleteReadError: ServiceUnavailable,
    aws.ChecksumError: ServiceUnavailable,
    ResponseParserError: ServiceUnavailable,
}


@pytest.mark.parametrize(("kind", "means"), KINDS.items(), ids=lambda each: each.__name__)
def test_errors_of_the_client(kind, means):
    error = explain(raised(kind), "lab", "us-east-1")
    assert type(error) is means
    assert error.remedy
    assert error.message.endswith(".")


def test_every_other_error_of_the_client_is_a_refusal():
    classes = [
        each for _, each in inspect.getmembers(aws, inspect.isclass) if issubclass(each, aws.BotoCoreError)
    ]
    assert len(classes) > 80
    for each in classes:
        error = each.__new__(each)
        Exception.__init__(error, "x")
        assert isinstance(explain(error, "", "us-east-1"), QjobError), each


@pytest.mark.parametrize(
    ("code", "status", "means", "remedy"),
    [
        *[(code, 403, NoCredentials, "aws sso login --profile lab") for code in sorted(faults.EXPIRED)],
        *[(code, 403, NoCredentials, "aws configure") for code in sorted(faults.UNKNOWN)],
        *[(code, 403, NoCredentials, "AmazonBraketFullAccess") for code in sorted(faults.DENIED)],
        *[(code, 429, ServiceUnavailable, "Try again") for code in sorted(faults.BUSY)],
        *[(code, 404, Gone, "") for code in sorted(faults.GONE)],
        ("ValidationException", 400, BackendRefused, "Change"),
        ("DeviceOfflineException", 424, BackendRefused, "Change"),
        ("DeviceRetiredException", 410, BackendRefused, "Change"),
        ("AnInventionOfTomorrow", 400, BackendRefused, "Change"),
        ("AnInventionOfTomorrow", 500, ServiceUnavailable, "Try again"),
        ("AnInventionOfTomorrow", 503, ServiceUnavailable, "Try again"),
    ],
)
def test_codes_of_aws(code, status, means, remedy):
    error = explain(answered(code, "Something.", status), "lab", "eu-north-1")
    assert type(error) is means
    assert remedy in error.remedy
    assert error.numbers["aws_code"] == code
    assert error.numbers["region"] == "eu-north-1"
    assert "operation" in error.numbers if code in faults.DENIED else True


def test_every_error_of_the_service_model_has_a_kind_that_fits_its_status():
    model = ServiceModel(Loader().load_service_model("braket", "service-2"), "braket")
    shapes = [model.shape_for(name) for name in model.shape_names]
    errors = [shape for shape in shapes if shape.metadata.get("exception")]
    assert len(errors) >= 8
    for shape in errors:
        status = shape.metadata["error"]["httpStatusCode"]
        error = explain(answered(shape.name, status=status), "", "us-east-1")
        waits = isinstance(error, ServiceUnavailable)
        assert waits is (status in (402, 429) or status >= 500), shape.name


@pytest.mark.parametrize(
    ("profile", "whose", "login"),
    [
        ("", "this environment", "aws sso login   "),
        ("lab", "the profile 'lab'", "aws sso login --profile lab"),
    ],
)
def test_it_says_whose_credentials_and_how_to_mend_them(profile, whose, login):
    error = explain(answered("ExpiredTokenException"), profile, "us-east-1")
    assert error.message == f"the AWS credentials of {whose} have expired."
    assert login in error.remedy


def test_who_is_not_allowed_learns_which_permission_is_missing():
    error = explain(answered("AccessDeniedException", "User: x is not authorized"), "", "us-east-1")
    assert "may not use GetQuantumTask" in error.message
    assert error.numbers["operation"] == "GetQuantumTask"


@pytest.mark.parametrize("code", ["InvalidSignatureException", "SignatureDoesNotMatch"])
def test_session_tokens_in_aws_own_messages_are_not_passed_on(code):
    message = (
        "The request signature we calculated does not match the signature you provided. Check your key.\n\n"
        f"The Canonical String for this request should have been\n'GET\nx-amz-security-token:{SECRET}'"
    )
    error = explain(answered(code, message), "", "us-east-1")
    assert "does not match the signature you provided" in error.message
    assert SECRET not in str(error)
    assert "\n" not in error.message


def test_what_is_explained_already_stays_as_it_is():
    error = Gone("it is gone.")
    assert explain(error, "", "") is error


def test_what_is_none_of_aws_is_raised_again():
    with pytest.raises(ZeroDivisionError):
        explain(ZeroDivisionError(), "", "")

"""What AWS and the way to it can answer instead of a result, in qjob's terms. Knows botocore; decides no retry.

Source of the codes: the service model of Amazon Braket in botocore, and botocore's own exceptions.
"""

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from qjob.model.errors import BackendRefused, NoCredentials, QjobError, ServiceUnavailable

EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "TokenRefreshRequired",
        "AuthFailure",
    }
)
UNKNOWN = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
        "InvalidToken",
        "OptInRequired",
    }
)
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled"})
BUSY = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "ServiceQuotaExceededException",
        "InternalServiceException",
        "InternalServerException",
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "503",
        "500",
        "502",
        "504",
    }
)
GONE = frozenset({"ResourceNotFoundException", "NoSuchKey", "NoSuchBucket", "404"})

NOBODY = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.NoAuthTokenError,
    aws.MetadataRetrievalError,
)
LOGIN = (aws.SSOError, aws.TokenRetrievalError, aws.LoginError)
UNREACHED = (
    aws.HTTPClientError,
    aws.ConnectionError,  # which is none of the others: no name, no route, no TLS
    aws.IncompleteReadError,
    aws.ChecksumError,
    ResponseParserError,  # somebody on the way has answered: a proxy, the page of a hotel's network
)

FIRST_ERROR = 500
"""The HTTP status from which it is the service's fault."""


class Gone(BackendRefused):
    """AWS does not know what was asked for, in this region and account."""

    code = "gone"


def code_of(error: BaseException) -> str:
    """Return AWS's code of an error; empty where it is none of AWS's."""
    if not isinstance(error, aws.ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def explain(error: Exception, profile: str, region: str) -> QjobError:
    """Return what an error means: who asks is not known or not allowed, the service does not answer, or it refuses.

    Parameters
    ----------
    error
        Raised by botocore, boto3 or the Braket SDK.
    profile, region
        For whom and where AWS was asked; an empty profile is none.

    Raises
    ------
    Exception
        The error itself, where it is none of AWS's.
    """
    login = f"aws sso login{f' --profile {profile}' if profile else ''}"
    whose = f"the profile {profile!r}" if profile else "this environment"
    match error:
        case QjobError():
            return error
        case aws.ProfileNotFound():
            return NoCredentials(
                f"there is no AWS profile {profile!r}.",
                remedy=f"Make it: aws configure --profile {profile}   or name another: %env AWS_PROFILE=NAME",
            )
        case aws.UnauthorizedSSOTokenError() | aws.SSOTokenLoadError() | aws.LoginError():
            return NoCredentials(f"the AWS login of {whose} has expired.", remedy=f"Log in: {login}")
        case _ if isinstance(error, LOGIN):
            return NoCredentials(f"AWS gives {whose} no login: {_text(error)}.", remedy=f"Log in: {login}")
        case _ if isinstance(error, NOBODY):
            return NoCredentials(
                f"no AWS credentials were found in {whose} ({_without_output(error)}).",
                remedy="Run aws configure (keys) or aws configure sso, or name a profile that has them: "
                "%env AWS_PROFILE=NAME",
            )
        case aws.ClientError():
            return _answered(error, whose, login, region)
        case _ if isinstance(error, UNREACHED):
            return ServiceUnavailable(
                f"AWS cannot be reached in {region}: {_text(error)}.",
                remedy="Look at your connection to the network, then submit again.",
            )
        case aws.BotoCoreError():
            return BackendRefused(
                f"the AWS client refuses this: {_text(error)}.", remedy="Look at ~/.aws/config and AWS_*."
            )
        case _:
            raise error


def _answered(error: aws.ClientError, whose: str, login: str, region: str) -> QjobError:
    code, said = code_of(error), str(error.response.get("Error", {}).get("Message", "")).rstrip(".")
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    numbers = {"aws_code": code, "region": region}
    if code in EXPIRED:
        return NoCredentials(
            f"the AWS credentials of {whose} have expired.",
            remedy=f"Renew them: {login}   (or set new AWS_* keys)",
            numbers=numbers,
        )
    if code in UNKNOWN:
        return NoCredentials(
            f"AWS does not accept the credentials of {whose}: {_first_sentence(said) or code}.",
            remedy="Set valid keys with aws configure; see who you are with aws sts get-caller-identity",
            numbers=numbers,
        )
    if code in DENIED:
        return NoCredentials(
            f"{whose} may not {_spelled(error.operation_name)} in AWS: {said or code}.",
            remedy="Have the policy AmazonBraketFullAccess (or this one action) attached to it in IAM.",
            numbers={**numbers, "operation": error.operation_name},
        )
    if code in GONE:
        return Gone(f"{said or 'AWS does not know it'} ({code}, {region}).", numbers=numbers)
    if code in BUSY or status >= FIRST_ERROR:
        return ServiceUnavailable(
            f"AWS cannot take {error.operation_name} now: {said or code} ({code}).",
            remedy="Try again in a minute.",
            numbers=numbers,
        )
    return BackendRefused(
        f"Amazon Braket refuses it: {said or code}.", remedy="Change what it names.", numbers=numbers
    )


def _first_sentence(said: str) -> str:
    """Return a message without its details: of a wrong signature they hold the session token."""
    return "".join(said.splitlines()[:1]).partition(". ")[0]


def _spelled(operation: str) -> str:
    """Return an operation as IAM and people know it."""
    return f"use {operation}"


def _text(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__


def _without_output(error: Exception) -> str:
    """Return an error's text, but of a helper of the user's not what that printed: there may be anything in it."""
    if isinstance(error, aws.CredentialRetrievalError):
        provider = getattr(error, "kwargs", {}).get("provider", "the credential provider")
        return f"{provider} failed"
    return _text(error)

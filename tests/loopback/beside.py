"""In front of moto's S3 and STS: the same keys, accounts and faults as Amazon Braket's.

Moto alone would take any key, and give all of them one account.
"""

import io
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from loopback.identity import Caller, Unknown
from loopback.world import World

CODES = {
    "s3": {
        "missing": (403, "AccessDenied"),
        "unknown": (403, "InvalidAccessKeyId"),
        "expired": (400, "ExpiredToken"),
    },
    "sts": {
        "missing": (403, "MissingAuthenticationToken"),
        "unknown": (403, "InvalidClientTokenId"),
        "expired": (403, "ExpiredToken"),
    },
}
STATUSES = {"SlowDown": 503, "Throttling": 400, "AccessDenied": 403, "InternalError": 500, "NoSuchKey": 404}
"""Of the errors that tests ask for; others are 400."""

S3 = {
    ("GET", True): "GetObject",
    ("HEAD", True): "GetObject",
    ("PUT", True): "PutObject",
    ("DELETE", True): "DeleteObject",
    ("GET", False): "ListBucket",
    ("HEAD", False): "ListBucket",
    ("PUT", False): "CreateBucket",
    ("DELETE", False): "DeleteBucket",
}

Environ = dict[str, Any]
Start = Callable[..., Any]


class Beside:
    """A WSGI application around moto's."""

    def __init__(self, application: Callable[[Environ, Start], Iterable[bytes]], world: World) -> None:
        self._application = application
        self._world = world

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer one request."""
        authorization = environ.get("HTTP_AUTHORIZATION")
        service = "sts" if "/sts/aws4_request" in (authorization or "") else "s3"
        try:
            caller = self._world.identity.caller(authorization, environ.get("HTTP_X_AMZ_SECURITY_TOKEN"))
        except Unknown as unknown:
            status, code = CODES[service][unknown.kind]
            return _error(service, start, status, code, unknown.message)
        action = f"{service}:{_operation(service, environ)}"
        self._world.log(caller, action)
        if (problem := self._problem(service, caller, action, environ)) is not None:
            return _error(service, start, *problem)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account
        return self._application(environ, start)

    def _problem(
        self, service: str, caller: Caller, action: str, environ: Environ
    ) -> tuple[int, str, str] | None:
        self._world.faults.wait(action)
        if (fault := self._world.faults.take("fail", action)) is not None:
            return STATUSES.get(fault.code, 400), fault.code, fault.message
        if action == "sts:GetCallerIdentity":  # needs no permission, and no policy can deny it
            return None
        resource = f"arn:aws:{service}:::{environ['PATH_INFO'].lstrip('/')}"
        if (reason := self._world.identity.refusal(caller, action, resource)) is not None:
            return 403, "AccessDenied", reason
        return None


def _operation(service: str, environ: Environ) -> str:
    if service == "s3":
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        return S3.get((environ["REQUEST_METHOD"], bool(key)), "Other") if bucket else "ListAllMyBuckets"
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return parse_qs(body.decode()).get("Action", ["Other"])[0]


def _error(service: str, start: Start, status: int, code: str, message: str) -> Iterable[bytes]:
    inner = f"<Code>{code}</Code><Message>{re.sub('[<&]', ' ', message)}</Message>"
    if service == "s3":
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}<RequestId>loopback</RequestId></Error>'
        )
    else:
        body = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
            f"{inner}</Error><RequestId>loopback</RequestId></ErrorResponse>"
        )
    start(f"{status} {code}", [("Content-Type", "text/xml"), ("Content-Length", str(len(body.encode())))])
    return [body.encode()]

"""How qBraid's API says no, and what can only go wrong there.

The client shows the top-level ``message`` and drops the headers of an answer, so that the remedy stands in that
message, and the seconds to wait in the body. It sends a POST up to four times on 500, 502, 503 and 504.
"""

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qjob.model.errors import OverBudget, QjobError, Refusal
from qjob.model.money import CREDITS
from qjob.server import wording
from qjob.server.qbraid.names import SPEECH

CODES = {
    "not_signed_in": "INVALID_API_KEY",
    "over_budget": "INSUFFICIENT_CREDITS",
    "no_such_job": "NOT_FOUND",
    "no_such_group": "NOT_FOUND",
    "no_such_team": "NOT_FOUND",
    "unknown_backend": "NOT_FOUND",
    "no_such_route": "NOT_FOUND",
}
"""What the service itself calls some errors; the others keep their names, in capitals."""


class ErrorDetail(BaseModel):
    """What went wrong, for programs; the numbers of the message stand beside these fields, by their names."""

    model_config = ConfigDict(extra="allow")

    code: str = Field(description="The kind of error, in capitals.")
    message: str = Field(description="What was refused, with its numbers.")
    remedy: str = Field(description="The way out.")
    retryAfter: float | None = Field(  # noqa: N815 - its name on the wire
        None, description="Seconds after which the same request can succeed."
    )


class ErrorBody(BaseModel):
    """What every refusal looks like."""

    success: Literal[False] = False
    message: str = Field(description="What was refused, and the way out.")
    error: ErrorDetail


def error_body(error: QjobError) -> ErrorBody:
    """Return an error as qBraid's body."""
    ids = list(wording.ids_in(error.numbers))
    said, remedy = wording.with_whole(error.message, ids), wording.said(error.remedy, SPEECH, ids)
    own: dict[str, Any] = {
        "code": CODES.get(error.code, error.code.upper()),
        "message": said,
        "remedy": remedy,
        "retryAfter": error.retry_after,
    }
    if isinstance(error, OverBudget) and {"quote", "room"} <= error.numbers.keys():
        needed, balance = (float(Decimal(error.numbers[name]) * CREDITS) for name in ("quote", "room"))
        own |= {
            "needed": needed,
            "minRequired": needed,
            "balance": balance,
        }  # in credits, as the service has them
    message = f"{said} {remedy}" if remedy else said
    return ErrorBody(message=message, error=ErrorDetail.model_validate({**error.numbers, **own}))


class CancelConflict(Refusal):
    """The job has ended, so that there is nothing to cancel."""

    code = "job_cancel_conflict"
    http_status = 409


class NothingKept(Refusal):
    """What was asked for is not there, and nobody will make it."""

    code = "not_found"
    http_status = 404


class NoAccessTokens(Refusal):
    """Access tokens belong to qBraid's own service."""

    code = "no_access_tokens"


class Unsure(QjobError):
    """The store failed while a job was being stored, so that nobody knows whether it is.

    Not a 5xx, which the client would answer by sending the job again.
    """

    code = "unsure"
    http_status = 409

"""How Marqov's API says no."""

from typing import Any

from pydantic import BaseModel, Field

from qjob.model.errors import QjobError


class ErrorBody(BaseModel):
    """What every refusal looks like."""

    error: str = Field(description="What was refused, with its numbers.")
    code: str = Field(description="The kind of error, for programs.")
    remedy: str = Field(description="The way out.")
    details: dict[str, Any] = Field(description="The numbers of the message by name.")
    retry_after: float | None = Field(None, description="Seconds after which the same request can succeed.")


def error_body(error: QjobError) -> ErrorBody:
    """Return an error as Marqov's body."""
    return ErrorBody(
        error=error.message,
        code=error.code,
        remedy=error.remedy,
        details=error.numbers,
        retry_after=error.retry_after,
    )

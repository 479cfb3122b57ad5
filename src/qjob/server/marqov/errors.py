"""How Marqov's API says no."""

from typing import Any

from pydantic import BaseModel, Field

from qjob.model.errors import QjobError, Refusal
from qjob.server import wording
from qjob.server.marqov.words import SPEECH


class NoSuchScript(Refusal):
    """A saved script that is not there."""

    code = "no_such_script"
    http_status = 404

    @classmethod
    def of(cls, name: str) -> "NoSuchScript":
        """Return the error for an id or a slug."""
        return cls(
            f"there is no script {name!r}: saved scripts are a later step.",
            remedy="Send the code itself, as inline_code with its framework.",
            numbers={"script": name},
        )


class ErrorBody(BaseModel):
    """What every refusal looks like."""

    error: str = Field(description="What was refused, with its numbers.")
    code: str = Field(description="The kind of error, for programs.")
    remedy: str = Field(description="The way out.")
    details: dict[str, Any] = Field(description="The numbers of the message by name.")
    retry_after: float | None = Field(
        default=None, description="Seconds after which the same request can succeed."
    )


def error_body(error: QjobError) -> ErrorBody:
    """Return an error as Marqov's body."""
    ids = list(wording.ids_in(error.numbers))
    return ErrorBody(
        error=wording.with_whole(error.message, ids),
        code=error.code,
        remedy=wording.said(error.remedy, SPEECH, ids),
        details=error.numbers,
        retry_after=error.retry_after,
    )

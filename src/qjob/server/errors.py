"""What can only go wrong over HTTP, as errors of qjob's tree, and how a model's complaints read. Knows no tornado."""

from collections.abc import Sequence

from pydantic import ValidationError

from qjob.model.errors import InvalidRequest, Refusal

SHOWN = 5
"""How many of a body's faults are told."""


class BodyTooLarge(Refusal):
    """The body is longer than what is read."""

    code = "body_too_large"
    http_status = 413

    @classmethod
    def of(cls, most: int) -> "BodyTooLarge":
        """Return the error for bodies of more than so many bytes."""
        return cls(
            f"the body is longer than {most // 2**20} MB.",
            remedy="Submit fewer programs at a time.",
            numbers={"most_bytes": most},
        )


class NoLength(Refusal):
    """The header that says how long the body is does not say it."""

    code = "no_length"

    @classmethod
    def of(cls, said: str) -> "NoLength":
        """Return the error for what the header says."""
        return cls(f"Content-Length {said[:40]!r} is no number of bytes.", remedy="Send one, and once.")


class NoSuchRoute(Refusal):
    """Nothing is served at this path."""

    code = "no_such_route"
    http_status = 404

    @classmethod
    def of(cls, path: str) -> "NoSuchRoute":
        """Return the error for a path."""
        return cls(f"nothing is served at {path[:200]!r}.", remedy="The routes: qjob/api/openapi.yaml")


class MethodNotAllowed(Refusal):
    """The path is right, the method is not."""

    code = "method_not_allowed"
    http_status = 405

    @classmethod
    def of(cls, method: str, allowed: Sequence[str]) -> "MethodNotAllowed":
        """Return the error for a method where others are served."""
        return cls(
            f"{method} is not served here.",
            remedy=f"Use {' or '.join(allowed)}.",
            numbers={"allowed": list(allowed)},
        )


class NotJson(Refusal):
    """The body is of another kind."""

    code = "not_json"
    http_status = 415

    @classmethod
    def of(cls, kind: str) -> "NotJson":
        """Return the error for a content type."""
        return cls(f"the body is {kind[:80]!r}.", remedy="Send Content-Type: application/json.")


def invalid(error: ValidationError, where: str) -> InvalidRequest:
    """Return what a model has to complain of, each fault with its place.

    Parameters
    ----------
    where
        ``"body"`` or ``"query"``.
    """
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]) or where, "problem": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    told = "; ".join(f"{fault['field']}: {fault['problem']}" for fault in faults[:SHOWN])
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return InvalidRequest(
        f"the {where} does not fit: {told}{more}.",
        remedy="What it takes: qjob/api/openapi.yaml",
        numbers={"faults": faults[:SHOWN]},
    )

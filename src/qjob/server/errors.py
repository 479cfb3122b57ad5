"""What can only go wrong over HTTP, as errors of qjob's tree, and how others' errors read there."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from tornado.web import HTTPError

from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest, QjobError, Refusal, StoreError, WorkerError

EXTRA = "extra_forbidden"
"""What pydantic calls a field that a model does not have."""

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


class NoLength(InvalidRequest):
    """Nobody can tell where the body ends."""

    @classmethod
    def of(cls, said: str) -> "NoLength":
        """Return the error for what the headers say of the length."""
        return cls(
            f"Content-Length {said[:40]!r} is no length.",
            remedy="Send the number of bytes of the body, once.",
        )


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


def invalid(error: ValidationError, where: str, model: type[BaseModel]) -> InvalidRequest:
    """Return what a model has to complain of, each fault with its place.

    Parameters
    ----------
    where
        ``"body"`` or ``"query"``.
    model
        What complains: its fields are told where one was sent that it does not have.
    """
    fields, found = list(fields_of(model)), error.errors(include_url=False, include_input=False)
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]) or where, "problem": _problem(fault, fields)}
        for fault in found
    ]
    told = "; ".join(f"{fault['field']}: {fault['problem']}" for fault in faults[:SHOWN])
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    strange = any(fault["type"] == EXTRA for fault in found)
    return InvalidRequest(
        f"the {where} does not fit: {told}{more}.",
        remedy=f"It takes {', '.join(fields)}." if strange else "What it takes: qjob/api/openapi.yaml",
        numbers={"faults": faults[:SHOWN], **({"fields": fields} if strange else {})},
    )


def _problem(fault: Any, fields: Sequence[str]) -> str:
    """Return what is wrong at a place; of a field that is not taken, where one like it is."""
    if fault["type"] != EXTRA:
        return str(fault["msg"])
    name = str(fault["loc"][-1])[:80]
    there = [field for field in fields if field.rpartition(".")[2] == name]
    return f"there is no such field{did_you_mean(there[0] if there else name, there or fields)}"


def fields_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the fields that a model takes, each with its place: ``shots`` of ``params`` as ``params.shots``."""
    for name, field in model.model_fields.items():
        here = field.alias or name
        kinds = (field.annotation, *get_args(field.annotation))
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not nested:
            yield here
        for kind in nested:
            yield from (f"{here}.{inner}" for inner in fields_of(kind))


def for_strangers(error: QjobError) -> QjobError:
    """Return an error as it is told who does not run this server: nothing of its paths and addresses.

    Of the store and of worker processes the messages are for whoever can look after them.
    """
    if isinstance(error, StoreError):
        said = "the store cannot be used now."
    elif isinstance(error, WorkerError):
        said = "what runs this could not be started now."
    else:
        return error
    remedy = "Ask again later, or ask who runs this server, whose log says more."
    return type(error)(said, remedy=remedy, retry_after=error.retry_after)


def foreign(status: int, error: BaseException | None) -> Refusal:
    """Return what is said of an answer with a status that no error of qjob's is behind.

    Jupyter's own refusals say what they say, or what their status is called; a mistake in the code says where to
    look.
    """
    said = ""
    if isinstance(error, HTTPError):
        said = error.log_message % error.args if error.log_message else (error.reason or "")
    if not said and status < HTTPStatus.INTERNAL_SERVER_ERROR:
        said = f"{HTTPStatus(status).phrase}."
    return Refusal(said or "the server could not answer; its log says why.")

"""Amazon Braket's REST API as botocore's own service model tells it: routes, what may be asked, what may be answered.

It knows shapes and the rest-json protocol; it must not know what a task or a device is.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

OPERATIONS = (
    "GetDevice",
    "SearchDevices",
    "CreateQuantumTask",
    "GetQuantumTask",
    "CancelQuantumTask",
    "SearchQuantumTasks",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
)

NOT_IN_MODEL = {
    "UnrecognizedClientException": 403,
    "ExpiredTokenException": 403,
    "MissingAuthenticationTokenException": 403,
    "InvalidSignatureException": 403,
    "UnknownOperationException": 404,
    "ServiceUnavailableException": 503,
}
"""What AWS's front door answers for every service, so that no service's model lists it."""


class AwsError(Exception):
    """An error as Braket sends it: status from the model, the code in a header, the message in the body."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadAnswer(Exception):
    """The loopback was about to answer what AWS could not: a fault of the loopback itself."""


@dataclass(frozen=True)
class Request:
    """One request for an operation, its input checked."""

    operation: str
    input: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Service:
    """The part of Amazon Braket's API that is played here."""

    def __init__(self) -> None:
        self._model = ServiceModel(Loader().load_service_model("braket", "service-2"), "braket")
        self._operations = {name: self._model.operation_model(name) for name in OPERATIONS}
        self._routes = [(model, _pattern(model.http["requestUri"])) for model in self._operations.values()]
        self._validator = ParamValidator()
        self._errors = {shape.name: shape for shape in map(self._model.shape_for, self._model.shape_names)}

    def route(self, method: str, raw_path: str) -> tuple[str, dict[str, str]]:
        """Find the operation of a request; its path is split before it is unquoted, since ARNs hold slashes."""
        for model, pattern in self._routes:
            if model.http["method"] == method and (found := pattern.fullmatch(raw_path)):
                return model.name, {name: unquote(value) for name, value in found.groupdict().items()}
        raise AwsError("UnknownOperationException", f"The loopback does not play {method} {raw_path}.")

    def parse(self, operation: str, uri: dict[str, str], query: str, body: bytes) -> Request:
        """Return the input of an operation, refused as AWS would if it is not what the model says."""
        shape = self._operations[operation].input_shape
        given: dict[str, Any] = {}
        if body:
            try:
                given = json.loads(body)
            except ValueError:
                raise AwsError("ValidationException", "The request body is not JSON.") from None
            if not isinstance(given, dict):
                raise AwsError("ValidationException", "The request body is not a JSON object.")
        asked = parse_qs(query, keep_blank_values=True)
        for name, member in shape.members.items():
            place = member.serialization
            if place.get("location") == "uri":
                given[name] = uri[place["name"]]
            elif place.get("location") == "querystring" and place["name"] in asked:
                values = asked[place["name"]]
                given[name] = values if member.type_name == "list" else values[0]
        if problems := self._problems(given, shape):
            raise AwsError("ValidationException", "; ".join(problems))
        return Request(operation, given)

    def answer(self, operation: str, output: dict[str, Any]) -> Answer:
        """Return what is sent for an output; one that the model does not allow is an error of the loopback."""
        model = self._operations[operation]
        if problems := self._problems(output, model.output_shape):
            raise BadAnswer(f"{operation}: {'; '.join(problems)}")
        body = json.dumps(output, default=_encoded).encode()
        return Answer(model.http["responseCode"], {"Content-Type": "application/json"}, body)

    def error(self, error: AwsError) -> Answer:
        """Return what is sent for an error."""
        body = json.dumps({"message": error.message}).encode()
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
        return Answer(self.status(error.code), headers, body)

    def status(self, code: str) -> int:
        """Return the HTTP status of an error code."""
        if code in NOT_IN_MODEL:
            return NOT_IN_MODEL[code]
        if code not in self._errors:
            raise KeyError(f"{code} is no error of Amazon Braket")
        return self._errors[code].metadata["error"]["httpStatusCode"]

    def _problems(self, value: dict[str, Any], shape: Shape) -> list[str]:
        report = self._validator.validate(value, shape)
        if report.has_errors():
            return [" ".join(report.generate_report().split())]
        return list(_constraints(value, shape, ""))


def _pattern(uri: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(uri)))


def _constraints(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Yield where a value breaks an enum, a length, a range, a pattern or has a member that is not in the shape."""
    facts, name = shape.metadata, path or "input"
    match shape.type_name:
        case "structure":
            for key, one in value.items():
                if key not in shape.members:
                    yield f"{name} has no member {key}"
                else:
                    yield from _constraints(one, shape.members[key], f"{path}.{key}".lstrip("."))
        case "list":
            yield from _size(len(value), facts, name, "length")
            for index, one in enumerate(value):
                yield from _constraints(one, shape.member, f"{name}.{index + 1}.member")
        case "map":
            for key, one in value.items():
                yield from _constraints(one, shape.value, f"{name}.{key}")
        case "string":
            yield from _text(value, facts, name)
        case "integer" | "long":
            yield from _size(value, facts, name, "value")


def _text(value: str, facts: dict[str, Any], name: str) -> Iterator[str]:
    yield from _size(len(value), facts, name, "length")
    if "enum" in facts and value not in facts["enum"]:
        yield (
            f"Value '{value}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: "
            f"{facts['enum']}"
        )
    if "pattern" in facts and not re.fullmatch(facts["pattern"], value):
        yield f"Value '{value}' at '{name}' does not match {facts['pattern']}"


def _size(size: int, facts: dict[str, Any], name: str, what: str) -> Iterator[str]:
    if "min" in facts and size < facts["min"]:
        yield (
            f"{what} {size} at '{name}' failed to satisfy constraint: Member must have {what} greater than or "
            f"equal to {facts['min']}"
        )
    if "max" in facts and size > facts["max"]:
        yield (
            f"{what} {size} at '{name}' failed to satisfy constraint: Member must have {what} less than or "
            f"equal to {facts['max']}"
        )


def _encoded(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON")

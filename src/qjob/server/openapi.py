"""The description of the API, written from the same values that are served: routes and models."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from qjob.server.desk import Desk
from qjob.server.routes import Answer, Call, Dialect, Route
from qjob.server.stream import EVENT_STREAM

REF = "#/components/schemas/{model}"
KIND = "application/yaml"
SENT = "What was asked for."
PATTERNS = {"Idempotency-Key": "^[!-~]([ -~]{0,198}[!-~])?$"}
"""Headers that are refused if they look otherwise: 1 to 200 printable ASCII characters. Others are read, or not."""

ANY = {
    401: "Nobody has signed in, or the key is not right.",
    403: "The key, or the user, may not do this.",
    429: "Too many requests, or wrong keys; Retry-After says when to come again.",
    503: "The store cannot be used, or too many requests wait; Retry-After says when to come again.",
}
"""Refusals of every route that is not for everybody."""

SAID = {
    400: "What was asked does not fit; it says where.",
    402: "It can cost more than the team may still spend; it says what is left.",
    404: "There is no such thing, or it belongs to another team.",
    409: "The state of the job, or an earlier request with the same key, forbids it.",
    413: "The body is too long.",
    415: "The body is no JSON.",
    424: "The service does not know who asks.",
}

Key = tuple[type[BaseModel], Literal["validation", "serialization"]]


class Description:
    """Describes dialects in OpenAPI 3.1.

    Parameters
    ----------
    dialects
        Returns them.
    """

    def __init__(self, dialects: Callable[[], Sequence[Dialect]]) -> None:
        self._dialects = dialects

    def describe(self, _: Desk, call: Call) -> Answer:
        """Answer the description as YAML: only the servers are written anew, for it is for everybody."""
        head = _written({"openapi": "3.1.0", "servers": servers(call.base)})
        return Answer(
            head.removesuffix(b"\n}") + b"," + self._rest.removeprefix(b"{"),
            content_type=KIND,
        )

    @cached_property
    def route(self) -> Route:
        """The route that serves the description; it is for everybody."""
        summary = "This description."
        return Route(
            "GET", "openapi.yaml", self.describe, summary, {200: None}, scope=None, content_type=KIND
        )

    @cached_property
    def _rest(self) -> bytes:
        return _written(self.document)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The description, but for the version of OpenAPI and the servers; its paths are below the server's base."""
        dialects = self._dialects()
        keys = list(dict.fromkeys(key for dialect in dialects for key in _models(dialect)))
        refs, schemas = _by_dialect(*models_json_schema(keys, ref_template=REF), dialects)
        paths: dict[str, dict[str, Any]] = {}
        for dialect in dialects:
            for route in dialect.routes:
                where = paths.setdefault(f"/{dialect.prefix}/{route.path}", {})
                where[route.method.lower()] = _operation(dialect, route, refs)
        return {
            "info": {
                "title": "qjob",
                "version": version("qjob"),
                "description": "Quantum jobs over HTTP: Marqov's API and qBraid's, on one engine and one store.",
            },
            "security": [{"key": []}, {"jupyter": []}],
            "paths": paths,
            "components": {
                "schemas": _closed(schemas),
                "securitySchemes": {
                    "key": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "X-API-Key",
                        "description": "of `qjob key create`",
                    },
                    "jupyter": {
                        "type": "apiKey",
                        "in": "header",
                        "name": "Authorization",
                        "description": "`token` and Jupyter's own",
                    },
                },
            },
        }


def servers(base: str) -> list[dict[str, str]]:
    """Return where the paths of the description begin, for a server whose base URL is ``base``."""
    return [
        {"url": base.rstrip("/") or "/", "description": "the Jupyter server that serves this"},
        {
            "url": "../../",
            "description": "the same, relative to this description: behind a proxy that strips a path",
        },
    ]


def _written(document: dict[str, Any]) -> bytes:
    """Return a document as YAML: as JSON, which is YAML too and takes no second to write."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def _by_dialect(
    refs: dict[Any, Any], defined: dict[str, Any], dialects: Sequence[Dialect]
) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Name schemas that several dialects have after the dialect, where pydantic names them by their modules."""
    names = {}
    for name in defined.get("$defs", {}):
        *where, own = name.split("__")
        of = next((each.name for each in dialects if each.name.lower() in where), "")
        names[REF.format(model=name)] = f"{of[:1].upper()}{of[1:]}{own}"

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(part) for part in value]
        if isinstance(value, dict):
            return {key: renamed(part) for key, part in value.items()}
        return REF.format(model=names[value]) if isinstance(value, str) and value in names else value

    schemas = {
        names[REF.format(model=name)]: renamed(each) for name, each in defined.get("$defs", {}).items()
    }
    return renamed(refs), schemas


def _closed(schema: Any) -> Any:
    """Say of objects whose names follow a pattern that there are no others, which pydantic means and does not say."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(part) for name, part in schema.items()}
    return {**found, "additionalProperties": False} if "patternProperties" in found else found


def _models(dialect: Dialect) -> Iterator[Key]:
    yield dialect.error_model, "serialization"
    for route in dialect.routes:
        if route.body is not None:
            yield route.body, "validation"
        if route.query is not None:
            yield route.query, "validation"
        for model in (*route.answers.values(), *route.streamed.values()):
            if model is not None:
                yield model, "serialization"


def _operation(dialect: Dialect, route: Route, refs: dict[Any, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": _operation_id(dialect, route),
        "summary": route.summary,
        "tags": [dialect.name],
        "parameters": [*_in_path(route), *_in_query(route), *_in_headers(route)],
        "responses": {
            **{str(status): _answer(dialect, route, model, refs) for status, model in route.answers.items()},
            **{str(status): _refusal(status, dialect, refs) for status in _statuses(route)},
        },
    }
    if route.streamed:
        said["responses"]["200"]["content"][EVENT_STREAM] = {"schema": _streamed(route, refs)}
    if route.scope is None:
        said["security"] = []
    if route.body is not None:
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[(route.body, "validation")]}},
        }
    return said


def _operation_id(dialect: Dialect, route: Route) -> str:
    return f"{dialect.name.lower()}_{route.handle.__name__}"


def _statuses(route: Route) -> list[int]:
    own = {*route.errors, *(ANY if route.scope is not None else ())}
    if route.query is not None:
        own.add(400)
    if route.body is not None:
        own |= {400, 413, 415}
    return sorted(own - set(route.answers))


def _refusal(status: int, dialect: Dialect, refs: dict[Any, Any]) -> dict[str, Any]:
    schema = refs[(dialect.error_model, "serialization")]
    found: dict[str, Any] = {
        "description": ANY.get(status) or SAID[status],
        "content": {"application/json": {"schema": schema}},
    }
    if status in (429, 503):
        found["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return found


def _streamed(route: Route, refs: dict[Any, Any]) -> dict[str, Any]:
    """Return what each event of a stream is; its data are JSON."""
    each = []
    for event, model in route.streamed.items():
        schema = {"type": "object"} if model is None else refs[(model, "serialization")]
        data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
        properties = {"event": {"const": event}, "data": data, "id": {"type": "string"}}
        each.append({"type": "object", "properties": properties, "required": ["event", "data"]})
    return {"oneOf": each}


def _answer(
    dialect: Dialect, route: Route, model: type[BaseModel] | None, refs: dict[Any, Any]
) -> dict[str, Any]:
    schema: Any = refs[(model, "serialization")] if model is not None else _plain(route.content_type)
    said = SENT if model is None else (model.__doc__ or SENT).partition("\n")[0]
    found = {"description": said, "content": {route.content_type: {"schema": schema}}}
    links = dict(_links(dialect, route))
    return {**found, "links": links} if links else found


def _plain(kind: str) -> dict[str, Any]:
    """Return what is said of an answer that is no JSON; of a stream of events, what each of them is."""
    if kind != EVENT_STREAM:
        return {"type": "object" if kind == KIND else "string"}
    text = {"type": "string"}
    named = {"type": "string", "enum": ["snapshot", "end"]}
    return {
        "type": "object",
        "properties": {"event": named, "id": text, "data": text},
        "required": ["event", "data"],
    }


def _links(dialect: Dialect, route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what can be asked for by what is answered."""
    if route.gives is None:
        return
    where, pointer = route.gives
    for other in dialect.routes:
        if other.path == where or other.path.startswith(f"{where}/"):
            said = _operation_id(dialect, other)
            yield said, {"operationId": said, "parameters": {other.names[0]: f"$response.body#{pointer}"}}


def _in_path(route: Route) -> Iterator[dict[str, Any]]:
    for name in route.names:
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(route: Route) -> Iterator[dict[str, Any]]:
    if route.query is None:
        return
    schema = route.query.model_json_schema(by_alias=True)
    if "$defs" in schema:
        raise TypeError(f"{route.query.__name__} nests models: a query is flat")
    for name, plain in schema["properties"].items():
        found = {"name": name, "in": "query", "required": name in schema.get("required", ())}
        if "description" in plain:
            found["description"] = plain.pop("description")
        kind = plain.get("contentMediaType")
        if kind is None:
            yield {**found, "schema": plain}
        else:
            yield {**found, "content": {kind: {"schema": plain["contentSchema"]}}}


def _in_headers(route: Route) -> Iterator[dict[str, Any]]:
    for name, meaning in route.headers.items():
        yield {
            "name": name,
            "in": "header",
            "required": False,
            "description": meaning,
            "schema": {"type": "string", **({"pattern": PATTERNS[name]} if name in PATTERNS else {})},
        }

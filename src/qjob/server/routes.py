"""What a route is: a value that is served, and that the API's description is written from. Knows no tornado."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from qjob.model.errors import QjobError
from qjob.model.key import Scope
from qjob.server.desk import Desk

NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked, checked for its form.

    Parameters
    ----------
    path
        The parts of the path that the route leaves open, by name, without percent escapes.
    query
        An instance of the route's model of the query, where it has one.
    body
        The same of the body.
    headers
        Those of the request; names in lower case, no key or cookie among them.
    base
        The path of the server that comes before ``qjob/``, such as ``/user/ada/``.
    raw
        The body as it came.
    """

    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    base: str = "/"
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: a model, or bytes of another kind."""

    body: BaseModel | bytes | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def to_bytes(self) -> bytes:
        """Return the body as it is sent."""
        if isinstance(self.body, BaseModel):
            return self.body.model_dump_json(by_alias=True).encode()
        return self.body or b""


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked of a dialect.

    Parameters
    ----------
    method, path
        ``path`` is below the dialect's prefix and names what it leaves open: ``jobs/{job_id}/result``. Of two routes
        that fit, the first counts.
    handle
        Does it, in a thread of the pool. Raises an error of qjob's tree, or returns the answer.
    summary
        What it does, in a line, for the description of the API.
    scope
        What a key has to be allowed for it. None: the route is for everybody, even unasked.
    answers
        The model of the body for each status that is no error; None where there is no body.
    query, body
        The models of what is taken; None where nothing is.
    errors
        The statuses of refusals that are its own, beside those that any route has.
    content_type
        Of the answer.
    headers
        What it takes in headers: the name, and what that means.
    slow
        Whether it may wait for a service, or run code: such calls have threads of their own.
    streamed
        What who accepts ``text/event-stream`` gets in place of the answer: the model of the data of each event by its
        name, where it has any.
    gives
        The beginning of the paths that its answer makes room for, and where in that answer their open part stands:
        ``("jobs/{job_id}", "/job_id")``.
    """

    method: str
    path: str
    handle: Callable[[Desk, Call], Answer]
    summary: str
    answers: Mapping[int, type[BaseModel] | None]
    scope: Scope | None = Scope.READ
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False
    streamed: Mapping[str, type[BaseModel] | None] = field(default_factory=dict)
    gives: tuple[str, str] | None = None

    @property
    def pattern(self) -> str:
        """The regular expression of the path."""
        return NAME.sub(lambda _: "([^/]+)", re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}"))

    @property
    def names(self) -> tuple[str, ...]:
        """What the path leaves open, in its order."""
        return tuple(NAME.findall(self.path))


@dataclass(frozen=True, slots=True)
class Dialect:
    """The routes that belong together, and how they say no.

    Parameters
    ----------
    name
        For people: ``Marqov``.
    prefix
        Below the server's base URL, such as ``qjob/api``.
    error_body
        Makes an error's body of it.
    error_model
        What that body looks like.
    """

    name: str
    prefix: str
    routes: tuple[Route, ...]
    error_body: Callable[[QjobError], BaseModel]
    error_model: type[BaseModel]

"""Serves the routes: finds out who asks, reads and checks what is asked, calls the route, sends the answer.

The one place that turns errors into answers. Everything but the sending happens in the pool's threads.
"""

import logging
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel, ValidationError
from tornado import web

from qjob.model.errors import InvalidRequest, NotAllowed, NotSignedIn, QjobError, Refusal
from qjob.server.desk import Caller
from qjob.server.errors import (
    BodyTooLarge,
    MethodNotAllowed,
    NoLength,
    NoSuchRoute,
    NotJson,
    for_strangers,
    foreign,
    invalid,
)
from qjob.server.fields import body_of
from qjob.server.identity import Callers
from qjob.server.intake import SLOWEST, Body, Intake, declared
from qjob.server.pieces import expect_few_values
from qjob.server.pool import Pool
from qjob.server.routes import Answer, Call, Dialect, Route
from qjob.server.stream import Following, Streams

LOG = logging.getLogger(__name__)

KEY = "X-API-Key"
BEARER = "bearer qjob_"
KEPT = frozenset({"idempotency-key", "accept", "content-type", "last-event-id", "prefer"})
"""The headers that routes are told."""

ACTIONS = {"GET": "read", "HEAD": "read"}


@web.stream_request_body
class RouteHandler(APIHandler):
    """Serves the routes of one path of a dialect.

    Jupyter's own sign-in and cross-site checks apply, unless an API key is shown: that is the caller then, whatever
    cookies come with it.
    """

    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS", "TRACE")
    auth_resource = "qjob"

    def initialize(
        self,
        *,
        callers: Callers,
        pool: Pool,
        intake: Intake,
        streams: Streams,
        dialect: Dialect,
        routes: Mapping[str, Route],
    ) -> None:
        """Take from the table of routes what this path needs."""
        super().initialize()
        self.callers, self.pool, self.streams = callers, pool, streams
        self.dialect, self.routes = dialect, routes
        self.body = Body(intake)
        self.leaving: list[Callable[[], None]] = []
        self.caller: Caller | None = None

    # -- who asks, before the body is read --------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler's own, which takes no login page
        """Refuse who may not ask, and what is too long, before a byte of the body is taken."""
        try:
            await super().prepare()
            if not self._finished:
                await self._admit()
        except QjobError as error:
            self._refuse(error)

    async def _admit(self) -> None:
        declared(self.request.headers.get_list("Content-Length"))
        self.request.connection.set_body_timeout(SLOWEST)  # type: ignore[union-attr]  # there is one until the end
        if self.request.method == "OPTIONS" and self.routes:
            return
        route = self._route()
        self.caller = await self._identify()
        self.body.who = None if self.caller is None else self.caller.user
        if self.caller is None:
            if route.scope is not None:
                shown = self.request.headers.get("Authorization") or self.get_query_argument("token", "")
                raise NotSignedIn(
                    "this server does not know the token that was sent."
                    if shown
                    else "nobody has signed in.",
                    remedy=f"Send an API key as {KEY} (qjob key create NAME), or Jupyter's token "
                    "(Authorization: token ...).",
                )
            return
        if route.scope is not None:
            self.caller.expect(route.scope)

    async def _identify(self) -> Caller | None:
        headers = self.request.headers
        text = self._key()
        if text is not None:
            email, organization = headers.get("email"), headers.get("organization")
            address = self.request.remote_ip or ""
            return await self.pool.run(
                lambda: self.callers.of_key(text, address, email=email, organization=organization)
            )
        user = self.current_user
        if user is None:
            return None
        action = ACTIONS.get(self.request.method or "", "write")
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, self.auth_resource)):
            raise NotAllowed(
                f"{user.username} may not {action} jobs on this server.",
                remedy="Ask who runs this Jupyter server.",
            )
        return await self.pool.run(self.callers.of_session)

    def _key(self) -> str | None:
        """Return the API key that was shown; None where there is none."""
        headers = self.request.headers
        keys = [key for key in headers.get_list(KEY) if key.strip()]
        bearer = headers.get("Authorization", "")
        if bearer.lower().startswith(BEARER):
            keys.append(bearer.split(maxsplit=1)[1])
        if len(set(keys)) > 1 or any("," in key for key in keys):
            raise InvalidRequest("several API keys were sent.", remedy=f"Send one, as {KEY}.")
        return keys[0].strip() if keys else None

    def check_xsrf_cookie(self) -> None:
        """Leave out the check for who shows a key, and for who is refused anyway."""
        if not hasattr(self, "_jupyter_current_user") or self.current_user is None or self._shows_key():
            return
        super().check_xsrf_cookie()

    def _shows_key(self) -> bool:
        bearer = self.request.headers.get("Authorization", "")
        return bool(self.request.headers.get(KEY, "").strip()) or bearer.lower().startswith(BEARER)

    def _route(self) -> Route:
        method = "GET" if self.request.method == "HEAD" else self.request.method or ""
        if method not in self.routes:
            if not self.routes:
                raise NoSuchRoute.of(self.request.path)
            raise MethodNotAllowed.of(method, sorted({*self.routes, "OPTIONS"}))
        return self.routes[method]

    # -- what is asked ----------------------------------------------------------------------------------------

    def data_received(self, chunk: bytes) -> None:
        """Take a part of the body."""
        self.body.take(chunk)

    async def _serve(self, *parts: str) -> None:
        route, caller = self._route(), self.caller
        try:
            raw = self.body.whole()
            who = self.request.remote_ip if caller is None else caller.user
            answer, body = await self.pool.run(
                lambda: self._answer(route, caller, parts, raw), who=who, slow=route.slow
            )
            raw = b""
            self.body.drop()  # what is still to be sent may take long
            if isinstance(answer, Following) and answer.subject is not None:
                await self.streams.send(self, answer.subject, self.leaving, who=who or "")
                return
        except QjobError as error:
            self._refuse(error)
            return
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.finish(body or None, set_content_type=answer.content_type)  # or Jupyter calls all of it JSON

    def on_connection_close(self) -> None:
        """Let a stream end that nobody reads any more, and go what has come of a body."""
        super().on_connection_close()
        self.body.drop()
        for leave in self.leaving:
            leave()

    @allow_unauthenticated
    async def get(self, *parts: str) -> None:
        """Serve a route."""
        await self._serve(*parts)

    head = post = put = patch = delete = trace = get

    @allow_unauthenticated
    def options(self, *_: Any, **__: Any) -> None:
        """Say which methods there are."""
        self.set_header("Allow", ", ".join(sorted({*self.routes, "OPTIONS"})))
        self.set_status(204)
        self.finish()

    def on_finish(self) -> None:
        """Let go of the body."""
        super().on_finish()
        self.body.drop()

    def _answer(
        self, route: Route, caller: Caller | None, parts: tuple[str, ...], raw: bytes
    ) -> tuple[Answer, bytes]:
        """Return what a route answers; runs in a thread."""
        names = {name.lower(): value for name, value in self.request.headers.get_all()}
        call = Call(
            path=dict(zip(route.names, parts, strict=True)),
            query=self._query(route.query),
            body=self._body(route.body, raw),
            headers={name: value for name, value in names.items() if name in KEPT},
            base=self.base_url,
            raw=raw,
        )
        desk = self.callers.desk(caller or self.callers.of_nobody())
        answer = route.handle(desk, call)
        return answer, answer.to_bytes()

    def _query(self, model: type[BaseModel] | None) -> BaseModel | None:
        if model is None:
            return None
        try:
            given = {
                name: [value.decode("utf-8") for value in values]
                for name, values in self.request.query_arguments.items()
            }
        except UnicodeDecodeError as error:
            raise InvalidRequest("the query is no UTF-8.", remedy="Escape it as UTF-8.") from error
        try:
            return model.model_validate({name: values[-1] for name, values in given.items()})
        except ValidationError as error:
            raise invalid(error, "query", model) from None

    def _body(self, model: type[BaseModel] | None, raw: bytes) -> BaseModel | None:
        if model is None:
            return None
        kind = self.request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise NotJson.of(kind)
        expect_few_values(raw)
        return body_of(model, raw, self.callers.reader)

    # -- how it says no ---------------------------------------------------------------------------------------

    def _refuse(self, error: QjobError) -> None:
        if self._finished:
            return
        if not isinstance(error, Refusal):
            level = logging.WARNING if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
            LOG.log(level, "%s %s: %s", self.request.method, self.request.path, error)
            if not self._runs_the_server():
                error = for_strangers(error)
        self.set_status(error.http_status)
        self.set_header("Content-Type", "application/json")
        if error.retry_after is not None:
            self.set_header("Retry-After", str(max(1, math.ceil(error.retry_after))))
        if isinstance(error, NotSignedIn):
            self.set_header("WWW-Authenticate", f'{KEY} realm="qjob"')
        if isinstance(error, MethodNotAllowed):
            self.set_header("Allow", ", ".join(error.numbers["allowed"]))
        if isinstance(error, BodyTooLarge | NoLength):
            self.set_header("Connection", "close")  # what is left of the body is not read
        self.finish(self.dialect.error_body(error).model_dump_json(exclude_none=True))

    def _runs_the_server(self) -> bool:
        """Whether it is the user of a Jupyter session who asks, and no key."""
        return not self._shows_key() and getattr(self, "_jupyter_current_user", None) is not None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what is no error of ours in the same form: Jupyter's own refusals, and mistakes in the code."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, QjobError):
            self._refuse(error)
            return
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # one that tornado has never heard of
            self._refuse(MethodNotAllowed.of(self.request.method or "", sorted({*self.routes, "OPTIONS"})))
            return
        self.set_status(status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(self.dialect.error_body(foreign(status_code, error)).model_dump_json(exclude_none=True))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is not the caller's to mend."""
        if not isinstance(value, QjobError):
            super().log_exception(typ, value, tb)

    def compute_etag(self) -> None:
        """Make no digest of answers that nobody keeps: of a large one it would stop the event loop."""

    def set_default_headers(self) -> None:
        """Say how answers may be used: kept by nobody, read as what they are."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

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

from qjob.model.errors import InvalidRequest, NotAllowed, NotSignedIn, QjobError, Refusal, StoreError
from qjob.server.desk import Caller
from qjob.server.errors import BodyTooLarge, MethodNotAllowed, NoLength, NoSuchRoute, NotJson, invalid
from qjob.server.fields import body_of
from qjob.server.identity import Callers
from qjob.server.pool import Pool
from qjob.server.routes import Answer, Call, Dialect, Route
from qjob.server.stream import Following, Streams

LOG = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024 * 1024
"""The largest body that is read."""

MOST_DIGITS = 12
"""More than a length has that is read; of thousands Python makes no number at all."""

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

    SUPPORTED_METHODS = (
        "GET",
        "HEAD",
        "POST",
        "DELETE",
        "PATCH",
        "PUT",
        "OPTIONS",
        "TRACE",
    )
    auth_resource = "qjob"

    def initialize(
        self, callers: Callers, pool: Pool, streams: Streams, dialect: Dialect, routes: Mapping[str, Route]
    ) -> None:
        """Take from the table of routes what this path needs."""
        super().initialize()
        self.callers, self.pool, self.streams, self.dialect, self.routes = (
            callers,
            pool,
            streams,
            dialect,
            routes,
        )
        self.leaving: list[Callable[[], None]] = []
        self.caller: Caller | None = None
        self.chunks: list[bytes] = []
        self.size = 0

    # -- who asks, before the body is read --------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]  # tornado awaits what it returns
        """Refuse who may not ask, and what is too long, before a byte of the body is taken."""
        try:
            await super().prepare()
            if not self._finished:
                await self._admit()
        except QjobError as error:
            self._refuse(error)

    async def _admit(self) -> None:
        route = self._route()
        announced = self.request.headers.get("Content-Length", "0").strip().lstrip("0")
        if (
            not (announced + "0").isdecimal() or not announced.isascii()
        ):  # two of them are put together with a comma
            raise NoLength.of(announced)
        if len(announced) > MOST_DIGITS or int(announced or 0) > MOST_BYTES:
            raise BodyTooLarge.of(MOST_BYTES)
        self.caller = await self._identify()
        if self.caller is None:
            if route.scope is not None:
                raise NotSignedIn(
                    "nobody has signed in.",
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
        self.size += len(chunk)
        if self.size <= MOST_BYTES:
            self.chunks.append(chunk)
        else:
            self.chunks.clear()

    async def _serve(self, *parts: str) -> None:
        route, caller = self._route(), self.caller
        try:
            if self.size > MOST_BYTES:
                raise BodyTooLarge.of(MOST_BYTES)
            answer, body = await self.pool.run(lambda: self._answer(route, caller, parts))
            if isinstance(answer, Following) and answer.subject is not None:
                await self.streams.send(self, answer.subject, self.leaving)
                return
        except QjobError as error:
            self._refuse(error)
            return
        self.set_status(answer.status)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        self.finish(body or None, set_content_type=answer.content_type)  # or Jupyter calls all of it JSON

    def on_connection_close(self) -> None:
        """Let a stream end that nobody reads any more."""
        super().on_connection_close()
        for leave in self.leaving:
            leave()

    @allow_unauthenticated
    async def get(self, *parts: str) -> None:
        """Serve a route."""
        await self._serve(*parts)

    head = post = put = patch = delete = trace = get

    @allow_unauthenticated
    async def options(self, *_: str) -> None:  # type: ignore[override]  # the same
        """Say which methods there are."""
        self.set_header("Allow", ", ".join(sorted({*self.routes, "OPTIONS"})))
        self.set_status(204)
        self.finish()

    def _answer(self, route: Route, caller: Caller | None, parts: tuple[str, ...]) -> tuple[Answer, bytes]:
        """Return what a route answers; runs in a thread."""
        raw = b"".join(self.chunks)
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
            raise invalid(error, "query") from None

    def _body(self, model: type[BaseModel] | None, raw: bytes) -> BaseModel | None:
        if model is None:
            return None
        kind = self.request.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise NotJson.of(kind)
        return body_of(model, raw, self.callers.reader)

    # -- how it says no ---------------------------------------------------------------------------------------

    def _refuse(self, error: QjobError) -> None:
        if self._finished:
            return
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
        if not isinstance(error, Refusal) and not isinstance(error, StoreError):
            LOG.info("%s %s: %s", self.request.method, self.request.path, error.message)
        self.finish(self.dialect.error_body(error).model_dump_json(exclude_none=True))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what is no error of ours in the same form: Jupyter's own refusals, and mistakes in the code."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, QjobError):
            self._refuse(error)
            return
        if status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # one that tornado has never heard of
            self._refuse(MethodNotAllowed.of(self.request.method or "", sorted({*self.routes, "OPTIONS"})))
            return
        said = (error.log_message or error.reason or "") if isinstance(error, web.HTTPError) else ""
        if isinstance(error, web.HTTPError) and error.args:
            said = said % error.args
        if not said and status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            said = f"{HTTPStatus(status_code).phrase}."
        plain = Refusal(said or "the server could not answer; its log says why.")
        self.set_status(status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(self.dialect.error_body(plain).model_dump_json(exclude_none=True))

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

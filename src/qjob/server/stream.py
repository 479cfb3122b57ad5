"""The stream of a job or a batch: how it stands, sent as server-sent events whenever that changed, until its end.

A stream holds at most one message that its reader has not taken: the newest. The routes here only find out what is
asked for; `Streams` sends it from the event loop, without a thread.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from qjob.model.errors import NoSuchJob, ServiceUnavailable
from qjob.model.key import Scope
from qjob.server.desk import Desk
from qjob.server.newsroom import Gone, Kind, News, Newsroom, Subject
from qjob.server.routes import Answer, Call, Dialect, Route
from qjob.server.telling import Telling

EVENT_STREAM = "text/event-stream"
MOST, MOST_EACH = 200, 50
"""How many streams are open at a time, and how many of them for one user."""

MOST_DIGITS = 9
"""Of the number of a row."""

ALIVE = 15.0
"""Seconds without news after which a comment shows that the stream still lives."""

PATIENCE = 30.0
"""Seconds that a reader may take for one message."""

LONGEST = 600.0
"""Seconds after which a stream is closed, so that its reader comes back and shows anew who it is."""

COME_BACK = 2000
"""Milliseconds after which a reader that was cut off asks again."""

UNREAD = 16 * 1024
"""Bytes that the system may hold for a reader: what is older than this is of no use to anybody."""


@dataclass(frozen=True, slots=True)
class Following(Answer):
    """Answers that a stream follows."""

    subject: Subject | None = None


def follow(desk: Desk, call: Call) -> Following:
    """Answer with the stream of a job or a batch of the caller's teams, as its page takes it.

    Raises
    ------
    NoSuchJob
        There is neither.
    """
    return Following(None, content_type=EVENT_STREAM, subject=subject_of(desk, call.path["job_id"]))


def follow_log(desk: Desk, call: Call) -> Following:
    """Answer with the stream of a job or a batch as programs take it; see `qjob.server.telling`.

    Raises
    ------
    NoSuchJob
        There is neither.
    """
    last = call.headers.get("last-event-id", "")
    known = last.isascii() and last.isdigit() and len(last) <= MOST_DIGITS
    subject = replace(
        subject_of(desk, call.path["job_id"]), after=int(last) if known else getattr(call.query, "after", -1)
    )
    return Following(None, content_type=EVENT_STREAM, subject=subject)


def subject_of(desk: Desk, text: str) -> Subject:
    """Return what a full id stands for: a job or a batch of the caller's teams.

    Raises
    ------
    NoSuchJob
        Neither.
    """
    try:
        return Subject(Kind.JOB, desk.record(text).id)
    except NoSuchJob as unknown:
        try:
            return Subject(Kind.BATCH, desk.batch(text)[0].id)
        except NoSuchJob:
            raise unknown from None


def accepts_stream(call: Call) -> bool:
    """Whether who asks wants a stream of events."""
    kinds = (part.partition(";")[0].strip().lower() for part in call.headers.get("accept", "").split(","))
    return EVENT_STREAM in kinds


def with_streams(dialect: Dialect) -> Dialect:
    """Return a dialect with the streams of its jobs.

    Who asks for the log, ``jobs/{job_id}/events``, and accepts a stream of events, follows the job. What pages follow
    has a path of its own, ``jobs/{job_id}/stream``: it carries what a card draws.
    """
    stream = Route(
        "GET",
        "jobs/{job_id}/stream",
        follow,
        "What the page of a job follows: it draws it. Programs ask for the events, accepting text/event-stream.",
        {200: None},
        scope=Scope.READ,
        errors=(404, 503),
        content_type=EVENT_STREAM,
    )
    routes = tuple(
        replace(route, handle=_negotiated(route.handle), errors=tuple({*route.errors, 503}))
        if (route.method, route.path) == ("GET", "jobs/{job_id}/events")
        else route
        for route in dialect.routes
    )
    return replace(dialect, routes=(*routes, stream))


def _negotiated(log: Callable[[Desk, Call], Answer]) -> Callable[[Desk, Call], Answer]:
    @wraps(log)
    def either(desk: Desk, call: Call) -> Answer:
        return follow_log(desk, call) if accepts_stream(call) else log(desk, call)

    return either


class Reader:
    """What one stream has still to send: the newest, or nothing."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting = asyncio.Event()
        self._news: News | Gone | None = None

    def offer(self, news: News | Gone) -> None:
        """Replace what has not been sent; from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._take, news)
        except RuntimeError:  # the loop has ended, and the server with it
            return

    def close(self) -> None:
        """Let the stream end: nobody reads it any more."""
        self._take(Gone("the reader has left"))

    async def next(self, patience: float) -> News | None:
        """Return the newest as soon as there is any, and None after ``patience`` seconds without.

        Raises
        ------
        Gone
            There will be none.
        """
        try:
            await asyncio.wait_for(self._waiting.wait(), patience)
        except TimeoutError:
            return None
        news, self._news = self._news, None
        self._waiting.clear()
        if isinstance(news, Gone):
            raise news
        return news

    def _take(self, news: News | Gone) -> None:
        if not isinstance(self._news, Gone):
            self._news = news
        self._waiting.set()


class Streams:
    """All streams of a server, open or to be opened.

    Parameters
    ----------
    newsroom
        Tells what is new.
    most, most_each
        How many are open at a time, and how many of them for one user.
    patience
        Seconds after which a reader that takes nothing is cut off.
    programs
        Tells in packs what streams for programs send; see `qjob.server.telling`.

    Attributes
    ----------
    open : Counter
        How many are open, by who reads them.
    """

    def __init__(
        self,
        newsroom: Newsroom,
        most: int = MOST,
        most_each: int = MOST_EACH,
        patience: float = PATIENCE,
        programs: Newsroom | None = None,
    ) -> None:
        self._newsroom, self._patience = newsroom, patience
        self._programs = programs or newsroom
        self._most, self._most_each = most, most_each
        self.open: Counter[str] = Counter()

    async def send(
        self, handler: RequestHandler, subject: Subject, leaving: list[Callable[[], None]], *, who: str
    ) -> None:
        """Send a stream to its end, or to the end of its reader.

        Parameters
        ----------
        leaving
            Where to put what is to be called when the reader closes the connection.
        who
            Who reads it.

        Raises
        ------
        ServiceUnavailable
            Too many are open, of all or of this reader.
        """
        self._expect_room(who)
        handler.set_header("Content-Type", EVENT_STREAM)
        handler.set_header("Cache-Control", "no-store, no-transform")
        handler.set_header("X-Accel-Buffering", "no")  # or proxies would hold it back
        if handler.request.method == "HEAD":
            handler.finish()
            return
        self.open[who] += 1
        reader = Reader()
        leaving.append(reader.close)
        leave = (self._newsroom if subject.after is None else self._programs).join(subject, reader.offer)
        try:
            await self._send_all(handler, reader, messages_for(subject))
        except (Gone, StreamClosedError):
            pass  # of a reader that has left, or was cut off, nobody is told
        finally:
            leave()
            self.open[who] -= 1
            if not self.open[who]:
                del self.open[who]
        handler.finish()

    def _expect_room(self, who: str) -> None:
        total, own = self.open.total(), self.open[who]
        if total < self._most and own < self._most_each:
            return
        count, whose = (total, "streams of jobs") if total >= self._most else (own, "of your streams of jobs")
        raise ServiceUnavailable(
            f"{count} {whose} are open, and there cannot be more.",
            remedy="Close some, or ask for the job itself now and then: GET qjob/api/jobs/ID",
            numbers={"streams": count},
            retry_after=5.0,
        )

    async def _send_all(
        self, handler: RequestHandler, reader: Reader, messages: Callable[[News], bytes]
    ) -> None:
        _keep_little(handler)
        await self._send(handler, f"retry: {COME_BACK}\n\n".encode())
        loop = asyncio.get_running_loop()
        over = loop.time() + LONGEST
        while (left := over - loop.time()) > 0:
            news = await reader.next(min(ALIVE, left))
            await self._send(handler, b": still here\n\n" if news is None else messages(news))
            if news is not None and news.ended:
                return

    async def _send(self, handler: RequestHandler, chunk: bytes) -> None:
        """Hand a chunk to the system, and wait until it has taken all of it."""
        handler.write(chunk)
        sent = asyncio.ensure_future(handler.flush())
        await asyncio.wait([sent], timeout=self._patience)
        if not sent.done():
            _connection(handler).close()
            raise StreamClosedError
        sent.result()


def messages_for(subject: Subject) -> Callable[[News], bytes]:
    """Return what makes server-sent events of news for one reader: a page, or a program."""
    if subject.after is None:
        return of_page
    telling = Telling(subject.after)
    return lambda news: telling.messages(news.data, ended=news.ended)


def of_page(news: News) -> bytes:
    """Return news as what a page is sent."""
    snapshot = b"event: snapshot\nid: %d\ndata: %s\n\n" % (news.number, news.data)
    return snapshot + (b"event: end\nid: %d\ndata: {}\n\n" % news.number if news.ended else b"")


def _keep_little(handler: RequestHandler) -> None:
    """Have the system hold little of what is sent, so that a slow reader gets what is new and not what was."""
    taken = getattr(_connection(handler), "socket", None)
    if taken is not None:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD)


def _connection(handler: RequestHandler) -> Any:
    """Return the stream of bytes below an answer; tornado has it, and its types do not say so."""
    return handler.request.connection.stream  # type: ignore[union-attr]

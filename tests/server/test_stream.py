"""The streams of a real Jupyter server: order and end, who may read them; readers that are slow, many or gone."""

import asyncio
import http.client
import json
import select
import socket
import time
from contextlib import ExitStack, contextmanager

import psutil
import pytest
from tornado import httpserver, netutil, web

from qjob.server.newsroom import Kind, Newsroom, Subject
from qjob.server.stream import MOST_EACH, Streams
from server_lab import BELL, LONG

pytestmark = pytest.mark.slow


class Stream:
    """A stream that is being read, message by message."""

    def __init__(self, server, job_id, *, key=None, path="stream", last=None, headers=None):
        self.line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        given = {"X-API-Key": key.text} if key is not None else {"Authorization": f"token {server.token}"}
        if last is not None:
            given["Last-Event-ID"] = str(last)
        self.line.request(
            "GET", f"{server.base}qjob/api/jobs/{job_id}/{path}", headers={**given, **(headers or {})}
        )
        self.answer = self.line.getresponse()
        self.status = self.answer.status

    def __iter__(self):
        """Yield event, number and data until the server ends it."""
        message = {}
        for line in self.answer:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field:
                message[field] = value
            elif "event" in message:
                number = int(message["id"]) if "id" in message else None
                yield message["event"], number, json.loads(message["data"])
                message = {}
            else:
                message = {}  # a comment, or when to come back

    def close(self):
        self.answer.close()
        self.line.close()


@contextmanager
def stream(server, job_id, **more):
    opened = Stream(server, job_id, **more)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def running(server):
    """A job of the server's own user that goes on through all tests of this file."""
    job = server.engine.submit(LONG, shots=100_000, name="long")
    yield job
    job.cancel()
    job.wait(30)


def test_it_tells_how_the_job_stands_until_the_end(server, ada):
    job = ada.engine.submit(LONG, shots=1_500, name="watched")
    began = time.monotonic()
    with stream(server, job.id, key=ada) as news:
        told = list(news)
    took = time.monotonic() - began
    assert [event for event, _, _ in told[-2:]] == ["snapshot", "end"]
    states = [data for event, _, data in told if event == "snapshot"]
    numbers = [number for _, number, _ in told]
    assert numbers == sorted(numbers)
    assert len(states) <= 10 * took + 2
    done = [state["progress"]["shots_done"] for state in states]
    assert done == sorted(done)
    assert len(set(done)) > 2
    assert {state["status"] for state in states} <= {"QUEUED", "RUNNING", "COMPLETED"}
    last = states[-1]
    assert (last["status"], last["ended"], last["progress"]["shots_done"]) == ("COMPLETED", True, 1_500)
    assert last["link"] == f"{server.base}qjob/jobs/{job.id}"
    assert last["card"]["title"] == "watched"


def test_of_a_job_that_has_ended_it_tells_the_end(server, ada):
    job = ada.engine.submit(BELL, shots=100, seed=3).wait(30)
    with stream(server, job.id, key=ada, last=5) as news:
        (first, number, state), (last, end, _) = list(news)
    assert (first, last, number, state["status"]) == ("snapshot", "end", end, "COMPLETED")
    assert number > 5
    assert sum(count for _, count in state["progress"]["top"]) == 100
    assert state["cost"] == {"held": "0.00", "charged": None}


def test_a_cancel_ends_it(server):
    job = server.engine.submit(LONG, shots=100_000)
    with stream(server, job.id) as news:
        messages = iter(news)
        assert next(messages)[2]["ended"] is False
        server.me("POST", f"qjob/api/jobs/{job.id}/cancel")
        states = [data for event, _, data in messages if event == "snapshot"]
    assert states[-1]["status"] == "CANCELLED"


def test_a_batch_has_a_stream_as_well(server, ada):
    batch = ada.engine.submit([BELL] * 3, shots=50, name="pair")
    with stream(server, batch.id, key=ada) as news:
        told = list(news)
    assert told[-1][0] == "end"
    state = told[-2][2]
    assert (state["kind"], state["status"]) == ("batch", "COMPLETED")
    assert state["progress"] == {"jobs_ended": 3, "jobs": 3, "statuses": {"COMPLETED": 3}}
    assert [job["place"] for job in state["jobs"]] == [0, 1, 2]


ACCEPTED = {"Accept": "text/event-stream"}


def test_programs_are_told_what_the_routes_answer_and_every_row_of_the_log(server, ada):
    job = ada.engine.submit(LONG, shots=400, name="followed")
    with stream(server, job.id, key=ada, path="events", headers=ACCEPTED) as news:
        told = list(news)
    path = f"qjob/api/jobs/{job.id}"
    detail, log = (server.ask("GET", path + part, key=ada).json for part in ("", "/events"))
    assert [data for event, _, data in told if event == "log"] == log["events"]
    assert [number for event, number, _ in told if event == "log"] == [row["seq"] for row in log["events"]]
    states = [data for event, _, data in told if event == "job"]
    assert states[-1] == detail
    assert {state["kind"] for state in states} == {"job"}
    assert len({state["progress"]["shots_done"] for state in states if state["progress"]}) > 1
    assert told[-1] == ("end", None, {})
    with stream(server, job.id, key=ada, path="events", last=1, headers=ACCEPTED) as news:
        assert [(event, number) for event, number, _ in news] == [("log", 2), ("job", None), ("end", None)]
    with stream(server, job.id, key=ada, path="events?after=9", headers=ACCEPTED) as news:
        assert [event for event, *_ in news] == ["job", "end"]


def test_programs_follow_a_batch_too(server, ada):
    batch = ada.engine.submit([BELL] * 2, shots=50, name="pair")
    with stream(server, batch.id, key=ada, path="events", headers=ACCEPTED) as news:
        told = list(news)
    assert {event for event, *_ in told} == {"job", "end"}
    assert told[-2][2] == server.ask("GET", f"qjob/api/jobs/{batch.id}", key=ada).json


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        pytest.param("text/event-stream", "text/event-stream", id="a stream"),
        pytest.param("application/json", "application/json", id="the log"),
        pytest.param("*/*", "application/json", id="anything"),
    ],
)
def test_who_asks_for_the_events_gets_what_is_accepted(server, running, accept, kind):
    with stream(server, running.id, path="events", headers={"Accept": accept}) as news:
        assert (news.status, news.answer.headers["Content-Type"].partition(";")[0]) == (200, kind)


def test_nobody_sees_the_jobs_of_others(server, ada, running):
    statuses = {}
    for name, more in {"other": {"key": ada}, "nobody": {"headers": {"Authorization": ""}}}.items():
        with stream(server, running.id, **more) as news:
            statuses[name] = news.status
    with stream(server, "0" * 8 + running.id[8:]) as news:
        statuses["unknown"] = news.status
    assert statuses == {"other": 404, "nobody": 401, "unknown": 404}


def test_one_that_only_looks_at_the_headers_is_sent_no_more(server, running):
    reply = server.me("HEAD", f"qjob/api/jobs/{running.id}/stream")
    assert (reply.status, reply.body, reply.headers["Cache-Control"]) == (200, b"", "no-store, no-transform")


def test_readers_that_are_many_slow_or_gone_harm_nobody(server, running, ada):
    own = ada.engine.submit(BELL, shots=10).wait(30)
    process = psutil.Process(server.process.pid)
    path = f"GET {server.base}qjob/api/jobs/{running.id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    asked = f"{path}Authorization: token {server.token}\r\n\r\n".encode()
    before, threads = process.memory_info().rss, process.num_threads()
    with ExitStack() as lines:

        def reader():
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.sendall(asked)
            return line

        slow = [reader() for _ in range(MOST_EACH)]
        for line in slow:  # each is answered, and none ever reads on
            assert line.recv(15, socket.MSG_WAITALL) == b"HTTP/1.1 200 OK"
        refused = server.me("GET", f"qjob/api/jobs/{running.id}/stream")
        assert (refused.status, refused.json["code"]) == (503, "service_unavailable")
        assert int(refused.headers["Retry-After"]) >= 1
        with stream(server, own.id, key=ada) as news:  # there is room for others
            assert (news.status, next(iter(news))[0]) == (200, "snapshot")
        waits = []
        end = time.monotonic() + 3
        while time.monotonic() < end:
            began = time.monotonic()
            assert server.me("GET", "api/status").status == 200
            waits.append(time.monotonic() - began)
        assert sorted(waits)[len(waits) // 2] < 0.05
        assert (
            process.num_threads() < threads + MOST_EACH / 2
        )  # the pool's and the newsroom's, and none a stream
        assert process.memory_info().rss - before < 40 * 2**20
        for line in slow[:25]:
            line.close()
        select.select([], [], [], 0.2)
        with stream(server, running.id) as news:  # there is room again, and it is the newest that is told
            (event, _, state) = next(iter(news))
            assert (event, state["status"]) == ("snapshot", "RUNNING")
    end = time.monotonic() + 10
    while server.me("HEAD", f"qjob/api/jobs/{running.id}/stream").status != 200:
        assert time.monotonic() < end


class Reading(web.RequestHandler):
    """Serves one stream, as the routes do."""

    def initialize(self, streams, subject):
        self.streams, self.subject, self.leaving = streams, subject, []

    async def get(self):
        await self.streams.send(self, self.subject, self.leaving, who="ada")

    def on_connection_close(self):
        for leave in self.leaving:
            leave()


LARGE = 100_000
"""Bytes of a message that the system's buffers do not take by themselves."""


def served(engine, job, talk, *, patience):
    """Serve the stream of a job in this process, with messages that are large, and return what a coroutine does."""
    made = []

    def encode(snapshot):
        made.append(snapshot.progress.shots_done)
        return str(made[-1]).encode().ljust(LARGE)

    async def run():
        newsroom = Newsroom(lambda: engine, encode)
        streams = Streams(newsroom, patience=patience)
        app = web.Application([("/", Reading, {"streams": streams, "subject": Subject(Kind.JOB, job.id)})])
        server = httpserver.HTTPServer(app)
        [listener] = netutil.bind_sockets(0, "127.0.0.1")
        server.add_socket(listener)
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(listener.getsockname())
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            return await talk(line, streams, made)
        finally:
            line.close()
            server.stop()
            await server.close_all_connections()
            await asyncio.to_thread(newsroom.close)

    return asyncio.run(run())


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - other threads change it, and set no event
            await asyncio.sleep(0.01)


def test_a_reader_that_takes_nothing_is_cut_off(server, running):
    async def talk(_line, streams, made):
        await until(lambda: made)
        assert streams.open == {"ada": 1}
        await until(lambda: not streams.open)

    served(server.engine, running, talk, patience=0.3)


def test_a_slow_reader_gets_the_newest_and_not_what_was(server, running):
    async def talk(line, streams, made):
        await until(lambda: len(made) >= 6)
        line.settimeout(10)
        text = b""
        while text.count(b"event: snapshot") < 2 or len(text) < 2 * LARGE:
            text += await asyncio.to_thread(line.recv, 65536)
        seen = [int(part.split()[0]) for part in text.split(b"data: ")[1:]]
        return seen, list(made), streams.open.total()

    seen, made, still_open = served(server.engine, running, talk, patience=30)
    assert still_open == 1
    assert seen[0] == made[0]
    assert seen[1] >= made[5]  # what came in between is not told any more

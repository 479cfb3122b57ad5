"""The thread behind all streams: what is wrong with one job is no affair of the others."""

import queue
import sqlite3
from contextlib import closing

import pytest

import qjob
from qjob.model.errors import StoreUnavailable
from qjob.server import newsroom as newsroom_module
from qjob.server.newsroom import Gone, Kind, News, Newsroom, Subject
from server_lab import BELL


@pytest.fixture
def engine(home):
    with qjob.connect(home=home, user="ada") as engine:
        yield engine


@pytest.fixture
def two(engine):
    """Two jobs that have ended."""
    return [engine.submit(BELL, shots=10).wait(30) for _ in range(2)]


@pytest.fixture
def rooms():
    """Make newsrooms, and end them."""
    made = []

    def make(engine, encode=lambda snapshot: snapshot.id.encode()):
        made.append(Newsroom(lambda: engine, encode))
        return made[-1]

    yield make
    for room in made:
        room.close()


def follow(room, job):
    told = queue.Queue()
    room.join(Subject(Kind.JOB, job.id), told.put)
    return told


def test_a_job_that_cannot_be_read_ends_its_own_streams_alone(engine, two, rooms, caplog):
    broken, other = two
    with closing(sqlite3.connect(engine.settings.database)) as raw, raw:
        raw.execute("UPDATE jobs SET options = '{' WHERE id = ?", (broken.id,))
    room = rooms(engine)
    first, second = follow(room, broken), follow(room, other)
    assert isinstance(first.get(timeout=10), Gone)
    news = second.get(timeout=10)
    assert (type(news), news.data) == (News, other.id.encode())
    assert broken.id in caplog.text


def test_a_job_that_cannot_be_encoded_ends_its_own_streams_alone(engine, two, rooms):
    def encode(snapshot):
        if snapshot.id == two[0].id:
            raise ValueError("what a mistake in the code raises")
        return b"{}"

    room = rooms(engine, encode)
    first, second = follow(room, two[0]), follow(room, two[1])
    assert isinstance(first.get(timeout=10), Gone)
    assert isinstance(second.get(timeout=10), News)


@pytest.mark.parametrize("down", [pytest.param(1, id="one read"), pytest.param(2, id="the store")])
def test_streams_stand_still_while_the_store_does(engine, two, rooms, monkeypatch, down):
    monkeypatch.setattr(newsroom_module, "STORE_RETRY", 0.05)
    read, refused = newsroom_module._snapshot, []

    def sometimes(engine, subject):
        if len(refused) < down * 3 and (down == 2 or subject.id == two[0].id):
            refused.append(subject.id)
            raise StoreUnavailable("locked.")
        return read(engine, subject)

    monkeypatch.setattr(newsroom_module, "_snapshot", sometimes)
    room = rooms(engine)
    told = [follow(room, job) for job in two]
    assert [type(each.get(timeout=10)) for each in told] == [News, News]
    assert len(refused) == down * 3

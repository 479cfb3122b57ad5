"""When expectations are looked up, and how often; the numbers themselves are tested with their policy."""

from dataclasses import replace
from datetime import timedelta

import pytest

from qjob.model.timing import Eta
from qjob.notebook.expecting import Expecting
from qjob.policy.eta import Past


class Book:
    """A history that notes who asks."""

    def __init__(self, jobs=8):
        self.asked = []
        self.past = [Past("0" * 64, 2, 1000, 20.0 + n, 30.0 + n) for n in range(jobs)]

    def __call__(self, backend):
        self.asked.append(backend)
        return self.past


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def expecting(book):
    return Expecting(book)


@pytest.fixture
def at(created):
    return lambda seconds: created + timedelta(seconds=seconds)


def test_of_a_job_that_has_just_begun_nobody_asks(expecting, book, snapshot_of, at):
    begun = snapshot_of("RUNNING")  # at 0.2 s
    assert expecting.of(begun, at(1.0)) is None
    assert book.asked == []
    assert expecting.again(begun) == 1.0
    assert expecting.of(begun, at(1.3)) == Eta(25, 40, 8)
    assert book.asked == ["sim"]


def test_it_is_thought_over_once_a_second_and_the_history_read_once_a_minute(
    expecting, book, snapshot_of, at
):
    begun = snapshot_of("RUNNING")
    seen = [expecting.of(begun, at(2 + 0.1 * n)) for n in range(200)]
    assert len(set(seen)) > 1
    assert all(seen[n] == seen[n + 8] for n in range(0, 200 - 10, 10))
    assert book.asked == ["sim"]
    expecting.of(begun, at(70))
    assert book.asked == ["sim", "sim"]


def test_where_nothing_can_be_said_nobody_wakes_up_for_it(snapshot_of, at):
    expecting = Expecting(Book(jobs=4))
    begun = snapshot_of("RUNNING")
    assert expecting.of(begun, at(2)) is None
    assert expecting.again(begun) is None


def test_shots_that_come_in_are_reckoned_in(expecting, snapshot_of, at):
    def counted(shots):
        return snapshot_of("RUNNING", {"0": shots}, shots=1000)

    expecting.of(counted(100), at(2))
    assert expecting.of(counted(900), at(10)) == Eta(1, 7, 8)


@pytest.mark.parametrize(
    ("snapshot", "eta"),
    [
        pytest.param({"status": "QUEUED", "site": {}}, Eta(10, 20, 8, begins=True), id="waits-at-a-service"),
        pytest.param({"status": "QUEUED"}, None, id="waits-here"),
        pytest.param({"status": "INITIALIZING"}, None, id="not-admitted"),
        pytest.param({"status": "RUNNING", "note": "the login has expired"}, None, id="held-up"),
        pytest.param({"status": "CANCELLING"}, None, id="cancelling"),
        pytest.param({"status": "COMPLETED"}, None, id="ended"),
    ],
)
def test_of_what_something_is_expected(expecting, snapshot_of, at, snapshot, eta):
    shown = snapshot_of(**{"started": None, "shots": 1000, **snapshot})
    assert expecting.of(shown, at(8)) == eta


def test_a_job_that_begins_after_a_wait_is_looked_at_anew(expecting, snapshot_of, at):
    waits = snapshot_of("QUEUED", site={}, started=None)
    assert expecting.of(waits, at(8)).begins
    runs = replace(snapshot_of("RUNNING", site={}, started=9))
    assert expecting.of(runs, at(9.5)) is None
    assert not expecting.of(runs, at(12)).begins

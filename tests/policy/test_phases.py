from datetime import timedelta

import pytest

from qjob.model.events import EventKind, LogEntry
from qjob.policy.phases import phases, told_by_log


@pytest.fixture
def log_of(began):
    """Read a log such as ``0 accepted, 2.5 running``, times in seconds."""

    def read(text, **data):
        entries = [entry.split() for entry in text.split(", ")]
        return [
            LogEntry("j", seq, began + timedelta(seconds=float(at)), EventKind(kind), data.get(kind, {}))
            for seq, (at, kind) in enumerate(entries)
        ]

    return read


@pytest.mark.parametrize(
    ("log", "told"),
    [
        pytest.param("0 accepted, 0.01 running, 3 completed", {"running": 2.99}, id="here"),
        pytest.param("0 accepted, 2 running, 3 completed", {"in the queue": 2, "running": 1}, id="it-waited"),
        pytest.param("0 accepted, 0.05 running, 0.09 completed", {}, id="over-at-once"),
        pytest.param(
            "0 proposed, 12 accepted, 13 submitted, 14 queued, 74 running, 80 completed",
            {"waiting for a confirmation": 12, "in the queue": 62, "running": 6},
            id="at-a-service",
        ),
        pytest.param(
            "0 accepted, 1 submitted, 2 running, 5 queued, 9 running, 10 completed",
            {"in the queue": 6, "running": 4},
            id="back-in-the-queue",
        ),
        pytest.param(
            "0 accepted, 1 attempt, 1.5 running, 4 retrying, 6 attempt, 6.5 running, 8 completed",
            {"in the queue": 2, "running": 4, "between attempts": 2},
            id="two-attempts",
        ),
        pytest.param(
            "0 accepted, 0 running, 5 cancelling, 6 cancelled",
            {"running": 5, "cancelling": 1},
            id="cancelled",
        ),
        pytest.param("0 proposed, 30 cancelled", {"waiting for a confirmation": 30}, id="never-admitted"),
        pytest.param(
            "0 accepted, 0 running, 5 completed, 90000 refunded",
            {"running": 5},
            id="what-comes-after-the-end",
        ),
        pytest.param("0 accepted, 4 running", {"in the queue": 4}, id="still-running"),
    ],
)
def test_phases_of_a_log(record_of, log_of, log, told):
    found = phases(record_of(), log_of(log, proposed={"for": "a confirmation"}))
    assert {each.what: each.seconds for each in found} == pytest.approx(told)
    assert [each.what for each in found] == list(told)


def test_a_log_that_does_not_say_what_was_waited_for(record_of, log_of):
    [first, _] = phases(record_of(), log_of("0 proposed, 2 accepted, 2 running, 3 completed"))
    assert (first.what, first.seconds) == ("before it was admitted", 2)


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({"started": 2.0, "ended": 3.5}, {"in the queue": 2, "running": 1.5}),
        ({"admitted": 4.0, "started": 4.0}, {"before it was admitted": 4}),
        ({"admitted": 4.0}, {"before it was admitted": 4}),
        ({"admitted": None}, {}),
        ({"admitted": None, "started": 1.0, "ended": 2.0}, {"in the queue": 1, "running": 1}),
    ],
)
def test_without_a_log_the_row_tells(record_of, times, told):
    assert {each.what: each.seconds for each in phases(record_of(**times))} == pytest.approx(told)


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        pytest.param([["sampling", 4.0]], {"sampling": 4, "running": 2}, id="a-part-of-it"),
        pytest.param(
            [["evolving the state", 2.0], ["fetching the result", 3.95]],
            {"evolving the state": 2, "fetching the result": 3.95},
            id="nearly-all",
        ),
        pytest.param([["sampling", 7.0]], {"sampling": 7}, id="clocks-differ"),
    ],
)
def test_a_run_is_told_by_what_it_consisted_of(record_of, log_of, spent, told):
    log = log_of("0 accepted, 1 running, 7 completed", completed={"spent": spent})
    assert {each.what: each.seconds for each in phases(record_of(), log)} == pytest.approx(
        {"in the queue": 1, **told}
    )


@pytest.mark.parametrize(
    ("facts", "more"),
    [
        ({"started": 0.01, "ended": 0.05}, False),
        ({"started": 0.01, "ended": 5.0}, True),
        ({"started": 0.01}, False),
        ({"admitted": 5.0, "started": 5.0}, True),
        ({"started": 0.01, "attempt": 1}, False),
        ({"started": 0.01, "attempt": 2}, True),
    ],
)
def test_the_log_is_read_only_where_it_tells_more(record_of, facts, more):
    assert told_by_log(record_of(**facts)) is more

import pytest

from qjob.model.events import EventKind, LogEntry
from qjob.showing.event_table import events, said

RETRYING = {"attempt": 1, "code": "lease_lost", "reason": "The worker ended.", "seconds": 0.3}


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("attempt", {"attempt": 1, "worker": "lab3:7"}, "worker lab3:7 takes it up, attempt 1"),
        (
            "attempt",
            {"attempt": 2, "worker": "lab3:8", "shots": 1200},
            "worker lab3:8 takes it up, attempt 2, and goes on from 1,200 shots",
        ),
        ("retrying", RETRYING, "attempt 1 ended: The worker ended; tried again in 300 ms"),
        (
            "retrying",
            RETRYING | {"seconds": 0.0},
            "attempt 1 ended: The worker ended; goes on with the next worker",
        ),
        ("running", {}, ""),
        ("proposed", {"for": "a confirmation"}, "for a confirmation"),
        ("completed", {"spent": [["sampling", 2.5], ["fetching", 0.2]]}, "sampling 2.50 s, fetching 200 ms"),
        ("submitted", {"remote_id": "arn:\n7"}, "remote_id arn: 7"),
    ],
)
def test_words(created, kind, data, words):
    assert said(LogEntry("j", 0, created, EventKind(kind), data)) == words


def test_a_row_an_entry_oldest_first(created):
    log = [
        LogEntry("j", 0, created, EventKind.ACCEPTED, {}),
        LogEntry("j", 1, created, EventKind.RETRYING, RETRYING),
    ]
    table = events(log)
    assert [row[:2] for row in table.rows] == [
        ("2026-03-04 10:55:12 UTC", "accepted"),
        ("2026-03-04 10:55:12 UTC", "retrying"),
    ]


def test_a_column_of_which_there_is_nothing_to_say_is_left_out(created):
    quiet = [LogEntry("j", 0, created, EventKind.ACCEPTED, {})]
    told = [*quiet, LogEntry("j", 1, created, EventKind.RETRYING, RETRYING)]
    assert [tuple(events(log).headings) for log in (quiet, told)] == [
        ("when", "event"),
        ("when", "event", "details"),
    ]

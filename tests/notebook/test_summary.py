from datetime import UTC, datetime

import pytest

from qjob.model.job import Pending
from qjob.notebook.summary import cost, phase, remark, title, waited, ways_back

LATER = datetime(2026, 3, 4, 10, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "facts", "said"),
    [
        ("INITIALIZING", {}, "preparing"),
        ("INITIALIZING", {"pending": Pending(consent=True, until=LATER)}, "waiting for a confirmation"),
        ("INITIALIZING", {"pending": Pending(until=LATER)}, "submits itself at 2026-03-04 10:56:00 UTC"),
        ("INITIALIZING", {"pending": Pending()}, "waiting for its turn"),
        ("QUEUED", {}, "waiting"),
        ("QUEUED", {"queue_position": 1}, "waiting, next in the queue"),
        ("QUEUED", {"queue_position": 2}, "waiting, 2nd in the queue"),
        ("RUNNING", {"phase": ""}, "starting"),
        ("RUNNING", {"phase": "evolving the state"}, "evolving the state"),
        ("CANCELLING", {"phase": "sampling"}, "cancelling"),
        ("COMPLETED", {}, "completed in 1.24 s"),
        ("COMPLETED", {"started": None}, "completed"),
        ("FAILED", {}, "failed after 1.24 s"),
        ("FAILED", {"started": None}, "failed before it began"),
        ("CANCELLED", {"started": None}, "cancelled before it began"),
    ],
)
def test_phase(snapshot_of, status, facts, said):
    assert phase(snapshot_of(status, **facts)) == said


@pytest.mark.parametrize(
    ("status", "lines"),
    [
        ("RUNNING", ("%qjob status 3f2a91bc",)),
        ("COMPLETED", ("%qjob result 3f2a91bc",)),
        ("FAILED", ("%qjob status 3f2a91bc", "%qjob retry 3f2a91bc")),
        ("CANCELLED", ("%qjob status 3f2a91bc", "%qjob retry 3f2a91bc")),
    ],
)
def test_ways_back(snapshot_of, status, lines):
    assert ways_back(snapshot_of(status)) == lines


def test_a_job_without_a_name_goes_by_its_id(snapshot_of):
    assert [title(snapshot_of(name=name)) for name in (None, " ", "two\nlines")] == [
        "job 3f2a91bc",
        "job 3f2a91bc",
        "two lines",
    ]


def test_only_what_is_known_to_be_free_is_called_free(snapshot_of):
    assert cost(snapshot_of()) == "free"
    assert cost(snapshot_of(known=False)) == ""


def test_a_wait_is_worth_mentioning_from_a_second_on(snapshot_of):
    assert waited(snapshot_of(started=0.9)) == ""
    assert waited(snapshot_of(started=1.2, ended=2)) == "waited 1.20 s"


@pytest.mark.parametrize(("status", "said"), [("COMPLETED", False), ("RUNNING", False), ("CANCELLED", True)])
def test_counts_that_are_no_result_are_called_so(snapshot_of, status, said):
    text = remark(snapshot_of(status, {"0": 5}, shots=1000))
    assert text == ("Counted before the end: 5 of 1,000 shots; not kept as a result." if said else "")

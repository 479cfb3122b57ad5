"""What is said of a batch, as truth tables. A letter is a job: see LETTERS in snapshots.py."""

from datetime import UTC, datetime

import pytest

from qjob.model.bits import BitLayout, Register
from qjob.model.job import Failure, Pending
from qjob.showing import batch_summary as summary

USD = 10**9  # nano-dollars
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("jobs", "status", "heading", "phase"),
    [
        ("II", "INITIALIZING", "INITIALIZING", "preparing"),
        ("QQ", "QUEUED", "QUEUED", "waiting"),
        ("IK", "INITIALIZING", "INITIALIZING", "preparing"),
        ("RQ", "RUNNING", "RUNNING", "running"),
        ("CQ", "RUNNING", "RUNNING", "running"),  # between two jobs
        ("CF", "FAILED", "1 of 2 FAILED", "ended after 1.24 s"),
        ("CFR", "RUNNING", "RUNNING", "running"),
        ("XX", "CANCELLING", "CANCELLING", "cancelling"),
        ("CX", "CANCELLING", "CANCELLING", "cancelling"),
        ("XR", "RUNNING", "RUNNING", "running"),
        ("CC", "COMPLETED", "COMPLETED", "completed in 1.24 s"),
        ("FF", "FAILED", "FAILED", "ended after 1.24 s"),
        ("KK", "CANCELLED", "CANCELLED", "ended after 1.24 s"),
        ("CKK", "CANCELLED", "2 of 3 CANCELLED", "ended after 1.24 s"),
        ("CKF", "FAILED", "1 of 3 FAILED", "ended after 1.24 s"),
    ],
)
def test_the_status_of_the_whole(batch_of, jobs, status, heading, phase):
    snapshot = batch_of(jobs)
    assert (summary.status(snapshot), summary.heading(snapshot), summary.phase(snapshot)) == (
        status,
        heading,
        phase,
    )


def test_what_never_ran_says_so(batch_of):
    assert summary.phase(batch_of("KK", started=None)) == "cancelled before it began"


@pytest.mark.parametrize(
    ("jobs", "parts", "ended"),
    [
        ("IQQ", {"queued": 2, "not submitted": 1}, 0),
        (
            "QXRCKF",
            {"completed": 1, "failed": 1, "cancelled": 1, "running": 1, "cancelling": 1, "queued": 1},
            3,
        ),
        ("CC", {"completed": 2}, 2),
    ],
)
def test_the_parts_of_its_bar(batch_of, jobs, parts, ended):
    snapshot = batch_of(jobs)
    assert summary.parts(snapshot) == parts
    assert list(summary.parts(snapshot)) == list(parts)
    assert summary.ended_jobs(snapshot) == ended


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ("sim", "3 jobs of 1,000 shots", "free", "ab12cd34")),
        ({"name": None}, ("sim", "1,000 shots each", "free", "ab12cd34")),
        ({"name": None, "jobs": "C"}, ("sim", "1,000 shots", "free", "ab12cd34")),
        ({"shots": (10, 2000)}, ("sim", "3 jobs of 10 to 2,000 shots", "free", "ab12cd34")),
        ({"backends": ("a", "b")}, ("a, b", "3 jobs of 1,000 shots", "free", "ab12cd34")),
        ({"backends": ("a", "b", "c")}, ("3 backends", "3 jobs of 1,000 shots", "free", "ab12cd34")),
    ],
)
def test_facts(batch_of, facts, said):
    assert summary.facts(batch_of(**facts)) == said


@pytest.mark.parametrize(
    ("name", "title"),
    [("sweep", "sweep"), (None, "batch ab12cd34 of 3 jobs"), ("  two\nlines ", "two lines")],
)
def test_title(batch_of, name, title):
    assert summary.title(batch_of(name=name)) == title


@pytest.mark.parametrize(
    ("jobs", "cost", "said"),
    [
        ("RQ", (None, 0), "free"),
        ("RQ", (None, 3 * USD), "$3.00 held"),
        ("CQ", (USD, 2 * USD), "$1.00 so far, $2.00 held"),
        ("CQ", (USD, 0), "$1.00 so far"),
        ("CC", (3 * USD, 0), "$3.00"),
        ("KK", (0, 0), "$0.00"),
    ],
)
def test_cost(batch_of, jobs, cost, said):
    assert summary.cost(batch_of(jobs, cost=cost)) == said


@pytest.mark.parametrize(
    ("pending", "phase"),
    [
        (Pending(consent=True), "waiting for a confirmation"),
        (Pending(until=datetime(2026, 3, 4, 11, tzinfo=UTC)), "submits itself at 2026-03-04 11:00:00 UTC"),
    ],
)
def test_one_that_is_not_admitted_yet_says_what_it_waits_for(batch_of, pending, phase):
    snapshot = batch_of("II", asked=3 * USD, pending=pending)
    assert (summary.phase(snapshot), summary.cost(snapshot)) == (phase, "up to $3.00")


def test_every_job_has_a_line(batch_of):
    lines = summary.lines(batch_of("CFRQIXK"), 16)
    assert [(line.label, line.status.value, line.text, line.share) for line in lines] == [
        ("sweep[0]", "COMPLETED", "00", 0.5),
        ("sweep[1]", "FAILED", "It broke.", None),
        ("sweep[2]", "RUNNING", "sampling, 40\u00a0% of the shots", None),
        ("sweep[3]", "QUEUED", "waiting", None),
        ("sweep[4]", "INITIALIZING", "not submitted", None),
        ("sweep[5]", "CANCELLING", "cancelling", None),
        ("sweep[6]", "CANCELLED", "cancelled", None),
    ]
    assert lines[0].whole.startswith("sweep[0]: 00 in 500 of 1,000 shots, 50.0\u00a0% (95 % interval 46.9")
    assert lines[1].whole == "sweep[1]: It broke."


def test_a_reason_is_said_once(batch_of):
    first, _, third = summary.lines(batch_of("FCF"), 16)
    assert (first.text, third.text) == ("It broke.", "the same as sweep[0]")
    assert third.whole == "sweep[2]: It broke."


@pytest.mark.parametrize(
    ("most", "labels", "more"),
    [
        (9, "012345", ""),
        (4, "0135", "… 2 more jobs"),
        (3, "135", "… 3 more jobs"),
        (2, "13", "… 4 more jobs (1 failed)"),
        (0, "", "… 6 more jobs (3 failed)"),
    ],
)
def test_what_failed_or_runs_is_shown_first(batch_of, most, labels, more):
    snapshot = batch_of("CFCFCF")
    lines = summary.lines(snapshot, most)
    assert "".join(line.label[-2] for line in lines) == labels
    assert summary.more(snapshot, lines) == more
    running = summary.lines(batch_of("CFQQRQ"), 3)
    assert [line.label for line in running] == ["sweep[0]", "sweep[1]", "sweep[4]"]


def test_jobs_that_are_not_in_the_snapshot_are_counted(batch_of):
    snapshot = batch_of("CC", size=1000)
    assert summary.more(snapshot, summary.lines(snapshot, 16)) == "… 998 more jobs"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (None, "[1] 00000001"),
        ("sweep", "sweep[1]"),
        ("a name that is longer than it should be", "a name that is longe…[1]"),
    ],
)
def test_labels_keep_the_place(batch_of, name, label):
    assert summary.lines(batch_of("CC", name=name), 16)[1].label == label


def test_long_outcomes_are_shortened_in_one_style(batch_of):
    lines = summary.lines(batch_of("CC", outcomes=("0" * 47 + "1" + "0" * 52, "1" * 100)), 16)
    assert [line.text for line in lines] == [f"0{TIMES}47 1 0{TIMES}52", f"1{TIMES}100"]


def test_registers_are_apart(batch_of):
    layout = BitLayout(3, (0, 1, 2), (Register("a", 1), Register("b", 2)))
    [line] = summary.lines(batch_of("C", outcomes=("011",), layout=layout), 16)
    assert line.text == "01 1"


def test_the_first_failure_is_told(batch_of):
    assert summary.first_failure(batch_of("CQ")) is None
    assert summary.first_failure(batch_of("CFF")) == ("sweep[1]", Failure("x", "It broke.", "Mend it."))


@pytest.mark.parametrize(
    ("jobs", "line"),
    [
        ("CC", "%qjob result ab12cd34"),
        ("CF", "%qjob status ab12cd34"),
        ("CQ", "%qjob status ab12cd34"),
    ],
)
def test_the_way_back(batch_of, jobs, line):
    assert summary.ways_back(batch_of(jobs)) == (line,)

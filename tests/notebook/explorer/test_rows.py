"""A job as a row, as JSON for the table and as text that stays."""

import json
from datetime import timedelta

import pytest

from qjob.model.job import JobStatus
from qjob.model.upkeep import Totals
from qjob.notebook.explorer import rows


@pytest.mark.parametrize(
    ("status", "ran", "ended"),
    [
        pytest.param("COMPLETED", 1.24, True, id="completed"),
        pytest.param("RUNNING", None, False, id="running: the browser counts"),
        pytest.param("QUEUED", None, False, id="queued"),
    ],
)
def test_run_times(snapshot_of, status, ran, ended):
    row = rows.row(snapshot_of(status).job)
    assert (row["ran"], row["ended"]) == (ran, ended)


def test_a_row_stays_small_whatever_the_job_is_called(snapshot_of):
    job = snapshot_of("RUNNING").job._replace(name="<b>" * 60, tags={f"key{i}": "v" * 100 for i in range(50)})
    row = rows.row(job, 0.4567)
    assert len(json.dumps(row)) < 1000
    assert row["more"] == 44
    assert row["share"] == 0.457


def test_totals_in_words():
    counts = {JobStatus.COMPLETED: 1200, JobStatus.FAILED: 1}
    totals = Totals(1201, counts, 3_750_000_000, 500_000_000, 10**6)
    assert rows.said(totals) == "1,201 jobs, 1,200 completed, 1 failed, $3.75 spent, $0.50 held"
    assert rows.sums(totals)["statuses"] == {"COMPLETED": 1200, "FAILED": 1}


def test_the_page_that_stays(snapshot_of, created):
    job = snapshot_of("COMPLETED", {"00": 1000}).job._replace(tags={"run": "7"})
    now = created + timedelta(days=1)
    totals = Totals(30, {JobStatus.COMPLETED: 30}, 0, 0, 30_000)
    table = rows.table([job], 26, totals, "%qjob explore --sort cost", now)
    text, html = repr(table), table._repr_html_()
    for shown in (
        "3f2a91bc",
        "bell",
        "COMPLETED",
        "1,000",
        "1.24\N{NO-BREAK SPACE}s",
        "run=7",
        "Jobs 26 to 26 of 30",
    ):
        assert shown in text
    assert "%qjob explore --sort cost" in html
    assert not any(lost in html for lost in ("<svg", "<style", "var(", "role=", "aria-", "data-"))


def test_no_jobs(created):
    assert "No jobs match" in repr(rows.table([], 1, None, "%qjob explore x", created))

"""What a list of jobs shows, made of rows alone."""

from datetime import UTC, datetime

import pytest

from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus
from qjob.server.pages.listing import Wanted, list_page
from qjob.server.pages.shell import Place
from snapshots import make_snapshot

PLACE = Place("/hub/", "page.js", "page.css", "nonce", "xsrf", "once", datetime(2026, 11, 21, tzinfo=UTC))
S = JobStatus


def page(*statuses, users=False, **asked):
    jobs = [make_snapshot(status).job for status in statuses]
    jobs = [job._replace(user=f"user{place}") for place, job in enumerate(jobs)]
    return list_page(PLACE, Wanted(**asked), jobs, len(jobs), ["sim"], users=users)


@pytest.mark.parametrize(
    ("statuses", "live"),
    [
        pytest.param(["COMPLETED", "FAILED"], False, id="all have ended"),
        pytest.param(["COMPLETED", "CANCELLING"], True, id="one goes on"),
        pytest.param([], False, id="none"),
    ],
)
def test_it_says_whether_it_goes_on(statuses, live):
    text = page(*statuses)
    assert ("data-open" in text, "Reload the page" in text) == (live, live)


def test_who_submitted_is_told_where_there_are_several():
    assert ("user1" in page("COMPLETED", "FAILED"), "user1" in page("COMPLETED", "FAILED", users=True)) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    ("text", "statuses", "shown"),
    [
        pytest.param("", set(), "any", id="any"),
        pytest.param("pending", {S.INITIALIZING, S.QUEUED}, "initializing or queued", id="the API's"),
        pytest.param("queued", {S.QUEUED}, "queued", id="qjob's"),
        pytest.param("failed,cancelled", {S.FAILED, S.CANCELLED}, "failed,cancelled", id="several"),
    ],
)
def test_statuses_are_known_by_the_words_of_both_dialects(text, statuses, shown):
    assert Wanted(status=text).filter.statuses == statuses
    chosen = f'value="{text}" selected>{shown}<' if text else '<option value="">any<'
    assert chosen in page("FAILED", status=text)


def test_other_words_are_refused():
    with pytest.raises(InvalidRequest, match="there is no status"):
        assert Wanted(status="odd").filter

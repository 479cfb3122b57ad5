import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.job import Failure
from qjob.showing.batch_receipt import batch_html
from qjob.showing.batch_text import batch_text
from qjob.showing.receipt_text import COLUMNS
from qjob.showing.wording import plain, width

NOW = datetime(2026, 11, 20, 12, 31, 3, tzinfo=UTC)
TAGS = {"div", "span", "b", "br", "table", "tbody", "tr", "td", "code"}


class Reading(HTMLParser):
    """What a reader gets: the tags, the attributes and the text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    ("jobs", "facts", "said"),
    [
        (
            "CC",
            {},
            ["COMPLETED", "completed in 1.24 s · 2026-03-04 10:55:13 UTC", "2 completed", "00", "50.0"],
        ),
        ("CF", {}, ["1 of 2 FAILED", "1 failed", "It broke.", "sweep[1]: It broke.", "Mend it."]),
        ("CK", {}, ["1 of 2 CANCELLED", "1 completed", "1 cancelled"]),
        ("CC", {"size": 1000}, ["1,000 completed", "… 998 more jobs"]),
        (
            "CRQ",
            {"cost": (10**9, 2 * 10**9)},
            [
                "RUNNING",
                "$1.00 so far, $2.00 held",
                "running, when this was shown at 2026-11-20 12:31:03 UTC",
            ],
        ),
    ],
)
def test_what_it_says_in_html_and_in_text(batch_of, jobs, facts, said):
    snapshot = batch_of(jobs, **facts)
    for text in (Reading(batch_html(snapshot, NOW)).text, batch_text(snapshot, NOW)):
        for part in ["sweep", "sim", "ab12cd34", "%qjob ", *said]:
            assert part in text


def test_the_text_in_full(batch_of):
    assert batch_text(batch_of("CFCQ", size=20), NOW) == (
        "sweep  RUNNING\n"
        "sim · 20 jobs of 1,000 shots · free · ab12cd34\n"
        "running, when this was shown at 2026-11-20 12:31:03 UTC\n"
        "18 completed, 1 failed, 1 queued\n"
        "\n"
        "  sweep[0]  COMPLETED  00  50.0\u00a0%\n"
        "  sweep[1]  FAILED     It broke.\n"
        "  sweep[2]  COMPLETED  00  50.0\u00a0%\n"
        "  sweep[3]  QUEUED     waiting\n"
        "  … 16 more jobs\n"
        "\n"
        "%qjob status ab12cd34"
    )


def test_it_is_one_table_with_a_row_a_job(batch_of):
    tags = Reading(batch_html(batch_of("C" * 16, size=1000), NOW)).tags
    assert (tags.count("table"), tags.count("tr")) == (1, 16)


awkward = st.text() | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=y>', "&lt;b&gt;", "</div>", "$x$ and $y$"]
)


@given(
    name=awkward, backend=awkward, phase=awkward, failure=st.builds(Failure, st.just("c"), awkward, awkward)
)
def test_everything_is_escaped_and_fits(batch_of, name, backend, **facts):
    snapshot = batch_of("CFRK", name=name, backends=(backend,), **facts)
    reading = Reading(batch_html(snapshot, NOW))
    assert set(reading.tags) <= TAGS
    assert {key for key, _ in reading.attributes} <= {"style", "title"}
    assert plain(name) in reading.text
    assert plain(backend) in reading.text
    assert all(width(line) <= COLUMNS for line in batch_text(snapshot, NOW).splitlines())


def test_a_tooltip_is_plain_text(batch_of):
    html = batch_html(batch_of("F", failure=Failure("c", 'It cost $5 & "more".')), NOW)
    [title] = re.findall('title="([^"]*)"', html)
    assert unescape(title) == 'sweep[0]: It cost $5 & "more".'


def test_nothing_is_used_that_a_sanitizer_takes_away(batch_of):
    html = batch_html(batch_of("CFRQXK"), NOW)
    assert not re.search(r"var\(|<svg|<style|<script|role=|aria-|data-|url\(|https?:", html)


def test_the_bar_shows_what_the_jobs_came_to(batch_of):
    html = batch_html(batch_of("CCCCCFRQQQ"), NOW)
    assert re.findall(r"width:([\d.]+)%;min-width:3px", html) == ["50.00", "10.00", "10.00"]


def test_a_receipt_is_small(batch_of):
    assert len(batch_html(batch_of("C" * 16, size=1000, outcomes=("01" * 50,)), NOW)) < 25_000

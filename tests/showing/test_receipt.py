import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.job import Failure
from qjob.showing.receipt import receipt_html
from qjob.showing.wording import plain

NOISY = {format(i, "05b"): 10 + i for i in range(20)}
NOW = datetime(2026, 11, 20, 12, 31, 3, tzinfo=UTC)
TAGS = {"div", "span", "b", "br", "table", "tbody", "tr", "td", "code"}


def html_of(snapshot):
    return receipt_html(snapshot, NOW)


class Reading(HTMLParser):
    """What a reader gets: the tags, the attributes and the text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = set(), [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    ("status", "facts", "said"),
    [
        (
            "COMPLETED",
            {"counts": {"00": 512, "11": 512}},
            ["COMPLETED", "completed in 1.24 s · 2026-03-04 10:55:13 UTC", "%qjob result 3f2a91bc"],
        ),
        ("COMPLETED", {"counts": NOISY}, ["29", "7.4", "… 4 more outcomes (46 shots)"]),
        (
            "FAILED",
            {"failure": Failure("x", "It broke.", "Mend it.")},
            ["It broke.", "Mend it.", "%qjob status"],
        ),
        ("CANCELLED", {"counts": {"0": 5}, "shots": 9}, ["CANCELLED", "5 of 9 shots; not kept"]),
        (
            "RUNNING",
            {"phase": "evolving the state"},
            [
                "RUNNING",
                "evolving the state, when this was shown at 2026-11-20 12:31:03 UTC",
                "%qjob status 3f2a91bc",
            ],
        ),
        (
            "RUNNING",
            {"counts": {"0": 408}, "shots": 100_000},
            ["sampling, 408 of 100,000 shots, when this was shown at 2026-11-20 12:31:03 UTC"],
        ),
        (
            "QUEUED",
            {"queue_position": 2, "started": None},
            ["QUEUED", "waiting, 2nd in the queue, when this was shown at 2026"],
        ),
    ],
)
def test_what_it_says(snapshot_of, status, facts, said):
    text = Reading(html_of(snapshot_of(status, **facts))).text
    for part in ["bell", "sim", "free", "3f2a91bc", *said]:
        assert part in text


def test_other_readers_get_other_lines_at_its_foot(snapshot_of):
    html = receipt_html(snapshot_of(counts={"0": 5}), NOW, ())
    assert "%qjob" not in Reading(html).text


def test_at_most_sixteen_outcomes_have_a_row(snapshot_of):
    assert html_of(snapshot_of(counts=NOISY)).count("<code") == 16 + 2  # and the ways back and on


awkward = st.text() | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=y>', "&lt;b&gt;", "</div>"]
)


@given(
    name=awkward, backend=awkward, phase=awkward, failure=st.builds(Failure, st.just("c"), awkward, awkward)
)
def test_everything_is_escaped(snapshot_of, name, backend, **facts):
    reading = Reading(html_of(snapshot_of("FAILED", {"0": 1}, name=name, backend=backend, **facts)))
    assert reading.tags <= TAGS
    assert {key for key, _ in reading.attributes} <= {"style", "title"}
    for text in (name, backend):
        assert plain(text) in reading.text


def luminance(red, green, blue):
    """Relative luminance of an sRGB colour, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_is_legible_on_white_and_on_black(snapshot_of):
    pages = [
        html_of(snapshot_of(status, {"0": 1}, failure=Failure("c", "r")))
        for status in ("COMPLETED", "FAILED", "CANCELLED", "RUNNING")
    ]
    colours = set(re.findall(r"#([0-9a-f]{6})", "".join(pages)))
    assert len(colours) == 4
    for colour in colours:
        light = luminance(*(int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)))
        ground = luminance(*[0x11 / 255] * 3)
        assert 1.05 / (light + 0.05) >= 3, f"#{colour} on white"
        assert (light + 0.05) / (ground + 0.05) >= 3, f"#{colour} on #111"


def test_nothing_is_used_that_a_sanitizer_takes_away(snapshot_of):
    html = html_of(snapshot_of(counts=NOISY))
    assert not re.search(r"var\(|<svg|<style|<script|role=|aria-|data-|url\(|https?:", html)


def test_the_longest_bars_reach_as_far_as_their_share(snapshot_of):
    widths = re.findall(r"height:12px;width:([\d.]+)%", html_of(snapshot_of(counts={"0": 750, "1": 250})))
    assert widths == ["93.75", "31.25"]  # of an axis that ends at 80 %


def test_a_receipt_is_small(snapshot_of):
    seen = {format(2**100 - 1 - i, "0100b"): 1000 - i for i in range(16)}
    assert len(html_of(snapshot_of(counts=seen))) < 25_000

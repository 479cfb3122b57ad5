"""What the explorer is asked for: words, controls, and the line that says the same."""

import shlex
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus
from qjob.notebook.explorer.wanted import Wanted, from_controls, from_words, moment_of
from qjob.store.listing import Order

NOW = datetime(2026, 3, 4, 10, 55, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        pytest.param("", Wanted(), id="everything, newest first"),
        pytest.param("bell state", Wanted(text="bell state"), id="words are searched for"),
        pytest.param("--text bell", Wanted(text="bell"), id="text as an option"),
        pytest.param("--status failed", Wanted(statuses=("FAILED",)), id="a status"),
        pytest.param(
            "--status failed,cancelled", Wanted(statuses=("CANCELLED", "FAILED")), id="two statuses"
        ),
        pytest.param(
            "--status failed --status queued", Wanted(statuses=("FAILED", "QUEUED")), id="one by one"
        ),
        pytest.param("--backend sv1 --tag run=7", Wanted(backend="sv1", tag="run=7"), id="backend and tag"),
        pytest.param("--sort COST", Wanted(sort=Order.COST), id="an order in capitals"),
        pytest.param("--since 7d", Wanted(since=NOW - timedelta(days=7)), id="since days ago"),
        pytest.param(
            "--until 2026-03-04", Wanted(until=datetime(2026, 3, 5, tzinfo=UTC)), id="until a day's end"
        ),
    ],
)
def test_a_line_is_read(line, wanted):
    assert from_words(shlex.split(line), NOW) == wanted


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("--stats failed", "did you mean", id="a mistyped option"),
        pytest.param("--status faild", "failed", id="a mistyped status"),
        pytest.param("--sort costs", "cost", id="a mistyped order"),
        pytest.param("--since yesterday", "7d", id="no time"),
        pytest.param("--since", "expected one argument", id="no value"),
    ],
)
def test_what_cannot_be_read_says_what_can(line, said):
    with pytest.raises(InvalidRequest) as refused:
        from_words(shlex.split(line), NOW)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "end", "at"),
    [
        pytest.param("", False, None, id="nothing"),
        pytest.param("30min", False, NOW - timedelta(minutes=30), id="minutes"),
        pytest.param("12 h", False, NOW - timedelta(hours=12), id="hours, apart"),
        pytest.param("2W", False, NOW - timedelta(weeks=2), id="weeks"),
        pytest.param("2026-03-01", False, datetime(2026, 3, 1, tzinfo=UTC), id="a day"),
        pytest.param("2026-03-01T12:00+02:00", True, datetime(2026, 3, 1, 10, tzinfo=UTC), id="with a zone"),
        pytest.param(
            "2026-03-01T12:00:00.000Z", False, datetime(2026, 3, 1, 12, tzinfo=UTC), id="a browser's"
        ),
    ],
)
def test_times(text, end, at):
    assert moment_of(text, NOW, end=end) == at


@pytest.mark.parametrize("text", ["999999w", "9999-12-31"], ids=["ago", "a day"])
def test_times_beyond_the_calendar_are_refused(text):
    with pytest.raises(InvalidRequest):
        moment_of(text, NOW, end=True)


def test_a_tag_without_a_key_is_refused():
    with pytest.raises(InvalidRequest, match="no key"):
        Wanted(tag="=7").filter()


@pytest.mark.parametrize(
    ("tag", "asked"),
    [
        ("", None),
        ("run", ("run", None)),
        ("run=7", ("run", "7")),
        ("run=", ("run", "")),
        ("a=b=c", ("a", "b=c")),
    ],
)
def test_tags(tag, asked):
    assert Wanted(tag=tag).filter().tag == asked


def in_utc(at):
    return at.replace(microsecond=0, tzinfo=UTC)


words = st.text(st.characters(categories=["L", "N", "P"]), max_size=12)
wanteds = st.builds(
    Wanted,
    text=words.map(str.strip),
    statuses=st.sets(st.sampled_from(list(JobStatus))).map(
        lambda found: tuple(sorted(s.value for s in found))
    ),
    backend=st.sampled_from(["", "sv1", "marqov-sim"]),
    tag=st.sampled_from(["", "run", "run=7"]),
    team=st.sampled_from(["", "3f2a91bc-7d1e-4b52-9a55-0c6a5f1d2e3f"]),
    since=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(in_utc),  # noqa: DTZ001 - made aware
    until=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(in_utc),  # noqa: DTZ001 - made aware
    sort=st.sampled_from(list(Order)),
)


@given(wanteds)
def test_the_line_that_is_shown_asks_for_the_same(wanted):
    assert from_words(shlex.split(wanted.line())[2:], NOW) == wanted


@given(wanteds)
def test_the_controls_ask_for_the_same(wanted):
    assert from_controls(wanted.plain(), NOW) == wanted

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.job import Failure, JobStatus
from qjob.showing.receipt_text import COLUMNS, receipt_text
from qjob.showing.wording import width

FULL = "█"
NOW = datetime(2026, 11, 20, 12, 31, 3, tzinfo=UTC)


def text_of(snapshot):
    return receipt_text(snapshot, NOW)


def lines_of(snapshot):
    return text_of(snapshot).replace("\N{NO-BREAK SPACE}", " ").splitlines()


def test_a_completed_job(snapshot_of):
    assert lines_of(snapshot_of(counts={"00": 6000, "01": 20, "11": 5980}, shots=12_000)) == [
        "bell  COMPLETED",
        "sim · 12,000 shots · free · 3f2a91bc",
        "completed in 1.24 s · 2026-03-04 10:55:13 UTC",
        "",
        f"  00  {FULL * 26}▋  6,000  50.00 %  49.11 to 50.89",
        "  01  ▏                               20   0.17 %    0.11 to 0.26",
        f"  11  {FULL * 26}▋  5,980  49.83 %  48.94 to 50.73",
        "",
        "%qjob result 3f2a91bc",
    ]


def test_a_job_that_goes_on_was_so_when_it_was_shown(snapshot_of):
    lines = lines_of(snapshot_of("QUEUED", queue_position=1, started=None))
    assert lines[2] == "waiting, next in the queue, when this was shown at 2026-11-20 12:31:03 UTC"


def test_a_failed_job(snapshot_of):
    failure = Failure("out_of_memory", "It held 12 GB. " * 10, "Take fewer qubits,\nor another backend.")
    lines = lines_of(snapshot_of("FAILED", failure=failure))
    assert "  Take fewer qubits," in lines
    assert "  or another backend." in lines
    assert lines[-1] == "%qjob status 3f2a91bc   %qjob retry 3f2a91bc"


@pytest.mark.parametrize(("shares", "columns"), [((9, 1), (32 * 0.9, 32 * 0.1)), ((1, 1), (26.7, 26.7))])
def test_bars_are_as_long_as_their_shares(snapshot_of, shares, columns):
    seen = {format(i, "b"): 10**6 * share for i, share in enumerate(shares)}
    bars = [line for line in lines_of(snapshot_of(counts=seen)) if FULL in line]
    assert [line.count(FULL) for line in bars] == [int(length) for length in columns]


awkward = st.text(max_size=250)


@given(
    status=st.sampled_from(JobStatus),
    name=st.none() | awkward,
    backend=st.text(max_size=30),
    phase=awkward,
    failure=st.none() | st.builds(Failure, code=st.just("c"), reason=st.text(max_size=400), remedy=awkward),
    seen=st.dictionaries(st.text("01", min_size=100, max_size=100), st.integers(1, 10**6), max_size=20),
)
def test_no_line_is_wider_than_a_page(snapshot_of, seen, **facts):
    for line in text_of(snapshot_of(counts=seen, **facts)).splitlines():
        assert width(line) <= COLUMNS


def test_the_bars_make_room_for_wide_labels_and_counts(snapshot_of):
    bits = "0" * 80 + "1" + "0" * 10 + "10000" + "1000"
    assert max(width(line) for line in lines_of(snapshot_of(counts={bits: 10**6}))) == COLUMNS


def test_a_name_cannot_steer_the_terminal(snapshot_of):
    assert "\x1b" not in text_of(snapshot_of(name="\x1b[2J"))

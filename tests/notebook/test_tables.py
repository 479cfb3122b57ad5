"""Tables as text and as HTML."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.notebook.tables import Table, ago


def test_text_is_aligned():
    table = Table(("id", "shots"), [("a", "5"), ("bcd", "1,000")], "a note", frozenset({1}))
    assert repr(table).splitlines() == ["id   shots", "a        5", "bcd  1,000", "a note"]


def test_html_is_escaped():
    html = Table(("<b>",), [("<script>",)], "&")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&amp;" in html


def test_without_rows_there_is_only_the_note():
    empty = Table(("id",), [], "No jobs match.")
    assert repr(empty) == "No jobs match."
    assert "<table" not in empty._repr_html_()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s ago"),
        (0, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (7200, "2 h ago"),
        (200_000, "2 d ago"),
    ],
)
def test_ago(seconds, said):
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert ago(now, now - timedelta(seconds=seconds)) == said

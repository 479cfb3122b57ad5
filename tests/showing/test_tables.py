"""Tables as text and as HTML."""

from datetime import UTC, datetime, timedelta

import pytest

from qjob.model.backend import BackendInfo, OptionSpec
from qjob.showing.tables import Faint, Table, ago, jobs, options


def test_text_is_aligned():
    table = Table(("id", "shots"), [("a", "5"), ("bcd", "1,000")], "a note", frozenset({1}))
    assert repr(table).splitlines() == ["id   shots", "a        5", "bcd  1,000", "a note"]


def test_a_cell_of_several_lines():
    table = Table(("a", "b", "c"), [("one\ntwo", "x", "1\n22\n3"), ("y", "z", "4")], "", frozenset({2}))
    assert repr(table).splitlines() == ["a    b   c", "one  x   1", "two     22", "         3", "y    z   4"]
    html = table._repr_html_()
    assert (
        '<span style="white-space:nowrap">one</span><br><span style="white-space:nowrap">two</span>' in html
    )
    assert ">y</td>" in html


def test_what_matters_less_is_gray_in_html_alone():
    table = Table(("a",), [(Faint("<old>"),), ("new",)])
    assert repr(table).splitlines() == ["a", "<old>", "new"]
    assert '<span style="opacity:0.6">&lt;old&gt;</span>' in table._repr_html_()
    assert ">new</td>" in table._repr_html_()


def test_html_is_escaped():
    html = Table(("<b>",), [("<script>",)], "&")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&amp;" in html


def test_without_rows_there_is_only_the_note():
    empty = Table(("id",), [], "No jobs match.")
    assert repr(empty) == "No jobs match."
    assert "<table" not in empty._repr_html_()


def test_a_list_says_when_it_was_made(snapshot_of, created):
    table = jobs([snapshot_of().job], created + timedelta(seconds=3))
    assert table.rows[0][-1] == "3 s ago"
    assert table.note.startswith("As of 2026-03-04 10:55:15 UTC.")


def test_a_list_tells_costs_where_there_are_any(snapshot_of, created):
    free, paid = snapshot_of("RUNNING").job, snapshot_of(cap=3_750_000_000).job
    assert "cost" not in jobs([free], created).headings
    table = jobs([free, paid, paid._replace(cost=3_750_000)], created)
    column = table.headings.index("cost")
    assert [row[column] for row in table.rows] == ["free", "$3.75 held", "$0.00375"]


def test_options_show_their_defaults():
    specs = (
        OptionSpec("a", "number", "", default=0.5, unit="us"),
        OptionSpec("b", "integer", "", default=2000),
        OptionSpec("c", "boolean", "", default=False),
        OptionSpec("d", "choice", "", choices=("x", "y"), default="x"),
        OptionSpec("e", "number", ""),
    )
    info = BackendInfo(
        "s", "a:b:sim:s", "S", "Sims", "aer", "A simulator.", 30, 1, 9, local=True, options=specs
    )
    table = options(info)
    assert table.headings[2] == "default"
    assert [row[2] for row in table.rows] == ["0.5 us", "2000", "false", "x", ""]


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

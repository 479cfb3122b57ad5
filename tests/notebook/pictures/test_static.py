"""The picture that stays: HTML with only what a sanitizer lets through, and text."""

import re

import pytest

from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.notebook.pictures.rows import MOST_ROWS, share_text
from qjob.notebook.pictures.shown import Series
from qjob.notebook.pictures.static import picture_html, picture_text
from qjob.notebook.pictures.words import comparisons

NBSP = "\N{NO-BREAK SPACE}"
BACK = ("%qjob plot 3f2a91bc",)


def both(shown):
    found = comparisons(shown, shown.view.bits)
    html, text = picture_html(shown, found, BACK), picture_text(shown, found, BACK)
    return html.replace(NBSP, " "), text.replace(NBSP, " ")


def test_alone(make_shown):
    html, text = both(make_shown())
    assert text.splitlines() == [
        "bell",
        "sim · 1,000 shots",
        "",
        "  0 00  48.0 %  480  " + "█" * 26,
        "  0 11  47.0 %  470  " + "█" * 25,
        "  0 01   3.0 %   30  ██",
        "  1 00   2.0 %   20  █",
        "",
        "%qjob plot 3f2a91bc",
    ]
    assert html.count("<tr") == 5  # and the axis
    assert "480, 48.0 % (95 % interval 44.9 % to 51.1 %)" in html


def test_beside_others(make_shown, made):
    rows = (made.series(), made.series("other", made.OTHER), made.series("ideal", made.EXACT))
    html, text = both(make_shown(*rows, sort="bits", top=3))
    assert "          bell   other   ideal" in text
    assert "  0 01   3.0 %       0       0  ██" in text
    assert "… 1 more outcome" in text
    assert "50 of 1,000 shots gave what the ideal never gives: more than shot noise." in text.replace(
        "\n ", ""
    )
    assert "0 00" in html
    assert "other 250, 50.0 %" in html
    assert "ideal 50.000 %" in html


def test_some_bits(make_shown):
    _, text = both(make_shown(bits=(0, 2)))
    assert "classical bits 2, 0, from left to right" in text
    assert "  00  48.0 %  480" in text
    assert "  01  50.0 %  500" in text


def test_what_stays_in_the_notebook_has_few_rows_whatever_is_asked_for(make_shown, made):
    wide = BitLayout(7, tuple(range(7)))
    seen = Counts.from_dict(wide, {format(key, "07b"): 1 + key for key in range(100)})
    html, text = both(make_shown(made.series(outcomes=seen), top=100_000))
    assert html.count("<tr") == MOST_ROWS + 1  # and the axis
    assert "… 36 more outcomes" in html
    assert "… 36 more outcomes" in text
    assert len([line for line in text.splitlines() if "█" in line]) == MOST_ROWS


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.0, 2, "0.00 %"),
        (1e-17, 2, "0.00 %"),
        (0.00001, 2, "< 0.01 %"),
        (0.00006, 2, "0.01 %"),
        (0.0001, 1, "< 0.1 %"),
        (0.48, 1, "48.0 %"),
    ],
)
def test_what_was_seen_never_looks_like_nothing(share, digits, text):
    assert share_text(share, digits).replace(NBSP, " ") == text


def test_an_outcome_seen_once(make_shown, made):
    seen = Counts.from_dict(BitLayout(1, (0,)), {"0": 99_999, "1": 1})
    html, text = both(make_shown(made.series(outcomes=seen)))
    assert "  1  < 0.01 %" in text
    assert ">&lt; 0.01 %" in html


def test_a_short_head_stands_above_a_column(make_shown, made):
    ideal = Series("ideal, from 500 shots", made.OTHER, 500, 2, "ideal")
    _, text = both(make_shown(made.series(), ideal))
    assert text.splitlines()[3].split() == ["bell", "ideal"]


def test_a_running_job_says_what_is_not_listed(make_shown, made):
    html, text = both(
        make_shown(made.series(shots=2000, distinct=9), notes=("It is RUNNING: 2,000 so far.",))
    )
    assert "24.0 %" in text
    assert "… 5 more outcomes" in text
    assert "It is RUNNING" in html


def test_without_counts_there_is_the_reason(make_shown):
    from dataclasses import replace

    html, text = both(replace(make_shown(notes=("It has no counts: FAILED.",)), series=()))
    assert "It has no counts: FAILED." in html
    assert "It has no counts: FAILED." in text
    assert "<table" not in html


@pytest.mark.parametrize(
    "forbidden", ["<svg", "<style", "<script", "var(", "role=", "aria-", "data-", "url("]
)
def test_nothing_that_a_sanitizer_takes_away_or_that_comes_from_elsewhere(make_shown, made, forbidden):
    html, _ = both(make_shown(made.series(), made.series("ideal", made.EXACT)))
    assert forbidden not in html
    assert not re.search(r"https?:", html)


def test_names_are_text(make_shown, made):
    html, _ = both(make_shown(made.series("<b>$x$"), made.series("</td>", made.OTHER)))
    assert "<b>$" not in html
    assert "</td>:" not in html
    assert "&lt;b&gt;<span>$</span>x" in html

"""Text that goes into a notebook's HTML."""

import pytest

from qjob.showing.markup import text


@pytest.mark.parametrize(
    ("value", "html"),
    [
        ("plain", "plain"),
        ('<b> & "q"', "&lt;b&gt; &amp; &quot;q&quot;"),
        ("$0.30 + $0.01", "<span>$</span>0.30 + <span>$</span>0.01"),
    ],
)
def test_text_is_shown_as_it_is(value, html):
    assert text(value) == html

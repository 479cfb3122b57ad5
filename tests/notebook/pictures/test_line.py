"""What can be typed after ``%qjob plot``."""

import pytest

from qjob.model.errors import InvalidRequest
from qjob.notebook.pictures.line import PlotArguments, parse_plot


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bell", PlotArguments(("bell",))),
        ("bell --ideal", PlotArguments(("bell",), ideal=True)),
        ("bell --with a --with b", PlotArguments(("bell", "a", "b"))),
        ("--bits 0,2 bell --sort bits --top 5", PlotArguments(("bell",), bits="0,2", sort="bits", top=5)),
    ],
)
def test_arguments(line, expected):
    assert parse_plot(line.split()) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "wants one job, not 0"),
        ("a b", "wants one job, not 2"),
        ("a --ideel", "'--ideel' (did you mean '--ideal'?)"),
        ("a --sort size", "invalid choice"),
        ("a --top many", "invalid int"),
    ],
)
def test_refusals(line, words):
    with pytest.raises(InvalidRequest) as raised:
        parse_plot(line.split())
    assert words in str(raised.value)
    assert raised.value.remedy

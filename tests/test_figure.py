"""Figures for papers: what matplotlib is told to draw, without pyplot, and what is said without it."""

import struct
import sys

import pytest
from matplotlib.figure import Figure

from qjob.figure import histogram
from qjob.handle import Job
from qjob.model.bits import BitLayout
from qjob.model.counts import Counts, wilson
from qjob.model.distribution import Distribution, Ideal
from qjob.model.errors import InvalidRequest
from qjob.model.result import Result

TWO = BitLayout(2, (0, 1))
SEEN = Counts.from_dict(TWO, {"00": 60, "01": 10, "11": 30})
EXACT = Distribution.from_dict(TWO, {"00": 0.5, "11": 0.5})


def ticks(axes):
    return [label.get_text() for label in axes.get_xticklabels()]


def drawn(figure):
    figure.canvas.draw()
    return figure.axes[0]


def test_bars_are_probabilities_with_their_intervals():
    axes = drawn(histogram([("bell", SEEN)], title="bell"))
    assert ticks(axes) == ["00", "11", "01"]
    bars = next(each for each in axes.containers if hasattr(each, "patches"))
    assert [bar.get_height() for bar in bars.patches] == pytest.approx([0.6, 0.3, 0.1])
    lines = bars.errorbar.lines[2][0].get_segments()
    interval = wilson(60, 100)
    assert lines[0][:, 1] == pytest.approx([interval.low, interval.high])
    assert axes.get_xlabel() == "outcome, classical bit 0 rightmost"
    assert axes.get_title() == "bell"


def test_the_exact_ones_are_outlines_and_there_is_a_legend():
    axes = drawn(histogram([("bell", SEEN), ("ideal", EXACT)], sort="bits", top=2))
    assert ticks(axes) == ["00", "01"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["bell", "ideal"]
    outlines = [patch for patch in axes.patches if patch.get_facecolor()[3] == 0]
    assert [patch.get_height() for patch in outlines] == [0.5, 0]
    assert "1 more not shown" in axes.get_xlabel()


FLIPPED = "1" * 30 + "0" * 30
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("outcomes", "labels"),
    [
        pytest.param({"0" * 60: 60, FLIPPED: 40}, [f"0{TIMES}60", f"1{TIMES}30 0{TIMES}30"], id="runs"),
        pytest.param(
            {"01" * 30: 60, "10" * 30: 40}, ["01010101010…10101010101", "10101010101…01010101010"], id="cut"
        ),
        pytest.param(
            {"01" * 15 + bit + "01" * 14 + "0": 10 + int(bit) for bit in "10"},
            ["01" * 15 + bit + "01" * 14 + "0" for bit in "10"],
            id="whole where nothing shorter tells them apart",
        ),
    ],
)
def test_labels_of_many_bits_have_room(outcomes, labels):
    wide = BitLayout(60, tuple(range(60)))
    assert ticks(drawn(histogram([("wide", Counts.from_dict(wide, outcomes))], title="wide"))) == labels


def test_it_draws_where_it_is_told_and_leaves_pyplot_alone():
    figure = Figure()
    axes = figure.add_subplot()
    assert histogram([("bell", SEEN)], axes) is figure
    assert axes.patches
    assert "matplotlib.pyplot" not in sys.modules


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InvalidRequest, match="matplotlib") as raised:
        histogram([("bell", SEEN)])
    assert "pip install 'qjob[plot]'" in raised.value.remedy


def test_nothing_counted_is_nothing_to_draw():
    with pytest.raises(InvalidRequest, match="no shots"):
        histogram([("bell", Counts.from_dict(TWO, {}))])


class Source:
    """Two jobs that have ended, by their ids."""

    def wait(self, job_id, timeout):
        assert job_id
        assert timeout is None

    def result(self, job_id):
        return Result(SEEN if job_id[0] == "a" else SEEN + SEEN)

    def ideal(self, job_id):
        return Ideal(job_id, EXACT)

    def snapshot(self, job_id):
        from types import SimpleNamespace

        return SimpleNamespace(job=SimpleNamespace(name="first" if job_id[0] == "a" else None))


@pytest.mark.parametrize(
    ("how", "labels", "outcomes"),
    [
        pytest.param({}, None, ["00", "11", "01"], id="alone"),
        pytest.param({"ideal": True}, ["first", "ideal"], ["00", "11", "01"], id="beside its ideal"),
        pytest.param({"bits": [1], "ideal": True}, ["first", "ideal"], ["0", "1"], id="one bit of both"),
        pytest.param(
            {"against": "job", "top": 1}, ["first", "job bbbbbbbb"], ["00"], id="beside another job"
        ),
        pytest.param({"against": EXACT}, ["first", "other"], ["00", "11", "01"], id="beside probabilities"),
        pytest.param(
            {"against": Ideal("b", EXACT)}, ["first", "other"], ["00", "11", "01"], id="beside an ideal"
        ),
        pytest.param({"against": Result(SEEN)}, ["first", "other"], ["00", "11", "01"], id="beside a result"),
    ],
)
def test_a_job_draws_itself(how, labels, outcomes):
    source = Source()
    if how.get("against") == "job":
        how = {**how, "against": Job(source, "b" * 8)}
    axes = drawn(Job(source, "a" * 8).plot(**how))
    assert ticks(axes) == outcomes
    legend = axes.get_legend()
    assert (legend and [text.get_text() for text in legend.get_texts()]) == labels
    if "bits" in how:
        assert axes.get_xlabel() == "outcome, classical bit 1"


def test_a_notebook_shows_it_in_its_own_size():
    figure = histogram([("bell", SEEN)])
    picture, size = figure._repr_png_()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height) == pytest.approx((2 * size["width"], 2 * size["height"]), abs=2)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"top": "4"}, "top='4' is no whole number"),
        ({"top": 1.5}, "top=1.5 is no whole number"),
        ({"against": {"00": 1}}, "dict .* cannot stand beside a job"),
    ],
)
def test_what_cannot_be_drawn_is_refused(how, said):
    with pytest.raises(InvalidRequest, match=said) as raised:
        Job(Source(), "a" * 8).plot(**how)
    assert raised.value.remedy

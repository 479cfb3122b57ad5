"""What the browser gets: bytes that mean what the page says they mean, and no more of them than it can draw."""

import numpy as np
import orjson
import pytest

from qjob.model.bits import BitLayout
from qjob.model.counts import Counts
from qjob.notebook.pictures import packing
from qjob.notebook.pictures.packing import packed


def strings(picture, number=0):
    """Read keys as the page does: bit j of a row is classical bit ``clbits[j]``."""
    words = max(1, -(-len(picture["clbits"]) // 32))
    keys = np.frombuffer(picture["series"][number]["keys"], "<u4").reshape(-1, words)
    found = []
    for row in keys:
        bits = ["0"] * picture["bits"]
        for place, clbit in enumerate(picture["clbits"]):
            bits[-1 - clbit] = str(row[place // 32] >> (place % 32) & 1)
        found.append("".join(bits))
    return found


@pytest.mark.parametrize("width", [3, 32, 33, 64, 65, 200])
def test_outcomes_of_any_width_arrive_whole(make_shown, made, width):
    layout = BitLayout(width, tuple(range(0, width, 2)))
    outcomes = ["0" * width, "0" * (width - 1) + "1", ("0" + "01" * width)[-width:]]
    counts = Counts.from_dict(layout, {bits: 5 + place for place, bits in enumerate(outcomes)})
    picture = packed(make_shown(made.series(outcomes=counts)), (), running=False)
    assert strings(picture) == list(counts)
    assert np.frombuffer(picture["series"][0]["values"]).tolist() == list(counts.values())


def test_series_share_the_bits_that_any_of_them_measures(make_shown, made):
    fewer = Counts.from_dict(BitLayout(3, (1,)), {"010": 7})
    picture = packed(make_shown(made.series(), made.series("other", fewer)), (), running=False)
    assert picture["clbits"] == [0, 1, 2]
    assert strings(picture, 1) == ["010"]


def test_all_but_the_arrays_is_json(make_shown, bell_state):
    picture = packed(make_shown(state=bell_state), (), running=True)
    plain = {**picture, "series": [], "state": None}
    assert orjson.loads(orjson.dumps(plain)) == plain
    assert picture["registers"] == [["c", 2], ["flag", 1]]


def test_amplitudes_are_those_that_are_not_zero(make_shown, bell_state):
    state = packed(make_shown(state=bell_state), (), running=False)["state"]
    assert np.frombuffer(state["keys"], "<u4").tolist() == [0, 3]
    assert np.frombuffer(state["values"], "<c8") == pytest.approx([2**-0.5, 1j * 2**-0.5])
    assert (state["qubits"], state["left"]) == (2, 0)


def test_of_too_many_amplitudes_the_largest_are_sent(make_shown, monkeypatch):
    monkeypatch.setattr(packing, "MOST_AMPLITUDES", 2)
    state = np.sqrt(np.array([0.1, 0.4, 0.2, 0.3])).astype(complex)
    sent = packed(make_shown(state=state), (), running=False)["state"]
    assert np.frombuffer(sent["keys"], "<u4").tolist() == [1, 3]
    assert sent["left"] == 2

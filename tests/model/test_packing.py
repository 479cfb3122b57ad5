"""What is packed comes back the same, small, and damage is noticed."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.bits import BitLayout, Register
from qjob.model.counts import Counts
from qjob.model.packing import UnpackError, pack, unpack
from qjob.model.result import Result


@st.composite
def counts(draw):
    """Counts of 1 to 130 measured bits, with tallies of every width."""
    width = draw(st.integers(1, 130))
    words = max(1, -(-width // 64))
    keys = draw(st.lists(st.integers(0, 2**width - 1), unique=True, max_size=20))
    rows = [[key >> 64 * place & (2**64 - 1) for place in reversed(range(words))] for key in keys]
    tallies = [draw(st.sampled_from([1, 255, 256, 65_536, 2**32, 2**40])) for _ in keys]
    layout = BitLayout(width + 1, tuple(range(1, width + 1)), (Register("a", 1), Register("b", width)))
    return Counts.collect(
        layout, np.array(rows, np.uint64).reshape(len(keys), words), np.array(tallies, np.int64)
    )


@given(counts())
def test_counts_survive_packing(found):
    back = unpack(pack(Result(found))).counts
    assert back.layout == found.layout
    assert np.array_equal(back.outcomes, found.outcomes)
    assert np.array_equal(back.tallies, found.tallies)
    assert back.outcomes.dtype == np.uint64
    assert back.tallies.dtype == np.int64


def test_state_vector_and_metadata_survive_packing():
    state = np.array([0.6, 0, 0, 0.8j])
    found = Counts.from_dict(BitLayout(2, (0, 1)), {"00": 1})
    metadata = {"method": "statevector", "run_seconds": 0.25, "threads": [1, None]}
    back = unpack(pack(Result(found, state, metadata)))
    assert np.array_equal(back.statevector, state)
    assert back.statevector.dtype == np.complex128
    assert back.metadata == metadata


def test_100_000_random_outcomes_of_30_bits_take_at_most_200_kb():
    keys = np.random.default_rng(7).integers(0, 2**30, (100_000, 1), dtype=np.uint64)
    found = Counts.collect(BitLayout(30, tuple(range(30))), keys)
    packed = pack(Result(found))
    assert len(found) > 99_900
    assert len(packed) <= 200_000
    assert unpack(packed).counts.shots == 100_000


SMALL = pack(Result(Counts.from_dict(BitLayout(2, (0, 1)), {"00": 7, "11": 9}), np.array([1, 0, 0, 0])))
LINE, _, FRAME = SMALL.partition(b"\n")


def with_head(**changes):
    return orjson.dumps(orjson.loads(LINE) | changes) + b"\n" + FRAME


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(LINE, id="no frame"),
        pytest.param(SMALL[:-1], id="cut short"),
        pytest.param(b"[]\n" + FRAME, id="a head that is no object"),
        pytest.param(b"{}\n" + FRAME, id="an empty head"),
        pytest.param(with_head(v=2), id="a later version"),
        pytest.param(with_head(n=100), id="more outcomes than there are"),
        pytest.param(with_head(amplitudes=100), id="more amplitudes than there are"),
        pytest.param(with_head(layout=None), id="no layout"),
    ],
)
def test_damage_is_refused(data):
    with pytest.raises(UnpackError):
        unpack(data)


@given(st.integers(0, len(FRAME) * 8 - 1))
def test_no_flipped_bit_of_the_data_goes_unnoticed(place):
    frame = bytearray(FRAME)
    frame[place // 8] ^= 1 << place % 8
    try:
        back = unpack(LINE + b"\n" + bytes(frame))
    except UnpackError:
        return
    # some bits of a frame's header mean nothing; what they do not change must be what was packed
    assert back.counts == {"00": 7, "11": 9}
    assert np.array_equal(back.statevector, [1, 0, 0, 0])

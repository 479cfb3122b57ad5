"""Aer's hexadecimal counts become keys, whatever the number of bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.aer.keys import counts_of
from qjob.model.bits import BitLayout


@pytest.mark.parametrize(
    ("counts", "layout", "expected"),
    [
        ({"0x1": 3, "0x2": 4}, BitLayout(2, (0, 1)), {"01": 3, "10": 4}),
        ({"0x4": 3}, BitLayout(4, (0, 2)), {"0100": 3}),
        ({"0x0": 3}, BitLayout(4, (0, 2)), {"0000": 3}),
        ({hex(1 << 63): 1}, BitLayout(64, tuple(range(64))), {"1" + 63 * "0": 1}),
        ({hex(1 << 64): 1}, BitLayout(65, tuple(range(65))), {"1" + 64 * "0": 1}),
        ({hex((1 << 99) + 1): 2}, BitLayout(100, (0, 99)), {"1" + 98 * "0" + "1": 2}),
    ],
)
def test_keys(counts, layout, expected):
    assert dict(counts_of(counts, layout)) == expected


@given(
    st.integers(1, 150).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.integers(0, 2**n - 1), min_size=1))
    )
)
def test_every_key_comes_through(case):
    width, keys = case
    layout = BitLayout(width, tuple(range(width)))
    counts = counts_of({hex(key): 1 + place for place, key in enumerate(keys)}, layout)
    assert dict(counts) == {f"{key:0{width}b}": 1 + place for place, key in enumerate(keys)}

"""Bits as people type them."""

import pytest

from qjob.model.bit_names import bits_of
from qjob.model.bits import BitLayout, Register
from qjob.model.errors import InvalidRequest

LAYOUT = BitLayout(6, tuple(range(6)), (Register("c", 4), Register("flag-1", 2)))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("0,2", (0, 2)),
        ("2,0", (0, 2)),
        ("2 0  1", (0, 1, 2)),
        ("0-2", (0, 1, 2)),
        ("0 - 2, 5", (0, 1, 2, 5)),
        ("c", (0, 1, 2, 3)),
        ("flag-1", (4, 5)),
        ("c[1]", (1,)),
        ("flag-1[1]", (5,)),
        ("c[ 1 - 2 ], flag-1[0]", (1, 2, 4)),
        ("1,1,1", (1,)),
        ([3, 1], (1, 3)),
        (range(2), (0, 1)),
    ],
)
def test_they_are_found(asked, expected):
    assert bits_of(asked, LAYOUT) == expected


@pytest.mark.parametrize(
    "asked",
    [
        *("6", "2-9", "3-1", "0,3-1", "d", "c[4]", "c[2-1]", "c[]", "-1", "", "0;1"),
        *("9" * 5000, "c[" + "9" * 5000 + "]", "0-" + "9" * 5000),
        *([], [6], [-1], [1.0], [True], ["0"], 3, [10**5000]),
    ],
)
def test_others_are_refused_with_those_that_there_are(asked):
    with pytest.raises(InvalidRequest) as raised:
        bits_of(asked, LAYOUT)
    assert "0" in raised.value.remedy
    assert "5" in raised.value.remedy or "c[3]" in raised.value.remedy

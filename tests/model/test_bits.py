"""Keys and bit strings, each against the plainest way to say the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.bits import BitLayout, Register, pack_bits, select_bits, unpack_bits
from qjob.model.errors import InvalidRequest


@st.composite
def bit_rows(draw):
    width = draw(st.integers(1, 130))
    rows = draw(st.lists(st.lists(st.integers(0, 1), min_size=width, max_size=width), min_size=1, max_size=6))
    return np.array(rows, dtype=np.uint8)


def as_int(words):
    """A key as one integer: its words, most significant first."""
    return sum(int(word) << 64 * place for place, word in enumerate(reversed(words)))


@pytest.mark.slow
@given(bit_rows())
def test_bits_survive_packing(bits):
    assert np.array_equal(unpack_bits(pack_bits(bits), bits.shape[1]), bits)


@pytest.mark.slow
@given(bit_rows())
def test_bit_j_of_a_key_is_column_j(bits):
    expected = [sum(int(bit) << j for j, bit in enumerate(row)) for row in bits]
    assert [as_int(words) for words in pack_bits(bits)] == expected


@pytest.mark.slow
@given(bit_rows(), st.data())
def test_selecting_bits_is_selecting_columns(bits, data):
    width = bits.shape[1]
    columns = data.draw(st.lists(st.integers(0, width - 1), unique=True, min_size=1))
    assert np.array_equal(select_bits(pack_bits(bits), width, columns), pack_bits(bits[:, columns]))


@pytest.mark.parametrize(
    ("num_clbits", "measured", "bitstring", "key"),
    [
        pytest.param(3, (0, 1, 2), "001", 1, id="bit 0 is the rightmost character"),
        pytest.param(3, (0, 1, 2), "100", 4, id="bit 2 is the leftmost"),
        pytest.param(3, (0, 2), "100", 2, id="key bits count measured bits only"),
        pytest.param(3, (0, 2), "010", None, id="a bit nothing writes"),
        pytest.param(4, (0, 1, 2, 3), "1 0 01", 9, id="spaces are ignored"),
        pytest.param(2, (), "00", 0, id="nothing measured"),
        pytest.param(70, tuple(range(70)), "1" + "0" * 69, 2**69, id="more than a word"),
    ],
)
def test_key_of_a_bit_string(num_clbits, measured, bitstring, key):
    words = BitLayout(num_clbits, measured).key(bitstring)
    assert (None if words is None else as_int(words)) == key


@pytest.mark.parametrize("text", ["", "0", "000", "0a", "0x", "\u0660\u0661"])
def test_what_is_no_outcome_is_refused(text):
    with pytest.raises(InvalidRequest, match="no outcome"):
        BitLayout(2, (0, 1)).key(text)


def test_strings_are_as_wide_as_the_circuit():
    layout = BitLayout(4, (1, 3))
    keys = np.array([[0], [1], [2], [3]], dtype=np.uint64)
    assert layout.strings(keys) == ["0000", "0010", "1000", "1010"]


def test_strings_of_no_keys_and_of_no_bits():
    assert BitLayout(4, (1,)).strings(np.zeros((0, 1), np.uint64)) == []
    assert BitLayout(0, ()).strings(np.zeros((1, 1), np.uint64)) == [""]


@pytest.mark.parametrize(
    ("registers", "spaced"),
    [
        pytest.param((), "10110", id="no registers"),
        pytest.param((Register("c", 5),), "10110", id="one register"),
        pytest.param((Register("a", 2), Register("b", 3)), "101 10", id="the first register is rightmost"),
        pytest.param(
            (Register("a", 2), Register("e", 0), Register("b", 3)), "101 10", id="an empty register"
        ),
    ],
)
def test_spaces_stand_between_registers(registers, spaced):
    assert BitLayout(5, (0, 1, 2, 3, 4), registers).spaced("10110") == spaced


@pytest.mark.parametrize(
    ("num_clbits", "measured", "registers"),
    [
        pytest.param(3, (1, 0), (), id="descending"),
        pytest.param(3, (1, 1), (), id="twice"),
        pytest.param(3, (0, 3), (), id="beyond the last bit"),
        pytest.param(3, (-1, 2), (), id="negative"),
        pytest.param(3, (0,), (Register("c", 2),), id="registers that do not tile"),
    ],
)
def test_an_impossible_layout_is_refused(num_clbits, measured, registers):
    with pytest.raises(ValueError, match=r"ascend|outside|tile"):
        BitLayout(num_clbits, measured, registers)

"""Exact probabilities: from a final state, over some bits, over the bits of somebody else."""

import numpy as np
import pytest

from qjob.model.bits import BitLayout, Register
from qjob.model.distribution import Distribution, over_bits
from qjob.model.errors import InvalidRequest

THREE = BitLayout(3, (0, 1, 2))


def state(**amplitudes):
    """Amplitudes by ket, such as q10=1 for qubit 1 set."""
    width = len(next(iter(amplitudes))) - 1
    vector = np.zeros(2**width, complex)
    for ket, amplitude in amplitudes.items():
        vector[int(ket[1:], 2)] = amplitude
    return vector


@pytest.mark.parametrize(
    ("layout", "reads", "amplitudes", "expected"),
    [
        pytest.param(THREE, {0: 0, 1: 1, 2: 2}, {"q001": 1}, {"001": 1.0}, id="each bit its qubit"),
        pytest.param(THREE, {0: 2, 1: 0, 2: 1}, {"q001": 1}, {"010": 1.0}, id="bits permuted"),
        pytest.param(
            BitLayout(3, (2,)), {2: 0}, {"q01": 0.6, "q10": 0.8j}, {"100": 0.36, "000": 0.64}, id="one"
        ),
        pytest.param(THREE, {0: 1, 1: 1, 2: 0}, {"q10": 1}, {"011": 1.0}, id="a qubit read twice"),
        pytest.param(BitLayout(1, (0,)), {0: 0}, {"q0": 1, "q1": 1e-9}, {"0": 1.0}, id="rounding left out"),
    ],
)
def test_what_measuring_a_state_gives(layout, reads, amplitudes, expected):
    found = Distribution.from_state(layout, reads, state(**amplitudes)).to_dict()
    assert found == pytest.approx(expected)


def test_a_marginal_adds_up_and_takes_the_first_bit_as_the_rightmost():
    whole = Distribution.from_dict(THREE, {"110": 0.25, "010": 0.5, "001": 0.25})
    assert whole.marginal([1]).to_dict() == pytest.approx({"1": 0.75, "0": 0.25})
    assert whole.marginal([2, 0]).to_dict() == pytest.approx({"01": 0.25, "00": 0.5, "10": 0.25})
    with pytest.raises(InvalidRequest, match="no marginal"):
        whole.marginal([3])


def test_probabilities_are_brought_to_one():
    assert Distribution.from_dict(BitLayout(1, (0,)), {"0": 2, "1": 6}).to_dict() == {"0": 0.25, "1": 0.75}
    with pytest.raises(InvalidRequest, match="no measurement writes"):
        Distribution.from_dict(BitLayout(2, (0,)), {"10": 1})


@pytest.mark.parametrize(
    ("measured", "clbits", "expected"),
    [
        pytest.param((0, 2), (0, 1, 2), "101", id="more bits, which read 0"),
        pytest.param((0, 2), (0, 2), "11", id="the same"),
        pytest.param((0, 1, 2), (2,), "1", id="fewer"),
    ],
)
def test_keys_over_the_bits_of_somebody_else(measured, clbits, expected):
    layout = BitLayout(3, measured, (Register("c", 3),))
    key = layout.key("101")[None, :]
    assert format(int(over_bits(layout, key, clbits)[0, 0]), "b") == expected

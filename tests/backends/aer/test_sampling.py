"""Drawing shots: the same ones however they are portioned, in the right bits, with the right misreadings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from qjob.backends.aer import sampling
from qjob.backends.aer.noise import IDEAL, NoiseParameters
from qjob.backends.aer.sampling import Measured, Sampler, evolution, measured_by
from qjob.model.bits import BitLayout
from qjob.programs.steps import reads

PROBABILITIES = np.array([0.1, 0.2, 0.0, 0.3, 0.05, 0.05, 0.3, 0.0])
LAYOUT = BitLayout(3, (0, 1, 2))


def sampler(columns=(0, 1, 2), layout=LAYOUT, noise=IDEAL, seed=11):
    return Sampler(PROBABILITIES.copy(), list(columns), layout, noise, seed)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_ideal_shots_do_not_depend_on_the_portions(portions):
    whole = sampler().draw(sum(portions))
    parts = sampler()
    counts = parts.draw(portions[0])
    for shots in portions[1:]:
        counts += parts.draw(shots)
    assert counts == whole


def test_impossible_outcomes_are_never_drawn():
    counts = sampler().draw(50_000)
    assert set(counts) == {"000", "001", "011", "100", "101", "110"}
    assert counts.shots == 50_000


@pytest.mark.parametrize(
    ("columns", "layout", "outcome"),
    [
        ((0, 1, 2), LAYOUT, "011"),
        ((2, 1, 0), LAYOUT, "110"),
        ((1,), BitLayout(1, (0,)), "1"),
        ((2, 0), BitLayout(4, (1, 3)), "1000"),
        ((0, 0), BitLayout(70, (0, 69)), "1" + 68 * "0" + "1"),
    ],
)
def test_columns_place_the_bits(columns, layout, outcome):
    certain = np.zeros(8)
    certain[3] = 1.0  # qubits 0 and 1 are set
    for noise in (IDEAL, NoiseParameters(readout_01=1e-12)):
        assert dict(Sampler(certain.copy(), list(columns), layout, noise, 1).draw(10)) == {outcome: 10}


def test_each_bit_has_its_own_stream_of_misreadings():
    noise = NoiseParameters(readout_01=0.5, readout_10=0.5)
    certain = np.array([1.0, 0.0, 0.0, 0.0])
    counts = Sampler(certain, [0, 1], BitLayout(2, (0, 1)), noise, 3).draw(4_000)
    assert all(900 < counts[outcome] < 1_100 for outcome in ("00", "01", "10", "11"))


def test_a_sum_a_little_off_one_loses_no_shot():
    counts = Sampler(np.full(4, 0.2499999), [0, 1], BitLayout(2, (0, 1)), IDEAL, 3).draw(1_000)
    assert counts.shots == 1_000


def test_what_is_measured():
    circuit = QuantumCircuit(5, 4)
    circuit.measure(4, 0)
    circuit.measure(1, 3)
    circuit.measure(2, 2)
    circuit.measure(1, 2)
    assert measured_by(reads(circuit)) == Measured([1, 4], [1, 0, 0])


def test_the_evolving_circuit_has_no_measurements():
    circuit = QuantumCircuit(2, 2, global_phase=0.5)
    circuit.h(0)
    circuit.barrier()
    circuit.measure([0, 1], [0, 1])
    evolving = evolution(circuit, [1], statevector=True)
    assert list(evolving.count_ops()) == ["h", "barrier", "save_statevector", "save_probabilities"]
    assert evolving.global_phase == 0.5
    assert circuit.count_ops()["measure"] == 2


def test_few_and_many_outcomes_are_counted_alike(monkeypatch):
    few = sampler().draw(2_000)
    monkeypatch.setattr(sampling, "FEW_OUTCOMES", 0)
    assert sampler().draw(2_000) == few

"""Chunks of shots add up to exactly the counts of one run, for everything that runs shot by shot."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from qjob.backends.aer.noise import NoiseParameters
from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import Plan
from qjob.backends.aer.progress import Tally
from qjob.backends.aer.seeds import base_seed
from qjob.backends.aer.simulators import Experiment, Simulators, setup_of
from qjob.backends.aer.trajectories import GROWTH, Counting, chunk_seconds, next_chunk
from qjob.model.bits import BitLayout

SHOTS = 300
LAYOUT = BitLayout(4, (0, 1, 2, 3))
PERFECT = NoiseParameters()
DEPOLARIZED = NoiseParameters(gate_error_1q=0.02, gate_error_2q=0.05, readout_01=0.02, readout_10=0.05)
BY_RESETS = NoiseParameters(t1=5.0, t2=5.0)
BY_KRAUS = NoiseParameters(t1=5.0, t2=10.0)


def entangled():
    circuit = QuantumCircuit(4, 4)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.h(3)
    return circuit


def plain():
    circuit = entangled()
    circuit.measure(range(4), range(4))
    return circuit


def middle():
    circuit = entangled()
    circuit.measure(0, 0)
    circuit.h(0)
    circuit.measure([0, 2, 3], [1, 2, 3])
    return circuit


def reset():
    circuit = entangled()
    circuit.reset(0)
    circuit.h(0)
    circuit.measure(range(4), range(4))
    return circuit


def branch():
    circuit = entangled()
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.h(3)
    circuit.measure([1, 2, 3], [1, 2, 3])
    return circuit


def loop():
    circuit = entangled()
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.h(0)
        circuit.measure(0, 0)
        circuit.h(3)
    circuit.measure([1, 2, 3], [1, 2, 3])
    return circuit


def initialize():
    circuit = entangled()
    circuit.initialize(np.array([1, 1j]) / np.sqrt(2), 1)
    circuit.measure(range(4), range(4))
    return circuit


KINDS = [
    pytest.param(plain, DEPOLARIZED, id="depolarizing and readout noise"),
    pytest.param(plain, BY_RESETS, id="relaxation by resets"),
    pytest.param(plain, BY_KRAUS, id="relaxation by Kraus operators"),
    pytest.param(middle, PERFECT, id="measurement in the middle"),
    pytest.param(middle, DEPOLARIZED, id="measurement in the middle with noise"),
    pytest.param(reset, PERFECT, id="reset"),
    pytest.param(branch, PERFECT, id="if"),
    pytest.param(branch, DEPOLARIZED, id="if with noise"),
    pytest.param(loop, PERFECT, id="while"),
    pytest.param(loop, BY_KRAUS, id="while with noise"),
    pytest.param(initialize, PERFECT, id="initialize in the middle"),
]


class Shots:
    """Runs shots of a circuit and remembers how they were cut."""

    def __init__(self, circuit, noise=PERFECT, method="statevector", threads=1):
        plan = Plan(method, "trajectories", 4, circuit.num_clbits == 0, threads, threads, 1, seconds=0.01)
        self.circuit, self.setup = circuit, setup_of(plan, AerOptions(noise=noise))
        self.simulators = Simulators()
        self.cuts = []

    def __call__(self, shots, seed):
        self.cuts.append(shots)
        return self.simulators.run(self.circuit, self.setup, shots, seed, None)


def counted(run, first, pace):
    """Count with a clock that says every chunk took ``pace`` seconds."""
    ticks = iter(np.arange(10_000) * pace)
    tally = Tally(LAYOUT)
    paths = set(Counting(run, SHOTS, 7, first, lambda: next(ticks)).trajectories(tally))
    return dict(tally.counts()), paths


@pytest.mark.parametrize("method", ["statevector", "matrix_product_state"])
@pytest.mark.parametrize(("make", "noise"), KINDS)
def test_chunks_add_up_to_one_run(make, noise, method):
    whole = counted(Shots(make(), noise, method), SHOTS, 0.2)
    chunked = Shots(make(), noise, method)
    assert counted(chunked, 7, 0.1) == whole
    assert len(chunked.cuts) > 3
    assert whole[1] == {"trajectories"}


@pytest.mark.parametrize(("make", "noise"), KINDS)
def test_threads_do_not_change_the_counts(make, noise):
    single = counted(Shots(make(), noise), SHOTS, 0.2)
    assert counted(Shots(make(), noise, threads=2), 50, 0.2) == single


def test_a_circuit_that_aer_samples_is_not_chunked():
    fast, slow = Shots(plain()), Shots(plain())
    first, second = counted(fast, 7, 0.01), counted(slow, 90, 10.0)
    assert first == second
    assert first[1] == {"counted"}
    assert (fast.cuts, slow.cuts) == ([7, SHOTS], [90, SHOTS])


def test_blocks_are_cut_by_the_request_alone():
    seeds = []

    def run(shots, seed):
        seeds.append((shots, seed))
        return Experiment({"counts": {"0x1": shots}}, sampled=True)

    tally = Tally(LAYOUT)
    assert list(Counting(run, 25, 7, 10, float).blocks(tally)) == ["counted"] * 3
    assert seeds == [(10, base_seed(7, 0)), (10, base_seed(7, 1)), (5, base_seed(7, 2))]
    assert dict(tally.counts()) == {"0001": 25}


def test_chunks_grow_towards_their_time():
    chunk, history = 1, []
    for _ in range(6):
        history.append(chunk)
        chunk = next_chunk(chunk, seconds=chunk * 0.001, meant=0.2, together=1)
    assert history == [1, 8, 64, 200, 200, 200]


@pytest.mark.parametrize(
    ("passed", "seconds"), [(0.0, 0.18), (4.0, 0.18), (5.0, 0.2), (20.0, 0.8), (26.0, 1.0), (1e5, 1.0)]
)
def test_chunks_are_short_at_first_and_longer_later(passed, seconds):
    assert chunk_seconds(passed) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "together", "shots"),
    [
        pytest.param(0.0665, 1, 99, id="one thread"),
        pytest.param(0.0665, 2, 98, id="no thread waits for the last shot of another"),
        pytest.param(0.0665, 8, 96, id="eight threads"),
        pytest.param(20.0, 8, 8, id="long shots: still one for every thread"),
    ],
)
def test_chunks_are_the_same_for_all_threads(seconds, together, shots):
    assert next_chunk(33, seconds, meant=0.1999, together=together) == shots


@given(st.integers(1, 10**6), st.floats(0, 1e4), st.floats(0.2, 1), st.integers(1, 64))
def test_a_chunk_is_never_empty_nor_grows_too_fast(chunk, seconds, meant, together):
    shots = next_chunk(chunk, seconds, meant, together)
    assert together <= shots <= max(together, GROWTH * chunk)
    assert shots % together == 0


@pytest.mark.parametrize("shots", [1, 2, 5])
@pytest.mark.parametrize(("threads", "together"), [(1, 1), (2, 2)])
def test_aer_says_how_many_shots_it_can_run_at_a_time(threads, together, shots):
    run = Shots(plain(), DEPOLARIZED)
    run.setup = dataclasses.replace(run.setup, threads=threads, parallel_shots=0 if threads > 1 else 1)
    assert run(shots, 1).parallel_shots == together


@given(st.integers(0, 2**64), st.integers(0, 10**5))
def test_seeds_leave_room_for_the_shots(seed, part):
    assert 0 <= base_seed(seed, part) < 2**62


def test_neighbouring_job_seeds_are_far_apart():
    bases = sorted(base_seed(seed) for seed in range(1_000))
    assert min(np.diff(bases)) > 10**9

"""What every backend that runs here must do, whatever it is: one suite for all of them."""

from itertools import pairwise

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Clbit, Gate, Qubit
from qiskit.quantum_info import Statevector
from scipy.stats import chisquare

from qjob.model.events import PROGRESS_TOP, Completed, Failed, Progress, Running
from qjob.programs.load import circuit as load_circuit
from qjob.programs.profile import profile

SIGNIFICANCE = 1e-4
"""How often a correct simulator would fail one comparison; the seeds are fixed, so it fails always or never."""


def asymmetric():
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.measure([0, 1, 2], [0, 1, 2])
    return circuit


def crossed():
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.measure([0, 1, 2], [2, 0, 1])
    return circuit


def unmeasured_clbits():
    circuit = QuantumCircuit(2, 5)
    circuit.x(1)
    circuit.measure(1, 3)
    circuit.measure(0, 0)
    return circuit


def loose_clbits():
    bits = [Clbit() for _ in range(3)]
    circuit = QuantumCircuit([Qubit(), Qubit()], bits)
    circuit.x(0)
    circuit.measure(0, bits[2])
    circuit.measure(1, bits[0])
    return circuit


def two_registers():
    low, high = ClassicalRegister(2, "low"), ClassicalRegister(1, "high")
    circuit = QuantumCircuit(QuantumRegister(3), low, high)
    circuit.x([0, 2])
    circuit.measure([0, 1], low)
    circuit.measure(2, high)
    return circuit


def written_twice():
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.measure(1, 0)
    circuit.measure(0, 1)
    return circuit


def one_qubit_read_twice():
    circuit = QuantumCircuit(1, 3)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.measure(0, 2)
    return circuit


def measured_in_the_middle():
    circuit = QuantumCircuit(2, 3)
    circuit.x(0)
    circuit.measure(0, 1)
    circuit.x(0)
    circuit.measure([0, 1], [2, 0])
    return circuit


def reset_in_the_middle():
    circuit = QuantumCircuit(2, 2)
    circuit.x([0, 1])
    circuit.reset(0)
    circuit.measure([0, 1], [0, 1])
    return circuit


def branching():
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.ccx(0, 1, 2)
        circuit.x(2)
    circuit.measure([1, 2], [1, 2])
    return circuit


def looping():
    circuit = QuantumCircuit(2, 2)
    circuit.x([0, 1])
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.h(0)
        circuit.measure(0, 0)
    circuit.measure(1, 1)
    return circuit


def custom_gate_named_like_a_standard_one():
    inner = QuantumCircuit(1, name="h")
    inner.x(0)
    circuit = QuantumCircuit(2, 2)
    circuit.append(inner.to_gate(), [1])
    circuit.measure([0, 1], [0, 1])
    return circuit


def open_control():
    circuit = QuantumCircuit(3, 3)
    circuit.ccx(0, 1, 2, ctrl_state=0)
    circuit.measure([0, 1, 2], [0, 1, 2])
    return circuit


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (asymmetric, "001"),
        (crossed, "100"),
        (unmeasured_clbits, "01000"),
        (loose_clbits, "100"),
        (two_registers, "101"),
        (written_twice, "10"),
        (one_qubit_read_twice, "101"),
        (measured_in_the_middle, "010"),
        (reset_in_the_middle, "10"),
        (branching, "101"),
        (looping, "10"),
        (custom_gate_named_like_a_standard_one, "10"),
        (open_control, "100"),
    ],
)
def test_bit_order(bench, slug, make, outcome):
    assert dict(bench.counts(slug, make(), 50)) == {outcome: 50}


@pytest.mark.parametrize("middle", [False, True], ids=["at the end", "in the middle"])
def test_bit_order_of_more_bits_than_a_word(bench, slug, middle):
    circuit = QuantumCircuit(2, 70)
    circuit.x(0)
    circuit.measure(0, 66)
    circuit.measure(1, 1)
    if middle:
        circuit.x(1)
        circuit.measure(1, 2)
    ones = {66, 2} if middle else {66}
    expected = "".join("1" if bit in ones else "0" for bit in reversed(range(70)))
    assert dict(bench.counts(slug, circuit, 20)) == {expected: 20}


def random_circuit(seed, width=4, layers=5):
    chance = np.random.default_rng(seed)
    circuit = QuantumCircuit(width, width)
    for layer in range(layers):
        for qubit in range(width):
            circuit.u(*chance.uniform(0, 2 * np.pi, 3), qubit)
        for qubit in range(layer % 2, width - 1, 2):
            circuit.cx(qubit, qubit + 1)
    return circuit


def assert_follows(counts, exact, shots):
    """Compare counts with exact probabilities by a chi-square test, rare outcomes taken together."""
    expected = {outcome: p * shots for outcome, p in exact.items()}
    seen, wanted = [], []
    rest_seen, rest_wanted = shots, float(shots)
    for outcome, mean in expected.items():
        if mean >= 5:
            seen.append(counts[outcome])
            wanted.append(mean)
            rest_seen -= counts[outcome]
            rest_wanted -= mean
    if rest_wanted > 1e-6:
        seen.append(rest_seen)
        wanted.append(rest_wanted)
    else:
        assert rest_seen == 0
    assert sum(seen) == shots
    if len(seen) > 1:
        assert chisquare(seen, wanted).pvalue > SIGNIFICANCE


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "middle", [False, True], ids=["terminal", "with a reset of an idle qubit at the end"]
)
def test_counts_follow_the_exact_distribution(bench, slug, seed, middle):
    circuit = random_circuit(seed)
    exact = Statevector(circuit).probabilities_dict()
    circuit.measure(range(4), range(4))
    if middle:
        circuit.reset(0)  # after its measurement: changes nothing, but forces another path
    counts = bench.counts(slug, circuit, 5_000, seed)
    assert counts.shots == 5_000
    assert_follows(counts, exact, 5_000)


def test_a_marginal_of_crossed_bits_follows_the_exact_distribution(bench, slug):
    circuit = random_circuit(9)
    exact = Statevector(circuit).probabilities_dict([3, 1])  # qubit 3 becomes the lowest bit
    measured = circuit.copy_empty_like()
    measured.compose(circuit, inplace=True)
    measured.measure([1, 3], [2, 0])
    counts = bench.counts(slug, measured, 5_000, 4).marginal([0, 2])
    assert_follows(counts, exact, 5_000)


@pytest.mark.parametrize("make", [asymmetric, measured_in_the_middle], ids=["sampled", "shot by shot"])
def test_events_come_in_order_and_end_once(bench, slug, make):
    events = bench.events(slug, make(), 30)
    assert isinstance(events[0], Running)
    assert all(isinstance(event, Progress) for event in events[1:-1])
    assert isinstance(events[-1], Completed)


def test_a_circuit_that_cannot_run_fails_with_a_reason(bench, slug):
    opaque = QuantumCircuit(1, 1)
    opaque.append(Gate("riddle", 1, []), [0])
    opaque.measure(0, 0)
    events = bench.events(slug, opaque)
    assert [type(event) for event in events if not isinstance(event, Progress)] == [Running, Failed]
    failure = events[-1].failure
    assert "riddle" in failure.reason
    assert failure.remedy


@pytest.mark.parametrize(
    "make",
    [asymmetric, measured_in_the_middle, lambda: random_circuit(1).measure_all(inplace=False)],
    ids=["certain", "shot by shot", "random"],
)
def test_the_same_seed_gives_the_same_counts(bench, slug, make):
    circuit = make()
    first, again = (dict(bench.counts(slug, circuit, 700, 42)) for _ in range(2))
    assert first == again


def test_another_seed_gives_other_counts(bench, slug):
    circuit = random_circuit(1).measure_all(inplace=False)
    assert dict(bench.counts(slug, circuit, 700, 42)) != dict(bench.counts(slug, circuit, 700, 43))


def test_the_metadata_tells_how_it_was_done(bench, slug):
    metadata = bench.result(slug, asymmetric()).metadata
    assert metadata["path"] in {"sampled", "counted"}
    assert metadata["threads"] == 1
    assert metadata["run_seconds"] >= 0
    assert metadata["aer"].startswith("0.")


@pytest.mark.slow
def test_progress_is_cumulative_and_short(bench, slug, monkeypatch):
    ticks = iter(range(10**6))
    backend = bench.backends[slug]
    monkeypatch.setattr(backend.runner, "_clock", lambda: next(ticks) * 0.11)
    circuit = random_circuit(2, width=6).measure_all(inplace=False)
    progress = [e for e in bench.events(slug, circuit, 50_000) if isinstance(e, Progress) and e.shots_done]
    assert len(progress) > 2
    done = [event.shots_done for event in progress]
    assert done == sorted(done)
    assert done[-1] <= 50_000
    for event in progress:
        assert len(event.top) <= PROGRESS_TOP
        assert len(event.top) <= event.distinct
        tallies = [tally for _, tally in event.top]
        assert tallies == sorted(tallies, reverse=True)
        assert sum(tallies) <= event.shots_done
    for before, after in pairwise(progress):
        grown = dict(after.top)
        assert all(grown.get(outcome, tally) >= tally for outcome, tally in before.top)
        assert after.distinct >= before.distinct


def test_check_accepts_what_it_runs(bench, slug):
    request = bench.request(slug, asymmetric())
    bench.backends[slug].check(request, profile(load_circuit(request.program)))

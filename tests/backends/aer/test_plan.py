"""Which circuit is simulated how: a truth table."""

import pytest

from qjob.backends.aer.noise import IDEAL, NoiseParameters
from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import density_matrix_pays, plan_of
from qjob.model.bits import BitLayout
from qjob.model.program import CircuitProfile

READOUT = NoiseParameters(readout_01=0.1)
GATES = NoiseParameters(gate_error_2q=0.01)


def circuit(qubits, *gates, terminal=True, declared=None):
    names = dict.fromkeys(gates or ("h", "cx", "measure"), 10)
    layout = BitLayout(qubits, tuple(range(qubits)))
    return CircuitProfile(declared or qubits, qubits, layout, qubits, names, terminal)


@pytest.mark.parametrize(
    ("target", "profile", "noise", "method", "path"),
    [
        ("automatic", circuit(2), IDEAL, "statevector", "sampled"),
        ("automatic", circuit(24), IDEAL, "statevector", "sampled"),
        ("automatic", circuit(25), IDEAL, "stabilizer", "counted"),
        ("automatic", circuit(60), IDEAL, "stabilizer", "counted"),
        ("automatic", circuit(60, terminal=False), IDEAL, "stabilizer", "trajectories"),
        ("automatic", circuit(30, "h", "t", "measure"), IDEAL, "statevector", "sampled"),
        ("automatic", circuit(3, terminal=False), IDEAL, "statevector", "trajectories"),
        ("statevector", circuit(30), IDEAL, "statevector", "sampled"),
        ("statevector", circuit(3, terminal=False), IDEAL, "statevector", "trajectories"),
        ("noisy", circuit(3), IDEAL, "statevector", "sampled"),
        ("noisy", circuit(3), READOUT, "statevector", "sampled"),
        ("noisy", circuit(3, terminal=False), READOUT, "statevector", "trajectories"),
        ("noisy", circuit(3), GATES, "density_matrix", "sampled"),
        ("noisy", circuit(3, terminal=False), GATES, "statevector", "trajectories"),
        ("noisy", circuit(13), GATES, "statevector", "trajectories"),
        ("automatic", circuit(3, "h", "kraus", "measure"), IDEAL, "density_matrix", "sampled"),
        ("automatic", circuit(25, "h", "kraus", "measure"), IDEAL, "statevector", "trajectories"),
        ("automatic", circuit(3, "kraus", terminal=False), IDEAL, "statevector", "trajectories"),
        ("statevector", circuit(3, "kraus"), IDEAL, "density_matrix", "sampled"),
        ("statevector", circuit(13, "superop"), IDEAL, "statevector", "trajectories"),
        ("noisy", circuit(3, "kraus"), READOUT, "density_matrix", "sampled"),
        ("noisy", circuit(13, "quantum_channel"), GATES, "statevector", "trajectories"),
        ("matrix_product_state", circuit(5, "kraus"), IDEAL, "matrix_product_state", "trajectories"),
        ("matrix_product_state", circuit(100), IDEAL, "matrix_product_state", "counted"),
        ("matrix_product_state", circuit(5, terminal=False), IDEAL, "matrix_product_state", "trajectories"),
    ],
)
def test_method_and_path(target, profile, noise, method, path):
    plan = plan_of(target, profile, 1_000, AerOptions(noise=noise))
    assert (plan.method, plan.path) == (method, path)


@pytest.mark.parametrize(
    ("qubits", "shots", "pays"),
    [
        (4, 1, True),
        (8, 10, False),
        (8, 1_000, True),
        (10, 100, False),
        (10, 1_000, True),
        (12, 1_000, False),
        (12, 100_000, True),
        (13, 100_000, False),
    ],
)
def test_when_a_density_matrix_pays(qubits, shots, pays):
    assert density_matrix_pays(qubits, shots) is pays


@pytest.mark.parametrize(
    ("profile", "noise", "shots", "threads"),
    [
        (circuit(2), IDEAL, 100_000, 1),
        (circuit(13), IDEAL, 100_000, 1),
        (circuit(14), IDEAL, 1, 0),
        (circuit(3, terminal=False), IDEAL, 100, 1),
        (circuit(3, terminal=False), IDEAL, 100_000, 0),
        (circuit(6), GATES, 100_000, 1),
        (circuit(7), GATES, 100_000, 0),
    ],
)
def test_threads_by_size(profile, noise, shots, threads):
    plan = plan_of("noisy", profile, shots, AerOptions(noise=noise))
    assert plan.threads == threads
    assert plan.brief is (threads == 1)


@pytest.mark.parametrize(("operations", "brief"), [(10, True), (1_000, True), (100_000, False)])
def test_long_circuits_tell_their_phases(operations, brief):
    row = CircuitProfile(3, 3, BitLayout(3, (0, 1, 2)), 3, {"h": operations}, terminal=True)
    assert plan_of("statevector", row, 100, AerOptions()).brief is brief


def test_large_states_are_shared_by_the_threads_instead_of_multiplied():
    small, large = (plan_of("noisy", circuit(n), 100, AerOptions(noise=GATES)) for n in (19, 20))
    assert (small.parallel_shots, large.parallel_shots) == (0, 1)


def test_idle_qubits_are_dropped_unless_something_needs_them():
    idle = circuit(3, declared=12)
    looping = circuit(3, "h", "if_else", "measure", terminal=False, declared=12)
    assert plan_of("statevector", idle, 1, AerOptions()).qubits == 3
    assert plan_of("statevector", idle, 1, AerOptions(statevector=True)).qubits == 12
    assert plan_of("statevector", looping, 1, AerOptions()).qubits == 12
    assert not plan_of("statevector", looping, 1, AerOptions()).truncation


@pytest.mark.parametrize(
    ("target", "profile", "shots", "block"),
    [
        ("automatic", circuit(60), 20_000, 1_000),
        ("automatic", circuit(60), 10, 10),
        ("matrix_product_state", circuit(60), 20_000, 10_000),
        ("statevector", circuit(26, terminal=False), 1_000, 1),
        ("statevector", circuit(2, terminal=False), 1_000, 1_000),
    ],
)
def test_blocks_follow_from_the_request(target, profile, shots, block):
    assert plan_of(target, profile, shots, AerOptions()).block == block

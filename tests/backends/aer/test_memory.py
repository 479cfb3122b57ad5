"""The memory formulas: a few rows by hand, and one against a real run."""

import subprocess
import sys

import pytest

from qjob.backends.aer.memory import BASE, for_people, largest_fit, memory_of
from qjob.backends.aer.plan import Plan

MIB = 1 << 20


def plan(method, path, qubits, threads=1, parallel_shots=1):
    return Plan(method, path, qubits, True, threads, parallel_shots, 1, seconds=1.0)  # noqa: FBT003 - a row


@pytest.mark.parametrize(
    ("row", "measured", "shots", "expected"),
    [
        (plan("statevector", "sampled", 20), 20, 1, BASE + 24 * MIB + 230),
        (plan("statevector", "sampled", 20), 5, 0, BASE + 16 * MIB + 256),
        (plan("statevector", "sampled", 30), 30, 0, BASE + 24 * 1024 * MIB),
        (plan("density_matrix", "sampled", 10), 10, 0, BASE + 16 * MIB + 8192),
        (plan("statevector", "trajectories", 20), 20, 100, BASE + 16 * MIB + 23_000),
        (plan("statevector", "trajectories", 16, 0, 0), 0, 100, BASE + 4 * MIB + 7_000),
        (plan("statevector", "trajectories", 16, 0, 0), 0, 2, BASE + 2 * MIB + 140),
        (plan("stabilizer", "counted", 60), 60, 0, BASE + 28_800),
        (plan("matrix_product_state", "counted", 100), 100, 1000, None),
    ],
)
def test_formula(row, measured, shots, expected):
    assert memory_of(row, measured, shots, cores=4) == expected


def test_the_largest_circuit_that_fits():
    row = plan("statevector", "sampled", 40)
    assert largest_fit(row, 40, 0, 1, BASE + 24 * MIB) == 20
    assert largest_fit(row, 40, 0, 1, BASE + 24 * MIB - 1) == 19
    assert largest_fit(row, 40, 0, 1, 0) == 0


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (512 * MIB, "512 MiB"),
        (24 * 1024 * MIB, "24.0 GiB"),
        (25_000 << 30, "24.4 TiB"),
        (1 << 80, "1.0e+06 EiB"),
    ],
)
def test_sizes_for_people(size, text):
    assert for_people(size) == text


PROBE = """
from pathlib import Path
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qjob.backends.aer.sampling import evolution
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
small, large = QuantumCircuit(2), QuantumCircuit(24)
for circuit in (small, large):
    circuit.h(circuit.qubits)
    circuit.rzz(0.3, 0, 1)
simulator = AerSimulator(method="statevector", max_parallel_threads=1)
simulator.run(evolution(small, [0, 1], statevector=False), shots=1).result()
before = peak()
assert simulator.run(evolution(large, list(range(24)), statevector=False), shots=1).result().success
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="VmHWM exists on Linux only")
def test_a_real_run_stays_within_the_formula():
    output = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True).stdout
    formula = memory_of(plan("statevector", "sampled", 24), 24, 1, cores=1)
    assert 0.7 * formula < int(output) <= formula

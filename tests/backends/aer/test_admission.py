"""What a local simulator refuses in the kernel: with the numbers, and with a way out."""

import re

import pytest
from qiskit import QuantumCircuit

from qjob.backends.aer import admission
from qjob.backends.aer.provider import AerBackend
from qjob.catalog.loader import load_catalogue
from qjob.model.errors import BackendRefused, InvalidOption, InvalidRequest, OutOfMemory
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat
from qjob.programs.profile import profile

GIB = 1 << 30


def wide(qubits, *, clifford=True):
    circuit = QuantumCircuit(qubits, qubits)
    circuit.h(range(qubits))
    if not clifford:
        circuit.t(range(qubits))
    circuit.measure(range(qubits), range(qubits))
    return profile(circuit)


def measured_twice():
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    circuit.h(0)
    circuit.measure(0, 1)
    return profile(circuit)


def check(slug, row, *, free=8 * GIB, shots=100, **options):
    request = JobRequest(Program(ProgramFormat.QPY, b""), slug, shots, 1, options)
    AerBackend(load_catalogue().get(slug), free=lambda: free).check(request, row)


@pytest.mark.parametrize(
    ("slug", "row", "options"),
    [
        ("marqov-sim", wide(2), {}),
        ("marqov-sim", wide(200), {}),
        ("marqov-sim", wide(28, clifford=False), {}),
        ("qb-sim-statevector", wide(20), {"statevector": True}),
        ("qb-sim-statevector", measured_twice(), {"statevector": False}),
        ("qb-sim-noisy-aer", wide(12), {"t1": 50.0, "t2": 100.0}),
        ("qb-sim-noisy-aer", wide(2), {"preset": "nv-center", "t1": 1.0}),
        ("qb-sim-tensor-network", wide(200), {"max_bond_dimension": 4, "device": "cpu"}),
    ],
)
def test_accepted(slug, row, options):
    check(slug, row, **options)


@pytest.mark.parametrize(
    ("slug", "row", "options", "refusal"),
    [
        ("marqov-sim", wide(2), {"shots": 0}, (InvalidRequest, "1 to 100,000 shots, not 0", "--shots 1")),
        (
            "marqov-sim",
            wide(2),
            {"shots": 1_000_000},
            (InvalidRequest, "not 1,000,000", "--shots 100000"),
        ),
        (
            "qb-sim-statevector",
            wide(60),
            {},
            (
                BackendRefused,
                "needs 60 qubits, qb-sim-statevector takes at most 34",
                r"marqov-sim \(a Clifford circuit\) or qb-sim-tensor-network \(if",
            ),
        ),
        (
            "qb-sim-noisy-aer",
            wide(31, clifford=False),
            {"free": 200 * GIB},
            (
                BackendRefused,
                "31 qubits, qb-sim-noisy-aer takes at most 30",
                "marqov-sim or qb-sim-statevector or qb-sim-tensor-network",
            ),
        ),
        ("marqov-sim", wide(201), {}, (BackendRefused, "at most 200", "Use at most 200 qubits")),
        (
            "marqov-sim",
            wide(30, clifford=False),
            {},
            (
                OutOfMemory,
                r"needs 24.0 GiB for 30 qubits; this machine has 8.0 GiB free",
                "up to 28 qubits fits. qb-sim-tensor-network",
            ),
        ),
        (
            "qb-sim-statevector",
            wide(30),
            {},
            (OutOfMemory, "30 qubits", r"marqov-sim \(a Clifford circuit\)"),
        ),
        (
            "qb-sim-statevector",
            wide(21),
            {"statevector": True},
            (BackendRefused, "at most 20 qubits", "Leave the option"),
        ),
        (
            "qb-sim-statevector",
            measured_twice(),
            {"statevector": True},
            (BackendRefused, "no one final state", "measure only at the end"),
        ),
        (
            "marqov-sim",
            wide(2),
            {"device": "gpu"},
            (BackendRefused, "needs an Aer build for GPUs", "device=cpu"),
        ),
        ("qb-sim-noisy-aer", wide(2), {"t1": 1.0, "t2": 3.0}, (InvalidOption, "2 T1 = 2 us", "t2=2 or less")),
    ],
)
def test_refused(slug, row, options, refusal, monkeypatch):
    error, said, remedy = refusal
    monkeypatch.setattr(admission, "GPU_PACKAGES", ("qjob-no-such-package",))
    with pytest.raises(error, match=said) as caught:
        check(slug, row, **options)
    assert type(caught.value) is error
    assert re.search(remedy, caught.value.remedy)


def test_an_installed_gpu_build_is_accepted(monkeypatch):
    monkeypatch.setattr(admission, "GPU_PACKAGES", ("numpy",))
    check("marqov-sim", wide(2), device="gpu")


def test_memory_tells_the_formula_or_nothing():
    catalogue = load_catalogue()
    sizes = {}
    for slug in ("qb-sim-statevector", "qb-sim-tensor-network"):
        request = JobRequest(Program(ProgramFormat.QPY, b""), slug, 100, 1, {})
        sizes[slug] = AerBackend(catalogue.get(slug)).check(request, wide(20)).memory
    assert sizes["qb-sim-statevector"] == (40 << 20) + (16 << 20) + (8 << 20) + 100 * (70 + 160)
    assert sizes["qb-sim-tensor-network"] is None


def test_small_circuits_are_admitted_without_asking_the_machine():
    check("qb-sim-statevector", wide(18), free=0)

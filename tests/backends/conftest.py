"""Backends to run in the tests' own process, and short ways to run circuits on them."""

import io

import pytest
from qiskit import QuantumCircuit, qpy

from qjob import programs
from qjob.backends.aer.provider import AerProvider
from qjob.backends.base import Task
from qjob.catalog.loader import load_catalogue
from qjob.model.events import Completed
from qjob.model.job import JobRequest
from qjob.model.program import Program, ProgramFormat

SLUGS = ("marqov-sim", "qb-sim-statevector", "qb-sim-noisy-aer", "qb-sim-tensor-network")


def program_of(circuit):
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    return Program(ProgramFormat.QPY, stream.getvalue())


class Bench:
    """Runs circuits on backends that live as long as the tests."""

    def __init__(self):
        catalogue, provider = load_catalogue(), AerProvider()
        self.backends = {slug: provider.backend(catalogue.get(slug)) for slug in SLUGS}

    @staticmethod
    def request(slug, circuit, shots=100, seed=1, **options):
        program = circuit if isinstance(circuit, Program) else program_of(circuit)
        return JobRequest(program, slug, shots, seed, options)

    def events(self, slug, circuit, shots=100, seed=1, *, memory_limit=None, steps=None, **options):
        request = self.request(slug, circuit, shots, seed, **options)
        profile = programs.profile(programs.circuit(request.program))
        events = self.backends[slug].run(Task("job", 1, request, profile, memory_limit, steps=steps))
        return [event for event in events if event is not None]

    def result(self, slug, circuit, shots=100, seed=1, **options):
        last = self.events(slug, circuit, shots, seed, **options)[-1]
        assert isinstance(last, Completed), last
        return last.result

    def counts(self, slug, circuit, shots=100, seed=1, **options):
        return self.result(slug, circuit, shots, seed, **options).counts


@pytest.fixture(scope="session")
def bench():
    return Bench()


@pytest.fixture(params=SLUGS)
def slug(request):
    return request.param


def make_ghz(width):
    circuit = QuantumCircuit(width, width)
    circuit.h(0)
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure(range(width), range(width))
    return circuit


@pytest.fixture
def ghz():
    """Makes a GHZ circuit of any width."""
    return make_ghz

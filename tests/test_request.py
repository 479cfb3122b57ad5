"""From loose arguments to a request: the order of refusals, and what a request carries. Nothing runs."""

from datetime import UTC, datetime

import pytest
from qiskit import QuantumCircuit

from qjob.backends.registry import Registry
from qjob.catalog.loader import load_catalogue
from qjob.model.errors import BackendRefused, InvalidOption, InvalidRequest, ProgramRefused, UnknownBackend
from qjob.model.program import Program, ProgramFormat
from qjob.request import Checker
from qjob.typed import DRAWN_BITS

NOW = datetime(2026, 11, 20, tzinfo=UTC)
QASM = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; c = measure q;'


@pytest.fixture(scope="module")
def checker():
    return Checker(load_catalogue(), Registry(), lambda bits: (1 << bits) - 1, lambda _: (), lambda: NOW)


def wide():
    circuit = QuantumCircuit(40)
    circuit.rx(0.1, range(40))
    circuit.measure_all()
    return circuit


WRONG = {
    "shots": ("many", InvalidRequest),
    "mode": ("durable", InvalidRequest),
    "name": ("", InvalidRequest),
    "tags": (["x"], InvalidRequest),
    "seed": (-1, InvalidRequest),
    "backend": ("nowhere", UnknownBackend),
    "options": ({"nothing": 1}, InvalidOption),
    "program": ("OPENQASM 3.0; qubit[2", ProgramRefused),
}


@pytest.mark.parametrize("first", range(len(WRONG)))
def test_refusals_come_in_one_order(checker, first):
    names = list(WRONG)[first:]
    arguments = {"program": QASM, "backend": "marqov-sim", "shots": 10}
    arguments |= {name: WRONG[name][0] for name in names}
    with pytest.raises(WRONG[names[0]][1]) as caught:
        checker.check(arguments.pop("program"), **arguments)
    assert type(caught.value) is WRONG[names[0]][1]


def test_the_device_is_asked_last(checker):
    with pytest.raises(BackendRefused):
        checker.check(wide(), backend="qb-sim-statevector", shots=10)


def test_what_is_accepted(checker):
    checked = checker.check(
        QASM,
        backend="qb-sim-noisy-aer",
        shots="10",
        name=" bell ",
        tags={"n": 5},
        options={"readout_error": "0.25", "device": "cpu"},
        seed="7",
    )
    request = checked.request
    assert (request.backend, request.shots, request.seed, request.mode) == (
        "qb-sim-noisy-aer",
        10,
        7,
        "direct",
    )
    assert (request.name, request.tags) == ("bell", {"n": "5"})
    assert request.options == {"readout_error": 0.25, "device": "cpu"}  # typed, and no defaults filled in
    assert request.program == Program(ProgramFormat.QASM3, QASM.encode())
    assert checked.info.slug == request.backend
    assert checked.profile.num_qubits == 2
    assert checked.needs.memory > 0


def test_a_seed_is_drawn_where_none_is_given(checker):
    assert checker.check(QASM, backend="marqov-sim", shots=1).request.seed == (1 << DRAWN_BITS) - 1


def test_a_stored_program_is_taken_as_it_is(checker):
    program = checker.check(QASM, backend="marqov-sim", shots=1).request.program
    assert checker.check(program, backend="marqov-sim", shots=1).request.program is program


def test_an_unpredictable_need_is_told_as_such(checker):
    assert checker.check(QASM, backend="qb-sim-tensor-network", shots=1).needs.memory is None

"""Bad input to the engine: each a clear error with a way out, and nothing stored."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

import qjob
from qjob.model.errors import (
    AdapterMissing,
    BackendRefused,
    InvalidOption,
    InvalidRequest,
    OutOfMemory,
    ProgramRefused,
    Refusal,
    StoreCorrupt,
    StoreError,
    StoreTooNew,
    StoreUnavailable,
    UnknownBackend,
)

HEAD3 = 'OPENQASM 3.0; include "stdgates.inc"; '
HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
BELL = HEAD + "qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with qjob.connect(home=tmp_path_factory.mktemp("home")) as engine:
        engine.jobs()
        yield engine


def rows(engine):
    with closing(sqlite3.connect(engine.settings.database)) as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
            for table in ("jobs", "programs", "log")
        ]


def unmeasured():
    return QuantumCircuit(2)


def unbound():
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("theta"), 0)
    circuit.measure_all()
    return circuit


def wide(qubits):
    circuit = QuantumCircuit(qubits)
    for i in range(qubits):
        circuit.rx(0.1 + i, i)
    for i in range(qubits - 1):
        circuit.cx(i, i + 1)
    circuit.measure_all()
    return circuit


HUGE = 10**5000
"""Python refuses to print it."""


def of(error, *says, program=BELL, **arguments):
    return pytest.param(error, says, program, arguments, id=f"{error.__name__} {says[0]}")


@pytest.mark.parametrize(
    ("error", "says", "program", "arguments"),
    [
        of(InvalidRequest, "0 shots are too few", "--shots 1000", shots=0),
        of(InvalidRequest, "-1 shots are too few", shots=-1),
        of(InvalidRequest, "1 to 100,000 shots, not 1,000,000", "--shots 100000", shots=10**6),
        of(InvalidRequest, "shots 'ten' is no whole number", shots="ten"),
        of(InvalidRequest, "shots 1.5 is no whole number", shots=1.5),
        of(InvalidRequest, "shots True is no whole number", shots=True),
        of(InvalidRequest, "shots np.True_ is no whole number", shots=np.True_),
        of(InvalidRequest, "shots None is no whole number", shots=None),
        of(InvalidRequest, "shots '' is no whole number", shots=""),
        of(InvalidRequest, "shots '-' is no whole number", shots="-"),
        of(InvalidRequest, "is no whole number", shots="9" * 5000),
        of(InvalidRequest, "is no whole number", shots=HUGE),
        of(InvalidRequest, "is no whole number", shots=np.array([5, 6])),
        of(UnknownBackend, "'qb-sim-noisy-aer'", backend="qb-sim-noisy-aerr"),
        of(UnknownBackend, "sv9", backend="sv9"),
        of(AdapterMissing, "no adapter 'azure'", "%qjob quote", "marqov-sim", backend="quantinuum-h2-1"),
        of(AdapterMissing, "no adapter 'azure'", backend="quantinuum-h2-1"),
        of(BackendRefused, "was retired (2026-06-26)", "Use sv1 or qb-sim-tensor-network", backend="tn1"),
        of(BackendRefused, "was retired (2026-03)", "Use ionq-forte-1", backend="ionq-aria-1"),
        of(InvalidRequest, "backend ''", backend=""),
        of(InvalidRequest, "backend None", backend=None),
        of(
            InvalidOption,
            "has no option 'readout_eror' (did you mean 'readout_error'",
            "preset",
            backend="qb-sim-noisy-aer",
            options={"readout_eror": 0.1},
        ),
        of(InvalidOption, "marqov-sim takes", options={"readout_error": 0.1}),
        of(InvalidOption, "readout_error='high'", backend="qb-sim-noisy-aer", options={"readout_error": "high"}),
        of(InvalidOption, "readout_error=0.7", "0.5", backend="qb-sim-noisy-aer", options={"readout_error": 0.7}),
        of(InvalidOption, "statevector=2", backend="qb-sim-statevector", options={"statevector": 2}),
        of(InvalidRequest, "are no mapping", options=["readout_error=0.1"]),
        of(InvalidRequest, "are no mapping", tags=["tag"]),
        of(InvalidRequest, "tag", tags={"": "x"}),
        of(InvalidRequest, "51 tags are too many", tags={str(i): "x" for i in range(51)}),
        of(InvalidRequest, "name", name=""),
        of(InvalidRequest, "name", name="x" * 201),
        of(InvalidRequest, "name", name="two\nlines"),
        of(InvalidRequest, "name", name="\ud800"),
        of(InvalidRequest, "no mode 'eternal'", "durable", mode="eternal"),
        of(InvalidRequest, "seed -1", seed=-1),
        of(InvalidRequest, "seed", "2**62", seed=1 << 62),
        of(InvalidRequest, "seed 'x'", seed="x"),
        of(InvalidRequest, "seed", seed=HUGE),
        of(ProgramRefused, "measures nothing", "measure_all", program=unmeasured()),
        of(ProgramRefused, "theta", "assign_parameters", program=unbound()),
        of(ProgramRefused, "measures nothing", "measure q -> c;", program=HEAD3 + "qubit q; x q;"),
        of(
            ProgramRefused,
            "theta",
            "const float theta = 0.5;",
            program=HEAD3 + "input float theta; qubit q; bit c; rx(theta) q; c = measure q;",
        ),
        of(ProgramRefused, "line 1", program="OPENQASM 2.0; qreg q[2"),
        of(Refusal, "int", program=5),
        of(Refusal, "NoneType", program=None),
        of(BackendRefused, "31 qubits", "at most 30", program=wide(31), backend="qb-sim-noisy-aer"),
        of(BackendRefused, "at most 34", program=wide(40), backend="qb-sim-statevector"),
    ],
)  # fmt: skip
def test_refused_with_the_reason_and_the_way_out(engine, error, says, program, arguments):
    before = rows(engine)
    with pytest.raises(error) as caught:
        engine.submit(program, **arguments)
    assert type(caught.value) is error or error is Refusal
    for text in says:
        assert text in str(caught.value)
    assert caught.value.remedy or "line 1, column" in caught.value.message  # a caret shows where
    assert len(caught.value.message) < 500
    assert rows(engine) == before


def test_more_qubits_than_this_machines_memory_holds(engine, monkeypatch):
    before = rows(engine)
    info = engine.catalogue.get("qb-sim-statevector")
    backend = engine._checker.registry.backend(info)
    monkeypatch.setattr(backend, "_admission", type(backend._admission)(info, lambda: 1 << 30, 2))
    with pytest.raises(OutOfMemory, match="26 qubits") as caught:
        engine.submit(wide(26), backend="qb-sim-statevector")
    assert caught.value.numbers["need"] > caught.value.numbers["free"] == 1 << 30
    assert rows(engine) == before


@pytest.mark.parametrize(
    "arguments",
    [
        {"shots": 7},
        {"shots": "7"},
        {"shots": np.int64(7)},
        {"shots": np.array(7)},
        {"shots": 7, "seed": "12"},
        {"shots": 7, "seed": (1 << 62) - 1},
        {"shots": 7, "options": {}, "tags": {}},
        {"shots": 7, "name": "a" * 200, "tags": {"k": 5}},
        {"shots": "1_0"},
    ],
    ids=str,
)
def test_what_people_also_write_is_taken(engine, arguments):
    job = engine.submit(BELL, **arguments)
    assert job.record.shots == (10 if arguments["shots"] == "1_0" else 7)


# -- stores that cannot be used ----------------------------------------------------------------------------------


def foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")


def newer(path):
    with qjob.connect(home=path.parent) as engine:
        engine.jobs()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def garbage(path):
    path.write_bytes(b"no database at all" * 1000)


def folder(path):
    path.mkdir()


def home_is_a_file(path):
    path.parent.rmdir()
    path.parent.write_text("")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (foreign, StoreCorrupt),
        (garbage, StoreCorrupt),
        (newer, StoreTooNew),
        (folder, StoreUnavailable),
        (home_is_a_file, StoreUnavailable),
    ],
)
def test_a_store_that_cannot_be_used_is_left_as_it_is(tmp_path, spoil, error):
    home = tmp_path / "home"
    home.mkdir()
    path = home / "qjob.sqlite"
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    engine = qjob.connect(home=home)
    for ask in (lambda: engine.submit(BELL), engine.jobs, lambda: engine.job("x"), engine.sweep):
        with pytest.raises(error) as caught:
            ask()
        assert caught.value.remedy
    engine.close()
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.slow
def test_a_store_that_became_read_only_refuses_the_job(engine):
    before = rows(engine)
    with engine.store._db.read() as connection:
        connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable, match="cannot be written") as caught:
        engine.submit(BELL)
    assert "QJOB_HOME" in caught.value.remedy
    with engine.store._db.read() as connection:
        connection.execute("PRAGMA query_only = OFF")
    assert rows(engine) == before
    assert engine.submit(BELL, shots=5).counts.shots == 5


@pytest.mark.slow
def test_a_disk_that_is_full_refuses_the_job_and_keeps_the_others(tmp_path):
    with qjob.connect(home=tmp_path) as engine:
        kept = engine.submit(BELL, shots=5)
        kept.wait()
        before = rows(engine)
        with engine.store._db.read() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
        large = wide(12).copy()
        for _ in range(200):
            large.rx(0.1, 0)
        accepted = 0
        with pytest.raises(StoreError, match="full"):  # noqa: PT012 - the first ones may still find room
            for _ in range(50):
                engine.submit(large, shots=5)
                accepted += 1
        with engine.store._db.read() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        after = rows(engine)
        assert after[0] - before[0] == accepted == len(engine.jobs()) - 1
        assert kept.counts.shots == 5
        assert engine.submit(BELL, shots=6).counts.shots == 6

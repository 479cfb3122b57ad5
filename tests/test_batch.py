"""Several programs at once: all of it or nothing, in their order, one handle for all."""

import random

import pytest
from qiskit import QuantumCircuit

import qjob
from qjob.model.batch import MAX_PROGRAMS
from qjob.model.errors import (
    AmbiguousJob,
    BackendRefused,
    InvalidRequest,
    JobEnded,
    NoSuchJob,
    ProgramRefused,
    WaitTimeout,
)
from qjob.model.job import JobStatus
from qjob.typed import SEED_BITS

SLOW = (
    'OPENQASM 2.0; include "qelib1.inc"; qreg q[20]; creg c[20];'
    + "".join(f"rx(0.{layer}{qubit}) q[{qubit}];" for layer in range(1, 60) for qubit in range(20))
    + "measure q[0] -> c[0]; h q[0]; measure q -> c;"
)


@pytest.fixture
def engine():
    with qjob.connect(workers=2) as engine:
        yield engine


def counter(number, width=4):
    """A circuit that measures a number."""
    circuit = QuantumCircuit(width)
    for bit in range(width):
        if number >> bit & 1:
            circuit.x(bit)
    circuit.measure_all()
    return circuit


def test_a_list_becomes_jobs_in_its_order(engine):
    batch = engine.submit([counter(number) for number in range(16)], shots=5, name="sweep")
    assert [dict(counts) for counts in batch.counts] == [{f"{number:04b}": 5} for number in range(16)]
    assert len(batch) == 16
    assert [job.name for job in batch] == [f"sweep[{place}]" for place in range(16)]
    records = [job.record for job in batch]
    assert [(record.batch, record.place) for record in records] == [(batch.id, place) for place in range(16)]
    assert [job.id for job in engine.jobs(limit=16)] == [job.id for job in batch][::-1]
    assert batch.statuses == {JobStatus.COMPLETED: 16}
    assert batch.ended
    assert repr(batch) == f"<Batch {batch.id[:8]} 'sweep' of 16 jobs: 16 COMPLETED>"
    assert batch[-1] == batch[15]
    assert batch[2:4] == [batch[2], batch[3]]


def test_any_later_engine_finds_it(engine):
    made = engine.submit((counter(1), counter(2)), shots=5, name="sweep").wait()
    with qjob.connect() as other:
        for text in (made.id, made.id[:8], "sweep", " sweep "):
            found = other.batch(text)
            assert found == made
            assert list(found) == list(made)
        assert other.job("sweep[1]").counts == {"0010": 5}
        assert hash(found) == hash(made)


def test_of_several_of_one_name_the_newest_is_meant(engine):
    engine.submit([counter(1)], shots=5, name="sweep")
    newer = engine.submit([counter(2)], shots=5, name="sweep")
    assert engine.batch("sweep") == newer


def test_the_beginning_of_several_ids_is_ambiguous():
    draw = random.Random(1)
    ids = iter([0xABCD << 112, 0xABCE << 112 | 1, 0xABCD << 112 | 2, 0xABCF << 112 | 3])

    def drawn(bits):
        return draw.getrandbits(bits) if bits != 128 else next(ids)

    with qjob.Engine(qjob.connect().settings, draw=drawn) as engine:
        engine.submit([counter(1)], shots=5)
        engine.submit([counter(1)], shots=5)
        with pytest.raises(AmbiguousJob, match="several batches"):
            engine.batch("abcd")


@pytest.mark.parametrize("text", ["", "abc", "abcd1234", "no such name"])
def test_what_is_no_batch(engine, text):
    with pytest.raises(NoSuchJob, match="no batch is called"):
        engine.batch(text)


BAD = QuantumCircuit(2)


@pytest.mark.parametrize(
    ("programs", "options", "error", "says"),
    [
        ([], {}, InvalidRequest, "a batch of 0 programs does not fit: it takes 1 to 1,000"),
        ([counter(1)] * (MAX_PROGRAMS + 1), {}, InvalidRequest, "1,001 programs"),
        (
            [counter(1), BAD, counter(2)],
            {},
            ProgramRefused,
            "program 1 of the batch: the circuit measures nothing",
        ),
        ([counter(1), "no circuit"], {}, ProgramRefused, "program 1 of the batch"),
        ([counter(1), [counter(1)]], {}, InvalidRequest, "program 1 of the batch"),
        ([counter(1)], {"name": "n" * 200}, InvalidRequest, "name"),
        ([counter(1)], {"seed": -1}, InvalidRequest, "seed"),
        (
            [counter(1), counter(1, 40)],
            {"backend": "qb-sim-statevector"},
            BackendRefused,
            "program 1 of the batch",
        ),
    ],
)
def test_what_does_not_fit_is_refused_as_a_whole(engine, programs, options, error, says):
    with pytest.raises(error) as caught:
        engine.submit(programs, **{"shots": 5, **options})
    assert says in str(caught.value)
    assert caught.value.remedy
    assert engine.jobs() == []


def test_a_seed_gives_each_job_its_own_and_the_same_again(engine):
    circuits = [QuantumCircuit(3) for _ in range(3)]
    for circuit in circuits:
        circuit.h(range(3))
        circuit.measure_all()
    first, second = (engine.submit(circuits, shots=100, seed=7) for _ in range(2))
    assert [job.record.seed for job in first] == [7, 8, 9]
    assert first.counts == second.counts
    assert first.counts[0] != first.counts[1]
    last = engine.submit(circuits[:2], shots=5, seed=(1 << SEED_BITS) - 1)
    assert [job.record.seed for job in last] == [(1 << SEED_BITS) - 1, 0]


def test_waiting_ends_with_the_time_and_cancelling_with_all_of_them(engine):
    batch = engine.submit([SLOW, SLOW, SLOW, counter(1)], shots=50_000)
    with pytest.raises(WaitTimeout):
        batch.wait(0.05)
    assert not batch.ended
    assert batch.cancel() >= 3
    batch.wait(60)
    assert [job.status for job in batch][:3] == [JobStatus.CANCELLED] * 3
    assert batch.cancel() == 0
    with pytest.raises(JobEnded):
        batch.results()


def test_a_thousand_programs(engine):
    batch = engine.submit([counter(number % 16) for number in range(MAX_PROGRAMS)], shots=3)
    assert all(counts == {f"{n % 16:04b}": 3} for n, counts in enumerate(batch.counts))


def test_an_interrupt_behind_the_commit_loses_no_job(engine, monkeypatch):
    from qjob.execution.direct import DirectExecutor

    real, handed = DirectExecutor.submit, []

    def interrupted_once(executor, *orders):
        handed.append(orders)
        if len(handed) == 1:
            raise KeyboardInterrupt
        real(executor, *orders)

    monkeypatch.setattr(DirectExecutor, "submit", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        engine.submit([counter(1), counter(2)], shots=5, name="interrupted")
    assert engine.batch("interrupted").counts == [{"0001": 5}, {"0010": 5}]

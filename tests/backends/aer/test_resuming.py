"""A durable run that is cut off, wherever and however often, gives the counts of one that never was."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from qiskit import QuantumCircuit

from qjob import programs
from qjob.backends.aer import attempt, plan, runner
from qjob.backends.aer.checkpoints import book_of
from qjob.backends.aer.options import options_of
from qjob.backends.aer.simulators import Simulators
from qjob.backends.base import Task
from qjob.model.events import Checkpoint, Completed, Progress, Running

SHOTS = 157
"""Divisible by nothing."""

BLOCK = 17
"""Shots of the first chunk, and of each block."""

NOISY, IDEAL, TENSORS = "qb-sim-noisy-aer", "marqov-sim", "qb-sim-tensor-network"
GATES = {"gate_error_1q": 0.02, "gate_error_2q": 0.05}
READOUT = {"readout_error": 0.05}


def entangled(width):
    circuit = QuantumCircuit(width, width)
    circuit.h(range(width))
    for qubit in range(width - 1):
        circuit.cx(qubit, qubit + 1)
        circuit.rx(0.3 * qubit, qubit)
    return circuit


def terminal(width):
    circuit = entangled(width)
    circuit.measure(range(width), range(width))
    return circuit


def middle(width):
    circuit = entangled(width)
    circuit.measure(0, 0)
    circuit.h(0)
    circuit.measure(range(width), [*range(1, width), 0])
    return circuit


def reset(width):
    circuit = entangled(width)
    circuit.reset(0)
    circuit.h(0)
    circuit.measure(range(width), range(width))
    return circuit


def loops(width):
    circuit = entangled(width)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.h(1)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.h(0)
        circuit.measure(0, 0)
    circuit.measure(range(1, width), range(1, width))
    return circuit


def clifford(width, *, again=False):
    """Half of the qubits random, the others like their neighbours."""
    circuit = QuantumCircuit(width, width)
    circuit.h(range(0, width, 2))
    circuit.cx(range(0, width - 1, 2), range(1, width, 2))
    if again:
        circuit.measure(0, 0)
        circuit.h(0)
    circuit.measure(range(width), range(width))
    return circuit


@dataclass(frozen=True)
class Case:
    """What is run, and what it is meant to take."""

    slug: str
    make: Callable[[], QuantumCircuit]
    method: str
    path: str
    options: dict = field(default_factory=dict)
    threads: bool = False


SHOT_BY_SHOT, BLOCKS = "trajectories", "counted"
STATE, PRODUCT, TABLEAU = "statevector", "matrix_product_state", "stabilizer"
CASES = {
    "noise on gates": Case(NOISY, lambda: terminal(10), STATE, SHOT_BY_SHOT, GATES, threads=True),
    "noise on gates and readout": Case(
        NOISY, lambda: terminal(10), STATE, SHOT_BY_SHOT, GATES | READOUT, threads=True
    ),
    "relaxation": Case(
        NOISY, lambda: terminal(10), STATE, SHOT_BY_SHOT, {"t1": 5.0, "t2": 8.0}, threads=True
    ),
    "readout noise in the middle": Case(NOISY, lambda: middle(4), STATE, SHOT_BY_SHOT, READOUT),
    "measured in the middle": Case(IDEAL, lambda: middle(4), STATE, SHOT_BY_SHOT),
    "reset": Case(IDEAL, lambda: reset(4), STATE, SHOT_BY_SHOT),
    "control flow": Case(IDEAL, lambda: loops(4), STATE, SHOT_BY_SHOT),
    "control flow with noise": Case(NOISY, lambda: loops(4), STATE, SHOT_BY_SHOT, GATES),
    "all threads": Case(NOISY, lambda: middle(6), STATE, SHOT_BY_SHOT, GATES | READOUT, threads=True),
    "all threads, parallel state": Case(IDEAL, lambda: middle(14), STATE, SHOT_BY_SHOT, threads=True),
    "tensors shot by shot": Case(TENSORS, lambda: middle(5), PRODUCT, SHOT_BY_SHOT),
    "stabilizers shot by shot": Case(
        IDEAL, lambda: clifford(26, again=True), TABLEAU, SHOT_BY_SHOT, threads=True
    ),
    "blocks of stabilizers": Case(IDEAL, lambda: clifford(26), TABLEAU, BLOCKS, threads=True),
    "blocks of stabilizers, two words": Case(IDEAL, lambda: clifford(70), TABLEAU, BLOCKS, threads=True),
    "blocks of tensors": Case(TENSORS, lambda: terminal(6), PRODUCT, BLOCKS),
    "blocks of tensors on all threads": Case(TENSORS, lambda: terminal(15), PRODUCT, BLOCKS, threads=True),
}


class Bed:
    """Runs one case with a clock that each portion moves by some tenths of a second, so that all are checkpoints."""

    def __init__(self, bench, monkeypatch, case, shots=SHOTS, seed=5):
        self.case, self.now, self.chance = case, 0.0, random.Random(seed)
        self.portions, self.plans = 0, set()
        backend = bench.backends[case.slug]
        monkeypatch.setattr(backend.runner, "_clock", lambda: self.now)
        if case.threads:
            monkeypatch.setattr(plan, "THREADS_NS", 0)
        run, plan_of = Simulators.run, plan.plan_of

        def timed(simulators, *arguments):
            self.now += self.chance.uniform(0.101, 0.3)
            self.portions += 1
            return run(simulators, *arguments)

        def in_small_portions(*arguments):
            found = replace(plan_of(*arguments), block=BLOCK)
            self.plans.add(found)
            return found

        monkeypatch.setattr(Simulators, "run", timed)
        monkeypatch.setattr(runner, "plan_of", in_small_portions)
        request = bench.request(case.slug, case.make(), shots, seed, **case.options)
        profile = programs.profile(programs.circuit(request.program))
        self.backend = backend
        self.task = Task("job", 1, replace(request, mode="durable"), profile)

    def events(self, checkpoint=None, **changes):
        request = replace(self.task.request, **changes)
        task = replace(self.task, request=request, checkpoint=checkpoint)
        return (event for event in self.backend.run(task) if event is not None)

    def whole(self):
        """The result of a direct run, which nobody cuts."""
        *_, last = self.events(mode="direct")
        assert isinstance(last, Completed), last
        return last.result

    def checkpoints(self):
        return [event for event in self.events() if isinstance(event, Checkpoint)]

    def until(self, checkpoint, nth):
        """Go on from a checkpoint until the nth one after it; return that, or what the run ended with."""
        for event in self.events(checkpoint):
            nth -= isinstance(event, Checkpoint)
            if nth == 0 or isinstance(event, Completed):
                return event
        raise AssertionError("no end")


@pytest.fixture(params=[pytest.param(case, id=name) for name, case in CASES.items()])
def bed(request, bench, monkeypatch):
    return Bed(bench, monkeypatch, request.param)


pytestmark = pytest.mark.slow


def test_wherever_it_is_cut_the_counts_are_those_of_one_run(bed):
    whole = bed.whole()
    assert (whole.metadata["method"], whole.metadata["path"]) == (bed.case.method, bed.case.path)
    assert {found.threads for found in bed.plans} == {0 if bed.case.threads else 1}
    checkpoints = bed.checkpoints()
    shots = [checkpoint.shots for checkpoint in checkpoints]
    assert len(shots) > 2
    assert shots == sorted(set(shots))
    assert shots[-1] < SHOTS
    for checkpoint in {checkpoints[0], checkpoints[-1], *bed.chance.sample(checkpoints, 2)}:
        *_, last = bed.events(checkpoint)
        assert last.result.counts == whole.counts
        assert last.result.counts.shots == SHOTS
        assert last.result.counts.layout == whole.counts.layout
        assert last.result.metadata["resumed_at"] == checkpoint.shots
        assert last.result.metadata["path"] == bed.case.path


@pytest.mark.parametrize("seed", range(2))
def test_however_often_it_is_cut(bed, seed):
    whole, chance = bed.whole(), random.Random(seed)
    reached, attempts = None, 0
    while not isinstance(reached, Completed):
        reached = bed.until(reached, chance.randint(1, 3))
        attempts += 1
    assert attempts > 2
    assert reached.result.counts == whole.counts


def test_only_what_lacks_is_run(bed):
    bed.whole()
    all_of_them, bed.portions = bed.portions, 0
    *_, late = bed.checkpoints()
    bed.portions = 0
    list(bed.events(late))
    assert bed.portions < all_of_them


def test_direct_runs_write_none(bed):
    assert not [event for event in bed.events(mode="direct") if isinstance(event, Checkpoint)]


@pytest.fixture
def make(bench, monkeypatch):
    """Makes the bed of a named case."""
    return lambda name: Bed(bench, monkeypatch, CASES[name])


ONE_OF_EACH = pytest.mark.parametrize("name", ["measured in the middle", "blocks of stabilizers"])


@ONE_OF_EACH
def test_the_histogram_goes_on_where_it_was(make, name):
    bed = make(name)
    checkpoint = bed.checkpoints()[2]
    events = list(bed.events(checkpoint))
    told = [event for event in events if isinstance(event, Progress)]
    assert events[:2] == [Running(), told[0]]
    assert (told[0].phase, told[0].shots_done, told[0].note) == ("preparing", checkpoint.shots, "")
    assert sum(tally for _, tally in told[0].top) > 0
    done = [event.shots_done for event in told]
    assert done == sorted(done)
    assert done[-1] > done[0]


@ONE_OF_EACH
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda good, _: replace(good, data=good.data[:-1] + b"?"), "is damaged", id="damaged"),
        pytest.param(lambda good, _: replace(good, data=b""), "is damaged", id="empty"),
        pytest.param(lambda good, _: replace(good, shots=10**9), "does not add up", id="too many shots"),
        pytest.param(lambda _, other: other, "is of another run", id="another circuit"),
    ],
)
def test_what_cannot_be_trusted_is_told_and_not_used(make, caplog, name, spoil, why):
    other = make("stabilizers shot by shot").checkpoints()[0]
    bed = make(name)
    events = list(bed.events(spoil(bed.checkpoints()[-1], other)))
    told = [event for event in events if isinstance(event, Progress)]
    assert (told[0].phase, told[0].shots_done) == ("preparing", 0)
    assert all(why in event.note and "begins again" in event.note for event in told)
    assert [record.levelname for record in caplog.records if why in record.message] == ["WARNING"]
    assert events[-1].result.counts == bed.whole().counts
    assert "resumed_at" not in events[-1].result.metadata


def test_an_upgrade_in_between_begins_again(make, monkeypatch):
    bed = make("measured in the middle")
    late = bed.checkpoints()[-1]
    monkeypatch.setattr(attempt, "VERSIONS", ("another Aer",))
    _, told, *_, last = bed.events(late)
    assert "of another run" in told.note
    assert last.result.counts == bed.whole().counts


@pytest.mark.parametrize(
    "checkpoint", [None, Checkpoint(3, b"?")], ids=["fresh", "with a checkpoint all the same"]
)
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(IDEAL, lambda: terminal(4), STATE, "sampled"), id="a state vector"),
        pytest.param(
            Case(NOISY, lambda: terminal(4), "density_matrix", "sampled", GATES), id="a density matrix"
        ),
    ],
)
def test_what_is_sampled_begins_again(bench, monkeypatch, case, checkpoint):
    bed = Bed(bench, monkeypatch, case, shots=20_000)
    whole = bed.whole()
    *events, last = bed.events(checkpoint)
    assert (last.result.metadata["method"], last.result.metadata["path"]) == (case.method, case.path)
    assert last.result.counts == whole.counts
    assert not [event for event in events if isinstance(event, Checkpoint)]


@pytest.mark.parametrize("resumed", [False, True], ids=["fresh", "with a checkpoint all the same"])
def test_what_aer_turns_out_to_sample_begins_again(make, monkeypatch, resumed):
    bed = make("measured in the middle")
    checkpoint = bed.checkpoints()[1] if resumed else None
    run = Simulators.run
    monkeypatch.setattr(Simulators, "run", lambda *arguments: replace(run(*arguments), sampled=True))
    whole = bed.whole()
    *events, last = bed.events(checkpoint)
    assert last.result.counts == whole.counts
    assert last.result.counts.shots == SHOTS
    assert last.result.metadata["path"] == "counted"
    assert "resumed_at" not in last.result.metadata
    assert not [event for event in events if isinstance(event, Checkpoint)]


def test_a_checkpoint_of_all_shots_is_the_result(make):
    bed = make("measured in the middle")
    whole, request = bed.whole(), bed.task.request
    (found,) = bed.plans
    options = options_of(bed.backend.info, request.options)
    book = book_of(request, bed.task.profile.layout, found, options, attempt.VERSIONS)
    bed.portions = 0
    *_, last = bed.events(book.write(whole.counts))
    assert (last.result.counts, bed.portions) == (whole.counts, 0)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0])
def test_checkpoints_take_their_share_at_the_most(make, seconds):
    bed = make("measured in the middle")
    began, written = bed.now, 0
    for event in bed.events():
        if isinstance(event, Checkpoint):
            bed.now += seconds  # whoever takes it needs so long
            written += 1
    if seconds:
        assert written >= 1
        assert (written - 1) * seconds <= 0.02 * (bed.now - began)
    else:
        assert written == bed.portions - 1  # after each but the last

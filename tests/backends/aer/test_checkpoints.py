"""A checkpoint is gone on from where it is whole and of this very run, and comes no oftener than it may."""

from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.aer.checkpoints import DIGEST, Pace, Unfit, book_of
from qjob.backends.aer.noise import NoiseParameters
from qjob.backends.aer.options import AerOptions
from qjob.backends.aer.plan import plan_of
from qjob.model.bits import BitLayout, Register
from qjob.model.counts import Counts
from qjob.model.events import Checkpoint
from qjob.model.job import JobRequest
from qjob.model.packing import pack
from qjob.model.program import CircuitProfile, Program, ProgramFormat
from qjob.model.result import Result

LAYOUT = BitLayout(3, (0, 2), (Register("a", 1), Register("b", 2)))
REQUEST = JobRequest(Program(ProgramFormat.QPY, b"a circuit"), "marqov-sim", 2_500, 1 << 70, {}, "durable")
PROFILE = CircuitProfile(30, 30, LAYOUT, 2, {"h": 2, "measure": 2}, terminal=False)
COUNTED = Counts.from_dict(LAYOUT, {"000": 700, "101": 300})
VERSIONS = ("aer 1", "qiskit 2")


def book(request=REQUEST, profile=PROFILE, options=AerOptions(), versions=VERSIONS):  # noqa: B008 - frozen
    plan = plan_of("automatic", profile, request.shots, options)
    return book_of(request, profile.layout, plan, options, versions)


BLOCKS = replace(PROFILE, terminal=True)  # stabilizers, 1,000 shots a block
SAMPLED = replace(PROFILE, terminal=True, num_qubits=3, active_qubits=3)
GOOD = book().write(COUNTED)


def sealed(counts, **metadata):
    """A checkpoint that is whole, whatever it says."""
    packed = pack(Result(counts, metadata=metadata))
    return Checkpoint(counts.shots, blake2b(packed, digest_size=DIGEST).digest() + packed)


def counted(shots, profile=PROFILE):
    return book(profile=profile).write(Counts.from_dict(LAYOUT, {"101": shots}))


@pytest.mark.parametrize(
    ("shots", "profile"),
    [
        pytest.param(1, PROFILE, id="one shot"),
        pytest.param(999, PROFILE, id="any number of trajectories"),
        pytest.param(2_500, PROFILE, id="all of them"),
        pytest.param(1_000, BLOCKS, id="a block"),
        pytest.param(2_000, BLOCKS, id="two blocks"),
        pytest.param(2_500, BLOCKS, id="two blocks and what was left"),
    ],
)
def test_a_run_goes_on_from_its_own(shots, profile):
    checkpoint = counted(shots, profile)
    found = book(profile=profile).read(checkpoint)
    assert (checkpoint.shots, found.shots, dict(found)) == (shots, shots, {"101": shots})
    assert found.layout == LAYOUT


@pytest.mark.parametrize(
    ("checkpoint", "profile", "reason"),
    [
        pytest.param(Checkpoint(1_000, b""), PROFILE, "is damaged", id="nothing"),
        pytest.param(Checkpoint(1_000, GOOD.data[:-1]), PROFILE, "is damaged", id="cut short"),
        pytest.param(Checkpoint(1_000, GOOD.data[DIGEST:]), PROFILE, "is damaged", id="no digest"),
        pytest.param(
            replace(GOOD, shots=999), PROFILE, "1,000 shots where 999 were said", id="another number"
        ),
        pytest.param(counted(2_501), PROFILE, "2,501 shots of a run of 2,500", id="more than asked for"),
        pytest.param(counted(999, BLOCKS), BLOCKS, "where a block has 1,000", id="within a block"),
        pytest.param(GOOD, BLOCKS, "of another run", id="trajectories for blocks"),
        pytest.param(GOOD, SAMPLED, "one final state", id="for what is sampled"),
        pytest.param(sealed(COUNTED), PROFILE, "of another run", id="without a mark"),
        pytest.param(
            sealed(Counts.from_dict(BitLayout(4, (0, 3)), {"1001": 3}), run=book().mark),
            PROFILE,
            "of another run",
            id="another layout under the same mark",
        ),
        pytest.param(
            Checkpoint(5, blake2b(b"{}", digest_size=DIGEST).digest() + b"{}"),
            PROFILE,
            "cannot be read",
            id="whole, and no packed result",
        ),
    ],
)
def test_what_does_not_fit_is_not_trusted(checkpoint, profile, reason):
    with pytest.raises(Unfit, match=reason):
        book(profile=profile).read(checkpoint)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"request": replace(REQUEST, seed=2)}, id="seed"),
        pytest.param({"request": replace(REQUEST, shots=2_501)}, id="shots"),
        pytest.param({"request": replace(REQUEST, program=Program(ProgramFormat.QPY, b"b"))}, id="program"),
        pytest.param({"request": replace(REQUEST, backend="qb-sim-statevector")}, id="backend"),
        pytest.param({"options": AerOptions(noise=NoiseParameters(0.1))}, id="noise"),
        pytest.param({"options": AerOptions(truncation_threshold=1e-8)}, id="truncation"),
        pytest.param({"profile": replace(PROFILE, active_qubits=26)}, id="plan"),
        pytest.param({"versions": ("aer 2", "qiskit 2")}, id="version"),
    ],
)
def test_a_run_that_differs_is_another_run(other):
    with pytest.raises(Unfit, match="of another run"):
        book(**other).read(GOOD)


def test_names_and_tags_make_no_other_run():
    assert book(replace(REQUEST, name="n", tags={"k": "v"})).read(GOOD) == COUNTED


@given(st.integers(0, len(GOOD.data) * 8 - 1))
def test_no_flipped_bit_goes_unnoticed(place):
    data = bytearray(GOOD.data)
    data[place // 8] ^= 1 << place % 8
    with pytest.raises(Unfit, match="is damaged"):
        book().read(replace(GOOD, data=bytes(data)))


# -- how often ----------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes when the test says so."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


def taken(pace, clock, seconds):
    with pace.taken():
        clock.now += seconds


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [
        pytest.param(0.0, 0.1, id="for nothing: the interval"),
        pytest.param(0.002, 0.1, id="cheap: the interval"),
        pytest.param(0.01, 0.49, id="2 % of half a second"),
        pytest.param(0.2, 9.8, id="dear"),
    ],
)
def test_the_next_one_is_due_by_what_the_last_one_took(seconds, pause):
    clock = Clock()
    pace = Pace(clock)
    assert not pace.due()
    clock.now += 0.11
    assert pace.due()
    taken(pace, clock, seconds)
    clock.now += pause - 0.001
    assert not pace.due()
    clock.now += 0.002
    assert pace.due()


def test_one_dear_checkpoint_does_not_count_for_ever():
    clock = Clock()
    pace = Pace(clock)
    taken(pace, clock, 1.0)
    clock.now += 50
    taken(pace, clock, 0.001)
    clock.now += 0.11
    assert pace.due()


def test_what_is_cut_off_while_it_is_handed_over_leaves_the_pace_as_it_was():
    clock = Clock()
    pace = Pace(clock)
    with suppress(GeneratorExit), pace.taken():
        raise GeneratorExit
    clock.now += 0.11
    assert pace.due()


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0, 0.5)), min_size=1, max_size=50))
def test_all_but_the_last_take_their_share_at_the_most(chunks):
    clock = Clock()
    pace = Pace(clock)
    began, spent, last = clock.now, 0.0, 0.0
    for chunk, cost in chunks:
        clock.now += chunk
        if pace.due():
            assert spent <= 0.02 * (clock.now - began) + 1e-6
            taken(pace, clock, cost)
            spent, last = spent + cost, cost
    assert spent - last <= 0.02 * (clock.now - began) + 1e-6

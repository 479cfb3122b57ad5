import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.job import Failure, JobStatus, Pending
from qjob.model.timing import Eta, Phase
from qjob.showing.card_state import card_state
from qjob.showing.packet import LIMIT


def size(state):
    return len(json.dumps(state, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    ("status", "ended", "cancellable"),
    [
        ("INITIALIZING", False, True),
        ("QUEUED", False, True),
        ("RUNNING", False, True),
        ("CANCELLING", False, False),
        ("COMPLETED", True, False),
        ("FAILED", True, False),
        ("CANCELLED", True, False),
    ],
)
def test_what_the_status_allows(snapshot_of, created, status, ended, cancellable):
    state = card_state(snapshot_of(status), created)
    assert (state["status"], state["ended"], state["cancellable"]) == (status, ended, cancellable)


def test_a_queued_job_counts_from_its_creation(snapshot_of, created):
    state = card_state(
        snapshot_of("QUEUED", started=None, queue_position=3), created + timedelta(seconds=2.5)
    )
    assert (state["phase"], state["elapsed"]) == ("waiting, 3rd in the queue", 2.5)
    assert state["since"] == created.timestamp()
    assert "rows" not in state


@pytest.mark.parametrize(
    ("pending", "shown"),
    [
        (Pending(consent=True), {"confirm": "Confirm $3.75"}),
        (
            Pending(consent=True, why="Another circuit."),
            {"confirm": "Confirm $3.75", "remark": "Another circuit."},
        ),
        (Pending(until=datetime(2026, 3, 4, 11, tzinfo=UTC)), {"until": 1772622000.0}),
        (Pending(), {}),
        (None, {}),
    ],
)
def test_what_a_job_waits_for(snapshot_of, created, pending, shown):
    state = card_state(snapshot_of("INITIALIZING", started=None, cap=3_750_000_000, pending=pending), created)
    assert {key: state[key] for key in ("confirm", "until", "remark") if key in state} == shown
    assert "up to $3.75" in state["facts"]


def test_a_running_job_counts_from_its_start(snapshot_of, created):
    state = card_state(snapshot_of("RUNNING", started=1.0), created + timedelta(seconds=4))
    assert (state["elapsed"], state["since"]) == (3.0, created.timestamp() + 1)


def test_a_clock_that_went_back_gives_no_negative_time(snapshot_of, created):
    assert card_state(snapshot_of("RUNNING"), created - timedelta(seconds=9))["elapsed"] == 0


def test_no_counts_are_shown_before_there_are_any(snapshot_of, created):
    state = card_state(snapshot_of("RUNNING", phase="evolving the state", shots=500), created)
    assert (state["phase"], state["done"], state["shots"]) == ("evolving the state", 0, 500)
    assert "rows" not in state


def test_rows_carry_count_and_error_bar(snapshot_of, created):
    state = card_state(snapshot_of("RUNNING", {"00": 508, "11": 516}, shots=2048), created)
    assert state["rows"] == [["00", 508, 0.46554, 0.52667], ["11", 516, 0.47333, 0.53446]]
    assert (state["done"], state["scale"], state["digits"], state["more"]) == (1024, 0.6, 1, "")


def test_a_shortened_label_brings_the_whole_bit_string(snapshot_of, created):
    [zeros, ones] = card_state(snapshot_of("RUNNING", {"0" * 100: 5, "1" * 100: 4}), created)["rows"]
    assert (zeros[4], ones[4]) == ("0" * 100, "1" * 100)
    assert len(zeros[0]) < 10


def test_a_failure_says_why_and_what_to_do(snapshot_of, created):
    failure = Failure("out_of_memory", "It held 12 GB.", "Take fewer qubits,\nor another backend.")
    state = card_state(snapshot_of("FAILED", failure=failure), created)
    assert (state["reason"], state["remedy"]) == ("It held 12 GB.", "Take fewer qubits,\nor another backend.")


def test_what_is_over_and_what_is_expected(snapshot_of, created):
    running = replace(snapshot_of("RUNNING"), phases=(Phase("in the queue", 2.0),), eta=Eta(10, 40, 23))
    state = card_state(running, created)
    assert state["steps"] == "in the queue 2.00 s"
    assert state["eta"] == "about 10 s to 40 s left (from 23 jobs here)"
    assert {"steps", "eta", "told"}.isdisjoint(card_state(snapshot_of("RUNNING"), created))
    assert card_state(snapshot_of(ended=31.2), created)["told"] == "completed in 31.0 s · free"
    assert "told" not in card_state(snapshot_of(ended=29), created)


def test_a_full_card_takes_about_a_kilobyte(snapshot_of, created):
    seen = {format(i, "010b"): 1000 + i for i in range(40)}
    assert size(card_state(snapshot_of("RUNNING", seen, shots=10**6, name="quantum walk"), created)) < 1100


awkward = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@given(
    status=st.sampled_from(JobStatus),
    name=st.none() | awkward,
    backend=awkward,
    phase=awkward,
    failure=st.none() | st.builds(Failure, code=st.just("c"), reason=awkward, remedy=awkward),
    width=st.integers(1, 400),
    values=st.sets(st.integers(0, 2**400), max_size=30),
    queue_position=st.none() | st.integers(1, 10**9),
    note=awkward,
    told=st.lists(st.builds(Phase, awkward, st.floats(0, 1e6)), max_size=8),
)
def test_no_state_is_larger_than_the_limit(snapshot_of, created, width, values, told, **facts):
    seen = {format(value % 2**width, f"0{width}b"): 10**6 for value in values}
    shown = replace(
        snapshot_of(counts=seen, ended=1e5, **facts),
        phases=tuple(told),
        eta=Eta(300_000, 900_000, 10**6, begins=True),
    )
    state = card_state(shown, created)
    assert size(state) <= LIMIT
    assert json.loads(json.dumps(state)) == state
    if state.get("rows"):
        assert len(state["rows"]) >= min(len(seen), 4)

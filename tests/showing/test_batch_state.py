import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.job import Failure, Pending
from qjob.showing.batch_state import batch_state
from qjob.showing.packet import LIMIT, size


@pytest.mark.parametrize(
    ("jobs", "allows"),
    [
        ("QQ", (False, True, 0, "Really cancel all?")),
        ("RQ", (False, True, 0, "Really cancel all?")),
        ("CR", (False, True, 1, "Really cancel the rest?")),
        ("CX", (False, False, 1, "Really cancel the rest?")),
        ("CC", (True, False, 2, "Really cancel the rest?")),
        ("CF", (True, False, 2, "Really cancel the rest?")),
    ],
)
def test_what_its_jobs_allow(batch_of, created, jobs, allows):
    state = batch_state(batch_of(jobs), created)
    assert (state["ended"], state["cancellable"], state["done"], state["really"]) == allows
    assert (state["shots"], state["unit"]) == (2, "jobs")


def test_parts_and_lines(batch_of, created):
    state = batch_state(batch_of("CRQF"), created)
    assert state["parts"] == [["completed", 1], ["failed", 1], ["running", 1], ["queued", 1]]
    assert state["jobs"] == [
        ["sweep[0]", "COMPLETED", "00", 0.5],
        ["sweep[1]", "RUNNING", "sampling, 40 % of the shots"],
        ["sweep[2]", "QUEUED", "waiting"],
        ["sweep[3]", "FAILED", "It broke."],
    ]
    assert (state["scale"], state["digits"], state["others"]) == (0.5, 1, "")
    assert "reason" not in state  # while it runs, the lines say it: nothing is moved by it


def test_what_it_waits_for(batch_of, created):
    state = batch_state(
        batch_of("II", asked=3 * 10**9, pending=Pending(consent=True, why="Another one.")), created
    )
    assert (state["confirm"], state["remark"], state["cancellable"]) == (
        "Confirm $3.00",
        "Another one.",
        True,
    )
    state = batch_state(batch_of("II", pending=Pending(until=created)), created)
    assert (state["until"], "confirm" in state) == (created.timestamp(), False)
    assert "confirm" not in batch_state(batch_of("QQ"), created)


def test_at_the_end_a_failure_says_what_to_do(batch_of, created):
    state = batch_state(batch_of("CF"), created)
    assert (state["reason"], state["remedy"]) == ("sweep[1]: It broke.", "Mend it.")


def test_time_counts_from_the_first_start(batch_of, created):
    now = created + timedelta(seconds=4)
    assert batch_state(batch_of("QQ", started=None), now)["elapsed"] == 4
    assert batch_state(batch_of("RQ", started=1.0), now)["elapsed"] == 3
    assert batch_state(batch_of("RQ", started=9.0), now)["elapsed"] == 0


@pytest.mark.parametrize("jobs", ["C" * 16, "C" * 8 + "F" * 4 + "RRQQ", "F" * 16])
def test_a_thousand_jobs_take_less_than_two_kilobytes_with_every_line(batch_of, created, jobs):
    reason = "The worker was ended by the system: it held 11.8 GB, and 12.0 GB are all this machine has."
    remedy = "Use qb-sim-tensor-network, which takes wide circuits of low entanglement, or at most 29 qubits."
    state = batch_state(
        batch_of(jobs, size=1000, outcomes=("0110" * 5,), failure=Failure("c", reason, remedy)), created
    )
    assert size(state) < LIMIT
    assert len(state["jobs"]) == 16
    assert state["others"].startswith("… 984 more jobs")


awkward = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(
    jobs=st.text("IQRXCFK", min_size=1, max_size=16),
    size_=st.integers(1, 1000),
    name=st.none() | awkward,
    backends=st.lists(awkward, min_size=1, max_size=4).map(tuple),
    phase=awkward,
    failure=st.none() | st.builds(Failure, code=st.just("c"), reason=awkward, remedy=awkward),
    outcomes=st.lists(st.text("01", min_size=1, max_size=400), min_size=1, max_size=16).map(tuple),
    cost=st.tuples(st.none() | st.integers(0, 10**18), st.integers(0, 10**18)),
)
def test_no_state_is_larger_than_the_limit(batch_of, created, jobs, size_, **facts):
    state = batch_state(batch_of(jobs, size=max(size_, len(jobs)), **facts), created)
    assert size(state) <= LIMIT
    assert json.loads(json.dumps(state)) == state
    assert len(state["jobs"]) >= min(len(jobs), 8)

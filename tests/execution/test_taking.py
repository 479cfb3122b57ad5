"""Which of the jobs that wait a worker takes up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.backends.base import Needs
from qjob.execution.hands import SHARE, SMALL, TINY_SECONDS
from qjob.execution.taking import FOLLOWED, Size, Waiting, chosen, size_of

W, T, E = Size.WHOLE, Size.TINY, Size.ELSEWHERE


@pytest.mark.parametrize(
    ("needs", "size"),
    [
        pytest.param(Needs(agent="braket"), E, id="at a service"),
        pytest.param(Needs(memory=0, seconds=TINY_SECONDS), T, id="small and short"),
        pytest.param(Needs(memory=0, seconds=TINY_SECONDS * 1.01), W, id="not short"),
        pytest.param(Needs(memory=SMALL, seconds=0.0), W, id="not small"),
        pytest.param(Needs(memory=None, seconds=0.0), W, id="nobody knows how large"),
        pytest.param(Needs(memory=0, seconds=None), W, id="nobody knows how long"),
    ],
)
def test_how_much_of_a_worker_a_job_takes(needs, size):
    assert size_of(needs) is size


def take(sizes, held=(), processes=1):
    waiting = [Waiting(str(place), size) for place, size in enumerate(sizes)]
    return [int(name) for name in chosen(waiting, held, processes)]


@pytest.mark.parametrize(
    ("sizes", "held", "processes", "taken"),
    [
        pytest.param([], [], 1, [], id="nothing waits"),
        pytest.param([W, W, W], [], 1, [0], id="one for each process"),
        pytest.param([W, W, W], [], 2, [0, 1], id="two processes"),
        pytest.param([W], [W], 1, [], id="full"),
        pytest.param([T] * (SHARE + 2), [], 1, [*range(SHARE)], id="tiny ones by the dozen"),
        pytest.param([T] * 3, [T] * (SHARE - 1), 1, [0], id="room for one tiny one"),
        pytest.param([W, T], [T], 1, [], id="a tiny one does not go before a large one"),
        pytest.param([T, W, T], [], 1, [0], id="nor behind it"),
        pytest.param([W, W, E], [W], 1, [2], id="what runs at a service always has room"),
        pytest.param([E, W], [E] * FOLLOWED, 1, [1], id="but for hundreds"),
        pytest.param([W, T], [], 2, [0, 1], id="a process each"),
    ],
)
def test_what_is_taken(sizes, held, processes, taken):
    assert take(sizes, held, processes) == taken


@given(st.lists(st.sampled_from([W, T, E])), st.lists(st.sampled_from([W, T]), max_size=4), st.integers(1, 4))
def test_never_more_than_there_is_room_for_and_always_in_order(sizes, held, processes):
    taken = take(sizes, held, processes)
    assert taken == sorted(set(taken))
    weight = {W: SHARE, T: 1, E: 0}
    room = processes * SHARE - sum(weight[size] for size in held)
    assert sum(weight[sizes[place]] for place in taken) <= max(room, 0)
    local = [place for place, size in enumerate(sizes) if size is not E]
    mine = [place for place in taken if sizes[place] is not E]
    assert mine == local[: len(mine)]
    assert [place for place in taken if sizes[place] is E] == [p for p, s in enumerate(sizes) if s is E]

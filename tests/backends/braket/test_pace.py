"""When a task is looked at next."""

from itertools import pairwise

import pytest

from qjob.backends.braket.pace import (
    BELIEVED,
    FIRST,
    LOGIN,
    LONGEST_RUNNING,
    LONGEST_WAITING,
    LOST_AFTER,
    NO_RESULT_AFTER,
    TROUBLE,
    Pace,
)


@pytest.mark.parametrize("simulator", [True, False])
@pytest.mark.parametrize("running", [True, False])
def test_looks_become_rarer_up_to_a_limit(running, simulator):
    pace = Pace()
    seconds = [pace.next(running=running, simulator=simulator) for _ in range(40)]
    longest = (LONGEST_RUNNING if running else LONGEST_WAITING)[simulator]
    assert (seconds[0], seconds[-1]) == (FIRST, longest)
    assert all(a <= b for a, b in pairwise(seconds))


def test_a_task_that_moves_is_looked_at_often_again():
    pace = Pace()
    for _ in range(40):
        pace.next(running=False, simulator=False)
    assert pace.next(running=True, simulator=False) == LONGEST_RUNNING[False]  # a long pause is cut at once
    pace.moved()
    assert pace.next(running=True, simulator=False) == FIRST


def test_trouble_is_asked_about_less_and_less_often_and_is_over_with_an_answer():
    pace = Pace()
    assert not pace.troubled
    assert [pace.trouble(login=False) for _ in range(8)] == [*TROUBLE, TROUBLE[-1], TROUBLE[-1]]
    assert pace.troubled
    pace.well()
    assert (pace.troubled, pace.trouble(login=False)) == (False, TROUBLE[0])


def test_a_login_is_looked_for_at_a_steady_pace():
    pace = Pace()
    assert {pace.trouble(login=True) for _ in range(100)} == {LOGIN}


def test_a_task_is_lost_after_it_was_unknown_many_times_in_a_row():
    pace = Pace()
    assert [pace.lost() for _ in range(LOST_AFTER)] == [False] * (LOST_AFTER - 1) + [True]
    pace.well()
    assert not pace.lost()


def test_a_result_is_lost_after_it_could_not_be_read_many_times_in_a_row():
    pace = Pace()
    assert [pace.no_result() for _ in range(NO_RESULT_AFTER)] == [False] * (NO_RESULT_AFTER - 1) + [True]


def test_a_task_that_ran_is_believed_to_wait_when_it_is_told_twice_in_a_row():
    pace = Pace()
    said = [pace.back(waiting=each) for each in (True, False, True, True, True)]
    assert (BELIEVED, said) == (2, [False, False, False, True, True])

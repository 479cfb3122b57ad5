"""When all jobs are added up again."""

import pytest

from qjob.notebook.explorer.sums import Sums


def test_at_first_and_then_only_where_something_changed():
    sums = Sums()
    assert sums.due_in(100.0) == 0
    sums.begin()
    sums.done(100.0, 100.01)
    assert sums.due_in(101.0) is None
    sums.changed()
    assert sums.due_in(100.01) == pytest.approx(1.0)
    assert sums.due_in(101.5) == 0


def test_what_takes_long_is_done_seldom():
    sums = Sums()
    sums.begin()
    sums.done(100.0, 100.5)
    sums.changed()
    assert sums.due_in(100.5) == pytest.approx(10.0)


def test_who_asks_for_other_jobs_does_not_wait():
    sums = Sums()
    sums.begin()
    sums.ask()  # while it is being added up
    sums.done(100.0, 105.0)
    assert sums.due_in(105.0) == 0
    sums.changed()  # does not put it off
    assert sums.due_in(105.0) == 0

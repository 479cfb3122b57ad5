from itertools import count

from qjob.execution.spent import Spent


def test_phases_add_up_in_the_order_they_came():
    spent = Spent(count().__next__)  # a second goes by with each look
    spent.begin("j")
    for phase in ("starting", "sampling", "sampling", "held up", "sampling"):
        spent.turn("j", phase)
    assert spent.end("j") == [["starting", 1], ["sampling", 2], ["held up", 1]]
    assert spent.end("j") == []


def test_what_came_before_the_run_does_not_count_and_what_is_short_is_left_out():
    now = iter([0.0, 1.0, 1.05, 9.0])
    spent = Spent(lambda: next(now))
    spent.turn("j", "waiting for a login")
    spent.begin("j")
    for phase in ("starting", "sampling"):
        spent.turn("j", phase)
    assert spent.end("j") == [["sampling", 7.95]]


def test_a_run_that_begins_anew_counts_from_there():
    spent = Spent(count().__next__)
    spent.begin("j")
    spent.turn("j", "sampling")
    spent.begin("j")
    spent.turn("j", "sampling")
    assert spent.end("j") == [["sampling", 1]]

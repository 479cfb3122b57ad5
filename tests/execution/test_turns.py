"""Tasks that take turns: their order, their pauses, and cancels at every moment."""

import threading
from queue import Queue

import pytest

from qjob.backends.base import Pause
from qjob.model.events import Cancelled, Progress, Submitted
from turning import SOON, Stage, ends, until


@pytest.fixture
def stage():
    stage = Stage()
    yield stage
    stage.turns.close()


def looks(looked, seconds=5.0):
    """A script that says each look, until it is cancelled."""

    def script(task, cancelled):
        while not cancelled():
            looked.put(task.job_id)
            yield Pause(seconds)
        yield Cancelled()

    return script


def test_events_come_in_their_order_and_the_end_is_the_last(stage):
    events = [Submitted("x"), Progress("a"), None, Progress("b")]
    stage.add("one", ends(*events))
    assert [stage.heard()[1] for _ in range(4)] == [Submitted("x"), Progress("a"), Progress("b"), Cancelled()]


def test_nothing_is_heard_after_an_end(stage):
    def script(*_):
        yield Cancelled()
        yield Progress("a ghost")

    stage.add("one", script)
    assert stage.heard() == ("one", Cancelled())
    stage.gone("one")
    assert (stage.said.empty(), len(stage.turns)) == (True, 0)


def test_a_pause_lasts_as_long_as_it_says(stage):
    looked = Queue()
    stage.add("one", looks(looked))
    assert looked.get(timeout=SOON) == "one"
    stage.move(4.9)
    stage.add("two", ends())  # a turn that is over tells that the others were not due
    stage.heard()
    assert looked.empty()
    stage.move(0.2)
    assert looked.get(timeout=SOON) == "one"


def test_who_is_due_first_has_its_turn_first():
    stage = Stage(threads=1)
    order = Queue()
    gate = threading.Event()

    def waits(*_):
        gate.wait(SOON)
        yield Cancelled()

    def after(seconds, name):
        def script(*_):
            yield Pause(seconds)
            order.put(name)
            yield Cancelled()

        return script

    for seconds, name in [(30.0, "third"), (10.0, "first"), (20.0, "second")]:
        stage.add(name, after(seconds, name))
    stage.waiting(3)
    stage.add("gate", waits)
    until(lambda: stage.turns._turns["gate"].in_hand)
    stage.move(60.0)  # nobody is there to see which comes first but the one thread, which is held
    gate.set()
    assert [order.get(timeout=SOON) for _ in range(3)] == ["first", "second", "third"]
    stage.turns.close()


def test_a_task_that_is_there_is_not_taken_twice_and_a_cancel_of_what_is_not_there_is_harmless(stage):
    looked = Queue()
    stage.turns.cancel("one")
    stage.add("one", looks(looked))
    stage.add("one", looks(looked))
    looked.get(timeout=SOON)
    stage.turns.cancel("one")
    assert stage.heard() == ("one", Cancelled())
    stage.gone("one")
    stage.turns.cancel("one")
    assert (stage.begun.qsize(), stage.said.empty()) == (1, True)


def test_a_cancel_while_it_waits_ends_the_pause(stage):
    looked = Queue()
    stage.add("one", looks(looked, 1e9))
    looked.get(timeout=SOON)
    stage.turns.cancel("one")
    assert stage.heard() == ("one", Cancelled())
    stage.gone("one")
    stage.move(2e9)  # what was due once is not due any more
    stage.add("two", ends())
    assert stage.heard() == ("two", Cancelled())
    assert stage.begun.qsize() == 2


def test_a_cancel_while_a_thread_has_it_in_hand_makes_the_next_turn_come_at_once(stage):
    inside, go_on = threading.Event(), threading.Event()

    def script(_, cancelled):
        inside.set()
        go_on.wait(SOON)
        yield Pause(1e9)
        assert cancelled()
        yield Cancelled()

    stage.add("one", script)
    inside.wait(SOON)
    stage.turns.cancel("one")
    stage.turns.cancel("one")
    go_on.set()
    assert stage.heard() == ("one", Cancelled())


@pytest.mark.parametrize("how", ["added together", "due together"])
def test_a_task_that_is_held_up_holds_no_other_up(stage, how):
    gate, inside = threading.Event(), threading.Event()

    def script(waits_for, says):
        def events(*_):
            if how == "due together":
                yield Pause(1.0)
            if says:
                says.set()
            waits_for.wait(SOON)
            yield Cancelled()

        return events

    stage.add("before", ends())
    stage.gone("before")
    until(lambda: stage.turns._free == 1)  # the one thread that there is
    with stage.turns._changed:
        stage.add("stuck", script(gate, inside))
        if how == "added together":
            stage.add("other", script(inside, None))
    if how == "due together":
        stage.waiting(1)
        stage.add("other", script(inside, None))
        stage.waiting(2)
        stage.move(2.0)
    assert [stage.heard()[0] for _ in range(2)] == ["before", "other"]
    gate.set()
    assert stage.heard() == ("stuck", Cancelled())


def test_hundreds_of_tasks_that_wait_take_few_threads():
    stage = Stage(threads=3)
    looked = Queue()
    for number in range(300):
        stage.add(f"{number}", looks(looked))
    assert len({looked.get(timeout=SOON) for _ in range(300)}) == 300
    assert len(stage.turns._threads) <= 3
    for number in range(300):
        stage.turns.cancel(f"{number}")
    assert {stage.heard()[1] for _ in range(300)} == {Cancelled()}
    stage.turns.close()

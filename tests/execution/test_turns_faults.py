"""Tasks that take turns, with adapters that break down, refuse, or end in the middle."""

import threading

import pytest

from qjob.backends.base import Pause
from qjob.execution.turns import AGAIN
from qjob.model.errors import BackendRefused
from qjob.model.events import Cancelled, Failed, Progress, Submitted
from qjob.model.job import Failure
from turning import SOON, Stage, ends


@pytest.fixture
def stage():
    stage = Stage()
    yield stage
    stage.turns.close()


def test_an_error_of_qjobs_own_is_the_jobs_failure(stage):
    def script(*_):
        yield Progress("a")
        raise BackendRefused("No such gate.", remedy="Use another.")

    stage.add("one", script)
    assert stage.heard() == ("one", Progress("a"))
    assert stage.heard() == ("one", Failed(Failure("backend_refused", "No such gate.", "Use another.")))
    stage.gone("one")


def breaks(times, then):
    """A script that breaks down so many times before it does as another one."""
    left = [times]

    def script(task, cancelled):
        if left[0]:
            left[0] -= 1
            raise OSError("the line went dead")
        yield from then(task, cancelled)

    return script


def test_an_adapter_that_breaks_down_is_begun_again_as_a_resumed_one(stage):
    stage.add("one", breaks(2, ends()))
    for seconds in AGAIN[:2]:
        _, event = stage.heard()
        assert event.phase == "held up"
        assert f"OSError: the line went dead); it looks again in {seconds:g} s" in event.note
        advance(stage, seconds)
    assert stage.heard() == ("one", Cancelled())
    begun = [stage.begun.get(timeout=SOON).resumed for _ in range(3)]
    assert begun == [False, True, True]


def advance(stage, seconds):
    """Move the clock once the task waits again."""
    stage.waiting(1)
    stage.move(seconds)


def test_it_gives_up_what_nobody_can_have_submitted(stage):
    stage.add("one", breaks(99, ends()))
    for seconds in (*AGAIN, None):
        _, event = stage.heard()
        if seconds is not None:
            advance(stage, seconds)
    assert event.failure.code == "backend_error"
    assert "5 times: OSError: the line went dead" in event.failure.reason


def test_it_never_gives_up_a_task_that_was_submitted(stage):
    stage.add("one", breaks(len(AGAIN) + 3, ends()), remote_id="x")
    for number in range(len(AGAIN) + 3):
        assert stage.heard()[1].phase == "held up"
        advance(stage, AGAIN[min(number, len(AGAIN) - 1)])
    assert stage.heard() == ("one", Cancelled())


def test_what_was_submitted_is_known_to_who_resumes(stage):
    def script(task, _):
        if task.remote_id is None:
            yield Submitted("x")
            raise OSError("dead")
        yield Cancelled()

    stage.add("one", script)
    assert stage.heard() == ("one", Submitted("x"))
    stage.heard()
    advance(stage, AGAIN[0])
    assert stage.heard() == ("one", Cancelled())
    stage.begun.get(timeout=SOON)
    again = stage.begun.get(timeout=SOON)
    assert (again.remote_id, again.resumed) == ("x", True)


def test_events_that_stop_without_an_end_are_a_break_down(stage):
    stage.add("one", lambda *_: iter([Progress("a")]))
    stage.heard()
    assert "without an end" in stage.heard()[1].note


@pytest.mark.parametrize("event", [Progress("a"), Cancelled()], ids=["event", "end"])
def test_who_cannot_pass_an_event_on_tries_again(stage, event, monkeypatch):
    refused = []

    def say(job_id, event):
        if not refused:
            refused.append(event)
            raise TypeError("it has no JSON")
        stage.said.put((job_id, event))

    monkeypatch.setattr(stage.turns, "_say", say)
    stage.add("one", ends() if event == Cancelled() else ends(event))
    assert stage.heard()[1].phase == "held up"
    advance(stage, AGAIN[0])
    assert stage.heard()[1] == event


def test_closing_waits_for_turns_under_way_and_begins_no_more(stage):
    inside, go_on = threading.Event(), threading.Event()

    def script(*_):
        inside.set()
        go_on.wait(SOON)
        yield Progress("done")
        yield Pause(0.0)
        yield Cancelled()

    stage.add("one", script)
    inside.wait(SOON)
    closing = threading.Thread(target=stage.turns.close)
    closing.start()
    go_on.set()
    closing.join(SOON)
    assert not closing.is_alive()
    assert stage.heard() == ("one", Progress("done"))
    stage.add("two", ends())
    assert (stage.said.empty(), stage.begun.qsize()) == (True, 1)

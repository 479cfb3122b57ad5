"""The executor's end of an agent: what it hands over to each that begins, and what becomes of questions and tasks.

The agents are sockets whose other end the test holds.
"""

import socket
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from qjob.backends.base import Needs, Task
from qjob.execution import agency as rooms
from qjob.execution.agency import AGAIN, Agency, Agent, Question, part_of_environment
from qjob.execution.frames import FrameReader, decode_task, encode, encode_event
from qjob.execution.hands import Order
from qjob.execution.worker import Worker
from qjob.model import errors
from qjob.model.errors import BackendRefused, WorkerError
from qjob.model.events import Cancelled, Failed, Queued, Submitted
from qjob.model.job import Failure, JobRequest
from qjob.model.program import Program, ProgramFormat

REQUEST = JobRequest(Program(ProgramFormat.QASM2, b"x"), "any", 1, 1, {})


def order(name):
    return Order(Task(name, 1, REQUEST, None), Needs(agent="test"))


class Far:
    """The agent's end."""

    def __init__(self, sock):
        self.sock, self.reader = sock, FrameReader()
        self.killed = False

    def frames(self):
        """What has arrived by now."""
        arrived = []
        self.sock.settimeout(0)
        try:
            while data := self.sock.recv(1 << 16):
                arrived += self.reader.feed(data)
        except (BlockingIOError, ConnectionResetError):
            pass
        return arrived

    def heads(self):
        return [head for head, _ in self.frames()]

    def say(self, data):
        self.sock.sendall(data)

    def kill(self):
        self.killed = True

    def wait(self):
        pass


class Office:
    """An agency, the agents that it started, and the time."""

    def __init__(self, log, monkeypatch):
        self.log, self.far, self.now, self.full = log, [], 100.0, False
        self.agency = Agency("test", self.start)
        monkeypatch.setattr(rooms, "time", SimpleNamespace(monotonic=lambda: self.now))

    def start(self, _):
        if self.full:
            raise WorkerError("no more processes.")
        near, far = socket.socketpair()
        self.far.append(Far(far))
        reads = ("QJOB_TRIAL_",)
        return Agent(
            Worker(len(self.far), near, None), self.far[-1], self.log, reads, part_of_environment(reads)
        )

    @property
    def last(self):
        return self.far[-1]

    def heard(self):
        return list(self.agency.receive())

    def dies(self):
        """Let the agent die, and the executor notice."""
        self.last.sock.close()
        assert self.heard() == []
        assert self.agency.lost
        self.agency.bury()

    def close(self):
        self.agency.end()
        for far in self.far:
            far.sock.close()


@pytest.fixture
def office(tmp_path, monkeypatch):
    office = Office(tmp_path / "log", monkeypatch)
    yield office
    office.close()


def question():
    return Question("test", {"about": "devices", "targets": []}, b"", Future())


def test_an_agent_begins_with_the_first_need_and_not_before(office):
    assert not office.agency.begin()
    office.agency.give(order("a"))
    assert office.agency.begin()
    assert not office.agency.begin()
    assert [next(iter(head)) for head in office.last.heads()] == ["adapter", "job"]


@pytest.mark.parametrize("need", ["prepare", "ask"])
def test_other_needs(office, need):
    office.agency.prepare() if need == "prepare" else office.agency.ask(question())
    assert office.agency.begin()
    assert office.agency.busy is (need == "ask")


def test_the_same_order_twice_is_handed_over_once(office):
    office.agency.give(order("a"))
    office.agency.begin()
    office.agency.give(order("a"))
    assert [head["job"] for head in office.last.heads()[1:]] == ["a"]


def test_the_next_agent_resumes_what_has_not_ended_with_what_is_known_of_it(office):
    for name in "abc":
        office.agency.give(order(name))
    office.agency.begin()
    office.last.say(encode_event("a", Submitted("arn-a")) + encode_event("b", Cancelled()))
    assert [name for name, _ in office.heard()] == ["a", "b"]
    office.dies()
    assert office.agency.begin()
    tasks = [decode_task(head, tail) for head, tail in office.last.frames()[1:]]
    assert [(task.job_id, task.remote_id, task.resumed) for task in tasks] == [
        ("a", "arn-a", True),
        ("c", None, True),
    ]


def test_a_cancel_is_sent_once_and_again_to_the_next_agent(office):
    office.agency.give(order("a"))
    office.agency.begin()
    office.agency.cancel("a")
    office.agency.cancel("a")
    assert [head.get("cancel") for head in office.last.heads()[2:]] == ["a"]
    office.dies()
    office.agency.begin()
    assert [head.get("cancel") for head in office.last.heads()[2:]] == ["a"]
    office.last.say(encode_event("a", Cancelled()))
    office.heard()
    office.dies()
    office.agency.prepare()
    office.now += 100
    office.agency.begin()
    assert len(office.last.heads()) == 1  # only who it is


def test_nothing_is_heard_of_a_job_after_its_end(office):
    office.agency.give(order("a"))
    office.agency.begin()
    end = Failed(Failure("task_failed", "The laser was off."))
    office.last.say(encode_event("a", end) + encode_event("a", Queued(1)) + encode_event("a", end))
    assert office.heard() == [("a", end)]


# -- questions ---------------------------------------------------------------------------------------------------


def test_answers_and_errors_reach_who_asked(office):
    first, second = question(), question()
    for each in (first, second):
        office.agency.ask(each)
    office.agency.begin()
    numbers = [head["ask"] for head in office.last.heads()[1:]]
    refusal = BackendRefused("too wide.", remedy="Narrow it.", numbers={"qubits": 99})
    office.last.say(encode({"answer": numbers[1], "error": errors.to_object(refusal)}))
    office.last.say(encode({"answer": numbers[0], "said": [1]}))
    assert office.heard() == []
    assert first.answer.result(0) == [1]
    caught = second.answer.exception(0)
    assert (type(caught), caught.remedy, caught.numbers) == (BackendRefused, "Narrow it.", {"qubits": 99})


def test_a_question_outlives_one_agent_and_fails_with_the_second_and_its_last_words(office):
    asked = question()
    office.agency.ask(asked)
    office.agency.begin()
    office.log.write_text("Traceback\nImportError: no module named braket\n")
    office.dies()
    assert not asked.answer.done()
    office.agency.begin()
    assert office.last.heads()[-1]["about"] == "devices"
    office.dies()
    assert "ImportError: no module named braket" in str(asked.answer.exception(0))
    assert not office.agency.busy


def test_an_answer_that_nobody_waits_for_any_more_is_dropped(office):
    asked, other = question(), question()
    for each in (asked, other):
        office.agency.ask(each)
    office.agency.begin()
    numbers = [head["ask"] for head in office.last.heads()[1:]]
    assert asked.answer.cancel()
    office.last.say(encode({"answer": numbers[0], "said": 1}) + encode({"answer": numbers[1], "said": 2}))
    office.heard()
    assert other.answer.result(0) == 2


def test_a_question_whose_answer_is_on_its_way_cannot_be_cancelled_any_more(office):
    asked, seen = question(), []
    asked.answer.add_done_callback(lambda answer: seen.append(answer.cancel()))
    office.agency.ask(asked)
    office.agency.begin()
    office.last.say(encode({"answer": office.last.heads()[-1]["ask"], "said": 1}))
    office.heard()
    assert (seen, asked.answer.result(0)) == ([False], 1)


def test_without_an_agent_questions_fail_and_tasks_wait(office):
    asked = question()
    office.agency.ask(asked)
    office.agency.give(order("a"))
    office.full = True
    with pytest.raises(WorkerError) as caught:
        office.agency.begin()
    office.agency.refuse(caught.value)
    assert asked.answer.exception(0) is caught.value
    assert len(office.agency) == 1
    office.full = False
    office.now += AGAIN[1] + 1
    assert office.agency.begin()


# -- how soon it begins again ------------------------------------------------------------------------------------


def deaths(office, number, first=b""):
    """Let so many agents die, each after some words; return after how many seconds each next one began."""
    waited = []
    for _ in range(number):
        if first:
            office.last.say(first)
            office.heard()
        if not office.agency.lost:
            office.dies()
        else:
            office.agency.bury()
        before = office.now
        while not office.agency.begin():
            office.now += 0.5
        waited.append(office.now - before)
    return waited


def test_an_agent_that_dies_again_and_again_is_begun_less_and_less_often(office):
    office.agency.give(order("a"))
    office.agency.begin()
    assert deaths(office, 5) == [0.0, 1.0, 5.0, 30.0, 30.0]


def test_a_word_in_between_makes_it_begin_at_once_again(office):
    office.agency.give(order("a"))
    office.agency.begin()
    deaths(office, 3)
    assert deaths(office, 2, first=encode_event("a", Queued(1))) == [
        30.0,
        0.0,
    ]  # the last wait was due already


RUBBISH = {
    "no frames": b"\x05\x00\x00\x00\x00\x00\x00\x00hello",
    "no object": encode([1]),  # type: ignore[arg-type]
    "no job": encode({"event": "running"}),
    "no event": encode({"job": "a"}),
    "an event of tomorrow": encode({"job": "a", "event": "teleported"}),
    "a progress that is a list": encode({"job": "a", "event": "progress", "progress": [1]}),
    "a cost that is a text": encode(
        {"job": "a", "event": "failed", "failure": {"code": "x", "reason": "y"}, "cost": "z"}
    ),
    "a cost below zero": encode(
        {"job": "a", "event": "failed", "failure": {"code": "x", "reason": "y"}, "cost": -1}
    ),
    "an error without a code": encode({"answer": 1, "error": {}}),
    "an answer without an answer": encode({"answer": 1}),
}


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_an_agent_that_sends_rubbish_is_begun_again_less_and_less_often(office, rubbish):
    asked = question()
    office.agency.ask(asked)
    office.agency.give(order("a"))
    office.agency.begin()
    assert deaths(office, 3, first=RUBBISH[rubbish]) == [0.0, 1.0, 5.0]
    assert isinstance(asked.answer.exception(0), WorkerError)
    assert office.agency.holds("a")
    assert all(far.killed for far in office.far[:-1])


def test_what_came_before_the_rubbish_counts(office):
    office.agency.give(order("a"))
    office.agency.begin()
    office.last.say(encode_event("a", Submitted("x")) + RUBBISH["no job"])
    assert office.heard() == [("a", Submitted("x"))]
    assert office.agency.lost


# -- another environment -----------------------------------------------------------------------------------------


def test_a_changed_environment_makes_a_new_agent_at_once_which_answers_the_questions(office, monkeypatch):
    monkeypatch.setenv("QJOB_TRIAL_KEY", "old")
    asked = question()
    office.agency.give(order("a"))
    office.agency.ask(asked)
    office.agency.begin()
    assert not office.agency.is_outdated
    monkeypatch.setenv("QJOB_OTHER", "is none of its business")
    assert not office.agency.is_outdated
    monkeypatch.setenv("QJOB_TRIAL_KEY", "new")
    assert office.agency.is_outdated
    office.agency.renew()
    assert (office.last.killed, office.agency.begin()) == (True, True)
    heads = office.last.heads()
    assert [next(iter(head)) for head in heads[:2]] == ["adapter", "job"]
    assert heads[1]["resumed"]
    office.last.say(encode({"answer": heads[-1]["ask"], "said": 1}))
    office.heard()
    assert asked.answer.result(0) == 1


def test_at_the_end_questions_fail_and_the_agent_with_them(office):
    asked = question()
    office.agency.ask(asked)
    office.agency.begin()
    office.agency.end()
    assert office.last.killed
    assert "closed" in str(asked.answer.exception(0))

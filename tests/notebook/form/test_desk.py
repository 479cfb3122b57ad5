"""Only the newest question is answered, and what is worked on for nothing ends early."""

import threading

import pytest

from qjob.notebook.form.desk import Desk

SOON = 10


class Answers:
    """Collects what was told, and lets a test wait for it."""

    def __init__(self):
        self.told, self.one = [], threading.Event()

    def __call__(self, answer):
        self.told.append((answer, threading.current_thread() is threading.main_thread()))
        self.one.set()


@pytest.fixture
def answers():
    return Answers()


def test_an_answer_comes_from_another_thread_which_ends_then(answers):
    desk = Desk(lambda question, _: question * 2, answers, pause=0)
    desk.ask(21)
    assert answers.one.wait(SOON)
    assert answers.told == [(42, False)]
    desk.close()
    assert not [each for each in threading.enumerate() if each.name == "qjob-form"]


def test_of_questions_in_a_row_the_last_one_is_worked_on(answers):
    worked = []
    desk = Desk(lambda question, _: worked.append(question), answers, pause=0.1)
    for question in range(50):
        desk.ask(question)
    assert answers.one.wait(SOON)
    assert worked == [49]


@pytest.mark.parametrize("asks_whether_to_go_on", [True, False], ids=["ends early", "comes to its end"])
def test_what_is_stale_is_not_told(answers, asks_whether_to_go_on):
    begun, go_on, finished = threading.Event(), threading.Event(), []

    def work(question, still_wanted):
        if question == "old":
            begun.set()
            assert go_on.wait(SOON)
            if asks_whether_to_go_on:
                still_wanted()
        finished.append(question)
        return question

    desk = Desk(work, answers, pause=0)
    desk.ask("old")
    assert begun.wait(SOON)
    desk.ask("new")
    go_on.set()
    assert answers.one.wait(SOON)
    assert [answer for answer, _ in answers.told] == ["new"]
    assert finished == (["new"] if asks_whether_to_go_on else ["old", "new"])


def test_a_closed_desk_answers_nothing(answers):
    begun, go_on = threading.Event(), threading.Event()

    def work(question, _):
        begun.set()
        assert go_on.wait(SOON)
        return question

    desk = Desk(work, answers, pause=0)
    desk.ask(1)
    assert begun.wait(SOON)
    threading.Timer(0.05, go_on.set).start()
    desk.close()
    desk.ask(2)
    assert answers.told == []

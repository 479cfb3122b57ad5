"""The table of backends: at once, asked anew where it is old, and true when the answers are there."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from IPython.utils.capture import capture_output

from qjob.catalog.loader import load_catalogue
from qjob.engine import utc_now
from qjob.model.device import DeviceFacts
from qjob.model.errors import NoCredentials
from qjob.notebook import backends_line

CATALOGUE = load_catalogue()
SV1, GARNET = (CATALOGUE.get(slug).target for slug in ("sv1", "iqm-garnet"))
ASKED = "Devices are being asked; this table changes when they have answered."


@dataclass
class Engine:
    """What the line needs of one: here a test decides what was said, and what is answered."""

    facts: dict = field(default_factory=dict)
    answers: list = field(default_factory=list)
    asked: int = 0
    catalogue = CATALOGUE

    def device_facts(self):
        return self.facts

    def can_run(self, info):
        return info.adapter in ("aer", "braket")

    def is_set_up(self, info):
        return info.local

    def ask_devices(self):
        self.asked += 1
        return self.answers

    def say(self, *targets, minutes=0, status="online"):
        at = utc_now() - timedelta(minutes=minutes)
        self.facts |= {target: DeviceFacts(target, at, status=status) for target in targets}


def status(table, slug):
    return next(row[5] for row in table.rows if row[0] == slug)


def answered(result=None, error=None):
    answer = Future()
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
    return answer


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        pytest.param({}, True, id="never asked"),
        pytest.param({SV1: 0, GARNET: 0}, False, id="all lately"),
        pytest.param({SV1: 0, GARNET: 600}, True, id="one long ago"),
        pytest.param({SV1: 0, "arn:of:no:row": 600}, False, id="one that is not listed"),
    ],
)
def test_devices_are_asked_where_what_they_said_is_old(said, asks):
    engine = Engine()
    for target, minutes in said.items():
        engine.say(target, minutes=minutes)
    assert backends_line.show(engine, later=False) is not None
    assert engine.asked == asks


@pytest.mark.usefixtures("notebook")
def test_in_a_notebook_it_is_there_at_once_and_changes_with_the_answer():
    engine = Engine(answers=[Future()])
    with capture_output() as captured:
        assert backends_line.show(engine, later=True) is None
        first = captured.outputs[0].data["text/plain"]
        assert ASKED in first
        engine.say(SV1)
        engine.answers[0].set_result(engine.facts)
    last = captured.outputs[-1].data["text/plain"]
    assert len(captured.outputs) == 2
    assert ASKED not in last
    assert "asked just now" in last
    assert status(backends_line.table(engine), "sv1") == "online"


def test_a_terminal_waits_for_the_answer():
    engine = Engine(answers=[answered({})])
    assert ASKED not in backends_line.show(engine, later=False).note


def test_a_terminal_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(backends_line, "PATIENCE", 0.01)
    assert ASKED in backends_line.show(Engine(answers=[Future()]), later=False).note


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        pytest.param(
            [NoCredentials("no keys.", remedy="Get some.")],
            ["Devices could not be asked: no keys. Get some."],
            id="a refusal, with its way out",
        ),
        pytest.param([OSError("gone")], ["Devices could not be asked: OSError: gone"], id="a mishap"),
        pytest.param(
            [OSError("gone"), OSError("gone")], ["Devices could not be asked: OSError: gone"], id="once"
        ),
    ],
)
def test_why_nobody_answered_is_said_below_the_table(errors, said):
    table = backends_line.show(Engine(answers=[answered(error=each) for each in errors]), later=False)
    assert [line for line in table.note.splitlines() if "could not" in line] == said


def test_one_backend_tells_what_its_device_said():
    engine = Engine()
    assert "asked" not in backends_line.one(engine, "sv1").note
    engine.say(SV1, minutes=3, status="offline")
    assert "Its device, asked 3 min ago: Offline." in backends_line.one(engine, "sv1").note

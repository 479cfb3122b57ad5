"""Where a task stands in a queue, by what AWS says of it."""

from datetime import UTC, datetime, time

import pytest

from qjob.backends.braket.places import queue_of
from qjob.model.device import DeviceFacts, ExecutionWindow, QueueDepth
from qjob.model.events import Queued

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


def facts(queue=None, windows=None):
    return DeviceFacts(target="arn", at=NOW, queue=queue, windows=windows)


DEEP = QueueDepth(12)
DEEPER = QueueDepth(4000, at_least=True)
ALWAYS = (ExecutionWindow("Everyday", time(0), time(23, 59, 59)),)
LATER = (ExecutionWindow("Everyday", time(14), time(18)),)


@pytest.mark.parametrize(
    ("position", "known", "place"),
    [
        pytest.param("7", None, Queued(7), id="nothing is known of the device"),
        pytest.param("7", facts(), Queued(7), id="it does not tell its queue"),
        pytest.param("7", facts(DEEP), Queued(7, 12), id="7 of 12"),
        pytest.param("15", facts(DEEP), Queued(15, 15), id="the queue has grown since"),
        pytest.param(">2000", None, Queued(2000, None, beyond=True), id="AWS stops counting"),
        pytest.param(">2000", facts(DEEPER), Queued(2000, 4000, beyond=True), id="both stop counting"),
        pytest.param("7", facts(DEEPER), Queued(7, None), id="the queue's length is a lower bound"),
        pytest.param("None", facts(DEEP), Queued(None, 12), id="it runs or has ended"),
        pytest.param("", None, Queued(), id="no position"),
        pytest.param(None, None, Queued(), id="no answer"),
        pytest.param("soon", None, Queued(), id="a word of tomorrow"),
        pytest.param("-1", None, Queued(), id="no number of a place"),
        pytest.param("1", facts(DEEP, ALWAYS), Queued(1, 12), id="the device is open"),
        pytest.param(
            "1",
            facts(DEEP, LATER),
            Queued(1, 12, opens_at=datetime(2026, 11, 20, 14, tzinfo=UTC)),
            id="the device opens in two hours",
        ),
    ],
)
def test_places(position, known, place):
    told = {"queue": "QUANTUM_TASKS_QUEUE", "position": position, "queuePriority": "Normal"}
    assert queue_of(told, known, lambda: NOW) == place


def test_no_queue_is_told_at_all():
    assert queue_of({}, None, lambda: NOW) == Queued()

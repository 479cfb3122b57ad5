"""What a service said of a device goes to JSON and back, and grows old."""

from datetime import UTC, datetime, time, timedelta, timezone

import orjson
import pytest

from qjob.model.device import DeviceFacts, ExecutionWindow, QueueDepth, TypicalErrors

AT = datetime(2026, 11, 20, 12, 0, 0, 250, tzinfo=UTC)
FULL = DeviceFacts(
    target="arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet",
    at=AT,
    name="Garnet",
    vendor="IQM",
    kind="qpu",
    status="online",
    region="eu-north-1",
    queue=QueueDepth(4000, at_least=True),
    priority_queue=QueueDepth(3),
    shots=(1, 20_000),
    qubits=3,
    gates=("cz", "prx"),
    native_gates=("cz",),
    edges=((1, 2), (2, 3)),
    windows=(ExecutionWindow("Weekdays", time(9, 30), time(23, 59, 59, 999)),),
    calibrated_at=datetime(2026, 11, 19, 4, 30, tzinfo=UTC),
    poll_seconds=0.2,
    errors=TypicalErrors(gate_1q=0.001, readout=0.02, t1=40.5),
)
BARE = DeviceFacts("arn", AT)


@pytest.mark.parametrize("facts", [FULL, BARE], ids=["all is known", "nothing is known"])
def test_to_json_and_back(facts):
    again = DeviceFacts.from_object(orjson.loads(orjson.dumps(facts)))
    assert again == facts
    assert hash(again) == hash(facts)
    assert again.at.tzinfo is UTC


@pytest.mark.parametrize(
    "change",
    [{"at": "yesterday"}, {"queue": 5}, {"errors": {"colour": 1}}, {"mood": "good"}, {"edges": [[1, 2, 3]]}],
)
def test_what_another_version_wrote_is_an_error(change):
    plain = {**orjson.loads(orjson.dumps(FULL)), **change}
    with pytest.raises((TypeError, ValueError)):
        DeviceFacts.from_object(plain)


def test_what_lacks_a_key_is_an_error():
    plain = orjson.loads(orjson.dumps(FULL))
    del plain["windows"]
    with pytest.raises(KeyError):
        DeviceFacts.from_object(plain)


@pytest.mark.parametrize(
    ("later", "age", "fresh"),
    [
        pytest.param(timedelta(0), timedelta(0), True, id="just now"),
        pytest.param(timedelta(minutes=5), timedelta(minutes=5), True, id="five minutes"),
        pytest.param(timedelta(minutes=5, seconds=1), timedelta(minutes=5, seconds=1), False, id="longer"),
        pytest.param(timedelta(minutes=-3), timedelta(0), True, id="a clock that is behind"),
    ],
)
def test_age(later, age, fresh):
    now = (AT + later).astimezone(timezone(timedelta(hours=2)))
    assert BARE.age(now) == age
    assert BARE.is_fresh(now) is fresh


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (QueueDepth(0), "0"),
        (QueueDepth(12), "12"),
        (QueueDepth(4000), "4,000"),
        (QueueDepth(4000, at_least=True), "over 4,000"),
    ],
)
def test_a_queue_in_words(depth, said):
    assert str(depth) == said

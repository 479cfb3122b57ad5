"""What a device said, in words."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from qjob.model.device import DeviceFacts, ExecutionWindow, QueueDepth
from qjob.notebook.device_wording import calibrated, lines, opening, queue, shots, state

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
FACTS = DeviceFacts("arn", NOON, kind="qpu", status="online", queue=QueueDepth(12))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "online, 12 waiting"),
        ({"queue": QueueDepth(0)}, "online, none waiting"),
        ({"queue": QueueDepth(4000, at_least=True)}, "online, over 4,000 waiting"),
        ({"queue": None}, "online"),
        ({"status": "offline"}, "offline"),
        ({"status": "retired"}, "retired"),
        ({"status": None}, ""),
    ],
)
def test_a_state(changes, said):
    assert state(replace(FACTS, **changes)) == said


def test_a_queue_that_is_not_known():
    assert queue(replace(FACTS, queue=None)) == ""


def window(day, start, end):
    return ExecutionWindow(day, time.fromisoformat(start), time.fromisoformat(end))


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        pytest.param(None, "", id="not known"),
        pytest.param([], "closed", id="never"),
        pytest.param([window("Everyday", "00:00", "23:59:59")], "", id="always"),
        pytest.param([window("Friday", "09:00", "17:00")], "open until 17:00 UTC", id="today"),
        pytest.param(
            [window("Friday", "09:00", "23:59:59")], "open until 24:00 UTC", id="to the end of the day"
        ),
        pytest.param([window("Friday", "09:00", "02:00")], "open until Sat 02:00 UTC", id="over midnight"),
        pytest.param([window("Weekdays", "14:00", "17:00")], "opens in 2 h", id="in hours"),
        pytest.param(
            [window("Weekdays", "13:50", "17:00")], "opens in 1 h 50 min", id="in hours and minutes"
        ),
        pytest.param([window("Weekdays", "12:00:30", "17:00")], "opens in 1 min", id="in half a minute"),
        pytest.param([window("Everyday", "11:00", "11:30")], "opens in 23 h", id="tomorrow"),
        pytest.param([window("Weekend", "12:00", "11:30")], "opens Sat 12:00 UTC", id="in a day"),
        pytest.param([window("Monday", "09:00", "17:00")], "opens Mon 09:00 UTC", id="in some days"),
    ],
)
def test_an_opening(windows, said):
    told = None if windows is None else tuple(windows)
    assert opening(replace(FACTS, windows=told), NOON) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (None, ""),
        ((1, 100_000), ""),
        ((0, 100_000), ""),
        ((0, 500_000), ""),
        ((1, 20_000), "20,000"),
        ((0, 20_000), "20,000"),
        ((100, 100_000), "100 to 100,000"),
    ],
)
def test_shots(told, said):
    assert shots(replace(FACTS, shots=told), 1, 100_000) == said


CALIBRATED = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"calibrated_at": CALIBRATED}, "calibrated 2026-11-19"),
        ({"calibrated_at": CALIBRATED, "kind": "simulator"}, ""),
    ],
)
def test_a_calibration(changes, said):
    assert calibrated(replace(FACTS, **changes)) == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("online", ["online, 12 waiting", "opens in 2 h", "calibrated 2026-11-19"]),
        ("offline", ["offline", "calibrated 2026-11-19"]),
        (None, []),
    ],
)
def test_all_of_it(status, said):
    windows = (window("Weekdays", "14:00", "17:00"),)
    assert lines(replace(FACTS, status=status, windows=windows, calibrated_at=CALIBRATED), NOON) == said

"""When a device opens and closes, as a table and against a scan of every minute."""

from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjob.model.device import ExecutionWindow
from qjob.policy.windows import DAYS, NAMES, closes_at, is_open, next_opening

FRIDAY = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(text):
    """``"Fri 12:00"`` of the week of this Friday; the days before and after it by their offset."""
    day, hour = text.split()
    offset = {"Thu": -1, "Fri": 0, "Sat": 1, "Sun": 2, "Mon": 3, "Tue": 4, "Fri+": 7}[day]
    return datetime.combine(FRIDAY + timedelta(days=offset), time.fromisoformat(hour), tzinfo=UTC)


def window(text):
    """``"Weekdays 09:00-17:00"``."""
    day, hours = text.split()
    return ExecutionWindow(day, *map(time.fromisoformat, hours.split("-")))


ALL_DAY = "Everyday 00:00-23:59:59"


@pytest.mark.parametrize(
    ("windows", "now", "opens", "closes"),
    [
        pytest.param([ALL_DAY], "Fri 12:00", "Fri 12:00", None, id="always open"),
        pytest.param([ALL_DAY], "Fri 23:59:59", "Fri 23:59:59", None, id="also in a day's last second"),
        pytest.param(["Everyday 00:00-00:00"], "Fri 12:00", "Fri 12:00", None, id="always open, in other words"),
        pytest.param(["Weekdays 00:00-23:59:59", "Weekend 00:00-23:59:59"], "Sun 12:00", "Sun 12:00", None,
            id="always open, in parts"),
        pytest.param([], "Fri 12:00", None, None, id="no window"),
        pytest.param(["Holidays 09:00-17:00"], "Fri 12:00", None, None, id="a day that nobody knows"),
        pytest.param(["Weekdays 09:00-17:00"], "Fri 08:59", "Fri 09:00", None, id="later today"),
        pytest.param(["Weekdays 09:00-17:00"], "Fri 09:00", "Fri 09:00", "Fri 17:00", id="as it opens"),
        pytest.param(["Weekdays 09:00-17:00"], "Fri 16:59:59", "Fri 16:59:59", "Fri 17:00", id="a second is left"),
        pytest.param(["Weekdays 09:00-17:00"], "Fri 17:00", "Mon 09:00", None, id="as it closes: after the weekend"),
        pytest.param(["Weekend 09:00-17:00"], "Fri 12:00", "Sat 09:00", None, id="at the weekend"),
        pytest.param(["Friday 09:00-17:00"], "Fri 17:00", "Fri+ 09:00", None, id="in a week"),
        pytest.param(["Friday 22:00-02:00"], "Sat 01:00", "Sat 01:00", "Sat 02:00", id="over midnight"),
        pytest.param(["Friday 22:00-02:00"], "Fri 01:00", "Fri 22:00", None, id="but of no other night"),
        pytest.param(["Friday 00:00-23:59:59", "Saturday 00:00-02:00"], "Fri 12:00", "Fri 12:00", "Sat 02:00",
            id="the end of a day adjoins the next"),
        pytest.param(["Friday 12:00-23:59"], "Fri 23:59:30", "Fri 23:59:30", "Sat 00:00", id="to the last minute"),
        pytest.param(["Friday 09:00-12:00", "Friday 11:00-14:00"], "Fri 10:00", "Fri 10:00", "Fri 14:00",
            id="overlapping"),
        pytest.param(["Friday 09:00-12:00", "Friday 13:00-14:00"], "Fri 12:00", "Fri 13:00", None, id="a break"),
    ],
)  # fmt: skip
def test_a_schedule(windows, now, opens, closes):
    schedule, moment = [window(text) for text in windows], at(now)
    assert next_opening(schedule, moment) == (opens and at(opens))
    assert closes_at(schedule, moment) == (closes and at(closes))
    assert is_open(schedule, moment) is (opens == now)


def test_any_zone_will_do():
    now = at("Fri 16:00").astimezone(timezone(timedelta(hours=9)))
    assert closes_at([window("Friday 09:00-17:00")], now) == at("Fri 17:00")


def open_in_minute(windows, moment):
    """The same decision of one moment, from the words: no spans, no merging."""
    clock, day = moment.time(), moment.weekday()
    for one in windows:
        end_of_day = one.end >= time(23, 59)
        if end_of_day or one.end > one.start:
            on = day in DAYS[one.day] and one.start <= clock and (end_of_day or clock < one.end)
        else:
            started = day in DAYS[one.day] and clock >= one.start
            on = started or ((day - 1) % 7 in DAYS[one.day] and clock < one.end)
        if on:
            return True
    return False


HOURS = st.sampled_from([time(0), time(0, 1), time(9), time(12, 30), time(17), time(23, 58), time(23, 59)])
WINDOWS = st.lists(
    st.builds(ExecutionWindow, st.sampled_from([*NAMES, "Everyday", "Weekdays", "Weekend"]), HOURS, HOURS),
    max_size=4,
)


@pytest.mark.slow
@given(WINDOWS, st.integers(0, 7 * 24 * 60 - 1))
def test_as_a_scan_of_every_minute_says(windows, minute):
    now = FRIDAY + minute * MINUTE
    week = [now + MINUTE * step for step in range(7 * 24 * 60)]
    opened = [open_in_minute(windows, moment) for moment in week]
    assert is_open(windows, now) is opened[0]
    assert next_opening(windows, now) == (week[opened.index(True)] if True in opened else None)
    stops = opened[0] and False in opened
    assert closes_at(windows, now) == (week[opened.index(False)] if stops else None)

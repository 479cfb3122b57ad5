"""When a device is open, by its weekly execution windows. Pure; all times are UTC.

A window that ends not after it starts ends on the next day. One that ends in the last minute of a day, as in
``23:59:59``, lasts to the end of that day and adjoins a window that starts with the next.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType

from qjob.model.device import ExecutionWindow

NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

DAYS: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "Everyday": frozenset(range(7)),
        "Weekdays": frozenset(range(5)),
        "Weekend": frozenset({5, 6}),
        **{name: frozenset({number}) for number, name in enumerate(NAMES)},
    }
)
"""The days that a window may name, as numbers of `datetime.weekday`."""

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LAST_MINUTE = time(23, 59)


def is_open(windows: Sequence[ExecutionWindow], now: datetime) -> bool:
    """Whether a device with these windows runs tasks now."""
    return any(start <= now < end for start, end in _spans(windows, now))


def next_opening(windows: Sequence[ExecutionWindow], now: datetime) -> datetime | None:
    """Return when a device runs tasks next: ``now`` itself where it is open, None where it has no window at all."""
    for start, end in _spans(windows, now):
        if now < end:
            return max(start, now)
    return None


def closes_at(windows: Sequence[ExecutionWindow], now: datetime) -> datetime | None:
    """Return when a device that is open stops running tasks; None where it is closed, or never stops."""
    for start, end in _spans(windows, now):
        if start <= now < end:
            return end if end < now + WEEK else None
    return None


def _spans(windows: Sequence[ExecutionWindow], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield what lies around a moment, from a day before it to a week after, in order and without overlaps."""
    now = now.astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight + DAY * offset for offset in range(-1, 9)]
    spans = sorted(_span(window, day) for window in windows for day in days if _is_on(window, day))
    if not spans:
        return
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start > end:
            yield start, end
            start, end = next_start, next_end
        else:
            end = max(end, next_end)
    yield start, end


def _is_on(window: ExecutionWindow, day: datetime) -> bool:
    return day.weekday() in DAYS.get(window.day, frozenset())


def _span(window: ExecutionWindow, day: datetime) -> tuple[datetime, datetime]:
    start = day + _since_midnight(window.start)
    if window.end >= LAST_MINUTE:
        return start, day + DAY
    end = day + _since_midnight(window.end)
    return start, end if end > start else end + DAY


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)

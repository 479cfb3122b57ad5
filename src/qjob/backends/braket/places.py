"""Where a task stands in a device's queue, by what AWS says of the task and of the device. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from qjob.model.device import DeviceFacts
from qjob.model.events import Queued
from qjob.policy.windows import next_opening


def queue_of(
    told: Mapping[str, Any],
    facts: DeviceFacts | None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Queued:
    """Return where a task waits.

    Parameters
    ----------
    told
        The ``queueInfo`` of GetQuantumTask: its position is a text, such as "7", ">2000" or "None".
    facts
        What is known of the device.
    """
    text = str(told.get("position") or "")
    beyond = text.startswith(">")
    digits = text.removeprefix(">")
    position = int(digits) if digits.isdigit() else None
    length = None
    # an exact place among "over 4,000" says more than a bound of both
    if facts is not None and facts.queue is not None and (beyond or not facts.queue.at_least):
        length = max(facts.queue.count, position or 0)
    moment = now()
    opening = None if facts is None or not facts.windows else next_opening(facts.windows, moment)
    return Queued(position, length, beyond, opening if opening is not None and opening > moment else None)

"""From Amazon Braket's answer to GetDevice to `DeviceFacts`. Knows the JSON of all devices and not the SDK.

A device of tomorrow, with capabilities of another schema, gives what can be read and None for the rest.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, cast, get_args

from qjob.backends.braket.calibration import errors_of
from qjob.backends.braket.reading import elements, integer, member, members, moment, number, text, texts
from qjob.model.device import DeviceFacts, ExecutionWindow, Kind, QueueDepth, Status
from qjob.policy.windows import DAYS

OPENQASM = "braket.ir.openqasm.program"
TASKS = "QUANTUM_TASKS_QUEUE"
ARN_PARTS, ARN_REGION = 6, 3  # arn:partition:service:region:account:resource
SIZE = re.compile(r"(>?)\s*(\d{1,12})")
MILLISECONDS = 1000
LONGEST_POLL = 3_600_000  # ms


def facts_of(response: Mapping[str, Any], at: datetime, region: str | None = None) -> DeviceFacts:
    """Return what an answer tells of its device.

    Parameters
    ----------
    response
        The answer of GetDevice, as botocore gives it: ``deviceCapabilities`` is JSON text, or what was read from it.
    at
        When the service was asked, in UTC.
    region
        Where it was asked, for devices without a region in their ARN.
    """
    target = text(member(response, "deviceArn")) or ""
    capabilities = _capabilities(member(response, "deviceCapabilities"))
    service = member(capabilities, "service")
    paradigm = member(capabilities, "paradigm")
    poll = number(member(service, "getTaskPollIntervalMillis"), 0, LONGEST_POLL)
    queues = member(response, "deviceQueueInfo")
    return DeviceFacts(
        target=target,
        at=at,
        name=text(member(response, "deviceName")),
        vendor=text(member(response, "providerName")),
        kind=cast("Kind | None", _one_of(get_args(Kind), member(response, "deviceType"))),
        status=cast("Status | None", _one_of(get_args(Status), member(response, "deviceStatus"))),
        region=_region(target) or region,
        queue=_depth(queues, "Normal"),
        priority_queue=_depth(queues, "Priority"),
        shots=_range(member(service, "shotsRange")),
        qubits=integer(member(paradigm, "qubitCount"), 0),
        gates=texts(member(capabilities, "action", OPENQASM, "supportedOperations")),
        native_gates=texts(member(paradigm, "nativeGateSet")),
        edges=_edges(member(paradigm, "connectivity")),
        windows=_windows(member(service, "executionWindows")),
        calibrated_at=_calibrated_at(capabilities),
        poll_seconds=None if poll is None else poll / MILLISECONDS,
        errors=errors_of(capabilities),
    )


def _capabilities(told: object) -> object:
    """Return the capabilities as objects; None where they are no JSON."""
    if not isinstance(told, (str, bytes)):
        return told
    try:
        return json.loads(told)  # unlike orjson it takes NaN, which is then left out alone
    except (ValueError, RecursionError):
        return None


def _one_of(known: tuple[str, ...], told: object) -> str | None:
    name = (text(told) or "").lower()
    return name if name in known else None


def _region(arn: str) -> str | None:
    parts = arn.split(":")
    return parts[ARN_REGION] or None if len(parts) >= ARN_PARTS else None


def _depth(queues: object, priority: str) -> QueueDepth | None:
    """Return how many tasks wait with a priority; the service writes ``"12"``, and ``">4000"`` where it stops."""
    for queue in elements(queues):
        if member(queue, "queue") == TASKS and member(queue, "queuePriority") == priority:
            size = SIZE.fullmatch((text(member(queue, "queueSize")) or "").strip())
            return QueueDepth(int(size[2]), bool(size[1])) if size else None
    return None


def _range(told: object) -> tuple[int, int] | None:
    match [integer(bound, 0) for bound in elements(told)]:
        case [int(low), int(high)] if low <= high:
            return low, high
    return None


def _edges(connectivity: object) -> tuple[tuple[int, int], ...] | None:
    graph = member(connectivity, "connectivityGraph")
    if member(connectivity, "fullyConnected") is not False or not isinstance(graph, Mapping):
        return None
    try:
        pairs = {(int(a), int(b)) for a, others in graph.items() for b in others}
    except (TypeError, ValueError):  # qubits that are not numbered
        return None
    return tuple(sorted({(min(pair), max(pair)) for pair in pairs}))


def _windows(told: object) -> tuple[ExecutionWindow, ...] | None:
    """Return all windows; None where one cannot be read, since the rest would tell a wrong time."""
    if not isinstance(told, (list, tuple)):
        return None
    windows = [_window(one) for one in told]
    known = tuple(window for window in windows if window is not None)
    return known if len(known) == len(windows) else None


def _window(told: object) -> ExecutionWindow | None:
    day = text(member(told, "executionDay"))
    start, end = (_clock(member(told, f"window{name}Hour")) for name in ("Start", "End"))
    if day is None or day not in DAYS or start is None or end is None:
        return None
    return ExecutionWindow(day, start, end)


def _clock(told: object) -> time | None:
    try:
        hour = told if isinstance(told, time) else time.fromisoformat(text(told) or "")
    except ValueError:
        return None
    return hour if hour.tzinfo is None else None


def _calibrated_at(capabilities: object) -> datetime | None:
    """Return when the device was calibrated; where only that is told, when its properties were updated."""
    told = (
        member(capabilities, "standardized", "updatedAt"),
        member(capabilities, "provider", "properties", "updated_at"),
        member(members(capabilities), "service", "updatedAt"),
    )
    return next((at for one in told if (at := moment(one)) is not None), None)

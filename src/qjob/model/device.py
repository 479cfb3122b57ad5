"""What a service said of one of its devices, and when: values only, JSON to and fro. Knows no service and no clock.

Everything but the target may be None: the service did not say, or said it in a way that could not be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

FRESH = timedelta(minutes=5)
"""How long facts count as current; afterwards they are the last that is known."""

Kind = Literal["qpu", "simulator"]
Status = Literal["online", "offline", "retired"]


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many tasks wait for a device."""

    count: int
    at_least: bool = False  # the service stops counting here: there may be more

    def __str__(self) -> str:
        return f"over {self.count:,}" if self.at_least else f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class ExecutionWindow:
    """When a device runs tasks, every week; see `qjob.policy.windows` for what it means."""

    day: str  # "Everyday", "Weekdays", "Weekend", "Monday" ... "Sunday"
    start: time  # UTC, as is the end
    end: time


@dataclass(frozen=True, slots=True)
class TypicalErrors:
    """How good a device is on the average over its qubits and pairs of qubits, by its calibration.

    Parameters
    ----------
    gate_1q, gate_2q
        Mean average gate infidelity r = 1 - F_avg of a gate on one and on two qubits.
    readout
        Mean probability that a bit is read wrong, over both states.
    readout_01, readout_10
        The same of a qubit in state 0 that is read as 1, and of one in state 1 that is read as 0.
    t1, t2
        Mean relaxation and coherence time in microseconds.
    gate_time_1q, gate_time_2q
        How long a gate takes, in nanoseconds.
    """

    gate_1q: float | None = None
    gate_2q: float | None = None
    readout: float | None = None
    readout_01: float | None = None
    readout_10: float | None = None
    t1: float | None = None
    t2: float | None = None
    gate_time_1q: float | None = None
    gate_time_2q: float | None = None


UNKNOWN = TypicalErrors()


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a service said of a device."""

    target: str  # what the service calls it, such as its ARN
    at: datetime  # when the service was asked; UTC, as are all times
    name: str | None = None  # such as "Garnet"
    vendor: str | None = None  # such as "IQM"
    kind: Kind | None = None
    status: Status | None = None
    region: str | None = None  # where it answers, such as "eu-north-1"
    queue: QueueDepth | None = None  # tasks that wait in the normal queue
    priority_queue: QueueDepth | None = None  # tasks that wait and go before those
    shots: tuple[int, int] | None = None  # the fewest and the most that a task may have
    qubits: int | None = None
    gates: tuple[str, ...] | None = None  # by the service's names; None also where it takes no gate programs
    native_gates: tuple[str, ...] | None = None
    edges: tuple[tuple[int, int], ...] | None = (
        None  # coupled pairs, the lower qubit first; None: no limits known
    )
    windows: tuple[ExecutionWindow, ...] | None = None
    calibrated_at: datetime | None = None
    poll_seconds: float | None = None  # how often the service would be asked for a task
    errors: TypicalErrors = UNKNOWN

    def age(self, now: datetime) -> timedelta:
        """Return how long ago the service was asked; none where the clocks disagree."""
        return max(timedelta(0), now - self.at)

    def is_fresh(self, now: datetime) -> bool:
        """Whether this counts as the device's present state."""
        return self.age(now) <= FRESH

    @classmethod
    def from_object(cls, plain: Mapping[str, Any]) -> "DeviceFacts":
        """Return the facts that were written as this JSON object, as `orjson` writes them.

        Raises
        ------
        TypeError, ValueError, KeyError
            It was written by another version.
        """
        special = {
            "at": _moment(plain["at"]),
            "calibrated_at": _moment(plain["calibrated_at"]),
            "queue": _depth(plain["queue"]),
            "priority_queue": _depth(plain["priority_queue"]),
            "shots": _tuple(plain["shots"]),
            "gates": _tuple(plain["gates"]),
            "native_gates": _tuple(plain["native_gates"]),
            "edges": None if plain["edges"] is None else tuple((a, b) for a, b in plain["edges"]),
            "windows": None if plain["windows"] is None else tuple(map(_window, plain["windows"])),
            "errors": TypicalErrors(**plain["errors"]),
        }
        return cls(**{**plain, **special})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _depth(plain: Mapping[str, Any] | None) -> QueueDepth | None:
    return None if plain is None else QueueDepth(**plain)


def _tuple(values: list[Any] | None) -> Any:
    return None if values is None else tuple(values)


def _window(plain: Mapping[str, str]) -> ExecutionWindow:
    start, end = (time.fromisoformat(plain[name]) for name in ("start", "end"))
    return ExecutionWindow(plain["day"], start, end)

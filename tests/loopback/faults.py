"""What goes wrong on purpose: a number of answers that are refused, lost, late or out of order.

A fault is for one operation ("GetQuantumTask", "s3:GetObject", "sts:GetCallerIdentity" or "*") and for so many times.
It must not know what the operations do.
"""

import threading
from dataclasses import dataclass

KINDS = ("fail", "lose_reply", "delay", "reorder")


@dataclass
class Fault:
    """One kind of fault, still due so many times; None is until the reset."""

    kind: str
    operation: str
    times: int | None
    code: str = ""
    message: str = ""
    seconds: float = 0.0


class Faults:
    """The faults that are still due."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._due: list[Fault] = []
        self._calms = 0

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        if fault.kind not in KINDS:
            raise ValueError(f"{fault.kind} is none of {KINDS}")
        with self._lock:
            self._due.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong any more; calls that are being delayed go on at once."""
        with self._lock:
            self._due.clear()
            self._calms += 1
            self._lock.notify_all()

    def wait(self, operation: str) -> None:
        """Return when a delay of an operation is over; at once if none is due."""
        if (fault := self.take("delay", operation)) is None:
            return
        with self._lock:
            before = self._calms
            self._lock.wait_for(lambda: self._calms != before, fault.seconds)

    def due(self) -> list[Fault]:
        """Return what would still go wrong."""
        with self._lock:
            return list(self._due)

    def take(self, kind: str, operation: str) -> Fault | None:
        """Use up one time of the oldest fault of a kind that concerns an operation."""
        with self._lock:
            for fault in self._due:
                if fault.kind == kind and fault.operation in (operation, "*"):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._due.remove(fault)
                    return fault
        return None

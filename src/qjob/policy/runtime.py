"""How long a simulator that is billed by time would take. Pure: numbers in, whole seconds out. Knows no money.

The model is a sweep over the state a gate: ``operations * amplitudes / speed``, and a little a shot. Its one anchor
is Amazon's developer guide on SV1: a dense, square circuit of 34 qubits (depth 34) takes about 1 to 2 hours, the run
time is linear in the operations and exponential in the qubits, and shots have a small impact. Such a circuit has
some 600 to 1,200 operations over 2**34 amplitudes, which is 1.4e9 to 5.5e9 amplitudes a second. A density matrix
is a state of twice the qubits. Lower and upper bound lie beyond the two ends.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qjob.model.gates import CONTROL_FLOW, operations
from qjob.model.price import Method
from qjob.model.program import CircuitProfile

MILLION = 1_000_000

FAST, USUAL, SLOW = 6_000, 3_000, 1_000
"""Amplitudes a microsecond: at the best, as expected, and at the worst."""

USUAL_SHOT, SLOW_SHOT = 10, 100
"""Microseconds a shot, as expected and at the worst: an assumption on the safe side, there is no figure."""

SPREAD = 1.5
"""How much longer than the longest like run so far a run may take."""

ENOUGH = 10
"""So many like runs bound how long the next one takes. Fewer say what to expect and no more: of n runs and the next
one, each is as likely as any other to be the longest, so with ten of them the next one is longer than all with a
chance of 9 % at the most, and the spread comes on top. After a single lucky one it would be 50 %."""

WIDTHS = {"statevector": 1, "density_matrix": 2}
"""Bits of the state's index for each qubit."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Seconds: ``0 <= low <= expected <= cap``."""

    low: int
    expected: int
    cap: int

    def __str__(self) -> str:
        if self.low == self.cap:
            return f"{self.cap:,} s"
        return f"about {self.expected:,} s ({self.low:,} to {self.cap:,} s)"

    def within(self, least: int, most: int | None) -> "Runtime":
        """Return the time that is billed, where at least and at the most so much is."""
        low, expected, cap = (
            max(least, seconds if most is None else min(seconds, most))
            for seconds in (self.low, self.expected, self.cap)
        )
        return Runtime(low, expected, cap)


def estimate(method: Method, profile: CircuitProfile, shots: int) -> Runtime | None:
    """Return how long a circuit takes by the model above; None where it loops or branches."""
    if not CONTROL_FLOW.isdisjoint(profile.gates):
        return None
    count = operations(profile.gates)
    width = WIDTHS[method]
    work = count << width * profile.num_qubits
    if not profile.terminal:
        work *= shots  # the state is made anew for each
    low = (count << width * profile.active_qubits) // (FAST * MILLION)
    expected = _seconds(_up(work, USUAL) + shots * USUAL_SHOT)
    cap = _seconds(_up(work, SLOW) + shots * SLOW_SHOT)
    return Runtime(low, expected, cap)


def narrowed(model: Runtime | None, history: Sequence[float]) -> Runtime | None:
    """Return the estimate in the light of the measured seconds of like runs; None where nothing tells.

    Fewer than `ENOUGH` move what is expected, and widen the estimate where they lie outside it. So many or more
    narrow it too, but the cap never below what the model expects: times that all come out short, because a service
    was asked too late when it began, must not make it promise less than the work takes. Without a model nothing less
    than so many will do.
    """
    if not history:
        return model
    least, most = min(history), max(history)
    middle = math.ceil(sorted(history)[len(history) // 2])
    low, cap = math.floor(least), math.ceil(most * SPREAD)
    if len(history) < ENOUGH:
        if model is None:
            return None
        low, cap = min(low, model.low), model.cap if most <= model.cap else cap
    elif model is not None:
        low = max(low, model.low) if least >= model.low else low
        cap = max(model.expected, min(cap, model.cap)) if most <= model.cap else cap
    return Runtime(low, min(max(low, middle), cap), cap)


def _seconds(microseconds: int) -> int:
    return _up(microseconds, MILLION)


def _up(number: int, divisor: int) -> int:
    return -(-number // divisor)

"""How a row is measured and said. Knows nothing of qjob.

Two sides are always timed in turn (A B A B ...) in the same run, so that whatever else the machine does hits both;
what is compared is the ratio of their medians. Absolute times differ from machine to machine.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles

import psutil

Side = Callable[[], float]
"""Does something once and returns how long it took, in seconds, or any other number."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Parameters
    ----------
    what
        What was measured.
    target
        What the number should reach: at most this, or at least where ``at_least``.
    measured
        The number itself.
    unit
        ``ms``, ``KB``, ``/s``; ``x`` for a ratio.
    beside
        The other side of the comparison, with its own number.
    ratio
        How many times the other side's number this one is; None where that says nothing.
    how
        Runs and warm-ups.
    at_least
        Whether more is better.
    base
        What cannot be undercut: 1 for a ratio to bare work, whose excess over 1 is what the target is about.
    paced
        Whether the target is the time of some work, of which a slower machine needs more, or how often it is done.
    """

    what: str
    target: float
    measured: float
    unit: str
    beside: str
    ratio: float | None
    how: str
    at_least: bool = False
    base: float = 0.0
    paced: bool = False

    def at(self, pace: float) -> "Line":
        """Return the line with the target for a machine that takes so many times as long as that of the targets."""
        if not self.paced:
            return self
        return replace(self, target=self.target / pace if self.at_least else self.target * pace)

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or ``missed by more than 2x``."""
        if self.at_least:
            met, far = self.measured >= self.target, 2 * self.measured < self.target
        else:
            excess, allowed = self.measured - self.base, self.target - self.base
            met, far = excess <= allowed, excess > 2 * allowed
        return "met" if met else "missed by more than 2x" if far else "missed"


def timed(function: Callable[[], object]) -> Side:
    """Return the function as a side that tells how many seconds it took."""

    def side() -> float:
        began = time.perf_counter()
        function()
        return time.perf_counter() - began

    return side


def in_turn(runs: int, *sides: Side, warm_ups: int = 0) -> list[list[float]]:
    """Run all sides one after the other, again and again; return each one's numbers without the warm-ups."""
    numbers: list[list[float]] = [[] for _ in sides]
    for turn in range(warm_ups + runs):
        for kept, side in zip(numbers, sides, strict=True):
            number = side()
            if turn >= warm_ups:
                kept.append(number)
    return numbers


def waited() -> float:
    """Return the seconds that this thread, ready to run, has waited for a processor so far; 0 where none can tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


def processor_seconds(process: psutil.Process) -> float:
    """Return the processor time that a process and all below it have used so far, which other load hardly changes."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def ran(process: psutil.Process) -> float:
    """Return what `processor_seconds` does, exactly on Linux: what wakes up often for a moment, ticks misjudge."""
    tasks = [
        task
        for each in (process, *process.children(recursive=True))
        for task in Path(f"/proc/{each.pid}/task").glob("*/schedstat")
    ]
    if not tasks:
        return processor_seconds(process)
    return sum(int(task.read_text("ascii").split()[0]) for task in tasks) / 1e9


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile, between two neighbours linearly."""
    return values[0] if len(values) == 1 else quantiles(values, n=100, method="inclusive")[percent - 1]


def compared(
    what: str, target: float, ours: Sequence[float], theirs: Sequence[float], *, beside: str, how: str
) -> Line:
    """Return the line of a ratio of medians, ours over theirs (both in seconds), that should be near 1.

    Beside it the ratio of the fastest tenths, which suffers less from what else runs on the machine.
    """
    ratio = median(ours) / median(theirs)
    fast = percentile(ours, 10) / percentile(theirs, 10)
    how += f"; fastest tenth x{fast:.4g}"
    sides = f"{beside} {in_ms(median(theirs))}, qjob {in_ms(median(ours))}"
    return Line(what, target, ratio, "x", sides, ratio, how, base=min(1.0, target / 2))


def in_ms(seconds: float) -> str:
    """Return a time for people, in milliseconds or seconds."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.3g} ms"


def table(lines: Sequence[Line], pace: float) -> str:
    """Return the lines as one aligned table, on a machine of this pace."""
    head = ("what", "target", "measured", "beside it", "ratio", "runs", "verdict", "at this pace")
    rows = [head, *(_cells(line, pace) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def _cells(line: Line, pace: float) -> tuple[str, ...]:
    sign = ">=" if line.at_least else "<="
    here = line.at(pace)
    ratio = "" if line.ratio is None else f"x{line.ratio:.3g}" if line.unit != "x" else f"x{line.ratio:.4g}"
    target, measured = (_number(value, line.unit) for value in (line.target, line.measured))
    at_pace = f"{sign} {_number(here.target, line.unit)}, {here.verdict}" if line.paced else ""
    return (line.what, f"{sign} {target}", measured, line.beside, ratio, line.how, line.verdict, at_pace)


def _number(value: float, unit: str) -> str:
    if unit == "x":
        return f"x{value:.4g}"
    return f"{value:,.0f} {unit}" if value >= 1000 else f"{value:.3g} {unit}"

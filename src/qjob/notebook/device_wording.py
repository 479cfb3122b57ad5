"""What a device said, in words: its state, its queue, when it opens, and how long ago it said so. Pure."""

from datetime import UTC, datetime, timedelta

from qjob.model.device import DeviceFacts, TypicalErrors
from qjob.policy.windows import closes_at, is_open, next_opening

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def lines(facts: DeviceFacts, now: datetime) -> list[str]:
    """Return all that is to be said of a device, most important first; nothing where its status is not known.

    Queue and opening matter only where it is online. The opening is by its schedule, whenever it was asked for it.
    """
    if facts.status is None:
        return []
    said = [state(facts), opening(facts, now) if facts.status == "online" else "", calibrated(facts)]
    return [line for line in said if line]


def state(facts: DeviceFacts) -> str:
    """Return ``online, 12 waiting``, ``offline``, ``retired``; an empty text where that is not known."""
    waiting = queue(facts) if facts.status == "online" else ""
    return f"{facts.status}, {waiting}" if waiting else facts.status or ""


def queue(facts: DeviceFacts) -> str:
    """Return how many tasks wait: ``12 waiting``, ``over 4,000 waiting``, ``none waiting``."""
    if facts.queue is None:
        return ""
    return f"{facts.queue} waiting" if facts.queue.count or facts.queue.at_least else "none waiting"


def opening(facts: DeviceFacts, now: datetime) -> str:
    """Return ``open until 17:00 UTC`` or ``opens in 2 h``; nothing where it never closes or nobody knows."""
    if facts.windows is None:
        return ""
    if is_open(facts.windows, now):
        closing = closes_at(facts.windows, now)
        return "" if closing is None else f"open until {_clock(closing, now)}"
    start = next_opening(facts.windows, now)
    if start is None:
        return "closed"
    return f"opens in {_length(start - now)}" if start - now < DAY else f"opens {_clock(start, now)}"


def calibrated(facts: DeviceFacts) -> str:
    """Return ``calibrated 2026-11-19``; nothing of a simulator, whose properties have a date too."""
    if facts.calibrated_at is None or facts.kind == "simulator":
        return ""
    return f"calibrated {facts.calibrated_at.date()}"


def shots(facts: DeviceFacts, low: int, high: int) -> str:
    """Return the shots that it takes: ``20,000``, ``10 to 20,000``; nothing where it takes all of those given."""
    if facts.shots is None or (facts.shots[0] <= low and facts.shots[1] >= high):
        return ""
    told_low, told_high = max(low, facts.shots[0]), min(high, facts.shots[1])
    return f"{told_high:,}" if told_low <= 1 else f"{told_low:,} to {told_high:,}"


def _clock(at: datetime, now: datetime) -> str:
    """Return a time of day in UTC, with its weekday where that is another one; midnight ends the day before."""
    at, today = at.astimezone(UTC), now.astimezone(UTC).date()
    if at.hour == at.minute == 0 and (at - MINUTE).date() == today:
        return "24:00 UTC"
    day = "" if at.date() == today else f"{at:%a} "
    return f"{day}{at:%H:%M} UTC"


def _length(span: timedelta) -> str:
    """Return a length of time in hours and minutes, rounded up: ``2 h``, ``1 h 50 min``, ``5 min``."""
    minutes = -(-span // MINUTE)
    hours, rest = divmod(minutes, HOUR // MINUTE)
    parts = [f"{hours} h" if hours else "", f"{rest} min" if rest else ""]
    return " ".join(part for part in parts if part)


def about(facts: DeviceFacts, now: datetime) -> list[str]:
    """Return what is known of one device beyond its state, a line each."""
    told = [", ".join(lines(facts, now)), _sizes(facts), _gates(facts), _errors(facts.errors)]
    return [line[0].upper() + line[1:] + "." for line in told if line]


def _sizes(facts: DeviceFacts) -> str:
    qubits = "" if facts.qubits is None else f"{facts.qubits} qubits"
    coupled = "" if facts.edges is None else f"{len(facts.edges)} coupled pairs"
    taken = "" if facts.shots is None else f"{facts.shots[0]:,} to {facts.shots[1]:,} shots"
    return ", ".join(filter(None, (qubits, coupled, taken)))


def _gates(facts: DeviceFacts) -> str:
    native = f"native gates {', '.join(facts.native_gates)}" if facts.native_gates else ""
    return native or (f"gates {', '.join(facts.gates)}" if facts.gates else "")


def _errors(errors: TypicalErrors) -> str:
    shares = {
        "one-qubit gates": errors.gate_1q,
        "two-qubit gates": errors.gate_2q,
        "readout": errors.readout,
    }
    times = {"T1": errors.t1, "T2": errors.t2}
    said = [f"{name} {share:.2g} %" for name, one in shares.items() if (share := (one or 0) * 100)]
    said += [f"{name} {_time(time)}" for name, time in times.items() if time]
    return f"mean errors: {', '.join(said)}" if said else ""


def _time(microseconds: float) -> str:
    """Return a time in the unit that it is of the order of: ``40.4 us``, ``100 s``."""
    for unit, size in (("s", 1e6), ("ms", 1e3), ("us", 1.0)):
        if microseconds >= size:
            return f"{microseconds / size:.3g} {unit}"
    return f"{microseconds * 1e3:.3g} ns"

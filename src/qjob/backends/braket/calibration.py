"""The mean errors of a device from its capabilities on Amazon Braket. Knows their JSON and not the SDK.

What the numbers state, and how they become errors:

- *Gates.* The standardized properties and IonQ's and AQT's own give the fidelity of randomized benchmarking, which is
  the average gate fidelity F_avg (E. Magesan, J. M. Gambetta, J. Emerson, Phys. Rev. A 85 (2012) 042311; interleaved:
  E. Magesan et al., Phys. Rev. Lett. 109 (2012) 080505). The error here is r = 1 - F_avg, without any factor. A
  fidelity of another kind, such as a process fidelity, would need one, so only benchmarked ones are taken.
- *Readout.* The fidelity is 1 minus the mean of both assignment errors. IonQ's and AQT's is that of state preparation
  and measurement together (AQT's a lower bound): taken as readout, as Braket's own emulator takes IonQ's.
- *Out of order.* A gate whose fidelity is not above 1/d, that of an outcome drawn by chance among d = 2^qubits, and a
  readout that is not better than a coin, are no part of the mean: a compiler avoids them.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from qjob.backends.braket.reading import elements, member, members, number, text
from qjob.model.device import TypicalErrors

BENCHMARKS = (
    "INTERLEAVED_RANDOMIZED_BENCHMARKING",
    "RANDOMIZED_BENCHMARKING",
    "SIMULTANEOUS_INTERLEAVED_RANDOMIZED_BENCHMARKING",
    "SIMULTANEOUS_RANDOMIZED_BENCHMARKING",
)
"""Kinds of gate fidelity, what is taken first before the rest: of the gate alone, as Braket's own emulator does."""

MICROSECONDS_IN = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
NANOSECONDS_IN_US = 1e3
FOREVER = 1e18  # us; what is longer is no measurement
COIN = 0.5
PERCENT = 100.0


def errors_of(capabilities: object) -> TypicalErrors:
    """Return the mean errors that a device's capabilities tell, None for the rest.

    The standardized properties go before the vendor's own.
    """
    standardized = member(capabilities, "standardized")
    provider = member(capabilities, "provider")
    sources = [
        _of_each(standardized),
        _of_all(standardized),
        _ionq(provider),
        _aqt(member(provider, "properties")),
    ]
    return TypicalErrors(**{field.name: _first(sources, field.name) for field in fields(TypicalErrors)})


def _first(sources: Iterable[TypicalErrors], name: str) -> float | None:
    return next((value for one in sources if (value := getattr(one, name)) is not None), None)


def _of_each(standardized: object) -> TypicalErrors:
    """Return the means of what is told of each qubit and each pair (standardized properties 1 and 2, in part 3)."""
    qubits = list(members(member(standardized, "oneQubitProperties")).values())
    told = [elements(member(qubit, "oneQubitFidelity")) for qubit in qubits]

    def readout(named: str, of: Callable[[object], float | None]) -> float | None:
        return _mean(
            next((of(member(one, "fidelity")) for one in entries if _kind(one) == named), None)
            for entries in told
        )

    return TypicalErrors(
        gate_1q=_mean(_benchmarked(entries, 1) for entries in told),
        gate_2q=_best_known_gate(standardized),
        readout=readout("READOUT", _misread),
        readout_01=readout("READOUT_ERROR_0_TO_1", _error),
        readout_10=readout("READOUT_ERROR_1_TO_0", _error),
        t1=_mean(_microseconds(member(qubit, "T1")) for qubit in qubits),
        t2=_mean(_microseconds(member(qubit, "T2")) for qubit in qubits),
    )


def _best_known_gate(standardized: object) -> float | None:
    """Return the mean error of the two-qubit gate that was measured on the most pairs; of equals, the better one.

    A whole two-qubit Clifford is no gate of a circuit: it takes several.
    """
    pairs: dict[str, list[float]] = {}
    for pair in members(member(standardized, "twoQubitProperties")).values():
        entries = elements(member(pair, "twoQubitGateFidelity"))
        names = {text(member(one, "gateName")) or "" for one in entries}
        for name in sorted(name for name in names if "clifford" not in name.lower()):
            error = _benchmarked([one for one in entries if (member(one, "gateName") or "") == name], 2)
            if error is not None:
                pairs.setdefault(name.lower(), []).append(error)
    best = sorted((-len(errors), _mean(errors)) for errors in pairs.values())
    return best[0][1] if best else None


def _of_all(standardized: object) -> TypicalErrors:
    """Return what is told of the device as a whole (standardized properties 3)."""

    def of(name: str) -> Any:
        return member(standardized, name)

    readouts = (_misread(member(one, "fidelity")) for one in elements(of("readoutFidelity")))
    return TypicalErrors(
        gate_1q=_benchmarked(elements(of("singleQubitFidelity")), 1),
        gate_2q=_benchmarked(elements(of("twoQubitGateFidelity")), 2),
        readout=_mean(readouts),
        t1=_microseconds(of("T1")),
        t2=_microseconds(of("T2")),
        gate_time_1q=_nanoseconds(_microseconds(of("singleQubitGateDuration"))),
        gate_time_2q=_nanoseconds(_microseconds(of("twoQubitGateDuration"))),
    )


def _ionq(provider: object) -> TypicalErrors:
    """Return what IonQ's own properties tell; times are in seconds."""
    timing = member(provider, "timing")

    def of(name: str) -> Any:
        return member(provider, "fidelity", name, "mean")

    def microseconds(name: str) -> float | None:
        return _microseconds({"value": member(timing, name), "unit": "s"})

    return TypicalErrors(
        gate_1q=_infidelity(of("1Q"), 1),
        gate_2q=_infidelity(of("2Q"), 2),
        readout=_misread(of("spam")),
        t1=microseconds("T1"),
        t2=microseconds("T2"),
        gate_time_1q=_nanoseconds(microseconds("1Q")),
        gate_time_2q=_nanoseconds(microseconds("2Q")),
    )


def _aqt(properties: object) -> TypicalErrors:
    """Return what AQT's own properties tell; fidelities are in percent."""

    def share(value: object) -> float | None:
        percent = number(value, 0, PERCENT)
        return None if percent is None else percent / PERCENT

    def time(value: object, unit: str) -> float | None:
        return _microseconds({"value": value, "unit": unit})

    ones = members(member(properties, "single_qubit_gate_fidelity")).values()
    return TypicalErrors(
        gate_1q=_mean(_infidelity(share(member(one, "value")), 1) for one in ones),
        gate_2q=_infidelity(share(member(properties, "mean_two_qubit_gate_fidelity", "value")), 2),
        readout=_misread(share(member(properties, "spam_fidelity_lower_bound"))),
        t1=time(member(properties, "t1_s", "value"), "s"),
        t2=time(member(properties, "t2_coherence_time_s", "value"), "s"),
        gate_time_1q=_nanoseconds(time(member(properties, "single_qubit_gate_duration_micros"), "us")),
        gate_time_2q=_nanoseconds(time(member(properties, "two_qubit_gate_duration_micros"), "us")),
    )


def _kind(entry: object) -> str:
    return (text(member(entry, "fidelityType", "name")) or "").upper()


def _benchmarked(entries: list[Any], qubits: int) -> float | None:
    """Return the error by the first benchmark in order that the entries hold."""
    by_kind: dict[str, float] = {}
    for entry in entries:
        error = _infidelity(member(entry, "fidelity"), qubits)
        if error is not None:
            by_kind.setdefault(_kind(entry), error)
    return next((by_kind[kind] for kind in BENCHMARKS if kind in by_kind), None)


def _infidelity(fidelity: object, qubits: int) -> float | None:
    value = number(fidelity, 0, 1)
    return None if value is None or value <= 1 / (1 << qubits) else 1 - value


def _misread(fidelity: object) -> float | None:
    value = number(fidelity, 0, 1)
    return None if value is None or value <= COIN else 1 - value


def _error(value: object) -> float | None:
    """Return a readout error from an entry that is named an error though its number stands under "fidelity".

    Some devices put the error there and some the fidelity: what is above one half can only be the latter.
    """
    told = number(value, 0, 1)
    return None if told is None else min(told, 1 - told)


def _microseconds(duration: object) -> float | None:
    value = number(member(duration, "value"), 0, FOREVER)
    scale = MICROSECONDS_IN.get((text(member(duration, "unit")) or "").lower())
    return None if not value or scale is None else value * scale


def _nanoseconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds * NANOSECONDS_IN_US


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

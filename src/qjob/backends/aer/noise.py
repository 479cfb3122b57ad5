"""Noise as numbers: what the options and presets of a noisy simulator mean. Knows no simulator."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from qjob.model.backend import OptionValue
from qjob.model.errors import InvalidOption


@dataclass(frozen=True, slots=True)
class NoiseParameters:
    """The noise of every qubit of a simulated device.

    Every one-qubit gate suffers relaxation over ``gate_time_1q``, then a depolarizing error of average infidelity
    ``gate_error_1q`` on its qubit; every two-qubit gate relaxation of both qubits over ``gate_time_2q``, then a
    depolarizing error of average infidelity ``gate_error_2q`` on the pair. The two add up: an infidelity that was
    measured on a device holds its relaxation already. A ``delay`` relaxes its qubit for its duration; a qubit that
    waits without a delay does not. Barriers, resets and measurements take no time.

    Parameters
    ----------
    gate_error_1q, gate_error_2q
        Average gate infidelity r = 1 - F_avg, as vendors quote it; see `depolarizing`.
    readout_01
        Probability that a qubit in state 0 is read as 1.
    readout_10
        Probability that a qubit in state 1 is read as 0.
    t1, t2
        Relaxation and coherence time in microseconds; infinite where there is none. T2 <= 2 T1.
    gate_time_1q, gate_time_2q
        Gate durations in nanoseconds.
    """

    gate_error_1q: float = 0.0
    gate_error_2q: float = 0.0
    readout_01: float = 0.0
    readout_10: float = 0.0
    t1: float = math.inf
    t2: float = math.inf
    gate_time_1q: float = 50.0
    gate_time_2q: float = 300.0

    @property
    def relaxes(self) -> bool:
        """Whether qubits decay or dephase in time."""
        return self.t2 < math.inf

    @property
    def on_gates(self) -> bool:
        """Whether the state itself becomes noisy, before any readout."""
        return self.gate_error_1q > 0 or self.gate_error_2q > 0 or self.relaxes

    @property
    def on_readout(self) -> bool:
        """Whether bits are read wrong."""
        return self.readout_01 > 0 or self.readout_10 > 0

    def without_readout(self) -> "NoiseParameters":
        """Return the same noise with perfect readout."""
        return replace(self, readout_01=0.0, readout_10=0.0)

    def describe(self) -> dict[str, Any]:
        """Return what is not ideal, as JSON values under the options' names."""
        shown: dict[str, Any] = {
            "gate_error_1q": self.gate_error_1q,
            "gate_error_2q": self.gate_error_2q,
            "readout_error_01": self.readout_01,
            "readout_error_10": self.readout_10,
        }
        if self.relaxes:
            times = {"t2": self.t2, "gate_time_1q": self.gate_time_1q, "gate_time_2q": self.gate_time_2q}
            shown |= {"t1": self.t1, **times} if self.t1 < math.inf else times
        return {name: value for name, value in shown.items() if value}


IDEAL = NoiseParameters()

PRESETS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        # round numbers of each platform's order of magnitude; no device's data
        "superconducting": MappingProxyType(
            {
                "gate_error_1q": 5e-4,
                "gate_error_2q": 5e-3,
                "readout_error_01": 0.01,
                "readout_error_10": 0.02,
                "t1": 100.0,
                "t2": 100.0,
                "gate_time_1q": 40.0,
                "gate_time_2q": 200.0,
            }
        ),
        "trapped-ion": MappingProxyType(
            {
                "gate_error_1q": 1e-4,
                "gate_error_2q": 5e-3,
                "readout_error_01": 0.003,
                "readout_error_10": 0.003,
                "t2": 1e6,
                "gate_time_1q": 1e4,
                "gate_time_2q": 2e5,
            }
        ),
        "nv-center": MappingProxyType(
            {
                "gate_error_1q": 1e-3,
                "gate_error_2q": 1e-2,
                "readout_error_01": 0.05,
                "readout_error_10": 0.05,
                "t1": 5e3,
                "t2": 1e3,
                "gate_time_1q": 100.0,
                "gate_time_2q": 1e3,
            }
        ),
    }
)


def depolarizing(infidelity: float, qubits: int) -> float:
    """Return the depolarizing parameter of an average gate infidelity.

    With d = 2^qubits, the channel rho -> (1 - lambda) rho + lambda I/d has the average fidelity
    F = 1 - lambda (d - 1)/d, so lambda = r d/(d - 1) for r = 1 - F (M. A. Nielsen, Phys. Lett. A 303 (2002) 249).
    """
    d = 1 << qubits
    return infidelity * d / (d - 1)


def noise_of(given: Mapping[str, OptionValue], defaults: Mapping[str, OptionValue]) -> NoiseParameters:
    """Return the noise that a request asks for.

    What is given wins over the preset, and the preset over the backend's defaults. Of the readout errors, an option
    for one way wins over ``readout_error``. Without ``t2`` it is 2 T1: no dephasing beyond what relaxation brings;
    a preset's T2 is lowered to that where a shorter T1 is given.

    Raises
    ------
    InvalidOption
        T2 is longer than 2 T1.
    """
    preset = PRESETS[str(given["preset"])] if "preset" in given else {}
    if "readout_error" in given:
        both = given["readout_error"]
        preset = {**preset, "readout_error_01": float(both), "readout_error_10": float(both)}
    values = {
        name: float(value)
        for name, value in {**defaults, **preset, **given}.items()
        if not isinstance(value, str)
    }
    t1 = values.get("t1", math.inf)
    t2 = values.get("t2", 2 * t1)
    if t2 > 2 * t1:
        if "t2" in given:
            raise _t2_too_long(t1, t2)
        t2 = 2 * t1
    return NoiseParameters(
        gate_error_1q=values.get("gate_error_1q", IDEAL.gate_error_1q),
        gate_error_2q=values.get("gate_error_2q", IDEAL.gate_error_2q),
        readout_01=values.get("readout_error_01", IDEAL.readout_01),
        readout_10=values.get("readout_error_10", IDEAL.readout_10),
        t1=t1,
        t2=t2,
        gate_time_1q=values.get("gate_time_1q", IDEAL.gate_time_1q),
        gate_time_2q=values.get("gate_time_2q", IDEAL.gate_time_2q),
    )


def _t2_too_long(t1: float, t2: float) -> InvalidOption:
    return InvalidOption(
        f"t2={t2:g} us is longer than 2 T1 = {2 * t1:g} us, which no qubit can have.",
        remedy=f"Give t2={2 * t1:g} or less, or t1={t2 / 2:g} or more.",
        numbers={"t1": t1, "t2": t2, "t2_max": 2 * t1},
    )

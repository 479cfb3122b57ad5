"""What stands in for a device on this machine, and how far it is from it. Pure; knows no catalogue and no service.

The gate errors of `qjob.model.device.TypicalErrors` are average gate infidelities, as randomized benchmarking
measures them, and so are the options of the noisy simulator: they are passed on as they are. How they follow from
fidelities, and channels from them, is told by `qjob.backends.braket.calibration` and `qjob.backends.aer.noise`.

A measured infidelity holds what the qubits relax during the gate, and the simulator adds relaxation to the gate
errors. So here gates take no time: T1 and T2 act in delays alone, and nothing is counted twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType

from qjob.model.backend import BackendInfo, OptionValue
from qjob.model.device import DeviceFacts, TypicalErrors
from qjob.model.errors import BackendRefused
from qjob.model.program import CircuitProfile

IDEAL, NOISY, NETWORK = "marqov-sim", "qb-sim-noisy-aer", "qb-sim-tensor-network"
CHANNEL = "kraus"
"""What a noise channel of a program's own is called in its profile."""
DENSITY = "dm1"

IONS, CIRCUITS = "trapped-ion", "superconducting"
PLATFORMS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("aqt", "ionq", "quantinuum"), IONS),
        **dict.fromkeys(("ibm", "iqm", "oqc", "rigetti"), CIRCUITS),
    }
)
"""By the vendor in the QRN, the preset of the noisy simulator that is of its devices' kind."""

ERRORS: Mapping[str, str] = MappingProxyType(
    {"one-qubit gates": "gate_error_1q", "two-qubit gates": "gate_error_2q", "readout": "readout_error"}
)
"""What a calibration tells, and how the options of it begin."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A free run that shows what to expect of a device. Program, shots and seed stay the same.

    Parameters
    ----------
    backend
        The slug of the local simulator.
    options
        Its options.
    sentences
        What is modelled and what is not, for people.
    exact
        Whether the outcomes have the very distribution that the device draws from.
    """

    backend: str
    options: Mapping[str, OptionValue]
    sentences: tuple[str, ...]
    exact: bool


def rehearsal_of(
    info: BackendInfo,
    facts: DeviceFacts | None,
    profile: CircuitProfile,
    local: Callable[[str], BackendInfo],
) -> Rehearsal:
    """Decide what stands in for a backend.

    Parameters
    ----------
    info
        The backend.
    facts
        What its device said last; None where it was never asked.
    profile
        Of the circuit.
    local
        Returns the catalogue row of a local simulator by its slug, such as `Catalogue.get`.

    Raises
    ------
    BackendRefused
        It is local itself, nothing is like it, or the circuit is too wide for what stands in for it.
    """
    if info.local:
        raise BackendRefused(
            f"{info.slug} runs on this machine: there is nothing to rehearse.", remedy="Leave --rehearse out."
        )
    if _kind(info) == "sim":
        return _simulated(info, profile, local)
    twin = _wide_enough(local(NOISY), info, profile, local)
    known = _known(facts.errors, twin) if facts is not None else {}
    missing = _missing(known)
    noise = {"preset": _platform(info), **known} if missing else dict(known)
    sentences = [_where_from(info, facts, known, missing)]
    if any(name.startswith("gate_error") for name in known):
        noise |= {"gate_time_1q": 0.0, "gate_time_2q": 0.0}
        delays = ", so T1 and T2 act in delays alone" if {"t1", "t2"} & known.keys() else ""
        sentences.append(
            "Gate errors are average infidelities by randomized benchmarking, run as depolarizing noise; they hold "
            f"what decays during a gate{delays}."
        )
    sentences.append(_left_out(info, facts))
    return Rehearsal(NOISY, noise, tuple(sentences), exact=False)


def _kind(info: BackendInfo) -> str:
    return info.qrn.split(":")[2]


def _platform(info: BackendInfo) -> str:
    vendor = info.qrn.split(":")[1]
    if vendor not in PLATFORMS:
        raise BackendRefused(
            f"nothing on this machine is like {info.slug}: no errors of it are known, nor what it is built of.",
            remedy=f"Choose the noise yourself: --backend {NOISY} --option gate_error_2q=0.01",
        )
    return PLATFORMS[vendor]


def _simulated(info: BackendInfo, profile: CircuitProfile, local: Callable[[str], BackendInfo]) -> Rehearsal:
    noisy = CHANNEL in profile.gates or info.slug == DENSITY
    twin = _wide_enough(local(NOISY if noisy else IDEAL), info, profile, local)
    what = (
        "runs the noise channels of the program itself and adds none"
        if noisy
        else "is an ideal simulator too"
    )
    said = f"{twin.slug} stands in for {info.slug}: it {what}, so both draw from the same distribution."
    return Rehearsal(twin.slug, {}, (said,), exact=True)


def _wide_enough(
    twin: BackendInfo, info: BackendInfo, profile: CircuitProfile, local: Callable[[str], BackendInfo]
) -> BackendInfo:
    width, limit = profile.active_qubits, twin.max_qubits
    if width <= limit:
        return twin
    network = local(NETWORK)
    ideal = (
        f" Or run it without noise, if its entanglement is low: --backend {network.slug}"
        if width <= network.max_qubits and CHANNEL not in profile.gates
        else ""
    )
    raise BackendRefused(
        f"the circuit needs {width:,} qubits; {twin.slug}, which stands in for {info.slug}, takes at most {limit:,}.",
        remedy=f"Rehearse a smaller circuit of its kind, of at most {limit:,} qubits.{ideal}",
        numbers={"qubits": width, "max_qubits": limit, "backend": twin.slug},
    )


def _known(errors: TypicalErrors, twin: BackendInfo) -> dict[str, OptionValue]:
    """Return a device's mean errors as options of the noisy simulator, within their bounds.

    Relaxation alone is no calibration, and a part of it would contradict a preset. Means over all qubits may break
    T2 <= 2 T1, which holds for each of them; the mean T2 is then lowered to that.
    """
    rounded = TypicalErrors(*(_rounded(value) for value in astuple(errors)))
    each_way = rounded.readout_01 is not None and rounded.readout_10 is not None
    told = {
        "gate_error_1q": rounded.gate_1q,
        "gate_error_2q": rounded.gate_2q,
        "readout_error": None if each_way else rounded.readout,
        "readout_error_01": rounded.readout_01 if each_way else None,
        "readout_error_10": rounded.readout_10 if each_way else None,
    }
    missing = _missing(told)
    if len(missing) == len(ERRORS):
        return {}
    t1, t2 = rounded.t1, rounded.t2
    if not missing or (t1 is not None and t2 is not None):
        told |= {"t1": t1, "t2": t2 if t1 is None or t2 is None else min(t2, 2 * t1)}
    bounds = {spec.name: (spec.minimum, spec.maximum) for spec in twin.options}
    return {name: _within(value, *bounds[name]) for name, value in told.items() if value is not None}


def _rounded(value: float | None) -> float | None:
    """Return a number with the digits that a calibration is good for, which are those that people read."""
    return None if value is None else float(f"{value:.4g}")


def _within(value: float, low: float | None, high: float | None) -> float:
    return max(value if high is None else min(value, high), value if low is None else low)


def _missing(told: Mapping[str, OptionValue | None]) -> tuple[str, ...]:
    known = [name for name, value in told.items() if value is not None]
    return tuple(
        what for what, option in ERRORS.items() if not any(name.startswith(option) for name in known)
    )


def _where_from(
    info: BackendInfo, facts: DeviceFacts | None, known: Mapping[str, OptionValue], missing: tuple[str, ...]
) -> str:
    lead = f"{NOISY} stands in for {info.slug}"
    if facts is None or not known:
        return (
            f"{lead} with the preset {_platform(info)}: round numbers of that platform's order of magnitude and of "
            "no particular device, since no calibration of it is known here."
        )
    calibrated = facts.calibrated_at
    since = (
        f"that it told on {facts.at:%Y-%m-%d}"
        if calibrated is None
        else f"of its calibration of {calibrated:%Y-%m-%d}"
    )
    said = f"{lead} with the mean errors {since}: {', '.join(_in_words(known))}."
    if missing:
        said += (
            f" That of {' and '.join(missing)} is not known: it is the preset {_platform(info)}'s, of that "
            "platform's order of magnitude."
        )
    return said


def _in_words(known: Mapping[str, OptionValue]) -> list[str]:
    words = {
        "gate_error_1q": "one-qubit gates {:.2g} %",
        "gate_error_2q": "two-qubit gates {:.2g} %",
        "readout_error": "readout {:.2g} %",
        "readout_error_01": "0 read as 1 in {:.2g} %",
        "readout_error_10": "1 read as 0 in {:.2g} %",
    }
    shares = [text.format(100 * float(known[name])) for name, text in words.items() if name in known]
    return shares + [f"{name.upper()} {_time(float(known[name]))}" for name in ("t1", "t2") if name in known]


def _time(microseconds: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if microseconds >= size:
            return f"{microseconds / size:,.4g} {unit}"
    return f"{microseconds:.4g} us"


def _left_out(info: BackendInfo, facts: DeviceFacts | None) -> str:
    coupled = facts is not None and facts.edges is not None
    gates = (
        f"the gates of {info.slug} and to the pairs of qubits it couples"
        if coupled
        else f"the gates of {info.slug}"
    )
    return (
        "All qubits are alike, without crosstalk, and the circuit runs as it is written: what compiling it to "
        f"{gates} adds in gates and errors is left out."
    )

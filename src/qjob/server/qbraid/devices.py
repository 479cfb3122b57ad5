"""Devices over qBraid's API: backends by their QRN, with what they cost in credits and what their services say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field

from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts
from qjob.model.money import to_nano
from qjob.model.price import Free, PerShot, PerTime, Price
from qjob.policy.pricing import UNIT_SECONDS, fee_and_shots
from qjob.request import DEFAULT_SHOTS
from qjob.server.availability import Availability, judge
from qjob.server.desk import Desk
from qjob.server.qbraid import find
from qjob.server.qbraid.base import Answered, Credits, Envelope, credits_of
from qjob.server.qbraid.bodies import DevicesQuery, EstimateQuery
from qjob.server.qbraid.errors import NothingKept
from qjob.server.qbraid.submitting import noise_models
from qjob.server.routes import Answer, Call

Status = Literal["ONLINE", "UNAVAILABLE", "OFFLINE", "RETIRED"]


class Pricing(Answered):
    """What a device charges, in credits."""

    per_task: Credits
    per_shot: Credits
    per_minute: Credits


class Device(Answered):
    """A device."""

    name: str
    qrn: str
    vrn: str
    vendor: str
    provider: str
    provider_id: str
    description: str
    device_type: Literal["SIMULATOR", "QPU"]
    paradigm: Literal["gate_model"] = "gate_model"
    run_input_types: list[str]
    status: Status
    status_msg: str | None
    next_available: datetime | None
    queue_depth: int | None
    number_qubits: int
    noise_models: list[str] | None
    min_shots: int
    max_shots: int
    pricing_model: Literal["fixed", "dynamic"] | None
    pricing: Pricing | None
    direct_access: bool = True
    batch_job_support: bool = True
    visibility: Literal["public"] = "public"
    verified: Literal["verified"] = "verified"


class DeviceAnswer(Envelope):
    """A device."""

    data: Device


class DevicesAnswer(Envelope):
    """Devices."""

    data: list[Device]


class Provider(Answered):
    """Who has devices."""

    id: str = Field(serialization_alias="_id")
    provider: str
    devices: list[str]
    visibility: Literal["public"] = "public"


class Providers(Answered):
    """Who has devices."""

    providers: list[Provider]


class ProvidersAnswer(Envelope):
    """Who has devices."""

    data: Providers


class Estimate(Answered):
    """What a job would cost, or why nobody can say."""

    pricing_available: bool
    device_qrn: str
    shots: int
    pricing_model: Literal["fixed", "dynamic"] | None
    estimated_cost: Credits | None = None
    reason: str | None = None


class EstimateAnswer(Envelope):
    """What a job would cost."""

    data: Estimate


def devices(desk: Desk, call: Call) -> Answer:
    """Return the devices, in the catalogue's order."""
    query: DevicesQuery = call.query
    facts, now = desk.engine.device_facts(), datetime.now(UTC)
    shown = [_device(desk, info, facts, now) for info in desk.engine.catalogue]
    if query.retired is not None:
        shown = [device for device in shown if (device.status == "RETIRED") == (query.retired == "true")]
    return Answer(DevicesAnswer(data=shown))


def device(desk: Desk, call: Call) -> Answer:
    """Return a device."""
    info = find.device(desk, call.path["qrn"])
    return Answer(DeviceAnswer(data=_device(desk, info, desk.engine.device_facts(), datetime.now(UTC))))


def calibrations(desk: Desk, call: Call) -> Answer:
    """Say that there are none: what services tell of single qubits is not kept."""
    info = find.device(desk, call.path["qrn"])
    raise NothingKept(
        f"no calibration of the single qubits of {info.slug} is kept here.",
        remedy=f"What is known of the device: GET devices/{info.qrn}",
    )


def providers(desk: Desk, _: Call) -> Answer:
    """Return the providers and the QRNs of their devices."""
    of: dict[str, list[str]] = {}
    for info in desk.engine.catalogue:
        of.setdefault(info.qrn.split(":")[1], []).append(info.qrn)
    found = [Provider(id=name, provider=name, devices=qrns) for name, qrns in of.items()]
    return Answer(ProvidersAnswer(data=Providers(providers=found)))


def estimate(desk: Desk, call: Call) -> Answer:
    """Return what so many shots on a device would cost, whatever the circuit, where its price is like that."""
    query: EstimateQuery = call.query
    info = find.device(desk, query.device_qrn)
    shots = DEFAULT_SHOTS if query.shots is None else int(query.shots)
    cost, reason = _estimated(info.price, shots)
    data = Estimate(
        pricing_available=cost is not None,
        device_qrn=info.qrn,
        shots=shots,
        pricing_model=_model(info.price),
        estimated_cost=None if cost is None else credits_of(cost),
        reason=reason,
    )
    return Answer(EstimateAnswer(data=data))


def _estimated(price: Price | None, shots: int) -> tuple[int | None, str | None]:
    """Return a price in nano-dollars, or why it needs the circuit."""
    match None if price is None else price.rates:
        case Free():
            return 0, None
        case PerShot() as rates:
            return max(to_nano(rates.minimum), fee_and_shots(rates, shots)), None
        case None:
            return None, "nobody knows what this device costs."
        case rates:
            return (
                None,
                f"it costs {rates}, so that it depends on the circuit; a job's estimatedCost is its cap.",
            )


def _device(desk: Desk, info: BackendInfo, facts: Mapping[str, DeviceFacts], now: datetime) -> Device:
    vendor, provider, kind, _ = info.qrn.split(":")
    told = facts.get(info.target)
    found = judge(info, told, now, runs_here=desk.engine.can_run(info))
    low, high = (told.shots if told is not None else None) or (info.min_shots, info.max_shots)
    return Device(
        name=info.title,
        qrn=info.qrn,
        vrn=info.target or info.slug,
        vendor=vendor,
        provider=provider,
        provider_id=provider,
        description=info.description,
        device_type="SIMULATOR" if kind == "sim" else "QPU",
        run_input_types=["qasm3", "qasm2"],
        status=status_of(found.state),
        status_msg=found.why,
        next_available=found.opens_at,
        queue_depth=told.queue.count if told is not None and told.queue is not None else None,
        number_qubits=info.max_qubits if told is None or told.qubits is None else told.qubits,
        noise_models=list(noise_models(info)) or None,
        min_shots=max(low, info.min_shots),
        max_shots=min(high, info.max_shots),
        pricing_model=_model(info.price),
        pricing=_pricing(info.price),
    )


def status_of(state: Availability) -> Status:
    """Return what qBraid calls it; what is closed now takes jobs all the same."""
    match state:
        case "available" | "closed":
            return "ONLINE"
        case "unknown":
            return "UNAVAILABLE"
        case "retired":
            return "RETIRED"
    return "OFFLINE"


def _model(price: Price | None) -> Literal["fixed", "dynamic"] | None:
    if price is None:
        return None
    return "fixed" if _pricing(price) is not None else "dynamic"


def _pricing(price: Price | None) -> Pricing | None:
    """Return a price as three rates; None of one that is no sum of these."""
    match None if price is None else price.rates:
        case Free():
            return _rates()
        case PerShot() as rates if not rates.minimum:
            return _rates(per_task=to_nano(rates.task_fee), per_shot=to_nano(rates.per_shot))
        case PerTime() as rates:
            return _rates(
                per_minute=to_nano(rates.amount) * (UNIT_SECONDS["minute"] // UNIT_SECONDS[rates.unit])
            )
    return None


def _rates(**nano: Any) -> Pricing:
    none = dict.fromkeys(("per_task", "per_shot", "per_minute"), 0)
    return Pricing(**{name: credits_of(amount) for name, amount in {**none, **nano}.items()})

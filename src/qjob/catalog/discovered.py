"""Devices that Amazon Braket shows and no row of the catalogue names, as rows without a price. Pure; asks nobody.

No price is guessed for them, so a job is refused; `price_remedy` is the way out, to be given where a job or a quote
is refused because its backend has no price.
"""

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from qjob.catalog.loader import Catalogue
from qjob.model.backend import BackendInfo
from qjob.model.device import DeviceFacts

ADAPTER = "braket"
PRICES = "https://aws.amazon.com/braket/pricing/"
TYPES = {"qpu": "qpu", "quantum-simulator": "sim"}
TIERS = {"qpu": "Quantum hardware", "sim": "Cloud simulators"}
OWN = "amazon"  # its devices go by their names alone, such as "sv1"
MOST_SHOTS = 100_000  # of the platform
TEXTS = ("slug", "qrn", "title", "tier", "adapter", "target", "description")
NUMBERS = ("max_qubits", "min_shots", "max_shots")
ARN = re.compile(r"arn:aws[a-z-]*:braket:([a-z0-9-]*)::device/([a-z-]+)/([^/]+)/([^/]+)")


class _Name(NamedTuple):
    """What an ARN says: where, which kind of device, whose and which."""

    region: str
    type: str
    vendor: str
    device: str


def rows_of(facts: Iterable[DeviceFacts], catalogue: Catalogue) -> tuple[BackendInfo, ...]:
    """Return a row for every device that the catalogue does not name, in the order of their slugs.

    Devices that take no gate programs, or do not tell how many qubits they have, are left out. The slug is vendor,
    name and number, such as ``iqm-sirius-2``; where it is taken, followed by the region.
    """
    named = {row.target for row in catalogue}
    taken = {name for row in catalogue for name in (row.slug, row.qrn)}
    rows = []
    for one in sorted(facts, key=lambda one: one.target):
        name = _name(one.target)
        if name is None or one.target in named or one.gates is None or not one.qubits:
            continue
        for device in (name.device, f"{name.device}-{name.region}"):
            row = _row(one, name._replace(device=device), one.qubits)
            if not {row.slug, row.qrn} & taken:
                taken |= {row.slug, row.qrn}
                rows.append(row)
                break
    return tuple(sorted(rows, key=lambda row: row.slug))


def price_remedy(info: BackendInfo, today: date) -> str:
    """Return how to give a discovered backend its price: the row to write, with the amounts left to fill in."""
    texts = {name: json.dumps(getattr(info, name), ensure_ascii=False) for name in TEXTS}
    numbers = {name: getattr(info, name) for name in NUMBERS}
    row = [f"{name} = {value}" for name, value in (texts | numbers).items()]
    if info.qrn.split(":")[2] == "sim":
        rates = [
            'kind = "time"',
            'per_minute = ""  # US dollars, such as "0.075"',
            "minimum_seconds = 3",
            '# method = "statevector"  # or "density_matrix", if it is one: how the time is estimated',
        ]
    else:
        rates = [
            'kind = "task"',
            'task_fee = ""  # US dollars a task, such as "0.30"',
            'per_shot = ""  # US dollars a shot, such as "0.00145"',
        ]
    lines = [
        *("[[backend]]", *row, "local = false", "", "[backend.price]", *rates),
        *('currency = "USD"', f'source = "{PRICES}"', f"as_of = {today}"),
    ]
    return (
        f"Look up its price ({PRICES}), fill it in between the empty quotation marks, and write all of this into "
        "backends.toml in QJOB_HOME:\n" + "\n".join(lines)
    )


def is_discovered(info: BackendInfo) -> bool:
    """Whether a row without a price can be given one by `price_remedy`."""
    return info.adapter == ADAPTER and info.price is None and not info.retired


def _name(arn: str) -> _Name | None:
    found = ARN.fullmatch(arn)
    if found is None or found[2] not in TYPES:
        return None
    vendor, device = (_words(part) for part in found.group(3, 4))
    return _Name(found[1], TYPES[found[2]], vendor, device) if vendor and device else None


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _row(facts: DeviceFacts, name: _Name, qubits: int) -> BackendInfo:
    vendor = _shown(facts.vendor, name.vendor)
    device = _shown(facts.name, name.device)
    low, high = facts.shots or (1, MOST_SHOTS)
    where = f" in {name.region}" if name.region else ""
    kind = "Simulator" if name.type == "sim" else "Quantum computer"
    return BackendInfo(
        slug=name.device if name.vendor == OWN else f"{name.vendor}-{name.device}",
        qrn=f"aws:{'aws' if name.vendor == OWN else name.vendor}:{name.type}:{name.device}",
        title=device if name.vendor == OWN or device.startswith(vendor) else f"{vendor} {device}",
        tier=TIERS[name.type],
        adapter=ADAPTER,
        description=f"{kind} that Amazon Braket shows{where}; qjob knows no price for it.",
        max_qubits=qubits,
        min_shots=max(low, 1),
        max_shots=max(high, 1),
        local=False,
        target=facts.target,
        retired=f"by {facts.at.date()}" if facts.status == "retired" else "",
    )


def _shown(told: str | None, otherwise: str) -> str:
    return told if told is not None and told.isprintable() else otherwise

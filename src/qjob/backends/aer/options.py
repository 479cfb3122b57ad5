"""The options of a request on a local simulator, in their types. Knows no simulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from qjob.backends.aer.noise import IDEAL, NoiseParameters, noise_of
from qjob.model.backend import BackendInfo, OptionValue

TRUNCATION = 1e-16
"""Aer's own truncation threshold of matrix product states."""


@dataclass(frozen=True, slots=True)
class AerOptions:
    """What a request asks of Aer beside program, shots and seed."""

    device: Literal["CPU", "GPU"] = "CPU"
    statevector: bool = False  # return the final state too
    noise: NoiseParameters = IDEAL
    max_bond_dimension: int | None = None  # None: as many as the truncation threshold leaves
    truncation_threshold: float = TRUNCATION


def options_of(info: BackendInfo, given: Mapping[str, OptionValue]) -> AerOptions:
    """Return a request's options, those not given at the backend's defaults.

    Parameters
    ----------
    info
        The backend; its options were checked against its schema already.
    given
        The options of the request.

    Raises
    ------
    InvalidOption
        T2 is longer than 2 T1.
    """
    defaults = {spec.name: spec.default for spec in info.options if spec.default is not None}
    values = {**defaults, **given}
    bond = values.get("max_bond_dimension")
    return AerOptions(
        device="GPU" if values.get("device") == "gpu" else "CPU",
        statevector=bool(values.get("statevector", False)),
        noise=noise_of(given, defaults) if info.target == "noisy" else IDEAL,
        max_bond_dimension=int(bond) if bond is not None else None,
        truncation_threshold=float(values.get("truncation_threshold", TRUNCATION)),
    )

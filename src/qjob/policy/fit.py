"""Whether a circuit fits a backend, by the catalogue row alone. Pure; the machine and the device know more."""

from qjob.model.backend import BackendInfo
from qjob.model.program import CircuitProfile


def misfit(info: BackendInfo, profile: CircuitProfile, shots: int) -> str:
    """Return why a circuit does not fit, in a sentence without a full stop; an empty text where it does."""
    if info.retired:
        return f"retired {info.retired}{info.way_out}"
    width = profile.active_qubits
    if width > info.max_qubits:
        return f"{width:,} qubits are too many: at most {info.max_qubits:,}"
    if not info.min_shots <= shots <= info.max_shots:
        return f"{shots:,} shots are out of range: {info.min_shots:,} to {info.max_shots:,}"
    return ""

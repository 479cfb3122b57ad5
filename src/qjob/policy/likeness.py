"""Which runs are alike enough that one tells how long another takes. Pure; knows no circuit and no store.

Alike are runs on one backend, of as many shots, with the same options, of circuits

- of the same shape, where a formula says how the backend simulates (`qjob.policy.runtime`) and the circuit has
  standard gates only: as many qubits, as many of them that matter, and as many of each operation. That is all that
  the formula goes by; the angles, and which qubits a gate acts on, are not in it.
- that are one and the same, everywhere else: nobody knows there what the time depends on.

Seeds do not matter, nor who submitted the run.
"""

import hashlib
import json
from collections.abc import Callable, Mapping

from qjob.model.backend import BackendInfo, OptionValue
from qjob.model.gates import count_gates
from qjob.model.price import PerTime
from qjob.model.program import CircuitProfile


def likeness(
    info: BackendInfo,
    profile: CircuitProfile,
    shots: int,
    options: Mapping[str, OptionValue],
    fingerprint: Callable[[], str],
) -> str | None:
    """Return a text that is the same of two runs that are alike; None where the backend does not bill time.

    Parameters
    ----------
    fingerprint
        Returns the circuit's, see `qjob.programs.fingerprint`; that takes some time, so it is asked where it counts.
    """
    if info.free or info.price is None or not isinstance(info.price.rates, PerTime):
        return None
    method = info.price.rates.method
    if method is not None and not count_gates(profile.gates).other:
        qubits = [profile.num_qubits, profile.active_qubits]
        circuit: object = [method, *qubits, profile.terminal, sorted(profile.gates.items())]
    else:
        circuit = fingerprint()
    text = json.dumps([info.slug, shots, sorted(options.items()), circuit])
    return hashlib.sha256(text.encode()).hexdigest()

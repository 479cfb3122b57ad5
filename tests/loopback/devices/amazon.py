"""Amazon's own simulators. Their ARNs have no region; they are there in four of them."""

from typing import Any

from loopback.devices.shapes import Device, header, openqasm, service, words

REGIONS = ("us-east-1", "us-west-1", "us-west-2", "eu-west-2")
SHOTS = (0, 100_000)
GATES = words(
    "ccnot cnot cphaseshift cphaseshift00 cphaseshift01 cphaseshift10 cswap cv cy cz ecr gpi gpi2 h i iswap ms pswap "
    "phaseshift prx rx ry rz s si swap t ti unitary v vi x xx xy y yy z zz gphase"
)
NOISES = words(
    "bit_flip phase_flip pauli_channel depolarizing two_qubit_depolarizing two_qubit_dephasing amplitude_damping "
    "generalized_amplitude_damping phase_damping kraus"
)
OBSERVABLES = ["x", "y", "z", "h", "i", "hermitian"]


def devices() -> list[Device]:
    """Return SV1, DM1 and TN1, which is retired."""
    return [
        _simulator("sv1", 34, exact=("StateVector", "DensityMatrix", "Amplitude")),
        _simulator("dm1", 17, exact=("DensityMatrix",), noise=True),
        _simulator("tn1", 50, exact=(), status="RETIRED"),
    ]


def _simulator(
    name: str, qubits: int, *, exact: tuple[str, ...], noise: bool = False, status: str = "ONLINE"
) -> Device:
    pragmas = {
        "supportedPragmas": ["braket_unitary_matrix", *(f"braket_noise_{one}" for one in NOISES if noise)]
    }
    capabilities: dict[str, Any] = {
        "braketSchemaHeader": header("simulators.gate_model_simulator_device_capabilities", 1),
        "service": service(shots=SHOTS, price=(0.075, "minute"), location="us-east-1", poll_ms=100),
        "action": {
            "braket.ir.openqasm.program": openqasm(
                GATES,
                _results(exact),
                **pragmas,
                forbiddenPragmas=[] if noise else [f"braket_noise_{one}" for one in NOISES],
                supportPhysicalQubits=False,
                requiresContiguousQubitIndices=True,
                disabledQubitRewiringSupported=False,
            )
        },
        "paradigm": {
            "braketSchemaHeader": header("simulators.gate_model_simulator_paradigm_properties", 1),
            "qubitCount": qubits,
        },
        "deviceParameters": {},
    }
    return Device(
        arn=f"arn:aws:braket:::device/quantum-simulator/amazon/{name}",
        name=name.upper(),
        provider="Amazon Braket",
        kind="SIMULATOR",
        status=status,
        regions=REGIONS,
        qubits=qubits,
        shots=SHOTS,
        gates=frozenset(GATES),
        native=frozenset(),
        capabilities=capabilities,
        noise=noise,
        contiguous=True,
    )


def _results(exact: tuple[str, ...]) -> list[dict[str, Any]]:
    most = SHOTS[1]
    return [
        {"name": "Sample", "observables": OBSERVABLES, "minShots": 1, "maxShots": most},
        {"name": "Expectation", "observables": OBSERVABLES, "minShots": 0, "maxShots": most},
        {"name": "Variance", "observables": OBSERVABLES, "minShots": 0, "maxShots": most},
        {"name": "Probability", "minShots": 0, "maxShots": most},
        *({"name": name, "minShots": 0, "maxShots": 0} for name in exact),
    ]

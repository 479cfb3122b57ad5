"""What goes with a task beside its program, in the device's own schema; chosen by device as the SDK does."""

from braket.device_schema import GateModelParameters
from braket.device_schema.ionq import IonqDeviceParameters
from braket.device_schema.rigetti import RigettiDeviceParameters
from braket.device_schema.simulators import GateModelSimulatorDeviceParameters

SCHEMAS = {"ionq": IonqDeviceParameters, "rigetti": RigettiDeviceParameters}


def without_rewiring(arn: str) -> str:
    """Return the JSON that has a device take a program's qubits for its own, as their numbers say."""
    vendor = arn.rsplit("/", 2)[-2]
    schema = SCHEMAS.get(vendor, GateModelSimulatorDeviceParameters)
    # the number of qubits is not used with OpenQASM
    paradigm = GateModelParameters(qubitCount=0, disableQubitRewiring=True)
    text: str = schema(paradigmParameters=paradigm).json(exclude_none=True)
    return text

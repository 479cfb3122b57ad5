"""Running a task: Braket's own local simulator, and results.json as each kind of device writes it.

It must not know queues, faults or HTTP.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from braket.default_simulator import DensityMatrixSimulator, StateVectorSimulator
from braket.ir.openqasm import Program
from braket.schema_common import BraketSchemaBase
from braket.tasks import GateModelQuantumTaskResult

from loopback import storage
from loopback.devices.shapes import Device
from loopback.tasks import Task

RESULT = "braket.task_result"
MOST_QUBITS = {False: 20, True: 10}
"""What this machine runs in a moment; with noise, less."""


@dataclass(frozen=True)
class Run:
    """What one run needs to know beside the task."""

    device: Device
    duration_ms: int
    started: datetime


def run(task: Task, this: Run) -> str | None:
    """Run a task and write its results.json; return why it failed, or None."""
    given = json.loads(task.input["action"])
    program = Program(source=given["source"], inputs=given.get("inputs") or {})
    simulator = DensityMatrixSimulator() if this.device.noise else StateVectorSimulator()
    most = MOST_QUBITS[this.device.noise]
    try:
        if (qubits := simulator.parse_program(program).circuit.num_qubits) > most:
            return f"The loopback runs at most {most} qubits here, this program has {qubits}"
        found = simulator.run(program, shots=task.input["shots"])
    except Exception as error:  # noqa: BLE001 - whatever a program does wrong is the task's failure, as at AWS
        return f"{type(error).__name__}: {error}"
    if task.input["shots"] and found.resultTypes:  # the simulator only names them, the service works them out
        found.resultTypes = GateModelQuantumTaskResult.from_object(found).result_types
    body = json.dumps(_result(task, this, found.dict()), default=_plain)
    BraketSchemaBase.parse_raw_schema(body)
    if storage.bucket(task.input["outputS3Bucket"], task.account) is None:
        return f"Results cannot be written to {task.input['outputS3Bucket']}"
    storage.write(task.input["outputS3Bucket"], task.account, f"{task.directory}/results.json", body.encode())
    return None


def _result(task: Task, this: Run, found: dict[str, Any]) -> dict[str, Any]:
    shots = task.input["shots"]
    measurements = [[int(bit) for bit in row] for row in found["measurements"]] if shots else []
    result = {
        "braketSchemaHeader": {"name": f"{RESULT}.gate_model_task_result", "version": "1"},
        "measuredQubits": found["measuredQubits"],
        "resultTypes": found["resultTypes"],
        "taskMetadata": _task_metadata(task, this),
        "additionalMetadata": {"action": json.loads(task.input["action"])} | _metadata(this, task),
    }
    if measurements and this.device.provider == "IonQ":
        counts = Counter("".join(map(str, row)) for row in measurements)
        result["measurementProbabilities"] = {bits: n / shots for bits, n in sorted(counts.items())}
    elif measurements:
        result["measurements"] = measurements
    return result


def _task_metadata(task: Task, this: Run) -> dict[str, Any]:
    metadata = {
        "braketSchemaHeader": {"name": f"{RESULT}.task_metadata", "version": "1"},
        "id": task.arn,
        "shots": task.input["shots"],
        "deviceId": this.device.arn,
        "createdAt": _stamp(task.created),
        "endedAt": _stamp(this.started),
        "status": "COMPLETED",
    }
    if parameters := task.input.get("deviceParameters"):
        metadata["deviceParameters"] = json.loads(parameters)
    return metadata


def _metadata(this: Run, task: Task) -> dict[str, Any]:
    """Return what a vendor adds: its own metadata, under its own name."""

    def own(name: str, **values: Any) -> dict[str, Any]:
        return {f"{name}Metadata": {"braketSchemaHeader": _metadata_header(name), **values}}

    match this.device.provider:
        case "Amazon Braket":
            return own("simulator", executionDuration=this.duration_ms)
        case "IonQ":
            return own("ionq")
        case "Rigetti":
            return own("rigetti", compiledProgram=_compiled(task))
        case "IQM":
            return own("iqm", compiledProgram=_compiled(task))
    return {}


def _metadata_header(name: str) -> dict[str, str]:
    return {"name": f"{RESULT}.{name}_metadata", "version": "1"}


def _compiled(task: Task) -> str:
    """Return what the device says that it ran: here the program as it was sent."""
    return json.loads(task.input["action"])["source"]


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _plain(value: Any) -> Any:
    if isinstance(value, complex):  # numpy's, too
        return [value.real, value.imag]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON")

"""The test's side: JSON over HTTP under /_control/, one name for each thing that can be switched on.

A new switch is one function here and one method of the client.
"""

import json
import traceback
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from loopback.faults import Fault
from loopback.model import OPERATIONS, Answer

if TYPE_CHECKING:
    from loopback.world import World

PREFIX = "/_control/"


def answer(world: "World", name: str, body: bytes) -> Answer:
    """Do what a test asks for; what goes wrong is told in the answer."""
    try:
        found = COMMANDS[name](world, **json.loads(body or b"{}"))
        status, told = 200, {"value": found}
    except Exception as error:  # noqa: BLE001 - told to the test, which raises it
        status, told = 400, {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(told, default=str).encode())


def _device(world: "World", device: str) -> str:
    """Return the ARN of a device, which may be named by the end of it: "sv1", "Garnet"."""
    found = [arn for arn in world.devices if arn == device or arn.rsplit("/", 1)[1].lower() == device.lower()]
    if len(found) != 1:
        raise ValueError(f"{device} is none of {[arn.rsplit('/', 1)[1] for arn in world.devices]}")
    return found[0]


def _set_status(world: "World", device: str, status: str) -> None:
    if status not in ("ONLINE", "OFFLINE", "RETIRED"):
        raise ValueError(f"{status} is no status of a device")
    world.operations.statuses[_device(world, device)] = status


def _fault(world: "World", **facts: Any) -> None:
    fault = Fault(**facts)
    ours = fault.operation in (*OPERATIONS, "*")
    if not ours and (
        fault.kind in ("lose_reply", "reorder") or not fault.operation.startswith(("s3:", "sts:"))
    ):
        raise ValueError(f"{fault.kind} is not played for {fault.operation}")
    if fault.kind == "fail" and ours:
        world.service.status(fault.code)  # a code that Braket does not have is the test's mistake
    world.faults.add(fault)


def _duration(world: "World", ms: int) -> None:
    world.duration_ms = ms


def _tasks(world: "World") -> list[dict[str, Any]]:
    return [
        {
            "arn": task.arn,
            "token": task.input["clientToken"],
            "tags": task.tags,
            "account": task.account,
            "region": task.region,
            "device": task.device,
            "shots": task.input["shots"],
            "status": task.status,
            "history": task.history,
            "source": json.loads(task.input["action"]).get("source"),
            "bucket": task.input["outputS3Bucket"],
            "directory": task.directory,
            "reason": task.reason,
        }
        for task in world.tasks.all()
    ]


def _deny(world: "World", access_key: str, operation: str) -> None:
    world.identity.key(access_key).denied.add(operation)


def _expire(world: "World", access_key: str, *, expired: bool) -> None:
    world.identity.key(access_key).expired = expired


def _allow(world: "World", access_key: str) -> None:
    world.identity.key(access_key).denied.clear()


COMMANDS: dict[str, Callable[..., Any]] = {
    "reset": lambda world: world.reset(),
    "hold": lambda world, device: world.tasks.hold(_device(world, device)),
    "release": lambda world, device: world.tasks.release(_device(world, device)),
    "step": lambda world, arn: world.tasks.step(arn),
    "queue": lambda world, device, others: world.tasks.queue(_device(world, device), others),
    "set_status": _set_status,
    "change": lambda world, device, path, value: world.operations.change(_device(world, device), path, value),
    "fail_tasks": lambda world, device, reason: world.tasks.fail(_device(world, device), reason),
    "cancel_mode": lambda world, mode: world.tasks.cancel_mode(mode),
    "fault": _fault,
    "calm": lambda world: world.faults.clear(),
    "faults": lambda world: [asdict(fault) for fault in world.faults.due()],
    "duration": _duration,
    "expire": lambda world, access_key: _expire(world, access_key, expired=True),
    "renew": lambda world, access_key: _expire(world, access_key, expired=False),
    "deny": _deny,
    "allow": _allow,
    "add_key": lambda world, access_key, account, token: world.identity.add(access_key, account, token),
    "tasks": _tasks,
    "requests": lambda world: [asdict(one) for one in world.logged()],
    "bugs": lambda world: list(world.bugs),
    "devices": lambda world: list(world.devices),
}

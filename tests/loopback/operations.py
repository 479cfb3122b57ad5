"""What each operation of Amazon Braket does, from checked input to output.

It must not know HTTP, signatures or faults.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from loopback import programs, storage
from loopback.devices.shapes import Device
from loopback.identity import Caller
from loopback.model import AwsError
from loopback.tasks import ENDED, Task, Tasks

QUEUE = {"queue": "QUANTUM_TASKS_QUEUE", "queuePriority": "Normal"}
PAGE = 100
MOST_SHOWN = {"device": 4000, "task": 2000}
"""Longer queues are told as ">4000" and ">2000"."""

TASK_FILTERS: dict[str, Callable[[Task], Any]] = {
    "quantumTaskArn": lambda task: task.arn,
    "deviceArn": lambda task: task.device,
    "jobArn": lambda _: None,
    "status": lambda task: task.status,
    "createdAt": lambda task: task.created,
}
COMPARED = {
    "LT": lambda value, to: value < to[0],
    "LTE": lambda value, to: value <= to[0],
    "EQUAL": lambda value, to: value in to,
    "GT": lambda value, to: value > to[0],
    "GTE": lambda value, to: value >= to[0],
    "BETWEEN": lambda value, to: to[0] <= value <= to[1],
}


@dataclass
class Operations:
    """The operations over devices and tasks; a device's status and what it tells of itself can be changed by hand."""

    devices: dict[str, Device]
    tasks: Tasks
    statuses: dict[str, str] = field(default_factory=dict)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def perform(
        self, operation: str, caller: Caller, given: dict[str, Any], *, older: bool = False
    ) -> dict[str, Any]:
        """Perform an operation; `older` asks for an earlier state of a task than was told last."""
        if operation == "GetQuantumTask":
            return self._get_task(caller, given, older=older)
        return self._table[operation](caller, given)

    @property
    def _table(self) -> dict[str, Callable[[Caller, dict[str, Any]], dict[str, Any]]]:
        return {
            "GetDevice": self._get_device,
            "SearchDevices": self._search_devices,
            "CreateQuantumTask": self._create,
            "CancelQuantumTask": self._cancel,
            "SearchQuantumTasks": self._search_tasks,
            "ListTagsForResource": self._tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def change(self, arn: str, path: str, value: Any) -> None:
        """Let a device tell something else of itself; what it takes stays the same."""
        told = copy.deepcopy(self.changed.get(arn, self.devices[arn].capabilities))
        *parents, last = path.split(".")
        place = told
        for parent in parents:
            place = place[parent]
        if last not in place:
            raise KeyError(f"{arn} tells nothing of {path}")
        place[last] = value
        self.changed[arn] = told

    def reset(self) -> None:
        """Take back all changes of devices."""
        self.statuses.clear()
        self.changed.clear()

    def status(self, device: Device) -> str:
        """Return the status of a device as it is now."""
        return self.statuses.get(device.arn, device.status)

    def _device(self, caller: Caller, arn: str) -> Device:
        device = self.devices.get(arn)
        if device is None or caller.region not in device.regions:
            raise AwsError("ResourceNotFoundException", f"Device {arn} not found")
        return device

    def _get_device(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        arn = given["deviceArn"]
        device = self._device(caller, arn)
        jobs = {"queue": "JOBS_QUEUE", "queueSize": "0"}
        normal = QUEUE | {"queueSize": _size(self.tasks.depth(arn), MOST_SHOWN["device"])}
        priority = QUEUE | {"queuePriority": "Priority", "queueSize": "0"}
        return self._row(device) | {
            "deviceCapabilities": json.dumps(self.changed.get(arn, device.capabilities)),
            "deviceQueueInfo": [normal, priority, jobs],
        }

    def _row(self, device: Device) -> dict[str, Any]:
        return {
            "deviceArn": device.arn,
            "deviceName": device.name,
            "providerName": device.provider,
            "deviceType": device.kind,
            "deviceStatus": self.status(device),
        }

    def _search_devices(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        found = [device for device in self.devices.values() if caller.region in device.regions]
        for one in given["filters"]:
            if one["name"] != "deviceArn":
                raise AwsError("ValidationException", f"Filter {one['name']} is not supported")
            found = [device for device in found if device.arn in one["values"]]
        page, token = _page(found, given)
        return {"devices": [self._row(device) for device in page]} | token

    def _create(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        if (task := self.tasks.again(caller.account, caller.region, given)) is not None:
            return {"quantumTaskArn": task.arn}
        arn = given["deviceArn"]
        device = self.devices.get(arn)
        if device is None or caller.region not in device.regions:
            raise AwsError("ValidationException", f"Device {arn} is not available in {caller.region}")
        if self.status(device) == "RETIRED":
            raise AwsError("DeviceRetiredException", f"Device {arn} is retired")
        if self.status(device) == "OFFLINE":
            raise AwsError("DeviceOfflineException", f"Device {arn} is offline")
        programs.check(device, given)
        bucket = storage.bucket(given["outputS3Bucket"], caller.account)
        if bucket is None or bucket.region_name != caller.region:
            raise AwsError(
                "ValidationException",
                f"Caller doesn't have access to {given['outputS3Bucket']} or it doesn't exist.",
            )
        return {"quantumTaskArn": self.tasks.create(caller.account, caller.region, given).arn}

    def _get_task(self, caller: Caller, given: dict[str, Any], *, older: bool) -> dict[str, Any]:
        task = self.tasks.find(caller.account, caller.region, given["quantumTaskArn"])
        status = self.tasks.show(task, older=older) or self.tasks.show(task, older=False)
        answer = self._task_row(task, status) | {
            "deviceParameters": task.input.get("deviceParameters", "{}"),
            "actionMetadata": {"actionType": programs.ACTION, "programCount": 1, "executableCount": 1},
        }
        if "associations" in task.input:
            answer["associations"] = task.input["associations"]
        if "experimentalCapabilities" in task.input:
            answer["experimentalCapabilities"] = task.input["experimentalCapabilities"]
        if status == "COMPLETED":
            answer["numSuccessfulShots"] = task.input["shots"]
        if status == "FAILED":
            answer["failureReason"] = task.reason
        if "QueueInfo" in given.get("additionalAttributeNames", ()):
            answer["queueInfo"] = self._queue(task, status)
        return answer

    def _queue(self, task: Task, status: str) -> dict[str, Any]:
        if status in ("CREATED", "QUEUED") and (position := self.tasks.position(task)) is not None:
            return QUEUE | {"position": _size(position, MOST_SHOWN["task"])}
        message = f"Task is in {status} status. AmazonBraket does not show queue position for this status."
        return QUEUE | {"position": "None", "message": message}

    def _task_row(self, task: Task, status: str) -> dict[str, Any]:
        row = {
            "quantumTaskArn": task.arn,
            "status": status,
            "deviceArn": task.device,
            "shots": task.input["shots"],
            "outputS3Bucket": task.input["outputS3Bucket"],
            "outputS3Directory": task.directory,
            "createdAt": task.created,
            "tags": dict(task.tags),
        }
        return row | ({"endedAt": task.ended} if status in ENDED and task.ended else {})

    def _search_tasks(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        asked = [_predicate(one) for one in given["filters"]]
        newest_first = self.tasks.all(caller.account, caller.region)[::-1]
        found = [task for task in newest_first if all(predicate(task) for predicate in asked)]
        page, token = _page(found, given)
        return {"quantumTasks": [self._task_row(task, task.status) for task in page]} | token

    def _cancel(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        task = self.tasks.find(caller.account, caller.region, given["quantumTaskArn"])
        return {"quantumTaskArn": task.arn, "cancellationStatus": self.tasks.cancel(task)}

    def _tags(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        return {"tags": dict(self._resource(caller, given).tags)}

    def _tag(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        self._resource(caller, given).tags.update(given["tags"])
        return {}

    def _untag(self, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        tags = self._resource(caller, given).tags
        for key in given["tagKeys"]:
            tags.pop(key, None)
        return {}

    def _resource(self, caller: Caller, given: dict[str, Any]) -> Task:
        return self.tasks.find(caller.account, caller.region, given["resourceArn"])


def _predicate(one: dict[str, Any]) -> Callable[[Task], bool]:
    """Return what a filter asks of a task; AWS's own refusals are not known."""
    name, operator, values = one["name"], one["operator"], one["values"]
    if name not in TASK_FILTERS:
        raise AwsError("ValidationException", f"Filter {name} is not supported")
    if operator != "EQUAL" and name != "createdAt":
        raise AwsError("ValidationException", f"Operator {operator} is not supported for filter {name}")
    if len(values) != 2 and operator == "BETWEEN":
        raise AwsError("ValidationException", "BETWEEN takes two values")
    if name == "createdAt":
        try:
            values = [_time(value) for value in values]
        except ValueError:
            raise AwsError("ValidationException", f"{values} is no time") from None
    return lambda task: bool(COMPARED[operator](TASK_FILTERS[name](task), values))


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _page(found: list[Any], given: dict[str, Any]) -> tuple[list[Any], dict[str, str]]:
    """Return one page and the token of the next, which is where it begins."""
    start = given.get("nextToken", "0")
    if not start.isdigit():
        raise AwsError("ValidationException", "The nextToken is not valid")
    end = int(start) + given.get("maxResults", PAGE)
    return found[int(start) : end], ({"nextToken": str(end)} if end < len(found) else {})


def _size(number: int, most: int) -> str:
    return str(number) if number <= most else f">{most}"

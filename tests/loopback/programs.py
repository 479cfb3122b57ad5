"""What a device refuses: programs and shots, with AWS's own messages where one is known.

It must not know tasks, queues or HTTP.
"""

import json
from typing import Any

from loopback.devices.shapes import Device
from loopback.model import AwsError

ACTION = "braket.ir.openqasm.program"


def capabilities(device: Device) -> str:
    """Return the capabilities as the JSON text that GetDevice holds."""
    return json.dumps(device.capabilities)


def check(device: Device, given: dict[str, Any]) -> None:
    """Refuse what a device cannot run.

    Raises
    ------
    AwsError
        ValidationException.
    """
    low, high = device.shots
    if not low <= given["shots"] <= high:
        raise AwsError(
            "ValidationException",
            f"Shot count should be between {low} and {high} on {device.arn}, but found {given['shots']}.",
        )

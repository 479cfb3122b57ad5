"""All devices of the loopback, by ARN."""

from loopback.devices import amazon, aqt, ionq, iqm, rigetti
from loopback.devices.shapes import Device

VENDORS = (amazon, ionq, iqm, rigetti, aqt)


def catalogue() -> dict[str, Device]:
    """Return every device by its ARN."""
    return {device.arn: device for vendor in VENDORS for device in vendor.devices()}

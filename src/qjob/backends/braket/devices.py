"""What the agent knows of Amazon Braket's devices: asked for, kept a while, and where each of them answers."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qjob.backends.braket.facts import facts_of
from qjob.backends.braket.faults import Gone, explain
from qjob.backends.braket.sessions import Session, Sessions, profile_here, region_here
from qjob.model.device import DeviceFacts
from qjob.model.errors import QjobError

REGIONS = ("us-east-1", "us-west-2", "us-west-1", "eu-west-2", "eu-north-1")
"""Where Amazon Braket is; the SDK looks through the same ones."""

FRESH = 60.0
"""Seconds for which an answer is taken as the present state of a device."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as a region described it."""

    response: Mapping[str, Any]  # GetDevice's
    facts: DeviceFacts
    region: str


class Devices:
    """Answers about devices from memory, or from AWS where that is old.

    Parameters
    ----------
    sessions
        For whom AWS is asked.
    clock
        A monotonic clock in seconds.
    now
        Tells the time in UTC.
    """

    def __init__(
        self,
        sessions: Sessions,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Device]] = {}

    def get(self, arn: str, profile: str, *, at_most: float = FRESH) -> Device:
        """Return a device, where it answers: a QPU in its own region, a simulator in ours or the next that has it.

        Parameters
        ----------
        at_most
            Seconds that the answer may be old.

        Raises
        ------
        Refusal
            No region knows it, or AWS does not answer.
        """
        gone: Gone | None = None
        for region in _regions(arn, profile):
            try:
                return self._in(region, arn, profile, at_most)
            except Gone as error:
                gone = gone or error
        assert gone is not None  # noqa: S101 - there is a region
        raise Gone(
            f"Amazon Braket has no device {arn}: {gone.message}",
            remedy="See %qjob backends, or its page in the AWS console.",
            numbers=gone.numbers,
        )

    def _in(self, region: str, arn: str, profile: str, at_most: float) -> Device:
        key = arn, region
        with self._lock:
            asked, device = self._known.get(key, (0.0, None))
            if device is not None and self._clock() - asked <= at_most:
                return device
        session = self.session(profile, region)
        try:
            response = session.get_device(arn)
        except Exception as error:
            raise explain(error, profile or profile_here(), region) from error
        found = Device(response, facts_of(response, self._now(), region), region)
        with self._lock:
            self._known[key] = self._clock(), found
        return found

    def search(self, profile: str) -> list[DeviceFacts]:
        """Return the facts of every device of every region that is not retired.

        Raises
        ------
        Refusal
            No region answers; what some do not tell is missing.
        """
        found: dict[str, DeviceFacts] = {}
        error: QjobError | None = None
        for region in REGIONS:
            try:
                session = self.session(profile, region)
                for row in session.search_devices():
                    arn = row["deviceArn"]
                    if arn not in found:
                        found[arn] = self._in(region, arn, profile, FRESH).facts
            except QjobError as refused:
                error = refused
            except Exception as raised:  # noqa: BLE001 - explained, or raised again
                error = explain(raised, profile or profile_here(), region)
        if error is not None and not found:
            raise error
        return list(found.values())

    def of(self, targets: Iterable[str], profile: str) -> Iterator[DeviceFacts]:
        """Yield the facts of these devices; those that AWS does not know are missing."""
        for arn in targets:
            try:
                yield self.get(arn, profile).facts
            except Gone:
                continue

    def session(self, profile: str, region: str) -> Session:
        """Return the session for a region.

        Raises
        ------
        Refusal
            There is no such profile, or no way to make a session.
        """
        try:
            return self._sessions.get(profile, region)
        except Exception as error:
            raise explain(error, profile or profile_here(), region) from error


def _regions(arn: str, profile: str) -> tuple[str, ...]:
    own = arn.split(":")[3]
    if own:
        return (own,)
    first = region_here(profile)
    return (first, *(region for region in REGIONS if region != first))

"""Everything that one loopback is: devices, tasks, keys and faults, and the way of a request through them."""

import threading
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loopback import control, running, storage
from loopback.devices.catalogue import catalogue
from loopback.faults import Faults
from loopback.identity import Caller, Identity, Unknown
from loopback.model import Answer, AwsError, Service
from loopback.operations import Operations
from loopback.tasks import Task, Tasks

LOSE = Answer(0, {}, b"")
"""No answer: the connection is closed."""

UNKNOWN = {
    "missing": "MissingAuthenticationTokenException",
    "unknown": "UnrecognizedClientException",
    "expired": "ExpiredTokenException",
}
DURATION_MS = 12


@dataclass(frozen=True)
class Logged:
    """A request that somebody known has sent."""

    operation: str
    at: datetime
    region: str
    access_key: str


class World:
    """One loopback; what it consists of is open to the control."""

    def __init__(self) -> None:
        self.service = Service()
        self.identity = Identity()
        self.faults = Faults()
        self.devices = catalogue()
        self.duration_ms = DURATION_MS
        self.tasks = Tasks(self._run)
        self.operations = Operations(self.devices, self.tasks)
        self._lock = threading.Lock()
        self._log: list[Logged] = []
        self.bugs: list[str] = []

    def reset(self) -> None:
        """Go back to the beginning."""
        self.tasks.reset()
        self.identity.reset()
        self.faults.clear()
        self.operations.reset()
        self.duration_ms = DURATION_MS
        with self._lock:
            self._log.clear()
        self.bugs.clear()
        storage.reset()

    def log(self, caller: Caller, operation: str) -> None:
        """Remember a request."""
        with self._lock:
            self._log.append(Logged(operation, datetime.now(UTC), caller.region, caller.access_key))

    def logged(self) -> list[Logged]:
        """Return the requests since the reset, oldest first."""
        with self._lock:
            return list(self._log)

    def control(self, name: str, body: bytes) -> Answer:
        """Answer the test that drives the loopback."""
        return control.answer(self, name, body)

    def braket(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer a request for Amazon Braket."""
        try:
            return self._braket(
                method, path, query, {name.lower(): value for name, value in headers.items()}, body
            )
        except AwsError as error:
            return self.service.error(error)
        except Exception as error:  # noqa: BLE001 - a bug of the loopback, which the fixture tells
            self.bugs.append(f"{method} {path}: {''.join(traceback.format_exception(error))}")
            return self.service.error(
                AwsError("InternalServiceException", f"The loopback has a bug: {error!r}")
            )

    def _braket(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        try:
            caller = self.identity.caller(headers.get("authorization"), headers.get("x-amz-security-token"))
        except Unknown as unknown:
            raise AwsError(UNKNOWN[unknown.kind], unknown.message) from None
        operation, uri = self.service.route(method, path)
        self.log(caller, operation)
        self.faults.wait(operation)
        if (fault := self.faults.take("fail", operation)) is not None:
            raise AwsError(fault.code, fault.message)
        resource = next(iter(uri.values()), f"arn:aws:braket:{caller.region}:{caller.account}:*")
        if (reason := self.identity.refusal(caller, f"braket:{operation}", resource)) is not None:
            raise AwsError("AccessDeniedException", reason)
        request = self.service.parse(operation, uri, query, body)
        output = self._perform(operation, caller, request.input)
        answer = self.service.answer(operation, output)
        return LOSE if self.faults.take("lose_reply", operation) is not None else answer

    def _perform(self, operation: str, caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
        older = operation == "GetQuantumTask" and self._older(caller, given["quantumTaskArn"])
        return self.operations.perform(operation, caller, given, older=older)

    def _older(self, caller: Caller, arn: str) -> bool:
        """Whether the answer is to be out of order: only what was told before can be told again."""
        task = self.tasks.find(caller.account, caller.region, arn)
        return (
            self.tasks.show(task, older=True) is not None
            and self.faults.take("reorder", "GetQuantumTask") is not None
        )

    def _run(self, task: Task) -> str | None:
        this = running.Run(self.devices[task.device], self.duration_ms, datetime.now(UTC))
        try:
            return running.run(task, this)
        except Exception as error:  # noqa: BLE001 - the same
            self.bugs.append(f"{task.arn}: {''.join(traceback.format_exception(error))}")
            return f"The loopback has a bug: {error!r}"

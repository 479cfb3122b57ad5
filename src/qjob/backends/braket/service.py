"""Amazon Braket as one agent knows it: who we are there, its devices, and the tasks on their way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from qjob.backends.base import Clearance, Pause, Task
from qjob.backends.braket.devices import Devices
from qjob.backends.braket.following import Following
from qjob.backends.braket.identity import Identity
from qjob.backends.braket.preflight import Preflight
from qjob.backends.braket.sessions import Sessions
from qjob.model.backend import BackendInfo
from qjob.model.errors import NoCredentials
from qjob.model.events import Event
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile


class Braket:
    """The service.

    Parameters
    ----------
    now
        Tells the time in UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._sessions = Sessions()
        self._devices = Devices(self._sessions, now=now)
        self._preflight = Preflight(self._sessions, self._devices, now)

    def preflight(self, info: BackendInfo, request: JobRequest, profile: CircuitProfile) -> Clearance:
        """Return where and for whom a request is to run; see `qjob.backends.braket.preflight`."""
        return self._preflight(info, request, profile)

    def follow(
        self, info: BackendInfo, task: Task, cancelled: Callable[[], bool]
    ) -> Iterator[Event | Pause | None]:
        """Yield what happens to a task; see `qjob.backends.braket.following`."""
        identity = Identity(task.site or {}, self._sessions, self._devices)
        return Following(info, task, cancelled, identity=identity, devices=self._devices).events()

    def devices(self, targets: Sequence[str]) -> list[Mapping[str, Any]]:
        """Return what AWS says of these devices, or of all that it has, as JSON values.

        Raises
        ------
        Refusal
            AWS cannot be asked.
        """
        try:
            found = self._devices.of(targets, "") if targets else self._devices.search("")
            return [orjson.loads(orjson.dumps(each)) for each in found]
        except NoCredentials:
            self._sessions.forget("")
            raise

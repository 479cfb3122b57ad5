"""The adapter of Amazon Braket, as the entry point names it.

The kernel loads it, so it imports neither boto3 nor the Braket SDK; the agent does, with `BraketProvider.load`.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qjob.backends.base import Clearance, Needs, Pause, Task, never
from qjob.backends.braket.admission import check
from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused
from qjob.model.events import Event
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile

if TYPE_CHECKING:
    from qjob.backends.braket.service import Braket

ADAPTER = "braket"

CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Environment variables that tell of credentials."""

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")
"""Those that tell of the way to AWS."""


class BraketBackend:
    """One device of Amazon Braket.

    Parameters
    ----------
    info
        Its catalogue row.
    service
        Returns what talks to AWS; called in the agent only.
    """

    def __init__(self, info: BackendInfo, service: Callable[[], "Braket"]) -> None:
        self.info = info
        self._service = service

    def check(self, request: JobRequest, profile: CircuitProfile) -> Needs:
        """Refuse what this device can never run; see `qjob.backends.braket.admission`."""
        check(self.info, profile, request, None, datetime.now(UTC))
        return Needs(agent=ADAPTER)

    def preflight(self, request: JobRequest, profile: CircuitProfile) -> Clearance:
        """Ask AWS whether it can run this now; see `qjob.backends.braket.preflight`."""
        return self._service().preflight(self.info, request, profile)

    def run(self, task: Task, cancelled: Callable[[], bool] = never) -> Iterator[Event | Pause | None]:
        """Submit the task, or find it again, and follow it; see `qjob.backends.braket.following`."""
        return self._service().follow(self.info, task, cancelled)


class BraketProvider:
    """Makes the backends of Amazon Braket."""

    environment = ("AWS_", "AMZN_", "BRAKET_", *PROXIES)

    def __init__(self) -> None:
        self._service: Braket | None = None

    def backend(self, info: BackendInfo) -> BraketBackend:
        """Return the backend of a catalogue row.

        Raises
        ------
        BackendRefused
            The row's target is no device's ARN.
        """
        if not info.target.startswith("arn:aws:braket:"):
            raise BackendRefused(
                f"{info.slug} has the target {info.target!r}, which is no device of Amazon Braket.",
                remedy="Give it the ARN of its device in backends.toml: arn:aws:braket:REGION::device/...",
                numbers={"target": info.target},
            )
        return BraketBackend(info, self._loaded)

    def load(self) -> None:
        """Import qiskit, boto3 and the Braket SDK, in the main thread; takes some seconds."""
        self._loaded()

    def warm_up(self) -> None:
        """Nothing: no worker of this machine runs these jobs."""

    def configured(self) -> bool:
        """Whether there are AWS credentials in the usual places; a role of the machine itself is not seen here."""
        files = (
            os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
            os.environ.get("AWS_CONFIG_FILE", "~/.aws/config"),
        )
        return any(os.environ.get(name) for name in CREDENTIALS) or any(
            Path(file).expanduser().is_file() for file in files
        )

    def devices(self, targets: Sequence[str]) -> list[Mapping[str, Any]]:
        """Ask AWS about these devices, or about all that it has."""
        return self._loaded().devices(targets)

    def _loaded(self) -> "Braket":
        if self._service is None:
            module = import_module("qjob.backends.braket.service")
            service: Braket = module.Braket(lambda: datetime.now(UTC))
            self._service = service
        return self._service

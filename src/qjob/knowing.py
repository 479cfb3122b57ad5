"""What services say of their devices, as an engine knows it: asked by agents, kept for all processes of the home."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qjob.backends.base import Service
from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue
from qjob.execution.agency import devices
from qjob.execution.opened import Opened
from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused, QjobError, ServiceUnavailable
from qjob.settings import Settings

if TYPE_CHECKING:  # what runs on this machine need not wait for these
    from qjob.cache import DeviceBook
    from qjob.model.device import DeviceFacts

LOG = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that somebody waits for what services say of their devices."""


class Knowing(ABC):
    """Devices of services, and the catalogue with those that no file names."""

    settings: Settings
    _clock: Callable[[], datetime]

    @abstractmethod
    def _opened(self) -> Opened:
        """Return what is open, opened where it is not."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""
        from qjob.backends.known import catalogue_of

        return catalogue_of(self.settings.home, lambda: self._devices.all().values())

    @cached_property
    def _adapters(self) -> Registry:
        """The adapters of this installation."""
        return Registry()

    @cached_property
    def _devices(self) -> "DeviceBook":
        from qjob.cache import Cache, DeviceBook

        return DeviceBook(Cache(self.settings.home, self._clock))

    def runs_elsewhere(self, backend: str) -> bool:
        """Whether a backend's jobs run at a service, which is asked before they are admitted.

        Raises
        ------
        UnknownBackend, BackendRefused
            There is no such backend, or its adapter is not installed or cannot be loaded.
        """
        return self._adapters.agent_of(self.catalogue.get(backend)) is not None

    def device_facts(self) -> Mapping[str, "DeviceFacts"]:
        """Return what services said last of their devices, however long ago, by what they call these. Asks nobody."""
        return self._devices.all()

    def ask_devices(self) -> "list[Future[Mapping[str, DeviceFacts]]]":
        """Have every service that is set up here asked about its devices; return their answers to come.

        Each answer is kept before it can be read. A service of which nothing here shows that anybody uses it is not
        asked.
        """
        answers = []
        adapters = {row.adapter for row in self.catalogue if not row.local}
        for adapter in sorted(adapters & self._adapters.installed()):
            try:
                provider = self._adapters.provider(adapter)
            except BackendRefused as error:
                LOG.warning("%s is not asked: %s", adapter, error)
                continue
            if isinstance(provider, Service) and self._is_used(adapter, provider):
                answers.append(self._ask_about(adapter))
        return answers

    def refresh_devices(self, timeout: float = PATIENCE) -> Mapping[str, "DeviceFacts"]:
        """Ask every service that is set up here about its devices, and return what is known then.

        Raises
        ------
        Refusal
            A service cannot be asked: no credentials, no network, no answer.
        """
        for answer in self.ask_devices():
            try:
                answer.result(timeout)
            except NoAnswer:
                raise ServiceUnavailable(
                    f"no answer within {timeout:g} s.", remedy="Look at your connection to the network."
                ) from None
        return self.device_facts()

    def is_set_up(self, info: BackendInfo) -> bool:
        """Whether a backend is of this machine, or something here shows that somebody uses its service.

        Told at once: what a service says to credentials, only the service knows.
        """
        if info.local:
            return True
        try:
            provider = self._adapters.provider(info.adapter)
        except BackendRefused:
            return False
        return not isinstance(provider, Service) or self._is_used(info.adapter, provider)

    def _is_used(self, adapter: str, service: Service) -> bool:
        targets = {row.target for row in self.catalogue if row.adapter == adapter}
        return service.configured() or not targets.isdisjoint(self.device_facts())

    def _ask_about(self, adapter: str) -> "Future[Mapping[str, DeviceFacts]]":
        question, answer = devices(adapter, ()), Future[Any]()

        def heard(said: "Future[Any]") -> None:
            try:
                self._keep_facts(said.result())
            except QjobError as error:
                answer.set_exception(error)
            except Exception as error:
                LOG.exception("what %s says of its devices", adapter)
                answer.set_exception(error)
            else:
                answer.set_result(self.device_facts())

        # in a thread of its own: who answers is the executor's, which must not wait for a disk
        question.answer.add_done_callback(
            lambda said: threading.Thread(
                target=heard, args=(said,), name="qjob-devices", daemon=True
            ).start()
        )
        self._opened().executor.ask(question)
        return answer

    def _keep_facts(self, plain: Sequence[Mapping[str, Any]]) -> None:
        """Keep what a service says; devices that are new to the catalogue belong to it from now on."""
        from qjob.model.device import DeviceFacts

        facts = [DeviceFacts.from_object(each) for each in plain]
        self._devices.keep(facts)
        if {each.target for each in facts} - {row.target for row in self.catalogue}:
            self._forget_catalogue()

    @abstractmethod
    def _forget_catalogue(self) -> None:
        """Read the catalogue anew with the next use, and make anew what was made of it."""

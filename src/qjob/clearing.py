"""What a service says before a job for it is admitted: whether it can run it, and for whom. Stores nothing."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import replace
from typing import Any

from qjob.backends.base import Task
from qjob.execution.agency import preflight
from qjob.execution.opened import Opened
from qjob.model.errors import Refusal, ServiceUnavailable
from qjob.request import Checked, in_batch

PATIENCE = 90.0
"""Seconds that a submission waits for the service; to import a vendor's client takes some of them the first time."""


class Clearing(ABC):
    """Jobs on their way to a service, as an engine takes care of them.

    Attributes
    ----------
    patience : float
        Seconds that a submission waits for the service. Who answers several people from few threads sets less.
    """

    patience: float = PATIENCE

    @abstractmethod
    def _opened(self) -> Opened:
        """Return what is open, opened where it is not."""

    @abstractmethod
    def _keep_facts(self, plain: Sequence[Mapping[str, Any]]) -> None:
        """Keep what a service says of its devices."""

    def _ask(self, checked: Checked) -> "Future[Any]":
        """Have the service asked whether it can run this; its answer is for `_clear`."""
        assert checked.needs.agent is not None  # noqa: S101 - asked by the callers
        question = preflight(checked.needs.agent, Task("", 1, checked.request, checked.profile))
        self._opened().executor.ask(question)
        return question.answer

    def _cleared(self, checks: Sequence[Checked]) -> list[Checked]:
        """Return these requests, those for a service with where and for whom they are to run there.

        Raises
        ------
        Refusal
            What the service says against one of them; of several, with its place.
        WorkerError
            Nobody can ask it.
        """
        asked = [None if each.needs.agent is None else self._ask(each) for each in checks]
        cleared = []
        for place, (checked, answer) in enumerate(zip(checks, asked, strict=True)):
            try:
                cleared.append(checked if answer is None else self._clear(checked, answer, self.patience))
            except Refusal as refusal:
                if len(checks) == 1:
                    raise
                raise in_batch(refusal, place) from refusal
        return cleared

    def _clear(self, checked: Checked, answer: "Future[Any]", timeout: float | None = None) -> Checked:
        """Return a request with what a service has answered, or raise what it says against it."""
        try:
            said = answer.result(timeout)
        except NoAnswer:
            answer.cancel()
            raise ServiceUnavailable(
                f"{checked.info.slug} was asked, and has not answered within {timeout:g} s.",
                remedy="Look at your connection to the network, then submit again.",
                numbers={"timeout": timeout},
            ) from None
        if said["facts"] is not None:
            self._keep_facts([said["facts"]])
        return replace(checked, site=said["site"])

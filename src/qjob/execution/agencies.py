"""The agencies of one executor: which adapter's agent follows which job. Used from one thread, the executor's."""

import logging
import selectors
from collections.abc import Callable

from qjob.execution.agency import Agency, Agent, Question
from qjob.execution.hands import Order
from qjob.execution.news import Outcome
from qjob.model.errors import WorkerError

LOG = logging.getLogger(__name__)


class Agencies:
    """Jobs that run at services.

    Parameters
    ----------
    start
        Starts the agent of an adapter.
    selector
        Watches the sockets of the agents; their data are the agencies.
    """

    def __init__(self, start: Callable[[str], Agent], selector: selectors.BaseSelector) -> None:
        self._start = start
        self._selector = selector
        self._by_adapter: dict[str, Agency] = {}

    @property
    def busy(self) -> bool:
        """Whether any of them follows a task or owes an answer."""
        return any(agency.busy for agency in self._by_adapter.values())

    def of(self, adapter: str) -> Agency:
        """Return the agency of an adapter, opened with the first use."""
        if adapter not in self._by_adapter:
            self._by_adapter[adapter] = Agency(adapter, self._start)
        return self._by_adapter[adapter]

    def give(self, order: Order) -> None:
        """Follow a job whose needs name an agent."""
        assert order.needs.agent is not None  # noqa: S101 - asked by the caller
        self.of(order.needs.agent).give(order)

    def ask(self, question: Question) -> None:
        """Pass a question on."""
        self.of(question.adapter).ask(question)

    def cancel(self, job_id: str) -> bool:
        """Have a job ended; False where none of them follows it."""
        for agency in self._by_adapter.values():
            if agency.holds(job_id):
                agency.cancel(job_id)
                return True
        return False

    def let_go(self, job_id: str) -> None:
        """Follow a job no more, if any of them does: somebody else has it now."""
        for agency in self._by_adapter.values():
            agency.let_go(job_id)

    def begin(self) -> None:
        """Start the agents that are needed and due, anew those that began with another environment."""
        for agency in self._by_adapter.values():
            if agency.is_outdated:
                self._forget(agency)
                agency.renew()
            try:
                begun = agency.begin()
            except WorkerError as error:
                LOG.warning("no agent for %s: %s", agency.adapter, error)
                agency.refuse(error)
                continue
            if begun and agency.agent is not None:
                self._selector.register(agency.agent.link.sock, selectors.EVENT_READ, agency)

    def listen(self, agency: Agency) -> list[tuple[str, Outcome]]:
        """Return what one read of an agent's socket brings."""
        news = list(agency.receive())
        if agency.lost:
            self._forget(agency)
            agency.bury()
        return news

    def rest(self) -> None:
        """End the agents that have nothing to do."""
        for agency in self._by_adapter.values():
            if not agency.busy:
                self._forget(agency)
                agency.close()

    def end(self) -> None:
        """End all agents; their tasks go on at the services."""
        for agency in self._by_adapter.values():
            self._forget(agency)
            agency.end()

    def _forget(self, agency: Agency) -> None:
        if agency.agent is not None:
            self._selector.unregister(agency.agent.link.sock)

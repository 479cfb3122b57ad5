"""What a circuit would cost, and where it fits: for people and programs that have not decided yet. Stores nothing.

What only quotes need is imported when one is asked for, off the path of a kernel's first job.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qjob.backends.registry import Registry
from qjob.catalog.loader import Catalogue
from qjob.examining import Examined
from qjob.model.backend import BackendInfo, OptionValue
from qjob.model.errors import Refusal
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile, Program
from qjob.policy.likeness import likeness
from qjob.request import as_timed
from qjob.typed import whole_shots

if TYPE_CHECKING:
    from qjob.model.quote import Quote, Unpriced


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One backend and a circuit.

    Parameters
    ----------
    backend
        The backend.
    quote
        What the circuit would cost there.
    shots
        For so many shots.
    problem
        Why it cannot run there, in a sentence; empty where it can.
    """

    backend: BackendInfo
    quote: "Quote | Unpriced"
    shots: int
    problem: str = ""

    @property
    def fits(self) -> bool:
        """Whether the circuit can run there."""
        return not self.problem


class Quoting(ABC):
    """Prices, as an engine tells them."""

    examine: Callable[[object], Examined]
    """Reads a program, see `qjob.examining.examined`; who serves others has another process do it."""

    @property
    @abstractmethod
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""

    @property
    @abstractmethod
    def _adapters(self) -> Registry:
        """The adapters of this installation."""

    def quote(
        self,
        program: object,
        *,
        backend: str,
        shots: int,
        options: Mapping[str, object] | None = None,
    ) -> "Quote | Unpriced":
        """Return what a job would cost, whether or not its backend can run it.

        Parameters
        ----------
        program
            As `Engine.submit` takes it.
        backend
            A slug.
        shots
            How often to measure.
        options
            As the backend takes them. No price depends on them, but which runs are like this one does.

        Raises
        ------
        Refusal
            The program, the shots or the options are no valid ones, or there is no such backend.
        """
        count = whole_shots(shots)
        info = self.catalogue.get(backend)
        parsed = info.parse_options(options or {})
        return self._quoted(info, self.examine(program), count, parsed)

    def quotes(self, program: object, *, shots: int) -> list[QuoteRow]:
        """Return what a job would cost on every backend, and whether it fits there, in the catalogue's order.

        Raises
        ------
        Refusal
            The program or the shots are no valid ones.
        """
        count = whole_shots(shots)
        found = self.examine(program)
        return [
            QuoteRow(
                info,
                self._quoted(info, found, count, {}),
                count,
                self._problem(info, found.program, found.profile, count),
            )
            for info in self.catalogue
        ]

    @abstractmethod
    def _seconds_of(self, likeness: str) -> Sequence[float]:
        """Return how many seconds the runs took that are alike."""

    def _quoted(
        self,
        info: BackendInfo,
        found: Examined,
        shots: int,
        options: Mapping[str, OptionValue],
    ) -> "Quote | Unpriced":
        """Return the quote that a submission would go by."""
        from qjob.policy.pricing import quote

        like = likeness(info, found.profile, shots, options, found.fingerprint)
        history = () if like is None else self._seconds_of(like)
        return quote(info.price, as_timed(info, found), shots, history)

    def can_run(self, info: BackendInfo) -> bool:
        """Whether jobs for this backend can be submitted here at all: in use, and its adapter installed."""
        return not info.retired and info.adapter in self._adapters.installed()

    def expect_runnable(self, info: BackendInfo) -> None:
        """Refuse a backend for which no job can be submitted here, whatever the circuit.

        Raises
        ------
        BackendRefused
            It is retired, or its adapter is not installed or cannot be loaded.
        """
        if info.retired or not info.local:  # the adapter of local backends is part of this package
            self._adapters.backend(info)

    def _problem(self, info: BackendInfo, program: Program, profile: CircuitProfile, shots: int) -> str:
        """Return why a circuit cannot run on a backend, the reason that weighs most first; empty where it can."""
        from qjob.policy.fit import misfit

        problem = misfit(info, profile, shots)
        if problem or not self.can_run(info):
            return problem or f"no adapter {info.adapter!r} is installed here"
        try:
            self._adapters.backend(info).check(JobRequest(program, info.slug, shots, 0, {}), profile)
        except Refusal as refusal:
            return refusal.message.removesuffix(".")
        return ""

"""Rehearsals: the same program, free, on what stands in for a device on this machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from qjob.catalog.loader import Catalogue
from qjob.examining import Examined
from qjob.handle import Job
from qjob.model.errors import InvalidRequest

if TYPE_CHECKING:
    from qjob.model.device import DeviceFacts
    from qjob.model.quote import Quote, Unpriced
    from qjob.policy.rehearsal import Rehearsal

TAG = "rehearses"
"""The tag of a rehearsal; its value is the backend that it is for."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal on its way.

    Parameters
    ----------
    job
        The free job.
    rehearsal
        What stands in for the device, and how far it is from it.
    quote
        What the real run would cost.
    """

    job: Job
    rehearsal: "Rehearsal"
    quote: "Quote | Unpriced"


class Stage(Protocol):
    """What a rehearsal needs of an engine."""

    @property
    def catalogue(self) -> Catalogue:
        """The backends that this installation knows."""

    def device_facts(self) -> "Mapping[str, DeviceFacts]":
        """Return what services said last of their devices."""

    examine: Callable[[object], Examined]

    @property
    def submit(self) -> Callable[..., Any]:
        """Submits a program."""

    def quote(
        self, program: object, *, backend: str, shots: int, options: Mapping[str, object] | None = None
    ) -> "Quote | Unpriced":
        """Return what a job would cost."""


class Rehearsing:
    """Rehearsals, as an engine offers them."""

    def rehearse(self: Stage, program: object, *, backend: str, shots: int = 1000, **asked: Any) -> Rehearsed:
        """Run a program free on what stands in for a backend here; see `qjob.policy.rehearsal`.

        A device's mean errors are those that it said last: after a job for it was checked, or `refresh_devices`.

        Parameters
        ----------
        program, shots, **asked
            As for `Engine.submit`; name, tags and seed.
        backend
            The device or cloud simulator that it is a rehearsal for.

        Raises
        ------
        Refusal
            Something does not fit, or nothing on this machine is like it.
        """
        from qjob.policy.rehearsal import rehearsal_of

        if isinstance(program, (list, tuple)):
            raise InvalidRequest(
                f"a rehearsal is of one program, not of a list of {len(program)}.",
                remedy="Rehearse one of them: engine.rehearse(circuits[0], ...)",
            )
        info = self.catalogue.get(backend)
        found = self.examine(program)
        given, profile = found.program, found.profile
        rehearsal = rehearsal_of(info, self.device_facts().get(info.target), profile, self.catalogue.get)
        tags = {**(asked.pop("tags", None) or {}), TAG: info.slug}
        job: Job = self.submit(
            given,
            backend=rehearsal.backend,
            shots=shots,
            options=rehearsal.options,
            tags=tags,
            **asked,
        )
        return Rehearsed(job, rehearsal, self.quote(given, backend=backend, shots=shots))

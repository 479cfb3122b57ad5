"""The adapter of the local simulators, as the entry point names it.

The kernel loads it, so it imports no simulator.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from qjob.backends.aer.admission import Admission
from qjob.backends.aer.plan import TARGETS
from qjob.backends.base import Needs, Task
from qjob.backends.machine import cores, free_memory
from qjob.model.backend import BackendInfo
from qjob.model.errors import BackendRefused, WorkerError
from qjob.model.events import Event
from qjob.model.job import JobRequest
from qjob.model.program import CircuitProfile

if TYPE_CHECKING:
    from qjob.backends.aer.runner import Runner


class AerBackend:
    """One local simulator.

    Parameters
    ----------
    info
        Its catalogue row.
    free
        Returns the bytes of memory that are free.
    clock
        A monotonic clock in seconds; throttles progress and sizes chunks, never changes the counts.
    """

    def __init__(
        self,
        info: BackendInfo,
        free: Callable[[], int] = free_memory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.info = info
        self._admission = Admission(info, free, cores())
        self._clock = clock
        self._runner: Runner | None = None

    def check(self, request: JobRequest, profile: CircuitProfile) -> Needs:
        """Refuse what cannot run here; see `Admission.check`."""
        return self._admission.check(request, profile)

    def run(self, task: Task) -> Iterator[Event | None]:
        """Run the task in this process, yielding events; see `qjob.backends.aer.runner`."""
        return self.runner.run(task)

    @property
    def runner(self) -> "Runner":
        """The part that runs, with its simulators; made, and Aer imported, when first needed."""
        if self._runner is None:
            from qjob.backends.aer.runner import Runner

            self._runner = Runner(self.info, self._clock)
        return self._runner


class AerProvider:
    """Makes the local simulators."""

    def backend(self, info: BackendInfo) -> AerBackend:
        """Return the simulator of a catalogue row.

        Raises
        ------
        BackendRefused
            The row's target is no way to simulate that is known here.
        """
        if info.target not in TARGETS:
            raise BackendRefused(
                f"{info.slug} has the target {info.target!r}, which the adapter aer does not know.",
                remedy=f"Give it one of {', '.join(TARGETS)} in backends.toml.",
                numbers={"target": info.target},
            )
        return AerBackend(info)

    def load(self) -> None:
        """Import qiskit and Aer.

        In the main thread: a circuit class first used in a thread that ends crashes every later thread that uses it.
        """
        import_module("qjob.backends.aer.warm")

    def warm_up(self) -> None:
        """Import everything and run a Bell pair through every path, leaving no thread behind.

        Raises
        ------
        WorkerError
            qiskit is not imported yet and this is not the main thread. A circuit class first used in a thread that
            ends crashes every later thread that uses it.
        """
        if "qiskit" not in sys.modules and threading.current_thread() is not threading.main_thread():
            raise WorkerError(
                "qiskit must be imported in the main thread before a thread warms it up.",
                remedy="Import qiskit first.",
            )
        from qjob.backends.aer.warm import warm_up

        warm_up()

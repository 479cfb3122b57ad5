"""Turn a notebook cell into a tracked quantum job.

In a notebook: ``%load_ext qjob``, then ``%%qjob --backend qb-sim-noisy-aer --shots 20000`` above a cell that ends
with a circuit. In Python: ``engine = qjob.connect()`` and ``engine.submit(circuit)``.

Nothing heavy is imported here: names are looked up when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from qjob.batch import Batch
    from qjob.engine import Engine, connect
    from qjob.handle import Job
    from qjob.model.counts import Counts
    from qjob.model.errors import QjobError, Refusal
    from qjob.model.job import JobStatus
    from qjob.model.result import Result
    from qjob.notebook.explorer.line import explore
    from qjob.notebook.form import form

__all__ = [
    "Batch",
    "Counts",
    "Engine",
    "Job",
    "JobStatus",
    "QjobError",
    "Refusal",
    "Result",
    "__version__",
    "connect",
    "explore",
    "form",
]

_HOMES = {
    "Batch": "qjob.batch",
    "Counts": "qjob.model.counts",
    "Engine": "qjob.engine",
    "Job": "qjob.handle",
    "JobStatus": "qjob.model.job",
    "QjobError": "qjob.model.errors",
    "Refusal": "qjob.model.errors",
    "Result": "qjob.model.result",
    "connect": "qjob.engine",
    "explore": "qjob.notebook.explorer.line",
    "form": "qjob.notebook.form",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Make ``%%qjob`` and ``%qjob`` known to this shell; what they need is imported when they are first used."""
    from qjob.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take back what `load_ipython_extension` did; jobs in hand end with the kernel."""
    from qjob.notebook.extension import unload

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "qjob.server.app"}]

"""How this machine's executor is put together: which spawner, which log file, which limits."""

from collections.abc import Callable

import psutil

from qjob.execution.pool import FreshSpawner, Spawner, TemplateSpawner, best_start
from qjob.execution.runner import Limits, Runner
from qjob.settings import Settings
from qjob.store.store import Store


def local_runner(store: Store, owner: str, settings: Settings) -> Runner:
    """Return a runner of local jobs that starts its workers with the first of them."""
    limits = Limits(settings.workers, settings.worker_idle_minutes * 60)
    return Runner(store, owner, _starter(owner, settings), limits, free_memory)


def free_memory() -> int:
    """Return the bytes that this machine can still give without swapping."""
    return int(psutil.virtual_memory().available)


def _starter(owner: str, settings: Settings) -> Callable[[], Spawner]:
    def start() -> Spawner:
        logs = settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        kind = TemplateSpawner if (settings.worker_start or best_start()) == "fork" else FreshSpawner
        with (logs / f"workers-{owner}.log").open("ab") as log:  # each worker inherits its own descriptor
            return kind(settings.home, log)

    return start

"""A worker process of its own: ``python -m qjob.execution.detached`` leaves its parent at once, then works.

It is nobody's child, in a session of its own, with no descriptor of who started it: an interrupt, a restart or the
death of a kernel does not reach it. Settings come by the environment, so that no password stands in a command line.
"""

import os
import subprocess
import sys
from pathlib import Path

from qjob.model.errors import WorkerError
from qjob.settings import PREFIX, Settings, load_settings

START_SECONDS = 20.0
"""How long the first of the two processes may take, which only makes the second one."""


def start(settings: Settings) -> None:
    """Start a worker process for these settings and leave it alone.

    Raises
    ------
    WorkerError
        The system gives no processes, or the log cannot be written.
    """
    log = log_of_start(settings.home)
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "qjob.execution.detached"],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment(settings, dict(os.environ)),
                cwd=settings.home,  # not the user's folder, which may be on a disk that is to be taken out
            )
            code = process.wait(START_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WorkerError(
            f"no worker process could be started: {error}.",
            remedy="Free some memory, files or processes; or start one yourself: qjob worker",
        ) from error
    if code:
        raise WorkerError(
            f"the worker process could not be started (code {code}); {log} says why.",
            remedy="Start one yourself to see what is wrong: qjob worker",
        )


def log_of_start(home: Path) -> Path:
    """Return the file that takes what a worker process prints outside its own log, as when it cannot begin."""
    return home / "logs" / "worker-start.log"


def environment(settings: Settings, environ: dict[str, str]) -> dict[str, str]:
    """Return the environment of a process that is to have the same settings."""
    ours = {PREFIX + name.upper() for name in Settings.model_fields}
    given = {name: value for name, value in environ.items() if name not in ours}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if value is not None:
            plain = value.get_secret_value() if name == "database_url" else value
            given[PREFIX + name.upper()] = str(plain).lower() if isinstance(plain, bool) else str(plain)
    return given


def main() -> int:
    """Leave the parent, then work until there is nothing to do; return the exit code."""
    if os.fork():  # before anything starts a thread
        return 0
    from qjob.execution.working import QUIET, work

    work(load_settings(os.environ), alone=True, quiet=QUIET)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)

"""The log of a worker process: one JSON object a line in a file of limited size, and plain lines for a terminal.

What is logged elsewhere through `qjob.execution.job_log` carries its job and attempt. Secrets are masked, wherever in
a record they are. One process a file: a second one would write into what the first has put aside. Not loaded by
kernels, whose log is theirs.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from qjob.execution.local import remove_old
from qjob.execution.masking import Mask
from qjob.model.errors import WorkerError

SIZE = 4 << 20
"""Bytes of a log file; then it is put aside, and a new one begun."""

ASIDE = 2
"""How many files that were put aside are kept."""

OURS = "qjob"
"""The logger whose lines of level INFO are kept too; of others, warnings are."""

FIRST = ("time", "level", "logger", "message", "worker", "job", "attempt")
"""The order in which a line begins, for people who read it all the same."""

PLAIN = ("time", "level", "logger", "worker")
"""What of these has no secret in it, whoever logs."""


def log_of(home: Path, owner: str) -> Path:
    """Return the log file of a worker process."""
    return home / "logs" / f"worker-{owner}.jsonl"


@contextmanager
def logging_to(file: Path, worker: str, mask: Mask, terminal: TextIO | None = None) -> Iterator[None]:
    """Log to a file, as long as the context lasts.

    Parameters
    ----------
    file
        Its folder is made where it is missing.
    worker
        What the worker is called in every line, such as ``lab3:4242``.
    mask
        Hides secrets.
    terminal
        Where plain lines go as well; None: nowhere.

    Raises
    ------
    WorkerError
        The file cannot be written.
    """
    handlers: list[logging.Handler] = [_to_file(file, worker, mask)]
    if terminal is not None:
        handlers.append(logging.StreamHandler(terminal))
        handlers[-1].setFormatter(Plain(mask))
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    before = ours.level
    ours.setLevel(logging.INFO)
    for handler in handlers:
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        ours.setLevel(before)


def _to_file(file: Path, worker: str, mask: Mask) -> logging.Handler:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        handler = LogFile(file, maxBytes=SIZE, backupCount=ASIDE, encoding="utf-8")
    except OSError as error:
        raise WorkerError(
            f"the worker's log {file} cannot be written: {error.strerror}.",
            remedy=f"Make {file.parent} writable for you, or set QJOB_HOME to another folder.",
        ) from error
    handler.setFormatter(Lines(worker, mask))
    return handler


class LogFile(RotatingFileHandler):
    """The file. Writes what its base class does, which formats each record twice, once to know how long it is."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, into a new file where this one would become too large."""
        try:
            line = self.format(record) + self.terminator
            if self.stream is None:
                self.stream = self._open()
            if self.stream.tell() + len(line) > self.maxBytes:
                self.doRollover()
            self.stream.write(line)
            self.flush()
        except Exception:  # noqa: BLE001 - as in every handler: what cannot be logged breaks nothing else
            self.handleError(record)


class Lines(JsonFormatter):
    """A record as one line of JSON.

    Its keys: ``time`` (UTC, ISO 8601), ``level``, ``logger``, ``message``, ``worker``; where they are known ``job``,
    ``attempt``, ``error`` (a traceback), ``stack``; and whatever else a call has added by ``extra``.
    """

    def __init__(self, worker: str, mask: Mask) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={
                "levelname": "level",
                "name": "logger",
                "exc_info": "error",
                "stack_info": "stack",
            },
            static_fields={"worker": worker},
            timestamp="time",
        )
        self._mask = mask

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Return the fields as JSON values without secrets, in the order of `FIRST`."""
        moment: datetime = log_data["time"]
        fields = {**log_data, "time": moment.isoformat(timespec="milliseconds")}
        plain = {name: fields.pop(name) for name in PLAIN}
        masked = {**plain, **self._mask.within(fields)}
        return {name: masked.pop(name) for name in FIRST if name in masked} | masked


class Plain(logging.Formatter):
    """A record as a person reads it: ``14:03:07 WARNING job 1f2e3d4c, attempt 2: ...``, in local time."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the line without its traceback."""
        job, attempt = getattr(record, "job", None), getattr(record, "attempt", None)
        tried = "" if attempt is None else f", attempt {attempt}"
        about = "" if job is None else f"job {str(job)[:8]}{tried}: "
        return f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:<7} {about}{record.message}"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback below it, without secrets."""
        return self._mask(super().format(record))


def clear_logs(home: Path, alive: Callable[[str], bool], now: float) -> None:
    """Remove logs of workers that have ended, once they are older than `KEEP_LOGS`.

    Parameters
    ----------
    alive
        Tells whether an owner's process lives.
    now
        The time in seconds since 1970.
    """
    remove_old((home / "logs").glob("worker-*.jsonl*"), alive, now)

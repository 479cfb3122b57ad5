"""A logger that says with every line which job and attempt it is about. Light: kernels load it too."""

import logging
from collections.abc import MutableMapping
from typing import Any


class JobLog(logging.LoggerAdapter[logging.Logger]):
    """Adds ``job`` and ``attempt`` to every record, beside what a call adds itself."""

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:  # the base class would drop the call's own
        """Return the message and the arguments of a logging call with the job's fields."""
        return msg, {**kwargs, "extra": {**(kwargs.get("extra") or {}), **(self.extra or {})}}


def of_job(logger: logging.Logger, job_id: str, attempt: int | None = None) -> JobLog:
    """Return a logger for lines about a job.

    Parameters
    ----------
    logger
        The module's own.
    job_id
        The whole id; a terminal shows the beginning of it.
    attempt
        From 1; None where the line is about the job whatever its attempt.
    """
    return JobLog(logger, {"job": job_id} if attempt is None else {"job": job_id, "attempt": attempt})

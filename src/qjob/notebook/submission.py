"""From the arguments of a line to a job or a batch: not paid twice, agreed to, and not too fast. Shows nothing."""

import math
from collections.abc import Callable
from typing import Any

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.errors import RateLimited
from qjob.notebook.arguments import SubmitArguments

LONGEST_WAIT = 90.0
"""Seconds that a cell waits for its turn; what takes longer is refused."""


def submit(
    engine: Engine, program: object, arguments: SubmitArguments, pause: Callable[[float], None]
) -> Job | Batch:
    """Submit a program, or a list of them; or return the job that was paid for it before.

    Parameters
    ----------
    pause
        Waits for so many seconds, and lets an interrupt through.

    Raises
    ------
    Refusal
        With what does not fit; nothing was submitted.
    """
    asked: dict[str, Any] = {
        "backend": arguments.backend,
        "shots": arguments.shots,  # text from a command line; the engine checks it
        "mode": arguments.mode,
        "name": arguments.name,
        "tags": arguments.tags,
        "options": arguments.options,
        "seed": arguments.seed,
    }
    if not engine.catalogue.get(arguments.backend).free:
        from qjob.notebook import consent

        asked["reuse"] = not arguments.fresh
        if (paid := consent.ask(engine, program, arguments, asked)) is not None:
            return paid
    while True:
        try:
            submitted: Job | Batch = engine.submit(program, **asked)
        except RateLimited as limited:
            seconds = limited.retry_after
            if arguments.no_wait or seconds is None or seconds > LONGEST_WAIT:
                raise
            said = limited.message.removesuffix(".")
            wait = math.ceil(seconds)
            print(f"{said}: it submits itself in {wait} s. Interrupt to give up.")  # noqa: T201 - to its cell
            pause(seconds)
        else:
            return submitted

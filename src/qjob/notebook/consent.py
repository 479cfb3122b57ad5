"""Nobody pays for what was not agreed to: a magic submits a job that costs something only with ``--yes``."""

from typing import Any

from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.errors import ConsentNeeded
from qjob.model.job import JobRecord
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.quote import Quote
from qjob.notebook.arguments import SubmitArguments
from qjob.policy.admission import plain


def ask(engine: Engine, program: object, arguments: SubmitArguments, asked: dict[str, Any]) -> Job | None:
    """Return the job that was asked for the same before; else refuse what costs something, unless the line says yes.

    Parameters
    ----------
    asked
        What is going to be submitted; with ``reuse``, what was asked for before is not paid again.

    Returns
    -------
    Job or None
        None: there is none, and to submit one was agreed to.

    Raises
    ------
    ConsentNeeded
        It can cost something.
    Refusal
        It cannot be quoted, since something in it does not fit.
    """
    several = isinstance(program, (list, tuple))
    if asked["reuse"] and not several and (found := engine.find(program, **asked)) is not None:
        print(already(found.record))  # noqa: T201 - a magic speaks to its cell
        return found
    if arguments.yes:
        return None
    quotes = [
        engine.quote(each, backend=asked["backend"], shots=asked["shots"], options=asked["options"])
        for each in (program if isinstance(program, (list, tuple)) else [program])
    ]
    caps = [quote for quote in quotes if isinstance(quote, Quote)]
    if caps and len(caps) == len(quotes):  # what has no price is refused by the engine, with the reason
        total = sum(to_nano(quote.cap) for quote in caps)
        raise needed(total, arguments.backend, caps[0].explanation, len(caps))
    return None


def already(job: JobRecord) -> str:
    """Say that a job is shown instead of being paid again."""
    day = f"{job.created_at.day} {job.created_at:%b %Y}"
    if job.cost is not None:
        said = f"already paid {format_usd(from_nano(job.cost))} on {day}"
    else:
        said = f"submitted on {day}, {format_usd(from_nano(job.cap))} held"
    return f"The same job was {said}: showing that one. To pay for a new one, add --fresh."


def needed(cap: int, backend: str, explanation: str = "", jobs: int = 1) -> ConsentNeeded:
    """Return the refusal of what costs at most so many nano-dollars."""
    amount = format_usd(from_nano(cap))
    what = "this job" if jobs == 1 else f"this batch of {jobs} jobs"
    each = f" ({explanation}{' each' if jobs > 1 else ''})" if explanation else ""
    return ConsentNeeded(
        f"{what} can cost {amount} on {backend}{each}; nothing was submitted.",
        remedy=f"To pay up to {amount}, add --yes to the line. To compare: %qjob quote",
        numbers={"cap": plain(cap), "backend": backend, "jobs": jobs},
    )

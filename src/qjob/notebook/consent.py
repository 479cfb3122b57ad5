"""Nobody pays for what was not agreed to: a magic asks before it submits a job that can cost something."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.batch import BatchRecord
from qjob.model.errors import ConsentNeeded
from qjob.model.job import JobRecord
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.quote import Quote
from qjob.model.upkeep import when_erased
from qjob.notebook.arguments import SubmitArguments
from qjob.policy.admission import plain

YES = {"y", "yes"}
ANEW = "To pay for a new one, add --fresh."


@dataclass(frozen=True, slots=True)
class Asking:
    """How a cell may ask, and what it need not ask for.

    Parameters
    ----------
    card
        Whether a card can wait for the answer, while the kernel is free.
    line
        Whether somebody can answer a question in a line.
    above
        US dollars; what can cost no more needs no consent.
    source
        The text of the cell; None where a cell's text does not stand for one job.
    """

    card: bool
    line: bool
    above: Decimal
    source: str | None = None


def missing(
    engine: Engine, program: object, arguments: SubmitArguments, asked: dict[str, Any], asking: Asking
) -> ConsentNeeded | None:
    """Return what has to be agreed to before this is submitted; None where it was, or costs nothing.

    Raises
    ------
    Refusal
        It cannot be quoted, since something in it does not fit.
    """
    before = None if arguments.fresh or not asking.source else engine.from_source(asking.source)
    if arguments.yes and before is None:
        return None
    quotes = [
        engine.quote(each, backend=asked["backend"], shots=asked["shots"], options=asked["options"])
        for each in (program if isinstance(program, (list, tuple)) else [program])
    ]
    caps = [quote for quote in quotes if isinstance(quote, Quote)]
    if not caps or len(caps) < len(quotes):  # what has no price is refused by the engine, with the reason
        return None
    total = sum(to_nano(quote.cap) for quote in caps)
    if before is None and total <= to_nano(asking.above):
        return None
    return needed(total, arguments.backend, caps[0].explanation, len(caps), before.record if before else None)


def agreed(question: ConsentNeeded) -> bool:
    """Ask in a line, and wait for the answer."""
    said = question.message.removesuffix("; nothing was submitted.")
    why = f"{question.numbers['why']}\n" if question.numbers["why"] else ""
    try:
        return input(f"{why}{said[0].upper()}{said[1:]}. Submit it? [y/N] ").strip().lower() in YES
    except (EOFError, NotImplementedError):  # nobody is there after all
        return False


def already(found: Job | Batch, asked: object = None) -> str:
    """Say that a job or a batch is shown instead of being paid again."""
    kind = "batch" if isinstance(found, Batch) else "job"
    if found.snapshot().pending is not None:
        return f"The same {kind} is waiting to be submitted: showing that one. For another one, add --fresh."
    if isinstance(found, Batch) and isinstance(asked, (list, tuple)) and len(found) < len(asked):
        return (
            f"The first {len(found)} of these {len(asked)} were submitted on {_day(found.record)}: showing those. "
            f"Submit the rest by itself: programs[{len(found)}:]. {ANEW}"
        )
    if isinstance(found, Batch):
        gone = [each for job in found[:] if (each := job.record).erased_at is not None]
        lost = f" The results of {len(gone)} of its {len(found)} jobs were erased." if gone else ""
        return f"The same batch was submitted on {_day(found.record)}: showing that one.{lost} {ANEW}"
    job = found.record
    if job.cost is not None:
        said = f"already paid {_usd(job.cost)} on {_day(job)}"
    else:
        said = f"submitted on {_day(job)}, {_usd(job.cap)} held"
    if job.erased_at is not None:
        erased = f"its result was erased {when_erased(job)}"
        return f"The same job was {said}, and {erased}: nothing was paid again. {ANEW}"
    return f"The same job was {said}: showing that one. {ANEW}"


def needed(
    cap: int, backend: str, explanation: str = "", jobs: int = 1, before: JobRecord | None = None
) -> ConsentNeeded:
    """Return the refusal of what costs at most so many nano-dollars.

    Parameters
    ----------
    before
        What the same cell submitted before, with another circuit.
    """
    amount = _usd(cap)
    what = "this job" if jobs == 1 else f"this batch of {jobs} jobs"
    each = f" ({explanation}{' each' if jobs > 1 else ''})" if explanation else ""
    why = another(before) if before else ""
    flag = "--fresh" if before else "--yes"
    return ConsentNeeded(
        f"{what} can cost {amount} on {backend}{each}; nothing was submitted.",
        remedy=f"{why} To pay up to {amount}, add {flag} to the line. To compare: %qjob quote".strip(),
        numbers={"cap": plain(cap), "backend": backend, "jobs": jobs, "why": why},
    )


def another(before: JobRecord) -> str:
    """Say that a cell whose text did not change asks for something else than it did before."""
    if before.batch is not None:
        return (
            f"This cell has not changed, but batch {before.batch[:8]} of {_day(before)}, which it submitted, "
            "has other circuits, or some of it came to nothing."
        )
    paid = _usd(before.cap if before.cost is None else before.cost)
    ran = f"job {before.id[:8]} of {_day(before)} ({paid}) ran another"
    return f"This cell has not changed, but its circuit has: {ran}."


def _usd(nano: int) -> str:
    return format_usd(from_nano(nano))


def _day(record: JobRecord | BatchRecord) -> str:
    return f"{record.created_at.day} {record.created_at:%b %Y}"

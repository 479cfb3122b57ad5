"""Nobody pays for what was not agreed to: a magic submits a job that costs something only with ``--yes``."""

from qjob.engine import Engine
from qjob.model.errors import ConsentNeeded
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.quote import Quote
from qjob.notebook.arguments import SubmitArguments


def ask(engine: Engine, program: object, arguments: SubmitArguments) -> None:
    """Refuse what would cost something, with its price, since the line does not say yes to that.

    Raises
    ------
    ConsentNeeded
        It can cost something.
    Refusal
        It cannot be quoted, since something in it does not fit.
    """
    programs = list(program) if isinstance(program, (list, tuple)) else [program]
    quotes = [
        engine.quote(
            each,
            backend=arguments.backend,
            shots=arguments.shots,  # type: ignore[arg-type]  # text from a command line; the engine checks it
            options=arguments.options,
        )
        for each in programs
    ]
    caps = [quote for quote in quotes if isinstance(quote, Quote)]
    if caps and len(caps) == len(quotes):  # what has no price is refused by the engine, with the reason
        total = sum(to_nano(quote.cap) for quote in caps)
        raise needed(total, arguments.backend, caps[0].explanation, len(caps))


def needed(cap: int, backend: str, explanation: str = "", jobs: int = 1) -> ConsentNeeded:
    """Return the refusal of what costs at most so many nano-dollars."""
    amount = format_usd(from_nano(cap))
    what = "this job" if jobs == 1 else f"this batch of {jobs} jobs"
    each = f" ({explanation}{' each' if jobs > 1 else ''})" if explanation else ""
    return ConsentNeeded(
        f"{what} can cost {amount} on {backend}{each}; nothing was submitted.",
        remedy=f"To pay up to {amount}, add --yes to the line. To compare: %qjob quote",
        numbers={"cap": f"{from_nano(cap).normalize():f}", "backend": backend, "jobs": jobs},
    )

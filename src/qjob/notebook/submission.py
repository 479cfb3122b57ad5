"""From the arguments of a line to a job or a batch: not paid twice, agreed to, and not too fast. Shows nothing."""

from collections.abc import Callable, Sequence
from typing import Any

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.errors import ConsentNeeded, InvalidRequest, RateLimited
from qjob.model.job import JobRecord
from qjob.model.money import to_nano
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.consent import Asking
from qjob.policy.admission import worth_waiting
from qjob.rehearsing import Rehearsed


def submit(
    engine: Engine,
    program: object,
    arguments: SubmitArguments,
    asking: Asking,
    tell: Callable[[str], object] = print,
) -> Job | Batch:
    """Submit a program, or a list of them; or return the job that was paid for it before.

    One that nobody has agreed to pay yet, or that comes too fast, is INITIALIZING: it waits for that.

    Parameters
    ----------
    tell
        Gets a sentence where a job is returned that was submitted before; a magic prints it into its cell.

    Raises
    ------
    Refusal
        With what does not fit; nothing was submitted.
    """
    asked = asked_for(arguments, program)
    if not engine.catalogue.get(arguments.backend).free:
        asked["reuse"] = not arguments.fresh
        asked["source"] = asking.source
        if (job := _paid_for(engine, program, arguments, asking, asked, tell=tell)) is not None:
            return job
    if asking.card and not arguments.no_wait and engine.runs_elsewhere(arguments.backend):
        return engine.propose(program, **asked)  # the kernel is free while the service is asked
    try:
        return engine.submit(program, **asked)
    except RateLimited as limited:
        if arguments.no_wait or not worth_waiting(limited):
            raise
        return engine.propose(program, **asked)


def asked_for(arguments: SubmitArguments, program: object) -> dict[str, Any]:
    """Return what `Engine.submit` takes beside the program."""
    asked: dict[str, Any] = {
        "backend": arguments.backend,
        "shots": arguments.shots,  # text from a command line; the engine checks it
        "mode": arguments.mode,
        "name": arguments.name,
        "tags": arguments.tags,
        "options": arguments.options,
        "seed": arguments.seed,
    }
    if isinstance(program, (list, tuple)):
        asked["partial"] = arguments.partial
    return asked


def programs_in(program: object) -> Sequence[Any]:
    """Return the programs of a list, or the one there is."""
    return program if isinstance(program, (list, tuple)) else [program]


def question_of(
    engine: Engine, program: object, arguments: SubmitArguments, asking: Asking
) -> ConsentNeeded | None:
    """Return what has to be agreed to before `submit` pays for this; None where it pays nothing, or not again.

    Raises
    ------
    Refusal
        Something in it does not fit.
    """
    if engine.catalogue.get(arguments.backend).free:
        return None
    from qjob.notebook import consent

    asked = asked_for(arguments, program)
    if not arguments.fresh and engine.find(program, **asked) is not None:
        return None
    return consent.missing(engine, program, arguments, asked, asking)


def rehearse(engine: Engine, program: object, arguments: SubmitArguments) -> Rehearsed:
    """Run a program free on what stands in for the backend here.

    Raises
    ------
    Refusal
        With what does not fit; nothing was submitted.
    """
    if arguments.options:
        raise InvalidRequest(
            "a rehearsal chooses the options of its simulator itself.",
            remedy="Leave --option out, or run it there: --backend qb-sim-noisy-aer",
            numbers={"options": sorted(arguments.options)},
        )
    return engine.rehearse(
        program,
        backend=arguments.backend,
        shots=arguments.shots,  # type: ignore[arg-type]  # text from a command line; the engine checks it
        name=arguments.name,
        tags=arguments.tags,
        seed=arguments.seed,
    )


def retry(engine: Engine, old: JobRecord, asking: Asking, *, yes: bool) -> Job:
    """Submit an ended job again as a new one; it waits, as any other, for a consent or for its turn.

    Raises
    ------
    ConsentNeeded
        Nobody agreed to what it can cost.
    """
    cap = 0 if yes else engine.retry_cap(old.id)  # by today's price
    if cap > to_nano(asking.above):
        from qjob.notebook import consent

        question = consent.needed(cap, old.backend)
        if asking.card:
            return engine.propose_retry(old.id, consent=True)
        if not (asking.line and consent.agreed(question)):
            raise question
    if asking.card and engine.runs_elsewhere(old.backend):
        return engine.propose_retry(old.id)
    try:
        return engine.retry(old.id)
    except RateLimited as limited:
        if not worth_waiting(limited):
            raise
        return engine.propose_retry(old.id)


def _paid_for(
    engine: Engine,
    program: object,
    arguments: SubmitArguments,
    asking: Asking,
    asked: dict[str, Any],
    *,
    tell: Callable[[str], object],
) -> Job | Batch | None:
    """Return what was asked for before, or a job that waits for a consent; None where it may be submitted.

    Raises
    ------
    ConsentNeeded
        Nobody agreed to what it can cost.
    """
    from qjob.notebook import consent

    if asked["reuse"] and (found := engine.find(program, **asked)) is not None:
        if arguments.yes and _waits_for_consent(found):
            engine.admit(found.id)
        else:
            tell(consent.already(found, program))
        return found
    question = consent.missing(engine, program, arguments, asked, asking)
    if question is None:
        return None
    if asking.card:
        return engine.propose(program, consent=True, why=question.numbers["why"], **asked)
    if asking.line and consent.agreed(question):
        return None
    raise question


def _waits_for_consent(job: Job | Batch) -> bool:
    pending = job.snapshot().pending
    # what has a reason is asked in any case
    return pending is not None and pending.consent and not pending.why

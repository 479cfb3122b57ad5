"""What an engine says to a form as it stands: prices, budget, and what stands against it. Submits and stores nothing.

Slow parts (a list of circuits) ask now and then whether somebody still wants to know.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.examining import examined
from qjob.handle import Job
from qjob.model.backend import BackendInfo
from qjob.model.errors import OverBudget, QjobError, RateLimited, Refusal
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.quote import Quote, Unpriced
from qjob.notebook import consent, submission
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.form import rows
from qjob.notebook.form.desk import Stale
from qjob.notebook.form.rows import Row
from qjob.policy import advice
from qjob.policy.admission import Claim, fitting, refusal, worth_waiting
from qjob.showing.wording import number, plural
from qjob.typed import whole_shots

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What a form holds.

    Parameters
    ----------
    program
        What it would submit; None where ``problem`` says why there is nothing.
    arguments
        As its controls say, or as far as they can be read.
    problem
        What keeps it from being read.
    """

    program: object
    arguments: SubmitArguments
    problem: QjobError | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be shown of it.

    Parameters
    ----------
    rows
        The backends.
    price, how
        What it would cost on the chosen one, and how that comes about.
    left
        What is left of the budgets, a line each.
    problem, remedy
        Why it cannot be submitted as it is, and the way out.
    shots
        How many shots would fit; 0 where that is no way out.
    notes
        What else to know before it is submitted.
    about
        What the program is.
    """

    rows: tuple[Row, ...]
    price: str = ""
    how: str = ""
    left: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""
    shots: int = 0
    notes: tuple[str, ...] = ()
    about: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """What the foot of the form shows of it, as JSON."""
        found = {name: getattr(self, name) for name in ("price", "how", "problem", "remedy", "shots")}
        return {**found, "left": list(self.left), "notes": list(self.notes)}


def plain_rows(engine: Engine, now: datetime) -> list[list[str]]:
    """Return the backends as the form lists them before anything is quoted."""
    return [row.plain for row in rows.listed(engine.catalogue, engine.can_run, engine.device_facts(), now)]


def weigh_safely(engine: Engine, question: Question, now: datetime, go_on: Callable[[], None]) -> Offer:
    """Return what `weigh` does; or what went wrong in it, which a person shall see and no log hide."""
    try:
        return weigh(engine, question, now, go_on)
    except Stale:
        raise
    except Exception as error:
        LOG.exception("a form cannot be weighed")
        return Offer(
            (),
            problem=f"{type(error).__name__}: {error}",
            remedy="Change something to have it done again.",
        )


def weigh(engine: Engine, question: Question, now: datetime, go_on: Callable[[], None]) -> Offer:
    """Return what is to be shown; what cannot be done is part of it, and raises nothing."""
    facts = engine.device_facts()
    plain = Offer(rows.listed(engine.catalogue, engine.can_run, facts, now))
    if question.program is None:
        return refused(plain, question.problem)
    programs = submission.programs_in(question.program)
    try:
        shots = whole_shots(question.arguments.shots)
        columns = []
        for each in programs:
            go_on()
            columns.append(engine.quotes(each, shots=shots))
        if not columns:  # refused with the engine's own words
            engine.find(question.program)
        offer = replace(plain, rows=rows.quoted(columns, facts, now), about=_about(programs))
    except QjobError as error:
        return refused(plain, error)
    try:
        return _chosen(engine, question, programs, offer, go_on)
    except QjobError as error:
        return refused(offer, error)


def refused(offer: Offer, error: QjobError | None) -> Offer:
    """Return an offer with what stands against it."""
    return offer if error is None else replace(offer, problem=error.message, remedy=error.remedy)


def _chosen(
    engine: Engine,
    question: Question,
    programs: Sequence[Any],
    offer: Offer,
    go_on: Callable[[], None],
) -> Offer:
    arguments = question.arguments
    info = engine.catalogue.get(arguments.backend)
    if arguments.rehearse:
        how = f"{info.slug} is rehearsed by a simulator on this machine, with the errors that it says it has"
        return refused(replace(offer, price="free", how=how, left=_left(engine, 0)), question.problem)
    quotes = []
    for each in programs:
        go_on()
        quotes.append(
            engine.quote(
                each, backend=info.slug, shots=whole_shots(arguments.shots), options=arguments.options
            )
        )
    price, how = _price(quotes)
    caps = [to_nano(quote.cap) for quote in quotes if isinstance(quote, Quote)]
    offer = refused(replace(offer, price=price, how=how, left=_left(engine, sum(caps))), question.problem)
    if offer.problem:
        return offer
    go_on()
    try:
        found = engine.find(question.program, **submission.asked_for(arguments, question.program))
    except QjobError as error:
        return refused(offer, error)
    if found is not None and not info.free and not arguments.fresh:
        return replace(offer, notes=(before(found, question.program),), left=_left(engine, 0))
    return admitted(engine, question, info, caps, offer)


def before(found: Job | Batch, program: object, verb: str = "Submit shows") -> str:
    """Say that the same was submitted before, in the words of a form: it has a switch where a line has --fresh."""
    said = consent.already(found, program)
    return said.replace("add --fresh", "switch on “pay again”").replace(": showing", f": {verb}")


def against(engine: Engine, question: Question, now: datetime) -> Offer:
    """Return the offer for what is about to be agreed to, to see whether a budget forbids it."""
    return weigh(engine, question, now, lambda: None)


def admitted(
    engine: Engine, question: Question, info: BackendInfo, caps: Sequence[int], offer: Offer
) -> Offer:
    """Return the offer with what budgets and rate limits would say to it now."""
    standing = engine.store.standing_of(engine.settings.user)
    local = info.local and not any(caps)
    counts = standing.team.limits.count_local or not local
    error = refusal(standing, Claim(tuple(caps), counts=counts, local=local))
    many = isinstance(question.program, (list, tuple))
    if isinstance(error, OverBudget):
        if many:
            first = fitting(standing, caps)
            if question.arguments.partial and first:
                said = f"The budget admits the first {number(first)} of these {plural(len(caps), 'program')}."
                return replace(offer, notes=(*offer.notes, said))
            return refused(offer, error)
        return _over(engine, question, info, error, offer)
    if isinstance(error, RateLimited) and not question.arguments.no_wait and worth_waiting(error):
        seconds = max(1, round(error.retry_after or 0))
        return replace(
            offer, notes=(*offer.notes, f"It will wait {seconds:,} s for its turn: {error.message}")
        )
    return refused(offer, error)


def _over(engine: Engine, question: Question, info: BackendInfo, error: Refusal, offer: Offer) -> Offer:
    """Return the offer with the refusal of one job as the engine words it, and how many shots would fit."""
    profile = examined(question.program).profile
    shots, room = whole_shots(question.arguments.shots), to_nano(Decimal(error.numbers["room"]))
    others = [each for each in engine.catalogue if engine.can_run(each)]
    ways = advice.advice(info, profile, shots, room, others)
    remedy = " ".join(part for part in (ways, error.remedy) if part)
    fits = advice.shots_within(info, profile, shots, room)
    return replace(offer, problem=error.message, remedy=remedy, shots=fits)


def _price(quotes: Sequence[Quote | Unpriced]) -> tuple[str, str]:
    if len(quotes) == 1 and isinstance(quotes[0], Quote):
        return quotes[0].usd, "" if quotes[0].free else quotes[0].explanation
    return rows.total(quotes)


def _left(engine: Engine, cap: int) -> tuple[str, ...]:
    budget = engine.budget()
    said = []
    for name, period in (("today", budget.day), ("this month", budget.month)):
        left = to_nano(period.remaining)
        after = f", {format_usd(from_nano(left - cap))} after this" if 0 < cap <= left else ""
        said.append(f"{format_usd(period.remaining)} left {name}{after}")
    return (*said, f"a job may cost {format_usd(budget.job)}")


def _about(programs: Sequence[object]) -> str:
    profiles = [examined(each).profile for each in programs[:1]]
    if not profiles:
        return ""
    (one,) = profiles
    gates = sum(count for name, count in one.gates.items() if name not in ("measure", "barrier"))
    facts = [plural(one.num_qubits, "qubit"), plural(gates, "gate"), plural(one.layout.num_clbits, "bit")]
    lead = f"{number(len(programs))} circuits; the first one: " if len(programs) > 1 else ""
    return lead + ", ".join(facts)

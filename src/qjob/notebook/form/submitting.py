"""A click on Submit, and the one on Confirm: nobody pays but what the button said. Shows the job, not the form."""

import itertools
from dataclasses import asdict, dataclass, replace
from typing import Any

from qjob.batch import Batch
from qjob.engine import utc_now
from qjob.handle import Job
from qjob.model.errors import ConsentNeeded
from qjob.model.money import format_usd, parse_usd
from qjob.notebook import submission
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.below import Below
from qjob.notebook.consent import Asking
from qjob.notebook.form import offer
from qjob.showing.wording import short_id

MOVED = "The price has changed since. "


@dataclass(frozen=True, slots=True)
class Answer:
    """What a click came to.

    Parameters
    ----------
    confirm, question
        What the button says that pays for it, and what is asked; empty where nothing is.
    problem, remedy
        Why it was not submitted.
    said, back
        What was submitted, and the line that shows it.
    turn
        Tells it from the one before.
    """

    confirm: str = ""
    question: str = ""
    problem: str = ""
    remedy: str = ""
    said: str = ""
    back: tuple[str, ...] = ()
    turn: int = 0

    @property
    def plain(self) -> dict[str, Any]:
        """It as JSON."""
        return {**asdict(self), "back": list(self.back), "turn": next(_TURNS)}


_TURNS = itertools.count(1)


class Submitting:
    """What the buttons of a form do.

    Parameters
    ----------
    session
        Whose engine submits, and which shows jobs.
    below
        Where they are shown.
    """

    def __init__(self, session: Any, below: Below) -> None:
        self._session = session
        self._engine = session.engine
        self._asked: tuple[str, SubmitArguments] | None = None
        self.below = below
        self.job: Job | Batch | None = None

    def disarm(self) -> None:
        """Take an open question back."""
        self._asked = None

    def submit(self, program: object, arguments: SubmitArguments, *, confirmed: bool) -> Answer:
        """Submit a program and show its job; or ask, where it costs something and that was not agreed to.

        Raises
        ------
        Refusal
            With what does not fit; nothing was submitted.
        """
        asked, self._asked = self._asked, None
        if arguments.rehearse:
            return self._rehearse(program, arguments)
        asking = Asking(card=True, line=False, above=self._session.above)
        question = submission.question_of(self._engine, program, arguments, asking)
        if question is not None:
            now = question.numbers["cap"], arguments
            if not confirmed or asked != now:
                return self._ask(program, arguments, question, moved=confirmed and asked is not None)
            arguments = replace(arguments, yes=True)
        said: list[str] = []
        job = submission.submit(self._engine, program, arguments, asking, said.append)
        words = [each.replace("add --fresh", "switch on “pay again”") for each in said]
        return self._show(job, arguments, " ".join(words) or f"{_kind(job)} {short_id(job.id)} is submitted.")

    def _ask(
        self, program: object, arguments: SubmitArguments, question: ConsentNeeded, *, moved: bool
    ) -> Answer:
        """Return the question; or what a budget says, which need not be asked then."""
        cap = question.numbers["cap"]
        stands = offer.against(self._engine, offer.Question(program, arguments), utc_now())
        if stands.problem:
            return Answer(problem=stands.problem, remedy=stands.remedy)
        self._asked = cap, arguments
        text = question.message.removesuffix("; nothing was submitted.")
        lead = MOVED if moved else ""
        return Answer(
            confirm=f"Confirm {format_usd(parse_usd(cap))}", question=f"{lead}{text[0].upper()}{text[1:]}."
        )

    def _rehearse(self, program: object, arguments: SubmitArguments) -> Answer:
        from qjob.notebook.rehearsal_text import rehearsal_text

        rehearsed = submission.rehearse(self._engine, program, arguments)
        text = rehearsal_text(rehearsed, self._engine.catalogue.get(arguments.backend))
        return self._show(rehearsed.job, arguments, text)

    def _show(self, job: Job | Batch, arguments: SubmitArguments, said: str) -> Answer:
        self.job = job
        if arguments.out:
            self._session.shell.user_ns[arguments.out] = job
        with self.below.here():
            self._session.place(job)
        return Answer(said=said, back=(f"%qjob status {short_id(job.id)}",))


def _kind(job: Job | Batch) -> str:
    return "Batch" if isinstance(job, Batch) else "Job"

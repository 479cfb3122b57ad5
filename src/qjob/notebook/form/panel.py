"""The form itself: what its controls hold is weighed as one edits, and submitted as a line would submit it.

Edits and clicks come in the kernel's thread; prices are worked out at a `Desk`, off it. Everything shown comes from
the engine; the form keeps no state of a job.
"""

import threading
from collections.abc import Mapping
from typing import Any

import ipywidgets

from qjob.engine import utc_now
from qjob.model.errors import QjobError
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.below import Below
from qjob.notebook.form import offer, programs
from qjob.notebook.form.controls import Controls
from qjob.notebook.form.desk import Desk
from qjob.notebook.form.parts import Foot
from qjob.notebook.form.programs import TEXT, Given
from qjob.notebook.form.state import FormState, arguments_of, cell_line, submit_line
from qjob.notebook.form.submitting import Answer, Submitting
from qjob.notebook.widgets.stage import Stage
from qjob.showing import markup

CHANGED = "The form has just changed; look at the price, then press Submit again. Nothing was submitted."


class Form:
    """A submission form; the value of a cell, or `show` it.

    Parameters
    ----------
    session
        Whose engine answers, and whose notebook it stands in.
    state
        What its controls hold first.
    given
        What it was opened with, where no variable holds that.

    Attributes
    ----------
    job : Job or Batch or None
        What was submitted last.
    """

    def __init__(self, session: Any, state: FormState, given: Given | None = None) -> None:
        self._session = session
        self._given = given
        self._shell = session.shell
        self._below = Below(self._shell)
        self._stage: Stage | None = None
        self._seen = True
        self._overtaken: dict[str, Any] | None = None  # what a click saw whose edits were still on their way
        self._unheard = ""  # why devices could not be asked
        engine = session.engine
        self._submitting = Submitting(session, self._below)
        self._desk: Desk[offer.Question, offer.Offer] = Desk(
            lambda question, go_on: offer.weigh_safely(engine, question, utc_now(), go_on), self._offered
        )
        self.controls = Controls(engine.catalogue, self._edited, self._is_list)
        self.foot = Foot(asking=True)
        self.foot.on_msg(self._receive)
        self.widget = ipywidgets.VBox((*self.controls.widgets, self.foot))
        self.widget.add_class("qjob-form")
        key = programs.key_of(state, given)
        self.controls.put(state, key, self._choices())
        self.controls.backend.rows = offer.plain_rows(engine, utc_now())
        self._look()
        self._shell.events.register("post_run_cell", self.refresh)
        session.open.append(self)

    @property
    def job(self) -> Any:
        """What was submitted last; None before."""
        return self._submitting.job

    # -- showing ----------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Display it below the running cell, with the line that does the same for front ends without widgets."""
        self.put_cards(Below(self._shell))
        self._session.warm_up(self.controls.state.backend)
        self._stage = Stage(self.widget)
        self._stage.show(*self._as_it_is())
        # off this thread: it loads what talks to services
        threading.Thread(target=self._ask_devices, name="qjob-form-devices", daemon=True).start()

    def put_cards(self, below: Below) -> None:
        """Have the cards of what it submits appear there."""
        self._below = self._submitting.below = below

    def _ipython_display_(self) -> None:
        self.show()

    def refresh(self, *_: object) -> None:
        """Look again at what the notebook holds, and at what it costs now."""
        self.controls.offer(self._choices(), self.controls.key)
        if self.foot.answer.get("problem"):  # it may hold no longer; the newest offer says what does
            self.foot.answer = {}
        if self._seen:
            self._look()

    def close(self) -> None:
        """Take the form away; the line that does the same stays in its place."""
        self.rest()
        if self._stage is not None:
            self._stage.replace(*self._as_it_is())

    def rest(self) -> None:
        """End what the form does by itself; it stays where it is."""
        self._desk.close()
        if self in self._session.open:
            self._session.open.remove(self)
            self._shell.events.unregister("post_run_cell", self.refresh)

    def _as_it_is(self) -> tuple[str, str]:
        lines = self.foot.lines or ["%qjob form"]
        rows = "".join(f"<pre>{markup.text(line)}</pre>" for line in lines)
        said = "A form for a job. The same, as a line:"
        return f"<div>{said}{rows}</div>", "\n".join([said, *lines])

    def _choices(self) -> list[tuple[str, str]]:
        return programs.choices(self._shell.user_ns, self._given)

    def _is_list(self, key: str) -> bool:
        try:
            program = programs.program_of(key, "", self._shell.user_ns, self._given)
        except QjobError:  # there is none now
            return False
        return isinstance(program, (list, tuple))

    # -- editing ----------------------------------------------------------------------------------------------

    def _edited(self) -> None:
        """Take an edit: what was asked and answered before no longer holds."""
        if self._overtaken is not None:  # what came of the click is to be read
            self._overtaken = None if self._overtaken == self.controls.shown else self._overtaken
        elif self.foot.answer:
            self._submitting.disarm()
            self.foot.answer = {}
        self._look()

    def _look(self) -> None:
        """Write the lines anew, and have it weighed."""
        question = self._question()
        if question.problem is None or question.program is not None:
            self.foot.lines = self._lines(question.arguments)
        self.foot.watched = self.controls.models
        self.foot.asking = True
        self._desk.ask(question)

    def _question(self) -> offer.Question:
        state = self.controls.state
        try:
            arguments, problem = arguments_of(state), None
        except QjobError as error:
            plain = FormState(state.expression, backend=state.backend, shots=state.shots)
            arguments, problem = arguments_of(plain), error
        try:
            program = self._program(state)
        except QjobError as error:
            return offer.Question(None, arguments, error)
        return offer.Question(program, arguments, problem)

    def _program(self, state: FormState) -> object:
        return programs.program_of(self.controls.key, state.text, self._shell.user_ns, self._given)

    def _lines(self, arguments: SubmitArguments) -> list[str]:
        text = self.controls.text.value
        cell = cell_line(arguments)
        if self.controls.key == TEXT and text.strip():
            cell = f"{cell}\n{text}"
        return [line for line in (cell, submit_line(arguments)) if line]

    def _offered(self, found: offer.Offer) -> None:
        """Show what was worked out; called at the desk."""
        if found.rows:
            self.controls.backend.rows = [row.plain for row in found.rows]
        self.controls.about.value = f'<span class="qform-quiet">{markup.text(found.about)}</span>'
        elsewhere = not self._session.engine.catalogue.get(self.controls.backend.value).local
        notes = [*found.notes, self._unheard] if elsewhere and self._unheard else found.notes
        self.foot.offer = {**found.plain, "notes": list(notes)}
        self.foot.asking = False

    def _ask_devices(self) -> None:
        """Have services asked about their devices where what they said is old; what they say is shown then."""
        from qjob.notebook.backends_line import are_fresh

        engine = self._session.engine
        try:
            answers = [] if are_fresh(engine) or self not in self._session.open else engine.ask_devices()
        except QjobError as error:
            self._hear(error)
            return
        for answer in answers:
            answer.add_done_callback(lambda done: self._hear(done.exception()))

    def _hear(self, error: BaseException | None) -> None:
        """Show what devices have said, or why they could not be asked."""
        if error is not None:
            self._unheard = f"Devices could not be asked: {error}"
        self._desk.ask(self._question())

    # -- clicking ---------------------------------------------------------------------------------------------

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        match content.get("type"):
            case "submit":
                self._clicked(content.get("seen"), confirmed=False)
            case "confirm":
                self._clicked(content.get("seen"), confirmed=True)
            case "disarm":
                self._submitting.disarm()
            case "shots":
                self.controls.shots.value = str(self.foot.offer.get("shots") or self.controls.shots.value)
            case "close":
                self.close()
            case "hidden":
                self._seen = False
            case "shown" if not self._seen:
                self._seen = True
                self._look()

    def _clicked(self, seen: dict[str, Any] | None, *, confirmed: bool) -> None:
        """Submit what a person saw; where that is something else than what is here, nothing."""
        self._overtaken = None
        if seen == self.controls.shown:
            self._submit(confirmed=confirmed)
            return
        self._submitting.disarm()
        self._overtaken = seen
        self.foot.answer = Answer(said=CHANGED).plain

    def _submit(self, *, confirmed: bool) -> None:
        state = self.controls.state
        try:
            answer = self._submitting.submit(self._program(state), arguments_of(state), confirmed=confirmed)
        except QjobError as error:
            answer = Answer(problem=error.message, remedy=error.remedy)
        except Exception as error:
            self.foot.answer = Answer(problem=f"{type(error).__name__}: {error}").plain
            raise  # no refusal: somebody has to see where it came from
        self.foot.answer = answer.plain
        self._look()  # the budget has changed, or the price has
        if answer.said:
            for each in list(self._session.open):
                if isinstance(each, Form) and each is not self:
                    each.refresh()  # theirs too

"""From what a form is asked for (a circuit, an expression, a job, presets) to the form. Shows nothing."""

from dataclasses import fields, replace
from typing import Any

from qjob.handle import Job
from qjob.model.backend import did_you_mean
from qjob.model.errors import InvalidRequest, NoSuchJob
from qjob.notebook import batch_line
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.expression import evaluate
from qjob.notebook.form import programs
from qjob.notebook.form.panel import Form
from qjob.notebook.form.programs import Given
from qjob.notebook.form.state import SWITCHES, UNREACHABLE, state_of
from qjob.notebook.found import circuits_in, may_be_program
from qjob.showing.wording import short_id


def form_of(session: Any, arguments: SubmitArguments, given: Given | None = None, text: str = "") -> Form:
    """Return a form with these presets.

    Raises
    ------
    Refusal
        There is no such backend, or it has no such option; or a field has no control.
    """
    for name, reason in UNREACHABLE.items():
        if getattr(arguments, name):
            raise InvalidRequest(f"a form has no {name}. {reason}", remedy=f"Leave --{name} out.")
    session.engine.catalogue.get(arguments.backend).parse_options(arguments.options)
    return Form(session, state_of(arguments, text), given)


def from_words(session: Any, arguments: SubmitArguments) -> Form:
    """Return the form of a ``%qjob form`` line, whose expression may be the id or the name of a job.

    Raises
    ------
    Refusal
        There is neither a variable nor a job of this name.
    """
    word, namespace = arguments.expression, session.shell.user_ns
    if not word:
        names = [key for _, key in programs.choices(namespace) if key != programs.TEXT]
        return form_of(session, replace(arguments, expression=names[-1] if names else ""))
    if word in namespace:
        _expect_program(namespace[word], word)
        return form_of(session, arguments, *_held(namespace[word], word))
    if word.replace("-", "").replace("_", "").isalnum():  # else an expression that is no mere name
        try:
            return from_job(session, word, arguments)
        except NoSuchJob as error:
            circuits = list(circuits_in(namespace))
            listed = f"Circuits here: {', '.join(circuits)}. " if circuits else ""
            raise InvalidRequest(
                f"there is no variable and no job {word!r}{did_you_mean(word, circuits)}.",
                remedy=f"{listed}Jobs: %qjob list",
            ) from error
    value = evaluate(session.shell, word)
    _expect_program(value, word)
    return form_of(session, arguments, Given(value, f"{word}, as of when this form opened", word))


def from_job(session: Any, text: str, presets: SubmitArguments | None = None) -> Form:
    """Return a form that holds what a job, or a batch, was asked for; presets that were given win.

    Raises
    ------
    NoSuchJob, AmbiguousJob
        Neither, or several.
    """
    engine = session.engine
    found = batch_line.find(engine, text)
    jobs = [found] if isinstance(found, Job) else list(found)
    first = jobs[0].record
    stored = [engine.program_of(job.record) for job in jobs]
    local = engine.catalogue.get(first.backend).local
    asked = SubmitArguments(
        backend=first.backend,
        shots=str(first.shots),
        mode=first.mode,
        name=found.name,
        tags=dict(first.tags),
        options={name: _typed(value) for name, value in first.options.items()},
        seed=str(first.seed)
        if local
        else None,  # elsewhere it makes no difference, but to what was paid before
    )
    if presets is not None:
        none = SubmitArguments()
        given = {
            each.name for each in fields(presets) if getattr(presets, each.name) != getattr(none, each.name)
        }
        asked = replace(asked, **{name: getattr(presets, name) for name in given - {"expression"}})
    source = programs.text_of(stored[0]) if len(stored) == 1 else ""
    if source:
        return form_of(session, asked, text=source)
    kind = "job" if isinstance(found, Job) else "batch"
    label = f"the circuit{'s' if len(stored) > 1 else ''} of {kind} {short_id(found.id)}"
    if len(stored) > 1:
        label += f": a list of {len(stored):,}"
    return form_of(session, asked, Given(stored if len(stored) > 1 else stored[0], label))


def from_value(session: Any, circuit: object, given: dict[str, Any]) -> Form:
    """Return the form of `qjob.form`: a circuit and arguments as Python values.

    Raises
    ------
    InvalidRequest
        There is no such argument.
    """
    known = [each.name for each in fields(SubmitArguments) if each.name not in {*UNREACHABLE, "expression"}]
    for name in given:
        if name not in known:
            raise InvalidRequest(
                f"a form takes no {name!r}{did_you_mean(name, known)}.",
                remedy=f"It takes: {', '.join(known)}.",
            )
    plain = {name: value if name in SWITCHES else _argument(name, value) for name, value in given.items()}
    arguments = SubmitArguments(**{name: value for name, value in plain.items() if value is not None})
    if circuit is None:
        return from_words(session, arguments)
    if isinstance(circuit, Job):
        return from_job(session, circuit.id, arguments)
    _expect_program(circuit, "what was given")
    name = programs.name_of(session.shell.user_ns, circuit)
    return form_of(session, replace(arguments, expression=name), *_held(circuit, name))


def _held(value: object, name: str) -> tuple[Given | None, str]:
    """Return what a form is given beside a name; text without a name is its text."""
    if name and programs.is_program(value):
        return None, ""
    if isinstance(value, str) and not name:
        return None, value
    return Given(value, name or "the circuit that this form was given", name), ""


def _expect_program(value: object, what: str) -> None:
    if not may_be_program(value):
        raise InvalidRequest(
            f"{what} is of type {type(value).__name__}, no circuit.",
            remedy="Give a circuit, a list of circuits, OpenQASM text, or a job: %qjob form NAME",
        )


def _argument(name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return {str(key): _typed(each) for key, each in value.items()}
    return value if name == "shots" and not isinstance(value, bool) else str(value)


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

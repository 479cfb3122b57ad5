"""``%qjob backends``: what is known now at once, and what devices say as soon as they have said it."""

from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from typing import Any

from qjob.engine import Engine, utc_now
from qjob.model.errors import QjobError
from qjob.notebook import price_tables
from qjob.notebook.device_wording import about
from qjob.showing import tables
from qjob.showing.tables import Table

PATIENCE = 20.0
"""Seconds that a terminal, which cannot be written to later, waits for what devices say."""


def show(engine: Engine, *, later: bool) -> Table | None:
    """Show the backends; ask services about their devices where what they said is old.

    Parameters
    ----------
    later
        Whether what was displayed can be changed later, as in a notebook: then it is displayed here, at once.
    """
    answers = [] if are_fresh(engine) else engine.ask_devices()
    if not answers:
        return table(engine)
    if not later:
        for answer in answers:
            _wait(answer)
        return table(engine, answers)
    from IPython.display import display

    handle = display(table(engine, answers), display_id=True)
    for answer in answers:
        answer.add_done_callback(lambda _: handle.update(table(engine, answers)))
    return None


def one(engine: Engine, slug: str) -> Table:
    """Return the options of a backend, its price, and what its device said last.

    Raises
    ------
    UnknownBackend
        There is none of this name.
    """
    info = engine.catalogue.get(slug)
    told = engine.device_facts().get(info.target)
    if told is None:
        return tables.options(info)
    now = utc_now()
    note = f"Its device, asked {tables.ago(now, told.at)}: " + " ".join(about(told, now))
    return tables.options(info).with_note(note)


def table(engine: Engine, answers: "Sequence[Future[Any]]" = ()) -> Table:
    """Return the backends as they are known now, with a note on what was asked."""
    found = price_tables.backends(
        engine.catalogue, utc_now(), engine.can_run, engine.is_set_up, engine.device_facts()
    )
    notes = [note for answer in answers if (note := _note(answer))]
    return found.with_note("\n".join(dict.fromkeys(notes)))


def _note(answer: "Future[Any]") -> str:
    if not answer.done():
        return "Devices are being asked; this table changes when they have answered."
    error = answer.exception()
    if error is None:
        return ""
    said = (
        str(error).replace("\n", " ") if isinstance(error, QjobError) else f"{type(error).__name__}: {error}"
    )
    return f"Devices could not be asked: {said}"


def _wait(answer: "Future[Any]") -> None:
    try:
        answer.exception(PATIENCE)
    except NoAnswer:
        return  # the note says that it is still being asked


def are_fresh(engine: Engine) -> bool:
    """Whether every device of the catalogue that was ever asked was asked lately, and some were."""
    facts, now = engine.device_facts(), utc_now()
    listed = {info.target for info in engine.catalogue if not info.retired}
    known = [told for target, told in facts.items() if target in listed]
    return bool(known) and all(told.is_fresh(now) for told in known)

"""The submission form: ``%qjob form``, `qjob.form`, and the form of a job that is there already.

What needs ipywidgets is imported when a form is opened.
"""

from typing import TYPE_CHECKING, Any

from qjob.model.errors import InvalidRequest

if TYPE_CHECKING:
    from qjob.notebook.below import Below
    from qjob.notebook.form.panel import Form
    from qjob.notebook.session import Session


def form(circuit: object = None, **arguments: Any) -> "Form":
    """Return a form for a circuit, or for the newest one of the notebook; a cell that ends with it shows it.

    Parameters
    ----------
    circuit
        A circuit, a list of circuits, OpenQASM text, or a `Job` to start from.
    **arguments
        What is filled in: ``backend``, ``shots``, ``mode``, ``name``, ``tags``, ``options``, ``seed``, ``out``,
        ``rehearse``, ``fresh``, ``no_wait``, ``partial``, as `Engine.submit` and ``%%qjob`` take them.

    Raises
    ------
    InvalidRequest
        There is no notebook, or something that is given does not fit.
    """
    from qjob.notebook.form import opening

    return opening.from_value(_session(), circuit, arguments)


def open_for(session: "Session", job_id: str, below: "Below") -> "Form":
    """Return a form that holds what a job was asked for, to be shown within something else.

    Parameters
    ----------
    below
        Where the cards of the jobs that it submits appear.

    Raises
    ------
    Refusal
        There is no such job, or its program is not kept any more.
    """
    from qjob.notebook.form import opening

    form = opening.from_job(session, job_id)
    form.put_cards(below)
    return form


def _session() -> "Session":
    from IPython.core.getipython import get_ipython

    from qjob.notebook import extension

    shell: Any = get_ipython()
    if shell is None:
        raise InvalidRequest(
            "a form needs a notebook.", remedy="Without one, submit by: qjob.connect().submit(circuit)"
        )
    if getattr(shell, extension.ATTRIBUTE, None) is None:
        extension.load(shell)
    session: Session = getattr(shell, extension.ATTRIBUTE).session
    return session

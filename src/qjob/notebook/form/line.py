"""``%qjob form``: opens a form below its line."""

from typing import TYPE_CHECKING

from qjob.notebook.arguments import parse_submit

if TYPE_CHECKING:
    from qjob.notebook.session import Session


def run(session: "Session", words: list[str]) -> None:
    """Open a form with what the line asks for, and show it.

    Raises
    ------
    Refusal
        With what does not fit.
    """
    arguments = parse_submit(words, prog="%qjob form", expression=True)
    from qjob.notebook.form import opening

    opening.from_words(session, arguments).show()

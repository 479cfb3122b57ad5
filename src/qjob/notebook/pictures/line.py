"""``%qjob plot``: words become a picture, shown in the cell."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qjob.model.errors import Detached, InvalidRequest
from qjob.notebook.arguments import Parser, refuse_unknown
from qjob.notebook.pictures.following import Following
from qjob.notebook.pictures.picture import picture
from qjob.notebook.verbs import VERBS

if TYPE_CHECKING:
    from qjob.notebook.session import Session

PROG = "%qjob plot"


@dataclass(frozen=True, slots=True)
class PlotArguments:
    """The arguments of ``%qjob plot``."""

    jobs: tuple[str, ...]
    ideal: bool = False
    bits: str | None = None
    sort: str = "value"
    top: int = 16


def parse_plot(argv: list[str]) -> PlotArguments:
    """Return the arguments of ``%qjob plot``.

    Raises
    ------
    InvalidRequest
        No job, an unknown option, or a value that does not fit it.
    """
    parser = Parser(prog=PROG, add_help=False, allow_abbrev=False)
    parser.add_argument("--ideal", action="store_true")
    parser.add_argument("--with", dest="beside", action="append", default=[], metavar="JOB")
    parser.add_argument("--bits")
    parser.add_argument("--sort", default="value", choices=["value", "bits"])
    parser.add_argument("--top", type=int, default=16)
    found, rest = parser.parse_known_args(argv)
    refuse_unknown([word for word in rest if word.startswith("--")], VERBS["plot"].flags, PROG)
    if len(rest) != 1:
        raise InvalidRequest(
            f"{PROG} wants one job, not {len(rest)}.",
            remedy=f"{PROG} JOB, or two beside each other: {PROG} JOB --with OTHER",
        )
    return PlotArguments((rest[0], *found.beside), found.ideal, found.bits, found.sort, found.top)


def run(session: "Session", argv: list[str]) -> None:
    """Show the picture of a job: one that can be changed where there is a front end, text in a terminal.

    Raises
    ------
    Refusal
        With what does not fit, as of `picture`.
    Detached
        The wait for the ideal was interrupted; the free job goes on.
    """
    asked = parse_plot(argv)
    try:
        made = picture(
            session.engine, asked.jobs, ideal=asked.ideal, bits=asked.bits, sort=asked.sort, top=asked.top
        )
    except KeyboardInterrupt:
        raise Detached(
            "the wait for the ideal was interrupted; the free job that tells it goes on.",
            remedy="Run the line again to see it, or end the job: %qjob list ideal",
        ) from None
    if session.front.paints_later:
        made.show()
        if made.running:
            Following(session, made).begin()
        return
    from IPython.display import display

    display({"text/html": made.html(), "text/plain": made.text()}, raw=True)

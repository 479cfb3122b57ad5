"""``%qjob notify``: whether to be told of the end of long jobs, for all cards of this user. Knows no widget."""

from typing import TYPE_CHECKING

from qjob.model.errors import InvalidRequest
from qjob.notebook import notifying
from qjob.showing.timing_text import LONG

if TYPE_CHECKING:
    from qjob.notebook.session import Session

_WORDS = {"on": True, "off": False}

ON = (
    f"On: when a job that took more than {LONG:.0f} s ends while this tab is in the background, the browser tells. "
    "It asks for its permission when you press the bell on a card; without that, the title of the tab tells."
)
OFF = (
    "Off: nothing tells of the end of a job but its card. Turn it on: %qjob notify on, or the bell on a card."
)


def run(session: "Session", words: list[str]) -> None:
    """Turn it on or off, or tell whether it is.

    Raises
    ------
    InvalidRequest
        Another word.
    """
    if len(words) > 1 or (words and words[0].lower() not in _WORDS):
        raise InvalidRequest(
            "%qjob notify takes on or off.", remedy="%qjob notify on", numbers={"got": " ".join(words)}
        )
    if words:
        choose(session, on=_WORDS[words[0].lower()])
    print(ON if notifying.wanted(session.engine) else OFF)  # noqa: T201 - a magic speaks to its cell


def choose(session: "Session", *, on: bool) -> None:
    """Keep what the user chooses, and have every card of this session show it."""
    notifying.want(session.engine, on=on)
    if session.cards is not None:
        session.cards.notify(on=on)

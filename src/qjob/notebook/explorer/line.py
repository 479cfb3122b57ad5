"""``%qjob explore`` and `qjob.explore`: open the explorer, or show its first page where no widget can live."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qjob.engine import Engine, utc_now
from qjob.model.errors import InvalidRequest, NoSuchTeam
from qjob.notebook.explorer.pages import Pages
from qjob.notebook.explorer.rows import table
from qjob.notebook.explorer.sums import totals
from qjob.notebook.explorer.wanted import Wanted, from_words
from qjob.showing.tables import Table

if TYPE_CHECKING:
    from qjob.notebook.session import Session


def run(session: "Session", words: list[str]) -> Table | None:
    """Show what the words ask for.

    Raises
    ------
    QjobError
        What they ask for does not exist.
    """
    return opened(session, from_words(words, utc_now()))


def opened(session: "Session", wanted: Wanted) -> Table | None:
    """Open the explorer; where nobody could use it, return its first page."""
    wanted = _known(session.engine, wanted)
    if not session.front.paints_later:
        page = Pages(session.engine, wanted).here()
        return table(page.jobs, page.first, totals(session.engine, wanted.filter()), wanted.line(), utc_now())
    from qjob.notebook.explorer.explorer import Explorer

    Explorer(session, wanted).show()
    return None


def explore(
    text: str = "",
    *,
    status: str | Sequence[str] = (),
    backend: str = "",
    tag: str = "",
    team: str = "",
    since: str = "",
    until: str = "",
    sort: str = "",
) -> Table | None:
    """Open the results explorer below the running cell, as ``%qjob explore`` does.

    Parameters
    ----------
    text
        Something in the name, the tags or the id.
    status
        One status or several.
    backend
        A slug.
    tag
        ``key`` or ``key=value``.
    team
        A team's name, or the beginning of its id.
    since, until
        How long ago, such as ``7d``, or a day or a time in UTC, such as ``2026-03-04``.
    sort
        ``newest``, ``oldest``, ``cost``, ``run_time`` or ``shots``.

    Returns
    -------
    Table or None
        The first page, where no widget can be shown.

    Raises
    ------
    QjobError
        What is asked for does not exist, or this is no notebook.
    """
    from IPython.core.getipython import get_ipython

    from qjob.notebook import extension

    shell = get_ipython()
    if shell is None:
        raise InvalidRequest(
            "there is no notebook here.",
            remedy="In Python: qjob.connect().jobs(), or in IPython: %qjob explore",
        )
    if getattr(shell, extension.ATTRIBUTE, None) is None:
        extension.load(shell)
    statuses = [status] if isinstance(status, str) else list(status)
    given = {
        "--backend": backend,
        "--tag": tag,
        "--team": team,
        "--since": since,
        "--until": until,
        "--sort": sort,
    }
    words = [word for flag, value in given.items() if value for word in (flag, value)]
    words += [word for each in statuses for word in ("--status", each)]
    words += ["--text", text] if text else []
    session: Session = getattr(shell, extension.ATTRIBUTE).session
    return opened(session, from_words(words, utc_now()))


def _known(engine: Engine, wanted: Wanted) -> Wanted:
    """Return what is wanted with the id of its team; a backend that there is not is an error, no empty list."""
    if wanted.backend:
        engine.catalogue.get(wanted.backend)
    if not wanted.team:
        return wanted
    teams = engine.teams()
    found = [team for team in teams if team.name == wanted.team] or [
        team for team in teams if team.id.startswith(wanted.team.lower())
    ]
    if len(found) != 1:
        raise NoSuchTeam(
            f"{engine.settings.user} is in no team {wanted.team!r:.60}.",
            remedy=f"Your teams: {', '.join(repr(team.name) for team in teams) or 'none'}.",
            numbers={"text": wanted.team},
        )
    return replace(wanted, team=found[0].id)

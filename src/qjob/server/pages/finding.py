"""What a beginning of an id stands for, as cards and lists show it. Asks the desk it is given."""

from contextlib import suppress

from qjob.model.errors import Refusal
from qjob.server.desk import Desk
from qjob.store.listing import ID_PART, JobFilter

SHORTEST = 4
"""Characters of an id below which nothing is looked for."""

MOST = 200
"""So many jobs are looked at: the text may stand in names and tags as well."""


def whole_id(desk: Desk, beginning: str) -> str | None:
    """Return the id of the one job or batch of the caller's teams that begins so; None of none, and of several."""
    beginning = beginning.lower()
    if len(beginning) < SHORTEST or not ID_PART.fullmatch(beginning):
        return None
    found = {job.id for job in desk.jobs(JobFilter.of(text=beginning, erased=True), limit=MOST)}
    with suppress(Refusal):  # there is none, or several, or it is another team's
        found.add(desk.batch(desk.engine.store.batch(beginning).id)[0].id)
    fitting = [each for each in found if each.startswith(beginning)]
    return fitting[0] if len(fitting) == 1 else None

"""``%qjob gc``: the disk space that the jobs take up, and how the old ones give it back."""

from typing import TYPE_CHECKING

from qjob.engine import Engine
from qjob.model.errors import InvalidRequest
from qjob.notebook import upkeep_words
from qjob.showing.tables import Table
from qjob.showing.wording import plural

if TYPE_CHECKING:
    from qjob.notebook.session import Session

USAGE = "%qjob gc shows the disk space used; %qjob gc --older 90d erases what jobs left that ended before."


def run(session: "Session", words: list[str]) -> Table | None:
    """Show the disk space; with ``--older``, erase what is that old first, after a yes.

    Raises
    ------
    Refusal
        An age that does not fit, or nobody can be asked.
    """
    age, rest = _age(words)
    flags, strange = upkeep_words.flags_of(rest, (upkeep_words.YES_FLAG,), "gc")
    if strange or (flags and not age):
        raise InvalidRequest(f"%qjob gc cannot do {' '.join(words)!r:.80}.", remedy=USAGE)
    engine = session.engine
    if not age:
        return disk(engine)
    older = upkeep_words.parse_age(age)
    jobs = engine.count_older(older)
    if not jobs:
        print(f"No job of yours that ended more than {age} ago has anything to erase.")  # noqa: T201 - to its cell
        return disk(engine)
    what = f"{plural(jobs, 'job')} of yours that ended more than {age} ago"
    if not upkeep_words.expect_consent(session, jobs, what, yes=upkeep_words.YES_FLAG in flags):
        print("Nothing was erased.")  # noqa: T201 - as above
        return None
    print(upkeep_words.said(engine.gc(older)))  # noqa: T201 - as above
    return disk(engine)


def disk(engine: Engine) -> Table:
    """Return the disk space used, a row a part."""
    use = engine.disk()
    rows = [(part, upkeep_words.size(count)) for part, count in use.parts.items()]
    server = engine.settings.database_url is not None
    where = f"{engine.settings.home}; the store is on a server" if server else str(engine.settings.home)
    return Table(
        ("part", "size"), [*rows, ("all", upkeep_words.size(use.total))], f"In {where}.", frozenset({1})
    )


def _age(words: list[str]) -> tuple[str, list[str]]:
    """Return the age behind ``--older``, and the other words."""
    joined = [
        p for word in words for p in (("--older", word[8:]) if word.startswith("--older=") else (word,))
    ]
    if "--older" not in joined:
        return "", joined
    at = joined.index("--older")
    age, rest = joined[at + 1 : at + 2], joined[:at] + joined[at + 2 :]
    if not age or not age[0] or "--older" in rest:
        raise InvalidRequest("--older wants one age.", remedy="%qjob gc --older 90d")
    return age[0], rest

"""``%qjob export``: jobs to a file for other programs."""

from typing import TYPE_CHECKING

from qjob.model.errors import InvalidRequest
from qjob.notebook import upkeep_words
from qjob.showing.wording import plural, short_id

if TYPE_CHECKING:
    from qjob.notebook.session import Session

OVERWRITE = "--overwrite"


def run(session: "Session", words: list[str]) -> None:
    """Write the jobs of the words to the file behind ``--to``; without one, to one named after them.

    Raises
    ------
    Refusal
        No such job, or a file that cannot be written.
    """
    path, rest = _file(words)
    flags, names = upkeep_words.flags_of(rest, (OVERWRITE,), "export")
    ids = upkeep_words.job_ids(session.engine, names, "export")
    default = f"qjob-{short_id(ids[0])}.json" if len(ids) == 1 else f"qjob-{len(ids)}-jobs.json"
    file = session.engine.export(ids, path or default, overwrite=OVERWRITE in flags)
    written = upkeep_words.size(file.stat().st_size)
    print(f"{plural(len(ids), 'job')} written to {file} ({written}).")  # noqa: T201 - a magic speaks to its cell


def _file(words: list[str]) -> tuple[str, list[str]]:
    """Return the file that is named, and the other words."""
    joined = [
        part for word in words for part in (("--to", word[5:]) if word.startswith("--to=") else (word,))
    ]
    if "--to" not in joined:
        return "", joined
    at = joined.index("--to")
    path = joined[at + 1 : at + 2]
    rest = joined[:at] + joined[at + 2 :]
    if not path or not path[0] or path[0].startswith("--") or "--to" in rest:
        raise InvalidRequest(
            "--to wants one file.", remedy="%qjob export JOB --to results.json, or results.csv"
        )
    return path[0], rest

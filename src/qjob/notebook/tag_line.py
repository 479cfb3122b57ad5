"""``%qjob tag``: set the tags of a job, or of all jobs of a batch, and take them away."""

from typing import TYPE_CHECKING

from qjob.model.errors import InvalidRequest
from qjob.notebook import upkeep_words
from qjob.showing.wording import plain, plural, short_id

if TYPE_CHECKING:
    from qjob.notebook.session import Session

EXAMPLE = "%qjob tag JOB run=7 note="


def run(session: "Session", words: list[str]) -> None:
    """Change the tags as the words say, and tell which there are then; without changes, tell which there are.

    Raises
    ------
    Refusal
        No such job, words that are no tags, or what does not fit.
    """
    _, rest = upkeep_words.flags_of(words, (), "tag")
    ids = upkeep_words.job_ids(session.engine, rest[:1], "tag")
    changes = dict(_change(word) for word in rest[1:])
    if changes:
        with session.engine.store.transaction(jobs=ids):  # all of them, or none
            for job_id in ids:
                session.engine.tag(job_id, changes)
    tags = session.engine.store.job(ids[0]).tags
    shown = ", ".join(f"{key}={value}" for key, value in tags.items()) or "no tags"
    whose = f"Job {short_id(ids[0])}" if len(ids) == 1 else f"{plural(len(ids), 'job')}, the first one"
    print(f"{whose}: {plain(shown)}")  # noqa: T201 - a magic speaks to its cell


def _change(word: str) -> tuple[str, str | None]:
    """Return a key and its new value; None where it is taken away."""
    key, equals, value = word.partition("=")
    if not equals or not key.strip():
        raise InvalidRequest(
            f"{word!r:.80} is no KEY=VALUE.", remedy=f"{EXAMPLE} sets run, and takes note away."
        )
    return key.strip(), value.strip() or None

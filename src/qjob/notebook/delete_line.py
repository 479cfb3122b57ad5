"""``%qjob delete``: erase the programs and results of jobs that have ended."""

from typing import TYPE_CHECKING

from qjob.notebook import upkeep_words
from qjob.showing.wording import short_id

if TYPE_CHECKING:
    from qjob.notebook.session import Session

SHOWN = 5
"""How many jobs the question names."""


def run(session: "Session", words: list[str]) -> None:
    """Erase what the jobs of the words have run and what came out, after a yes.

    Raises
    ------
    Refusal
        No such job, one that has not ended or is somebody else's, or nobody can be asked.
    """
    flags, names = upkeep_words.flags_of(words, (upkeep_words.YES_FLAG,), "delete")
    engine = session.engine
    ids = upkeep_words.job_ids(engine, names, "delete")
    engine.expect_erasable(ids)
    left = [job_id for job_id in ids if engine.store.job(job_id).erased_at is None]
    if not left:
        print("That was erased before.")  # noqa: T201 - a magic speaks to its cell
        return
    named = ", ".join(short_id(job_id) for job_id in left[:SHOWN]) + (", ..." if len(left) > SHOWN else "")
    what = f"job {named}" if len(left) == 1 else f"{len(left):,} jobs ({named})"
    if upkeep_words.expect_consent(session, len(left), what, yes=upkeep_words.YES_FLAG in flags):
        print(upkeep_words.said(engine.delete(left)))  # noqa: T201 - as above
    else:
        print("Nothing was erased.")  # noqa: T201 - as above

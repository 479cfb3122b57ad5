"""What the verbs that tidy up share: which jobs words stand for, ages, sizes, and the question before erasing."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from qjob.batch import Batch
from qjob.engine import Engine
from qjob.model.errors import ConsentNeeded, InvalidRequest
from qjob.model.upkeep import Erased
from qjob.notebook import batch_line
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.consent import YES
from qjob.showing.wording import plural
from qjob.upkeep import LONGEST

if TYPE_CHECKING:
    from qjob.notebook.session import Session

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
AGE = re.compile(r"([0-9]{1,6})([a-z]*)")
WHAT = "Erased for good are programs and results; what the jobs cost and when they ran stays, and so do tags."
KILO = 1000
YES_FLAG = "--yes"


def flags_of(words: Sequence[str], known: Sequence[str], verb: str) -> tuple[set[str], list[str]]:
    """Return which flags without a value are among the words, and the other words.

    Raises
    ------
    InvalidRequest
        There is another flag.
    """
    if YES_FLAG in known:
        words = [YES_FLAG if word == "-y" else word for word in words]
    flags = {word for word in words if word.startswith("--")}
    if strange := sorted(flags - set(known)):
        raise InvalidRequest(
            f"%qjob {verb} has no option {strange[0]!r:.80}.",
            remedy=f"It takes {', '.join(known) or 'none'}. See %qjob help",
        )
    return flags, [word for word in words if word not in flags]


def job_ids(engine: Engine, words: Sequence[str], verb: str) -> list[str]:
    """Return the ids of the jobs that words stand for, each once; a batch stands for all of its jobs.

    Raises
    ------
    InvalidRequest
        There are no words.
    NoSuchJob, AmbiguousJob
        One of them is no job and no batch, or several.
    """
    if not words:
        raise InvalidRequest(
            f"%qjob {verb} wants a job.", remedy=f"%qjob {verb} ID, or a name. See %qjob list"
        )
    ids: list[str] = []
    for word in words:
        found = batch_line.find(engine, word)
        ids += [job.id for job in found[:]] if isinstance(found, Batch) else [found.id]
    return list(dict.fromkeys(ids))


def parse_age(text: str) -> timedelta:
    """Return an age such as ``90d``, ``12h`` or ``6w``.

    Raises
    ------
    InvalidRequest
        No such age, or none at all.
    """
    match = AGE.fullmatch(text.strip().lower())
    if match is None or match[2] not in UNITS or not int(match[1]):
        raise InvalidRequest(
            f"an age {text!r:.80} does not fit: it is a whole number from 1 on with h, d or w (hours, days, weeks).",
            remedy="Give one such as --older 90d",
        )
    age = int(match[1]) * UNITS[match[2]]
    if age > LONGEST:
        raise InvalidRequest(
            f"an age {text!r:.80} does not fit: it is at most {LONGEST.days:,} days.",
            remedy="Give one such as --older 90d",
        )
    return age


def size(count: int) -> str:
    """Return bytes in a unit that suits them: ``1.2 MB``."""
    value, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while value >= KILO - 0.5 and len(units) > 1:
        value, units = value / KILO, units[1:]
    return f"{count:,} bytes" if units[0] == "bytes" else f"{value:.1f} {units[0]}"


def expect_consent(session: "Session", jobs: int, what: str, *, yes: bool) -> bool:
    """Return whether what cannot be undone is agreed to; ask in a line where somebody can answer.

    Parameters
    ----------
    jobs
        How many it is about.
    what
        Which jobs these are, for the question: ``these 3 jobs``.

    Raises
    ------
    ConsentNeeded
        Nobody said yes, and nobody can be asked.
    """
    if yes:
        return True
    needed = ConsentNeeded(
        f"the programs and results of {what} would be erased for good; nothing was.",
        remedy="To erase them, add --yes to the line.",
        numbers={"jobs": jobs},
    )
    if not session.asking(SubmitArguments(), None).line:
        raise needed
    try:
        answer = input(f"{WHAT}\nErase the programs and results of {what}? [y/N] ")
    except (EOFError, NotImplementedError):  # nobody is there after all
        raise needed from None
    return answer.strip().lower() in YES


def said(erased: Erased) -> str:
    """Return what was erased, in a line or two."""
    lines = [f"Erased: programs and results of {plural(erased.jobs, 'job')}, {size(erased.bytes)}."]
    if erased.freed:
        lines.append(f"{size(erased.freed)} of the disk are free again.")
    if erased.kept:
        lines.append(erased.kept)
    return "\n".join(lines)

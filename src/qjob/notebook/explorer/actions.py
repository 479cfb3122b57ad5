"""What can be done to selected jobs, each in two steps: a plan says what would happen, and then it is done.

Knows no widget. A plan is good for what it said: where a price has moved since, there is a new one instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qjob.engine import Engine
from qjob.model.errors import InvalidRequest
from qjob.model.job import JobRecord, JobStatus
from qjob.model.money import format_usd, from_nano
from qjob.notebook import submission, upkeep_words
from qjob.notebook.arguments import words
from qjob.notebook.consent import Asking
from qjob.showing.wording import moment, number, plural, short_id

MOST = 500
"""The most jobs that are acted on at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen.

    Parameters
    ----------
    text
        The same in words.
    confirm
        What the button says that does it; empty where there is nothing to do.
    grave
        Whether it cannot be undone.
    run
        Does it, and returns what was done in words; or a new plan, where this one no longer holds.
    """

    text: str
    confirm: str
    grave: bool
    run: "Callable[[], str | Plan]"


class Actions:
    """Plans for selected jobs.

    Parameters
    ----------
    engine
        Does it.
    asking
        How a retry may ask; its plan is the consent.
    """

    def __init__(self, engine: Engine, asking: Asking) -> None:
        self._engine = engine
        self._asking = asking

    def plan(self, what: str, ids: Sequence[str], text: str = "") -> Plan:
        """Return what would happen.

        Parameters
        ----------
        what
            ``cancel``, ``retry``, ``delete``, ``tag``, ``export`` or ``gc``.
        ids
            Full ids of jobs.
        text
            Of ``tag`` the pairs, of ``export`` the file, of ``gc`` how old jobs are.

        Raises
        ------
        QjobError
            It cannot be done.
        """
        if len(ids) > MOST:
            raise InvalidRequest(
                f"{number(len(ids))} jobs are too many at once: at most {MOST}.",
                remedy="Select fewer of them.",
            )
        plans: dict[str, Callable[[], Plan]] = {
            "cancel": lambda: self._cancel(self._records(ids)),
            "retry": lambda: self._retry(self._records(ids)),
            "delete": lambda: self._delete(self._records(ids)),
            "tag": lambda: self._tag(ids, text),
            "export": lambda: self._export(ids, text),
            "gc": lambda: self._gc(text),
        }
        if what not in plans:
            raise InvalidRequest(f"{what!r:.40} cannot be done to jobs.", remedy=f"Known: {', '.join(plans)}")
        return plans[what]()

    def _records(self, ids: Sequence[str]) -> list[JobRecord]:
        return [self._engine.store.job(job_id) for job_id in ids]

    def _cancel(self, jobs: list[JobRecord]) -> Plan:
        left = [job.id for job in jobs if not job.status.ended and job.status is not JobStatus.CANCELLING]
        over = _left_out(len(jobs) - len(left), "has ended or is being cancelled")
        if not left:
            return Plan(f"There is nothing to cancel.{over}", "", grave=False, run=str)

        def run() -> str:
            asked = sum(map(self._engine.cancel, left))
            return f"{plural(asked, 'job')} asked to end."

        return Plan(
            f"Cancel {plural(len(left), 'job')}?{over}", f"Cancel {_these(len(left))}", grave=True, run=run
        )

    def _retry(self, jobs: list[JobRecord]) -> Plan:
        ended = [job for job in jobs if job.status.ended]
        over = _left_out(len(jobs) - len(ended), "has not ended")
        if not ended:
            return Plan(f"There is nothing to run again.{over}", "", grave=False, run=str)
        cap = self._cap(ended)
        price = f"can cost up to {_usd(cap)} together" if len(ended) > 1 else f"can cost up to {_usd(cap)}"
        what = f"Run {plural(len(ended), 'job')} again, as new ones? They {price if cap else 'cost nothing'}."
        if len(ended) == 1:
            what = f"Run the job again, as a new one? It {price if cap else 'costs nothing'}."

        def run() -> str | Plan:
            if self._cap(ended) > cap:
                anew = self._retry(ended)
                return Plan(f"The price has moved since. {anew.text}", anew.confirm, anew.grave, anew.run)
            again = [submission.retry(self._engine, job, self._asking, yes=True) for job in ended]
            known = ", ".join(short_id(job.id) for job in again[:5])
            more = ", …" if len(again) > 5 else ""  # noqa: PLR2004 - as above
            return f"{plural(len(again), 'new job')}: {known}{more}"

        confirm = f"Confirm {_usd(cap)}" if cap else f"Run {_these(len(ended))} again"
        return Plan(what + over, confirm, grave=False, run=run)

    def _cap(self, jobs: list[JobRecord]) -> int:
        return sum(self._engine.retry_cap(job.id) for job in jobs)

    def _delete(self, jobs: list[JobRecord]) -> Plan:
        left = [job.id for job in jobs if job.erased_at is None]
        over = _left_out(len(jobs) - len(left), "was erased before")
        if not left:
            return Plan(f"There is nothing to erase.{over}", "", grave=False, run=str)

        def run() -> str:
            return upkeep_words.said(self._engine.delete(left))

        what = (
            f"Erase program, result and progress of {plural(len(left), 'job')}? They cannot be brought back, and "
            "the jobs leave this list. Times, money, names and tags stay in the store."
        )
        return Plan(what + over, f"Erase {plural(len(left), 'job')}", grave=True, run=run)

    def _tag(self, ids: Sequence[str], text: str) -> Plan:
        changes = _changes(text)

        def run() -> str:
            for job_id in ids:
                self._engine.tag(job_id, changes)
            return f"{plural(len(ids), 'job')} tagged."

        return Plan("", "Set tags", grave=False, run=run)

    def _export(self, ids: Sequence[str], text: str) -> Plan:
        if not text.strip():
            raise InvalidRequest("the file has no name.", remedy="Name a .json or a .csv file.")

        def run() -> str:
            path = self._engine.export(ids, text.strip())
            return f"{plural(len(ids), 'job')} written to {path}"

        return Plan("", "Write", grave=False, run=run)

    def _gc(self, text: str) -> Plan:
        older = upkeep_words.parse_age(text)
        count = self._engine.count_older(older)
        before = moment(self._engine.store.clock() - older)

        def run() -> str:
            return upkeep_words.said(self._engine.gc(older))

        if not count:
            return Plan(
                f"None of your jobs ended before {before}: there is nothing to erase.",
                "",
                grave=False,
                run=str,
            )
        what = (
            f"Erase programs, results and progress of {plural(count, 'job')} of yours that ended before {before}? "
            "They cannot be brought back. Times, money, names and tags stay in the store."
        )
        return Plan(what, f"Erase {plural(count, 'job')}", grave=True, run=run)


def _changes(text: str) -> dict[str, str | None]:
    """Return the tags that ``run=7 old=`` sets and takes away."""
    changes: dict[str, str | None] = {}
    for pair in words(text):
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise InvalidRequest(
                f"{pair!r:.60} is no KEY=VALUE.", remedy="Write key=value; key= takes a tag away."
            )
        changes[key] = value or None
    if not changes:
        raise InvalidRequest("there is no tag to set.", remedy="Write key=value; key= takes a tag away.")
    return changes


def _left_out(count: int, why: str) -> str:
    if not count:
        return ""
    plurals = why.replace("has ", "have ").replace("was ", "were ").replace("is ", "are ")
    said = f" 1 {why}" if count == 1 else f" {number(count)} {plurals}"
    return f"{said} and {'is' if count == 1 else 'are'} left out."


def _these(count: int) -> str:
    return "it" if count == 1 else f"{number(count)} jobs"


def _usd(nano: int) -> str:
    return format_usd(from_nano(nano))

"""What each verb of ``%qjob`` does. Knows the session, not how things look."""

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from qjob.batch import Batch
from qjob.engine import utc_now
from qjob.handle import Job
from qjob.model.errors import InvalidRequest
from qjob.model.money import format_usd, parse_usd
from qjob.model.result import Result
from qjob.notebook import batch_line, submission, waiting
from qjob.notebook.arguments import (
    SubmitArguments,
    parse_budget,
    parse_list,
    parse_quote,
    parse_submit,
    verb_of,
    wants_help,
)
from qjob.notebook.expression import evaluate
from qjob.notebook.verbs import USAGE, VERBS
from qjob.showing import tables
from qjob.store.listing import JobFilter

if TYPE_CHECKING:
    from qjob.notebook.session import Session


class Commands:
    """The verbs.

    Parameters
    ----------
    session
        Whose engine answers, and which shows what is submitted.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._engine = session.engine

    def run(self, line: str) -> Any:
        """Run a verb and return what it shows.

        Raises
        ------
        QjobError
            With what does not fit and the way out.
        """
        if wants_help(line):
            print(USAGE)  # noqa: T201 - a magic speaks to its cell
            return None
        verb, rest = verb_of(line)
        if VERBS[verb].module:
            return import_module(VERBS[verb].module).run(self._session, rest)
        verbs = {
            "submit": self._submit,
            "quote": self._quote,
            "backends": self._backends,
            "list": self._list,
            "status": self._status,
            "result": self._result,
            "cancel": self._cancel,
            "retry": self._retry,
            "events": self._events,
            "worker": self._worker,
            "budget": self._budget,
            "team": self._team,
            "confirm_above": self._confirm_above,
            "audit": self._audit,
        }
        return verbs[verb](rest)

    def _backends(self, rest: list[str]) -> tables.Table | None:
        from qjob.notebook import backends_line

        if rest:
            return backends_line.one(self._engine, rest[0])
        return backends_line.show(self._engine, later=self._session.front.paints_later)

    def _submit(self, rest: list[str]) -> Job | Batch | tables.Table:
        arguments = parse_submit(rest, prog="%qjob submit", expression=True)
        return self._circuit(arguments, "submit", "NAME --backend marqov-sim")

    def _quote(self, rest: list[str]) -> Job | Batch | tables.Table:
        asked = parse_quote(rest)
        if asked.notebook:
            from qjob.notebook.forecast.line import forecast_of

            return forecast_of(self._engine, asked.notebook)
        arguments = SubmitArguments(shots=asked.shots, quote=True, expression=asked.expression)
        return self._circuit(arguments, "quote", "NAME --shots 1000")

    def _circuit(self, arguments: SubmitArguments, verb: str, example: str) -> Job | Batch | tables.Table:
        if not arguments.expression:
            raise InvalidRequest(f"%qjob {verb} wants a circuit.", remedy=f"%qjob {verb} {example}")
        return self._session.submit(evaluate(self._session.shell, arguments.expression), arguments)

    def _list(self, rest: list[str]) -> tables.Table:
        wanted = parse_list(rest)
        if wanted.backend:
            self._engine.catalogue.get(wanted.backend)  # an unknown one is an error, not an empty list
        filters = JobFilter.of(status=wanted.status, backend=wanted.backend, text=wanted.text)
        return tables.jobs(self._engine.records(filters, limit=wanted.limit), utc_now())

    def _status(self, rest: list[str]) -> Job | Batch:
        return self._found(rest, "status")

    def _result(self, rest: list[str]) -> Result | list[Result]:
        job = self._found(rest, "result")
        waiting.wait(self._engine, job, self._session.cards)
        return job.results() if isinstance(job, Batch) else self._engine.result(job.id)

    def _cancel(self, rest: list[str]) -> None:
        job = self._found(rest, "cancel")
        if isinstance(job, Batch):
            print(batch_line.cancel(job))  # noqa: T201 - a magic speaks to its cell
            return
        asked = self._engine.cancel(job.id)
        if asked and (job.record.durable or self._engine.runs_here(job.record)):
            with contextlib.suppress(TimeoutError):  # it says "cancelling" then
                job.wait(2)
        if self._session.cards is not None:
            self._session.cards.settle(job.id)
        status = job.status
        done = f"Job {job.id[:8]} is {status}." if asked else f"Job {job.id[:8]} had ended before: {status}."
        print(done)  # noqa: T201 - a magic speaks to its cell

    def _retry(self, rest: list[str]) -> Job:
        yes, names = "--yes" in rest, [word for word in rest if word != "--yes"]
        old = self._one(names, "retry").record
        job = submission.retry(
            self._engine, old, self._session.asking(SubmitArguments(yes=yes), None), yes=yes
        )
        self._session.present(job)
        return job

    def _events(self, rest: list[str]) -> tables.Table:
        from qjob.showing.event_table import events

        return events(self._one(rest, "events").events())

    def _worker(self, rest: list[str]) -> None:
        from qjob.worker_line import status

        if rest:
            raise InvalidRequest(
                "%qjob worker takes nothing; it shows how the workers stand.",
                remedy="In a terminal: qjob worker, qjob worker --stop, qjob worker --drain",
            )
        print(status(self._engine.store, self._engine.settings, utc_now()))  # noqa: T201 - to its cell

    def _budget(self, rest: list[str]) -> Any:
        from qjob.notebook.budget_view import BudgetView

        return BudgetView(self._engine.budget(**parse_budget(rest)), self._engine.limits(), utc_now())

    def _audit(self, rest: list[str]) -> tables.Table:
        if rest:
            raise InvalidRequest("%qjob audit takes nothing.", remedy="%qjob audit")
        return tables.audit(self._engine.audit())

    def _confirm_above(self, rest: list[str]) -> None:
        """Set, or show, what may be submitted without asking; as long as this session lasts."""
        if len(rest) > 1:
            raise InvalidRequest("%qjob confirm_above takes one amount.", remedy="%qjob confirm_above 5.00")
        if rest:
            self._session.above = parse_usd(rest[0], "the amount")
        what = (
            f"can cost more than {format_usd(self._session.above)}"
            if self._session.above
            else "costs something"
        )
        print(f"In this session, a job that {what} waits for a confirmation.")  # noqa: T201 - to its cell

    def _team(self, rest: list[str]) -> tables.Table:
        from qjob.notebook import team_line

        return team_line.run(self._engine, rest)

    def _found(self, rest: list[str], verb: str) -> Job | Batch:
        return batch_line.find(self._engine, rest[0]) if len(rest) == 1 else self._one(rest, verb)

    def _one(self, rest: list[str], verb: str) -> Job:
        if len(rest) != 1:
            raise _not_one(rest, verb)
        return self._engine.job(rest[0])


def _not_one(rest: list[str], verb: str) -> InvalidRequest:
    """Return what is wrong with words that are not one job's."""
    unknown = next((word for word in rest if word.startswith("-")), None)
    if unknown is not None:
        return InvalidRequest(f"%qjob {verb} has no option {unknown}.", remedy=f"%qjob {verb} ID")
    if rest:
        name = " ".join(rest)
        return InvalidRequest(
            f"%qjob {verb} wants one job, not {len(rest)} words.",
            remedy=f'A name with spaces goes into quotes: %qjob {verb} "{name}". See %qjob list',
        )
    return InvalidRequest(
        f"%qjob {verb} wants one job.", remedy=f"%qjob {verb} ID, or the job's name. See %qjob list"
    )

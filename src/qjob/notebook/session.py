"""One notebook session: the engine, the cards, and what each magic does. Knows the shell, not how things look."""

import atexit
import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qjob.batch import Batch
from qjob.engine import Engine, connect, utc_now
from qjob.handle import Job
from qjob.model.errors import Detached, InvalidRequest
from qjob.model.job import JobStatus
from qjob.model.money import format_usd, parse_usd
from qjob.model.result import Result
from qjob.model.snapshot import JobSnapshot
from qjob.notebook import submission, tables
from qjob.notebook.arguments import (
    USAGE,
    SubmitArguments,
    parse_budget,
    parse_list,
    parse_quote,
    parse_submit,
    verb_of,
    wants_help,
    words,
)
from qjob.notebook.cell import VALUE, is_openqasm
from qjob.notebook.consent import Asking
from qjob.notebook.expression import evaluate
from qjob.notebook.found import circuits_in, made_here, may_be_program, no_circuit
from qjob.store.listing import JobFilter

if TYPE_CHECKING:
    from qjob.notebook.live import LiveCards


class Session:
    """What the magics of one shell share.

    Parameters
    ----------
    shell
        The IPython shell: its namespace, its evaluation, its kernel.
    engine
        Answers for the jobs; one for this environment where none is given.
    pause
        Waits for so many seconds, and lets an interrupt through.
    """

    def __init__(
        self, shell: Any, engine: Engine | None = None, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.shell = shell
        self._pause = pause
        self.engine = engine or connect()
        self._cards: LiveCards | None = None
        self._begun: tuple[int, SubmitArguments, dict[str, int]] | None = None  # the cell, as it began
        self._above = self.engine.settings.confirm_above
        self._shown: str | None = None  # the job whose card this cell has already displayed

    def close(self) -> None:
        """End this session's threads and workers; cards stay as they are, for nobody is left to see them."""
        if self._cards is not None:
            atexit.unregister(self._cards.close)
            self._cards.close()
        self.engine.close()

    def leave(self) -> None:
        """End this session while the kernel goes on: its cards show how their jobs ended."""
        self.close()
        if self._cards is not None:
            try:
                self._cards.leave()  # opens the store once more
            finally:
                self.engine.close()

    @property
    def _kernel(self) -> Any:
        """The kernel around the shell; None in a terminal, which has no place for a card that changes."""
        return getattr(self.shell, "kernel", None)

    # -- %%qjob -----------------------------------------------------------------------------------------------

    def begin(self, line: str) -> None:
        """Check the arguments of a cell before its body runs, and start warming up the workers."""
        arguments = parse_submit(words(line), prog="%%qjob")
        info = self.engine.catalogue.get(arguments.backend)
        info.parse_options(arguments.options)
        if not arguments.quote:
            self.engine.expect_runnable(info)
            self.engine.prepare()
        self.shell.user_ns.pop(VALUE, None)
        self._begun = self.shell.execution_count, arguments, circuits_in(self.shell.user_ns)

    def end(self) -> Job | Batch | tables.Table:
        """Submit the value of the body's last expression, or with ``--quote`` show what it would cost."""
        begun, self._begun = self._begun, None
        if begun is None or begun[0] != self.shell.execution_count:  # left by a cell whose body raised
            raise InvalidRequest("this line belongs to a %%qjob cell.", remedy="Use %%qjob, or %qjob submit.")
        _, arguments, before = begun
        value = self.shell.user_ns.pop(VALUE, None)
        if not may_be_program(value):
            raise no_circuit(value, made_here(self.shell.user_ns, before))
        return self._submit(value, arguments, self._cell_text())

    def cell(self, line: str, body: str) -> Job | Batch | tables.Table | None:
        """Run ``%%qjob`` as an ordinary cell magic: OpenQASM text, or Python from within another magic."""
        if wants_help(line):
            return self._help()
        if is_openqasm(body):
            return self._submit(body, parse_submit(words(line), prog="%%qjob"), f"{line}\n{body}")
        if not body.strip():
            raise InvalidRequest(
                "the cell below %%qjob is empty.",
                remedy="End it with a circuit, or write OpenQASM. To submit one you have: %qjob submit NAME",
            )
        done = self.shell.run_cell(f"%%qjob {line}\n{body}")
        done.raise_error()
        return None

    def _submit(
        self, program: object, arguments: SubmitArguments, source: str | None = None
    ) -> Job | Batch | tables.Table:
        if arguments.quote:
            return self._quote(program, arguments)
        job = submission.submit(self.engine, program, arguments, self._asking(arguments, source), self._pause)
        if arguments.out:
            self.shell.user_ns[arguments.out] = job
        if isinstance(job, Batch):
            return self._batch(job, arguments)
        self._present(job)
        if arguments.wait or not self._answers():
            self._wait(job)
        return job

    def _batch(self, batch: Batch, arguments: SubmitArguments) -> Batch:
        if arguments.wait or not self._answers():
            batch.results()  # raises where a job has none: what follows in Run All needs them
        return batch

    def _quote(self, program: object, arguments: SubmitArguments) -> tables.Table:
        """Show what a circuit would cost on every backend; ``--out`` keeps the rows. Nothing is submitted."""
        from qjob.notebook import price_tables

        rows = self.engine.quotes(program, shots=arguments.shots)  # type: ignore[arg-type]  # as in _submit
        if arguments.out:
            self.shell.user_ns[arguments.out] = rows
        return price_tables.quotes(rows, utc_now().date())

    def _present(self, job: Job) -> None:
        """Show a new job at once; in a terminal it is shown once, as the value of its line."""
        if self._kernel is not None:
            self.show(job)
            self._shown = job.id

    def _wait(self, job: Job) -> None:
        try:
            record = self.engine.wait(job.id)
        except KeyboardInterrupt:
            short = job.id[:8]
            raise Detached(
                f"the wait for job {short} was interrupted; the job goes on.",
                remedy=f"See it: %qjob status {short}   End it: %qjob cancel {short}",
            ) from None
        finally:
            if self._cards is not None:
                self._cards.settle(job.id)
        if record.status is not JobStatus.COMPLETED:
            self.engine.result(job.id)  # raises, saying why there is none: what follows in Run All needs it

    def _asking(self, arguments: SubmitArguments, source: str | None) -> Asking:
        """Return how this cell may ask; while it waits for its job, its card cannot be heard."""
        answers = self._answers()
        card = answers and self._kernel is not None and not arguments.wait
        return Asking(card, answers, self._above, source)

    def _cell_text(self) -> str | None:
        """Return the text of the cell that runs, as it was typed."""
        raw = self.shell.history_manager.input_hist_raw
        return raw[-1] if raw else None

    def _answers(self) -> bool:
        """Whether somebody may be there: nbclient, nbval and nbconvert cannot be asked, and do not come back."""
        if self._kernel is None:
            return True
        parent = self._kernel.get_parent("shell") or {}
        return bool(parent.get("content", {}).get("allow_stdin", True))

    # -- showing ----------------------------------------------------------------------------------------------

    def show(self, job: Job) -> None:
        """Display a job: live while it runs, its receipt once it has ended."""
        if self._shown == job.id:
            self._shown = None  # the cell that submitted it has its card already
            return
        from qjob.notebook.card import show_receipt

        snapshot = self.engine.snapshot(job.id)
        if snapshot.job.status.ended:
            show_receipt(snapshot, utc_now())
        else:
            self._live().show(snapshot)

    def text(self, job: Job) -> str:
        """Return a job as text, as it is now."""
        from qjob.notebook.receipt_text import receipt_text

        return receipt_text(self.engine.snapshot(job.id), utc_now())

    def batch_table(self, batch: Batch) -> tables.Table:
        """Return a batch as it is now."""
        return tables.batch(batch, utc_now())

    def _live(self) -> "LiveCards":
        if self._cards is None:
            from qjob.notebook.live import LiveCards

            self._cards = LiveCards(self.engine, self._open_card)
            # registered after the engine's own, so run before it: a card that still looks would open it again
            atexit.register(self._cards.close)
        return self._cards

    def _open_card(self, snapshot: JobSnapshot) -> Any:
        from qjob.notebook.card import LiveCard

        job_id = snapshot.job.id

        def cancel() -> None:
            self.engine.cancel(job_id)

        def confirm() -> None:
            self.engine.admit(job_id)

        return LiveCard(
            snapshot,
            now=utc_now,
            on_cancel=cancel,
            on_confirm=confirm,
            cancel_url=f"qjob/api/jobs/{job_id}/cancel",
        )

    # -- %qjob ------------------------------------------------------------------------------------------------

    def command(self, line: str) -> Any:
        """Run a verb and return what it shows."""
        self._shown = None
        if wants_help(line):
            return self._help()
        if line.split(maxsplit=1)[:1] in (["submit"], ["quote"]):
            return self._circuit_line(line)  # its expression is Python, with quotation marks of its own
        verb, rest = verb_of(line)
        verbs = {
            "backends": self._backends,
            "list": self._list,
            "status": self._status,
            "result": self._result,
            "cancel": self._cancel,
            "retry": self._retry,
            "budget": self._budget,
            "team": self._team,
            "confirm_above": self._confirm_above,
        }
        return verbs[verb](rest)

    @staticmethod
    def _help() -> None:
        print(USAGE)  # noqa: T201 - a magic speaks to its cell

    def _backends(self, rest: list[str]) -> tables.Table:
        if rest:
            return tables.options(self.engine.catalogue.get(rest[0]))
        from qjob.notebook import price_tables

        return price_tables.backends(self.engine.catalogue, utc_now().date(), self.engine.can_run)

    def _circuit_line(self, line: str) -> Job | Batch | tables.Table:
        verb, *rest = words(line, keep_quotes=True)
        if verb == "quote":
            arguments, example = parse_quote(rest), "NAME --shots 1000"
        else:
            arguments = parse_submit(rest, prog="%qjob submit", expression=True)
            example = "NAME --backend marqov-sim"
        if not arguments.expression:
            raise InvalidRequest(f"%qjob {verb} wants a circuit.", remedy=f"%qjob {verb} {example}")
        return self._submit(evaluate(self.shell, arguments.expression), arguments)

    def _list(self, rest: list[str]) -> tables.Table:
        wanted = parse_list(rest)
        if wanted.backend:
            self.engine.catalogue.get(wanted.backend)  # an unknown one is an error, not an empty list
        filters = JobFilter.of(status=wanted.status, backend=wanted.backend, text=wanted.text)
        return tables.jobs(self.engine.records(filters, limit=wanted.limit), utc_now())

    def _status(self, rest: list[str]) -> Job:
        return self._one(rest, "status")

    def _result(self, rest: list[str]) -> Result:
        job = self._one(rest, "result")
        self._wait(job)
        return self.engine.result(job.id)

    def _cancel(self, rest: list[str]) -> None:
        job = self._one(rest, "cancel")
        asked = self.engine.cancel(job.id)
        if asked and self.engine.runs_here(job.record):
            with contextlib.suppress(TimeoutError):  # it says "cancelling" then
                job.wait(2)
        if self._cards is not None:
            self._cards.settle(job.id)
        status = job.status
        done = f"Job {job.id[:8]} is {status}." if asked else f"Job {job.id[:8]} had ended before: {status}."
        print(done)  # noqa: T201 - a magic speaks to its cell

    def _retry(self, rest: list[str]) -> Job:
        yes, names = "--yes" in rest, [word for word in rest if word != "--yes"]
        old = self._one(names, "retry").record
        job = submission.retry(self.engine, old, self._asking(SubmitArguments(yes=yes), None), yes=yes)
        self._present(job)
        return job

    def _budget(self, rest: list[str]) -> Any:
        from qjob.notebook.budget_view import BudgetView

        return BudgetView(self.engine.budget(**parse_budget(rest)), self.engine.limits(), utc_now())

    def _confirm_above(self, rest: list[str]) -> None:
        """Set, or show, what may be submitted without asking; as long as this session lasts."""
        if len(rest) > 1:
            raise InvalidRequest("%qjob confirm_above takes one amount.", remedy="%qjob confirm_above 5.00")
        if rest:
            self._above = parse_usd(rest[0], "the amount")
        what = f"can cost more than {format_usd(self._above)}" if self._above else "costs something"
        print(f"In this session, a job that {what} waits for a confirmation.")  # noqa: T201 - to its cell

    def _team(self, rest: list[str]) -> tables.Table:
        from qjob.notebook import team_line

        return team_line.run(self.engine, rest)

    def _one(self, rest: list[str], verb: str) -> Job:
        if len(rest) != 1:
            raise InvalidRequest(
                f"%qjob {verb} wants one job.", remedy=f"%qjob {verb} ID, or the job's name. See %qjob list"
            )
        return self.engine.job(rest[0])

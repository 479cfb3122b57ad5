"""One notebook session: the engine, the cards, and what a cell becomes. Knows the shell, not how things look."""

import atexit
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from qjob.batch import Batch
from qjob.engine import Engine, connect, utc_now
from qjob.handle import Job
from qjob.model.errors import InvalidRequest
from qjob.model.job import DURABLE
from qjob.model.snapshot import BatchSnapshot, JobSnapshot
from qjob.notebook import shown, submission, waiting
from qjob.notebook.arguments import (
    SubmitArguments,
    parse_submit,
    wants_help,
    words,
)
from qjob.notebook.below import Below
from qjob.notebook.cell import VALUE, is_openqasm
from qjob.notebook.consent import Asking
from qjob.notebook.found import circuits_in, made_here, may_be_program, no_circuit
from qjob.notebook.frontend import FrontEnd
from qjob.notebook.verbs import USAGE
from qjob.showing import tables

if TYPE_CHECKING:
    from qjob.notebook.live import LiveCards


class Resting(Protocol):
    """What does something by itself, and can be told to stop; it stays where it is."""

    def rest(self) -> object:
        """Stop."""


class Session:
    """What the magics of one shell share.

    Parameters
    ----------
    shell
        The IPython shell: its namespace, its evaluation, its kernel.
    engine
        Answers for the jobs; one for this environment where none is given.

    Attributes
    ----------
    front : FrontEnd
        What shows the notebook.
    cards : LiveCards or None
        The live cards, once there was one.
    above : Decimal
        US dollars; what can cost no more is submitted without asking.
    open : list
        Forms and explorers, which end with this session.
    """

    def __init__(self, shell: Any, engine: Engine | None = None) -> None:
        self.shell = shell
        self.engine = engine or connect()
        self.front = FrontEnd(shell, os.environ)
        self.front.listen()
        self.cards: LiveCards | None = None
        self.open: list[Resting] = []
        self._begun: tuple[int, SubmitArguments, dict[str, int]] | None = None  # the cell, as it began
        self.above = self.engine.settings.confirm_above
        self._shown: tuple[int, str] | None = None  # a cell, and the job whose card it has already displayed

    def close(self) -> None:
        """End this session's threads and workers; cards stay as they are, for nobody is left to see them."""
        for each in list(self.open):
            each.rest()
        if self.cards is not None:
            atexit.unregister(self.cards.close)
            self.cards.close()
        self.engine.close()

    def leave(self) -> None:
        """End this session while the kernel goes on: its cards show how their jobs ended."""
        self.close()
        self.front.leave()
        if self.cards is not None:
            try:
                self.cards.leave()  # opens the store once more
            finally:
                self.engine.close()

    # -- %%qjob -----------------------------------------------------------------------------------------------

    def begin(self, line: str) -> None:
        """Check the arguments of a cell before its body runs, and start warming up the workers."""
        arguments = parse_submit(words(line), prog="%%qjob")
        info = self.engine.catalogue.get(arguments.backend)
        info.parse_options(arguments.options)
        if arguments.rehearse:  # runs here, whatever can be submitted there
            self.engine.prepare()
        elif not arguments.quote:
            self.engine.expect_runnable(info)
            if arguments.mode != DURABLE or not info.local:  # else no worker of this kernel runs it
                self.engine.prepare(info.slug)
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
        return self.submit(value, arguments, self.front.cell_text)

    def cell(self, line: str, body: str) -> Job | Batch | tables.Table | None:
        """Run ``%%qjob`` as an ordinary cell magic: OpenQASM text, or Python from within another magic."""
        if wants_help(line):
            print(USAGE)  # noqa: T201 - a magic speaks to its cell
            return None
        if is_openqasm(body):
            return self.submit(body, parse_submit(words(line), prog="%%qjob"), f"{line}\n{body}")
        if not body.strip():
            raise InvalidRequest(
                "the cell below %%qjob is empty.",
                remedy="End it with a circuit, or write OpenQASM. To submit one you have: %qjob submit NAME",
            )
        done = self.shell.run_cell(f"%%qjob {line}\n{body}")
        done.raise_error()
        return None

    def submit(
        self, program: object, arguments: SubmitArguments, source: str | None = None
    ) -> Job | Batch | tables.Table:
        """Submit a program, show it, and wait for it where that is asked for, or nobody would come back.

        Parameters
        ----------
        source
            The text of the cell that makes the program; None where that does not stand for one job.
        """
        if arguments.quote:
            return self._quote(program, arguments)
        job = self._submitted(program, arguments, source)
        if arguments.out:
            self.shell.user_ns[arguments.out] = job
        self.present(job)
        if arguments.wait or self.front.must_wait:
            waiting.wait(self.engine, job, self.cards)  # raises: what follows in Run All needs the result
        return job

    def _submitted(self, program: object, arguments: SubmitArguments, source: str | None) -> Job | Batch:
        if not arguments.rehearse:
            return submission.submit(self.engine, program, arguments, self.asking(arguments, source))
        from qjob.notebook.rehearsal_text import rehearsal_text

        rehearsed = submission.rehearse(self.engine, program, arguments)
        print(rehearsal_text(rehearsed, self.engine.catalogue.get(arguments.backend)))  # noqa: T201 - to its cell
        return rehearsed.job

    def _quote(self, program: object, arguments: SubmitArguments) -> tables.Table:
        """Show what a circuit would cost on every backend; ``--out`` keeps the rows. Nothing is submitted."""
        from qjob.notebook import price_tables

        rows = self.engine.quotes(program, shots=arguments.shots)  # type: ignore[arg-type]  # as in _submit
        if arguments.out:
            self.shell.user_ns[arguments.out] = rows
        return price_tables.quotes(rows, utc_now().date())

    def present(self, job: Job | Batch) -> None:
        """Show a new job or batch at once; in a terminal it is shown once, as the value of its line."""
        self._shown = None
        if self.front.shows_cards:
            self.show(job)
            self._shown = self.shell.execution_count, job.id

    def place(self, job: Job | Batch) -> None:
        """Show a job or batch that no cell submitted, whatever the last cell has shown."""
        self._shown = None
        self.show(job)

    def warm_up(self, backend: str) -> None:
        """Start warming up the workers of this machine where a backend's jobs run there."""
        if self.engine.catalogue.get(backend).local:
            self.engine.prepare()

    def asking(self, arguments: SubmitArguments, source: str | None) -> Asking:
        """Return how this cell may ask; while it waits for its job, its card cannot be heard."""
        card = self.front.paints_later and not arguments.wait
        return Asking(card, self.front.answers, self.above, source)

    # -- showing ----------------------------------------------------------------------------------------------

    def show(self, job: Job | Batch) -> None:
        """Display a job or a batch: live while it runs, its receipt once it has ended."""
        if self._shown == (self.shell.execution_count, job.id):
            self._shown = None  # the cell that submitted it has its card already
            return
        from qjob.notebook.card import show_receipt

        snapshot = shown.snapshot(self.engine, job)
        if snapshot.ended:
            show_receipt(snapshot, utc_now())
        else:
            self._live().show(snapshot)

    def text(self, job: Job | Batch) -> str:
        """Return a job or a batch as text, as it is now."""
        return shown.text(shown.snapshot(self.engine, job), utc_now())

    def _live(self) -> "LiveCards":
        if self.cards is None:
            from qjob.notebook.live import LiveCards

            self.cards = LiveCards(self.engine, self._open_card)
            # registered after the engine's own, so run before it: a card that still looks would open it again
            atexit.register(self.cards.close)
        return self.cards

    def _open_card(self, snapshot: JobSnapshot | BatchSnapshot) -> Any:
        from qjob.notebook import notify_line
        from qjob.notebook.card import LiveCard

        if isinstance(snapshot, BatchSnapshot):
            return LiveCard(
                snapshot,
                now=utc_now,
                on_cancel=lambda: self.engine.cancel_batch(snapshot.id),
                on_confirm=lambda: self.engine.admit(snapshot.id),
                on_notify=lambda on: notify_line.choose(self, on=on),
                unseen=self.front.unseen(),
                cancel_url=f"qjob/api/jobs/{snapshot.id}/cancel",
            )

        job_id, below = snapshot.job.id, Below(self.shell)

        def cancel() -> None:
            self.engine.cancel(job_id)

        def confirm() -> None:
            self.engine.admit(job_id)

        return LiveCard(
            snapshot,
            now=utc_now,
            on_cancel=cancel,
            on_confirm=confirm,
            on_notify=lambda on: notify_line.choose(self, on=on),
            on_form=lambda: import_module("qjob.notebook.form").open_for(self, job_id, below),
            unseen=self.front.unseen(),
            cancel_url=f"qjob/api/jobs/{job_id}/cancel",
        )

    # -- %qjob ------------------------------------------------------------------------------------------------

    def command(self, line: str) -> Any:
        """Run a verb and return what it shows."""
        from qjob.notebook.commands import Commands

        self._shown = None
        return Commands(self).run(line)

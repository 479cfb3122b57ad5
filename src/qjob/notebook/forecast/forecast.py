"""What the job cells of a notebook would cost now, and what of it is paid for already. Submits nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from qjob.engine import Engine
from qjob.handle import Job
from qjob.model.backend import BackendInfo
from qjob.model.bits import BitLayout
from qjob.model.errors import IllegalMove, QjobError
from qjob.model.money import format_usd, from_nano, to_nano
from qjob.model.price import PerGateShot, PerShot, PerTime
from qjob.model.program import CircuitProfile
from qjob.model.quote import Quote
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.forecast.cells import JobCell
from qjob.policy.pricing import UNIT_SECONDS, quote
from qjob.typed import whole_shots

_ANY_CIRCUIT = CircuitProfile(1, 1, BitLayout(1, (0,)), 1, {}, terminal=True)
"""Stands for the circuit where the price does not depend on it."""


class State(StrEnum):
    """What is known of what a job cell would cost."""

    FREE = "free"
    NEW = "new"  # it would be paid for
    PAID = "paid"  # it would be found again
    UNKNOWN = "unknown"  # nobody can say before it is run
    REFUSED = "refused"  # it would submit nothing


@dataclass(frozen=True, slots=True)
class Row:
    """What one job cell would cost.

    Parameters
    ----------
    cell
        What is written there.
    state
        What is known.
    low, expected, cap
        Nano-dollars that it would newly cost; of what is not known, ``low`` is what it costs at least.
    paid
        Nano-dollars that were charged, or are held, for the job that it would find again.
    how
        How the price comes about, or why there is none.
    mark
        What tells whether two cells ask for the same; empty where nobody can say.
    each
        Whether it would cost as much for each circuit that the cell makes, and nobody knows how many.
    """

    cell: JobCell
    state: State
    low: int = 0
    expected: int = 0
    cap: int = 0
    paid: int = 0
    how: str = ""
    mark: str = ""
    each: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a notebook would cost.

    Parameters
    ----------
    rows
        Its job cells.
    remaining
        US dollars that may still be spent now.
    """

    rows: tuple[Row, ...]
    remaining: Decimal

    @property
    def low(self) -> int:
        """Nano-dollars that it costs at least."""
        return sum(row.low for row in self.rows)

    @property
    def expected(self) -> int:
        """Nano-dollars that what is known is expected to cost."""
        return sum(row.expected for row in self.rows)

    @property
    def cap(self) -> int:
        """Nano-dollars that what is known costs at the most."""
        return sum(row.cap for row in self.rows)

    @property
    def paid(self) -> int:
        """Nano-dollars that were paid already for what it would find again."""
        return sum(row.paid for row in self.rows)

    def count(self, state: State) -> int:
        """Return how many cells have this state."""
        return sum(row.state is state for row in self.rows)


def forecast(engine: Engine, cells: Sequence[JobCell]) -> Forecast:
    """Return what a notebook would cost if all of it were run now, from top to bottom.

    A cell of OpenQASM is priced as it is. One of Python is priced by the circuit that it made when it last ran
    unchanged; or without a circuit, where that does not matter. Nothing is run, nothing is submitted.
    """
    rows: list[Row] = []
    for cell in cells:
        row = _row(engine, cell)
        before = next((r for r in rows if row.mark and r.mark == row.mark), None)
        if row.state is State.NEW and before is not None and not _anew(cell):
            row = Row(cell, State.PAID, how=f"the same as in code cell {before.cell.cell}")
        rows.append(row)
    return Forecast(tuple(rows), engine.budget().remaining)


def _row(engine: Engine, cell: JobCell) -> Row:
    arguments = cell.arguments
    if arguments is None:
        return Row(cell, State.REFUSED if cell.refused else State.UNKNOWN, how=cell.why)
    try:
        if cell.job is not None:
            return _retried(engine, cell, cell.job)
        if arguments.quote or arguments.rehearse:
            return Row(cell, State.FREE, how="only quotes" if arguments.quote else "a rehearsal")
        info = engine.catalogue.get(arguments.backend)
        shots = whole_shots(arguments.shots)
        if cell.program is not None:
            row = _of_program(engine, cell, info, shots, arguments)
        elif info.free:
            return Row(cell, State.FREE)
        elif cell.source is not None and (last := engine.from_source(cell.source)) is not None:
            row = _of_last_time(engine, cell, last)
        else:
            row = _of_any_circuit(cell, info, shots)
    except QjobError as error:
        return Row(cell, State.REFUSED, how=str(error))
    if cell.repeats and row.state is State.NEW:
        return replace(
            row,
            state=State.UNKNOWN,
            expected=0,
            cap=0,
            low=0,
            how=f"{format_usd(from_nano(row.cap))} each time that its block is run ({row.how})",
        )
    return row


def _anew(cell: JobCell) -> bool:
    return cell.arguments is not None and cell.arguments.fresh


def _retried(engine: Engine, cell: JobCell, text: str) -> Row:
    cap = engine.retry_cap(engine.resolve(text))
    if not cap:
        return Row(cell, State.FREE)
    return Row(cell, State.NEW, low=cap, expected=cap, cap=cap, how=f"job {text} once more")


def _of_program(
    engine: Engine, cell: JobCell, info: BackendInfo, shots: int, arguments: SubmitArguments
) -> Row:
    program = cell.program
    # checked as a submission would be, and looked for
    found = engine.find(
        program,
        backend=info.slug,
        shots=shots,
        mode=arguments.mode,
        options=arguments.options,
        seed=arguments.seed,
    )
    priced = engine.quote(program, backend=info.slug, shots=shots, options=arguments.options)
    if not isinstance(priced, Quote):
        return Row(cell, State.REFUSED, how=str(priced))
    if priced.free:
        return Row(cell, State.FREE)
    # what waits for a consent was not paid for: this cell would be the consent
    if isinstance(found, Job) and not arguments.fresh and found.snapshot().pending is None:
        return _paid(cell, [found], "")
    mark = [program, sorted(arguments.options.items()), info.slug, shots, arguments.seed]
    return replace(_priced(cell, [priced]), mark=repr(mark))


def _of_last_time(engine: Engine, cell: JobCell, last: Job) -> Row:
    """Price a cell by the job, or the batch, that it made when it was last run."""
    batch = last.record.batch
    jobs = list(engine.batch(batch)) if batch else [last]
    if not _anew(cell):
        return _paid(cell, jobs, "if its circuit is the same again; it asks first if not")
    quotes = []
    for job in jobs:
        one = job.record
        try:
            program = engine.program_of(one)
        except IllegalMove:  # erased
            return _of_any_circuit(cell, engine.catalogue.get(one.backend), one.shots)
        priced = engine.quote(program, backend=one.backend, shots=one.shots, options=one.options)
        if not isinstance(priced, Quote):
            return Row(cell, State.UNKNOWN, how=str(priced))
        quotes.append(priced)
    row = _priced(cell, quotes)
    return replace(row, how=f"{row.how}, if its circuit is the same again")


def _paid(cell: JobCell, jobs: Sequence[Job], provided: str) -> Row:
    records = [job.record for job in jobs]
    amount = sum(record.cap if record.cost is None else record.cost for record in records)
    first = records[0]
    what = f"batch {first.batch[:8]}" if first.batch else f"job {first.id[:8]}"
    erased = ", whose result was erased" if any(record.erased_at for record in records) else ""
    how = f"shows {what} of {first.created_at:%Y-%m-%d}{erased} {provided}".strip()
    return Row(cell, State.PAID, paid=amount, how=how)


def _of_any_circuit(cell: JobCell, info: BackendInfo, shots: int) -> Row:
    """Price a cell of which nobody knows the circuit."""
    rates = info.price.rates if info.price is not None else None
    if isinstance(rates, PerShot):
        priced = quote(info.price, _ANY_CIRCUIT, shots)
        if isinstance(priced, Quote):
            row = _priced(cell, [priced])
            return replace(row, each=True, how=f"{row.how}, for each circuit that it makes")
        return Row(cell, State.REFUSED, how=str(priced))
    if isinstance(rates, PerTime):
        least = to_nano(rates.amount) * rates.minimum_seconds // UNIT_SECONDS[rates.unit]
        return Row(cell, State.UNKNOWN, low=least, how=f"{rates}: known once there is a circuit")
    least = to_nano(rates.minimum) if isinstance(rates, PerGateShot) else 0
    how = f"{rates}: known once there is a circuit" if rates is not None else "no price is known"
    return Row(cell, State.UNKNOWN, low=least, how=how)


def _priced(cell: JobCell, quotes: Sequence[Quote]) -> Row:
    low, expected, cap = (
        sum(to_nano(getattr(each, name)) for each in quotes) for name in ("low", "expected", "cap")
    )
    how = quotes[0].explanation if len(quotes) == 1 else f"{len(quotes)} circuits"
    return Row(cell, State.NEW if cap else State.FREE, low, expected, cap, how=how)

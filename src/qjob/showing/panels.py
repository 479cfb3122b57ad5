"""What there is to read of one job: what happened, the attempts, the program, the receipt. As safe HTML."""

from collections.abc import Callable
from datetime import datetime

from qjob.engine import Engine
from qjob.model.errors import QjobError
from qjob.model.job import JobRecord
from qjob.model.money import format_usd, from_nano
from qjob.model.program import Program, ProgramFormat
from qjob.model.upkeep import when_erased
from qjob.showing import markup
from qjob.showing.event_table import events
from qjob.showing.receipt import receipt_html
from qjob.showing.tables import Table
from qjob.showing.wording import duration, moment, number, plain, plain_lines, plural

SHOWN = 20_000
"""The most characters of a program that are shown."""

_DRAWN_QUBITS, _DRAWN_GATES = 16, 120


def panel(engine: Engine, job_id: str, tab: str, now: datetime) -> str:
    """Return what a tab shows of a job, as HTML in which everything that came from outside is escaped.

    Raises
    ------
    QjobError
        It is gone, such as the program of a job that was erased.
    """
    panels: dict[str, Callable[[], str]] = {
        "events": lambda: _html(events(engine.events(job_id))),
        "attempts": lambda: _attempts(engine, job_id),
        "program": lambda: _program(engine, engine.snapshot(job_id).job),
        "receipt": lambda: _receipt(engine, job_id, now),
    }
    return panels[tab]()


def error_html(error: QjobError) -> str:
    """Return an error with its remedy."""
    lines = "<br>".join(markup.text(line) for line in plain_lines(str(error)).splitlines())
    return f'<p class="qjobx-refused">{lines}</p>'


def erased_html(job: JobRecord) -> str:
    """Return what became of a job's program and result."""
    when = markup.text(plain(when_erased(job)))
    return f'<p class="qjobx-refused">Program and result were erased {when}. Times, money, name and tags stay.</p>'


def _attempts(engine: Engine, job_id: str) -> str:
    rows = [
        (
            number(each.number),
            moment(each.began_at),
            "" if each.ended_at is None else duration((each.ended_at - each.began_at).total_seconds()),
            plain(each.worker),
            number(each.shots) if each.shots else "",
            format_usd(from_nano(each.cost)) if each.cost else "",
            plain(each.failure.reason)
            if each.failure
            else "in hand"
            if each.ended_at is None
            else "ended well",
        )
        for each in engine.attempts(job_id)
    ]
    headings = ("attempt", "began", "for", "worker", "went on from shot", "cost", "came to")
    none = "" if rows else "No worker has taken it up yet."
    return _html(Table(headings, rows, none))


def _receipt(engine: Engine, job_id: str, now: datetime) -> str:
    receipt = receipt_html(engine.snapshot(job_id), now)
    rows = [
        (moment(each.at), each.kind.value, format_usd(each.amount), plain(each.reason))
        for each in engine.movements(job_id)
    ]
    return receipt + (_html(Table(("when", "money", "amount", "why"), rows)) if rows else "")


def _program(engine: Engine, job: JobRecord) -> str:
    try:
        program = engine.store.program(job.program)
    except KeyError:  # erased, with the last job that ran it
        return ""
    facts = (
        f"{_FORMATS[program.format]}, {plural(job.num_qubits, 'qubit')}, {plural(len(program.data), 'byte')}"
    )
    parts = [f'<p class="qjobx-quiet">{facts}, SHA-256 {job.program[:16]}…</p>']
    parts.append(_diagram(program) if program.format is ProgramFormat.QPY else _code(program.data.decode()))
    for kind, text in engine.attachments(job.id).items():
        parts.append(
            f'<p class="qjobx-quiet">{_ATTACHED.get(kind, markup.text(plain(kind)))}</p>{_code(text)}'
        )
    return "".join(parts)


_FORMATS = {
    ProgramFormat.QPY: "a qiskit circuit",
    ProgramFormat.QASM2: "OpenQASM 2",
    ProgramFormat.QASM3: "OpenQASM 3",
    ProgramFormat.BRAKET: "OpenQASM 3 in Amazon Braket's dialect",
}
_ATTACHED = {"sent": "As the service got it", "compiled": "As the device was given it"}


def _diagram(program: Program) -> str:
    """Draw a small circuit; of a larger one tell how many of which gates it has."""
    from qjob.programs.load import circuit

    loaded = circuit(program)
    if loaded.num_qubits <= _DRAWN_QUBITS and loaded.size() <= _DRAWN_GATES:
        drawn = str(loaded.draw("text", fold=100))
        return f'<pre class="qjobx-code qjobx-diagram" tabindex="0">{markup.text(drawn)}</pre>'
    gates = sorted(loaded.count_ops().items(), key=lambda item: (-item[1], item[0]))
    table = Table(("gate", "how often"), [(plain(name), number(many)) for name, many in gates])
    return f'<p class="qjobx-quiet">Too large to be drawn; depth {number(loaded.depth())}.</p>{_html(table)}'


def _code(text: str) -> str:
    cut = "" if len(text) <= SHOWN else f"\n… {number(len(text) - SHOWN)} more characters"
    return f'<pre class="qjobx-code" tabindex="0">{markup.text(text[:SHOWN] + cut)}</pre>'


def _html(table: Table) -> str:
    return table._repr_html_()

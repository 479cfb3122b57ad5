"""What job cells would cost now: against a real store, and jobs that were really paid for in a real shell."""

from decimal import Decimal

import nbformat
import pytest

from qjob.cli import main
from qjob.model.errors import InvalidRequest
from qjob.model.money import from_nano
from qjob.notebook.forecast.cells import job_cells
from qjob.notebook.forecast.forecast import State, forecast
from qjob.notebook.forecast.table import table

PRICES = """
[[backend]]
slug = "qb-sim-statevector"
[backend.price]
kind = "task"
task_fee = "0.30"
per_shot = "0.01"
currency = "USD"
source = "a test"
as_of = 2026-11-01
"""
PAID = "%%qjob --backend qb-sim-statevector"
QASM = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; h q[0]; measure q[0] -> c[0];'


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICES)
    return home


@pytest.fixture(autouse=True, scope="module")
def fast(notebook):
    notebook.session.engine.limits(user_per_minute=1000, team_per_day=1000)


@pytest.fixture
def told(notebook):
    """Return what these cells would cost: state and cap in dollars."""

    def ask(*sources):
        rows = forecast(notebook.session.engine, job_cells(sources)).rows
        return [(row.state, from_nano(row.cap)) for row in rows]

    return ask


@pytest.mark.parametrize(
    ("text", "state", "cap"),
    [
        pytest.param("%%qjob\nqc", State.FREE, "0", id="a free backend, whatever the circuit"),
        pytest.param(f"%%qjob\n{QASM}", State.FREE, "0", id="a free backend and OpenQASM"),
        pytest.param(f"{PAID} --shots 20\nqc", State.NEW, "0.50", id="a fee and shots, whatever the circuit"),
        pytest.param(f"{PAID} --shots 20\n{QASM}", State.NEW, "0.50", id="a fee and shots, as written"),
        pytest.param(f"{PAID} --quote\nqc", State.FREE, "0", id="only a quote"),
        pytest.param(f"{PAID} --rehearse\nqc", State.FREE, "0", id="a rehearsal"),
        pytest.param("%%qjob --backend sv1\nqc", State.UNKNOWN, "0", id="billed by time, no circuit"),
        pytest.param("%%qjob --backend sv2\nqc", State.REFUSED, "0", id="no such backend"),
        pytest.param(f"{PAID} --shots 0\nqc", State.REFUSED, "0", id="no shots"),
        pytest.param(f"{PAID} --option x=1\n{QASM}", State.REFUSED, "0", id="no such option"),
        pytest.param(f"{PAID}\nOPENQASM 2.0; h q;", State.REFUSED, "0", id="no OpenQASM after all"),
        pytest.param("%qjob retry nobody", State.REFUSED, "0", id="a retry of no job"),
        pytest.param("%qjob submit qc -b qb-sim-statevector -n 70", State.NEW, "1.00", id="a line"),
        pytest.param(
            "for c in cs:\n  %qjob submit c -b qb-sim-statevector", State.UNKNOWN, "0", id="in a loop"
        ),
        pytest.param("e.submit(qc, backend='qb-sim-statevector', shots=70)", State.NEW, "1.00", id="a call"),
    ],
)
def test_a_cell_that_never_ran(told, text, state, cap):
    assert told(text) == [(state, Decimal(cap))]


def test_what_is_billed_by_time_costs_at_least_its_minimum(notebook):
    (row,) = forecast(notebook.session.engine, job_cells(["%%qjob --backend sv1\nqc"])).rows
    assert from_nano(row.low) == Decimal("0.00375")


@pytest.mark.slow
def test_a_cell_that_was_paid_for_is_found_by_its_text(notebook, told):
    cell = f"{PAID} --yes --wait --shots 20\nc = QuantumCircuit(1); c.rx(0.123, 0); c.measure_all()\nc"
    assert told(cell) == [(State.NEW, Decimal("0.50"))]
    assert notebook.run(cell).error is None
    (row,) = forecast(notebook.session.engine, job_cells([cell])).rows
    assert (row.state, from_nano(row.paid), row.cap) == (State.PAID, Decimal("0.50"), 0)
    fresh = cell.replace("--yes", "--yes --fresh")
    assert told(fresh) == [(State.NEW, Decimal("0.50"))]  # another text, which never ran


@pytest.mark.slow
def test_openqasm_that_was_paid_for_is_found_by_its_circuit(notebook, told):
    program = QASM.replace("h q", "rx(0.5) q")
    assert notebook.run(f"{PAID} --yes --wait --shots 30\n{program}").error is None
    assert told(f"{PAID} --shots 30\n// the same circuit, another text\n{program}") == [
        (State.PAID, Decimal(0))
    ]
    assert told(f"{PAID} --shots 31\n{program}") == [(State.NEW, Decimal("0.61"))]
    assert told(f"{PAID} --shots 30 --fresh\n{program}") == [(State.NEW, Decimal("0.60"))]


def test_what_waits_for_a_consent_is_not_paid_for(notebook, told):
    program = QASM.replace("h q", "rx(0.625) q")
    job = notebook.session.engine.propose(program, backend="qb-sim-statevector", shots=10, consent=True)
    assert told(f"{PAID} --yes --shots 10\n{program}") == [(State.NEW, Decimal("0.40"))]
    job.cancel()


def test_what_was_erased_says_so_and_does_not_hide_an_older_result(notebook):
    program, engine = QASM.replace("h q", "rx(0.875) q"), notebook.session.engine
    cell = f"{PAID} --yes --shots 10 --wait\n{program}"
    first = notebook.run(cell).value
    second = notebook.run(cell.replace("--yes", "--yes --fresh")).value
    engine.delete([second.id])
    (row,) = forecast(engine, job_cells([cell])).rows
    assert first.id[:8] in row.how
    engine.delete([first.id])
    (row,) = forecast(engine, job_cells([cell])).rows
    assert (row.state, "whose result was erased" in row.how) == (State.PAID, True)


def test_a_fresh_cell_whose_last_program_was_erased_is_priced_without_it(notebook, told):
    text = (
        f"{PAID} --yes --fresh --wait --shots 20\nc = QuantumCircuit(1); c.rx(0.375, 0); c.measure_all()\nc"
    )
    job = notebook.run(text).value
    notebook.session.engine.delete([job.id])
    assert told(text) == [(State.NEW, Decimal("0.50"))]


def test_a_batch_that_is_paid_for_counts_all_its_jobs(notebook):
    circuits = "[QuantumCircuit(1) for _ in range(3)]\nfor i, c in enumerate(cs): c.rx(i, 0); c.measure_all()"
    cell = f"{PAID} --yes --wait --shots 10\ncs = {circuits}\ncs"
    assert notebook.run(cell).error is None
    (row,) = forecast(notebook.session.engine, job_cells([cell])).rows
    assert (row.state, from_nano(row.paid)) == (State.PAID, Decimal("1.20"))


def test_the_second_of_two_that_are_the_same_costs_nothing_more(told):
    program = QASM.replace("h q", "rx(0.75) q")
    cell = f"{PAID} --shots 40\n{program}"
    assert told(cell, cell) == [(State.NEW, Decimal("0.70")), (State.PAID, Decimal(0))]
    fresh = f"{PAID} --shots 40 --fresh\n{program}"
    assert told(cell, fresh) == [(State.NEW, Decimal("0.70"))] * 2


def test_the_total_says_what_is_missing(notebook):
    cells = [f"{PAID} --shots 100000\nq{i}" for i in range(2)]
    text = str(table(forecast(notebook.session.engine, job_cells(cells))))
    assert "Run All would cost at least $2,000.60." in text
    assert "are missing. See %qjob budget" in text


def test_nothing_was_submitted_by_asking(notebook, told):
    before = len(notebook.session.engine.jobs(limit=1000))
    told(f"{PAID} --yes\n{QASM}", "%%qjob\nqc")
    assert len(notebook.session.engine.jobs(limit=1000)) == before


def write(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_the_magic_reads_a_file(notebook, tmp_path):
    file = write(tmp_path / "a notebook.ipynb", "x = 1", f"{PAID} --shots 20\nqc", "%%qjob\nqc")
    done = notebook.run(f"%qjob quote --notebook '{file}'")
    assert done.error is None
    assert "$0.50" in repr(done.value)
    assert [row[0] for row in done.value.rows] == ["2", "3"]


def test_the_command_line_reads_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QJOB_HOME", str(tmp_path / "home"))
    file = write(tmp_path / "a.ipynb", "%%qjob --backend iqm-garnet --shots 1000\nqc")
    assert main(["quote", str(file)]) == 0
    said = capsys.readouterr().out
    assert "Run All would cost at least $1.75." in said
    assert "Nothing was run, nothing was submitted." in said


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{}", b"[]", b"# text", b"\xff\xfe", b'{"cells": 5, "nbformat": 4}', b"[" * 100_000],
)
def test_what_is_no_notebook_is_refused(notebook, tmp_path, content):
    file = tmp_path / "no.ipynb"
    if content is not None:
        file.write_bytes(content)
    done = notebook.run(f"%qjob quote --notebook {file}")
    assert isinstance(done.error, InvalidRequest)
    assert "NAME.ipynb" in str(done.error)


@pytest.mark.parametrize("rest", ["qc --notebook x.ipynb", "--notebook x.ipynb --shots 5", "--notebook"])
def test_a_notebook_and_something_else_is_refused(notebook, rest):
    assert isinstance(notebook.run(f"%qjob quote {rest}").error, InvalidRequest)

"""Which places of a notebook are found to submit, from its text alone."""

import pytest

from qjob.notebook.forecast.cells import job_cells

QASM = "OPENQASM 2.0;\nqreg q[1];"


def found(*sources):
    return [
        (each.cell, each.arguments and (each.arguments.backend, each.arguments.shots))
        for each in job_cells(sources)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="an empty cell"),
        pytest.param("x = 1", [], id="plain Python"),
        pytest.param("%%qjob\nqc", [(1, ("marqov-sim", 1000))], id="a cell with what is assumed"),
        pytest.param("\n%%qjob --backend sv1 -n 5\nqc", [(1, ("sv1", "5"))], id="blank lines before"),
        pytest.param("%%qjob --help\nqc", [], id="a question"),
        pytest.param("%%qjobs --backend sv1\nqc", [], id="another magic that begins alike"),
        pytest.param("%%time\n%qjob submit qc -n 5", [(1, ("marqov-sim", "5"))], id="below %%time"),
        pytest.param("%%capture\ne.submit(qc, shots=5)", [(1, ("marqov-sim", 5))], id="below %%capture"),
        pytest.param("%%bash\nls", [], id="the cell of a magic that is no Python"),
        pytest.param("%%bash\npython -c 'engine.submit(qc)'", [(1, None)], id="one that may submit"),
        pytest.param("e.submit(qc, shots=1)\nqc.draw?", [(1, ("marqov-sim", 1))], id="beside a question"),
        pytest.param(
            "x = (7\n% 3)\ne.submit(qc, shots=1)", [(1, ("marqov-sim", 1))], id="a line that begins with %"
        ),
        pytest.param("engine.submit(qc, **asked)", [(1, None)], id="a call with arguments from elsewhere"),
        pytest.param("engine.retry(job.id); job.retry()", [(1, None)] * 2, id="calls that repeat jobs"),
        pytest.param("tenacity.retry(stop=5)", [], id="another library's retry"),
        pytest.param("%qjob submit qc --backend sv1", [(1, ("sv1", 1000))], id="a line"),
        pytest.param("job = %qjob submit qc -b sv1 --shots 7", [(1, ("sv1", "7"))], id="a line's value kept"),
        pytest.param("%qjob list\n%qjob quote qc", [], id="lines that submit nothing"),
        pytest.param(
            "%qjob submit f(a, 'b c')\n%qjob submit qc", [(1, ("marqov-sim", 1000))] * 2, id="two lines"
        ),
        pytest.param("engine.submit(qc, backend='sv1', shots=9)", [(1, ("sv1", 9))], id="a call"),
        pytest.param(
            "x = e.submit(qc, shots=9).counts", [(1, ("marqov-sim", 9))], id="a call within a value"
        ),
        pytest.param("pool.submit(work, 1)", [], id="a pool's submit"),
        pytest.param(
            "e.submit(qc, shots=1)\n!ls\nx = %who", [(1, ("marqov-sim", 1))], id="beside other magics"
        ),
        pytest.param("e.submit(qc, backend='sv1'", [], id="no Python"),
    ],
)
def test_what_submits_is_found(text, expected):
    assert found(text) == expected


def test_cells_are_counted_from_one():
    assert [cell for cell, _ in found("x", "%%qjob\nqc", "", "%qjob submit qc")] == [2, 4]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("%%qjob --shots {n}\nqc", "a variable fills in its line", id="a variable in braces"),
        pytest.param("%qjob submit qc -n $n", "a variable fills in its line", id="a variable with a dollar"),
        pytest.param(
            "e.submit(qc, backend=chosen)", "its backend is known when it runs", id="a variable backend"
        ),
    ],
)
def test_what_only_running_tells_has_no_arguments(text, why):
    (cell,) = job_cells([text])
    assert (cell.arguments, cell.refused) == (None, False)
    assert cell.why == why


@pytest.mark.parametrize("text", ["%%qjob --shotz 5\nqc", "%qjob submit qc --backend 'sv1", "%qjob retry"])
def test_a_line_that_would_be_refused_says_so(text):
    (cell,) = job_cells([text])
    assert cell.refused
    assert cell.why


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("%qjob submit qc", False),
        ("for qc in many:\n    %qjob submit qc", True),
        ("x = engine.submit(qc, shots=1)", False),
        ("%%timeit\n%qjob submit qc", True),
        ("%%time\n%qjob submit qc", False),
        ("for qc in many: engine.submit(qc, shots=1)", True),
        ("[engine.submit(qc, shots=1) for qc in many]", True),
        ("def run(): engine.submit(qc, shots=1)", True),
    ],
)
def test_what_may_run_any_number_of_times_is_marked(text, repeats):
    assert [cell.repeats for cell in job_cells([text])] == [repeats]


def test_a_cell_of_openqasm_has_its_program_and_one_of_python_its_text():
    qasm, python = job_cells([f"%%qjob -b sv1\n// a note\n{QASM}", "%%qjob -b sv1\nqc\n"])
    assert qasm.program == f"// a note\n{QASM}"
    assert (python.program, python.source) == (None, "%%qjob -b sv1\nqc")


def test_a_retry_names_its_job():
    (cell,) = job_cells(["%qjob retry --yes bell"])
    assert cell.job == "bell"

"""What the magics do, in a real shell with real jobs."""

import time

import pytest

from qjob.handle import Job
from qjob.model import errors
from qjob.model.job import JobStatus
from qjob.notebook.session import Session
from qjob.notebook.verbs import SUBMIT_FLAGS, VERBS

LONG = """%%qjob --shots 100000 --name {name} --out {name}
slow = QuantumCircuit(16, 16)
slow.h(range(16))
slow.measure(0, 0)
slow.h(0)
slow.measure(range(16), range(16))
slow"""


@pytest.fixture
def long_job(notebook, request):
    """A job that runs for minutes unless it is cancelled."""
    name = f"long{abs(hash(request.node.name)) % 10**6}"
    assert notebook.run(LONG.format(name=name)).error is None
    job = notebook.ns[name]
    yield job
    job.cancel()
    job.wait(10)


def jobs_in(notebook):
    return len(notebook.session.engine.jobs(limit=1000))


# -- %%qjob -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_cell_becomes_a_job(notebook):
    done = notebook.run("%%qjob --shots 50 --name bell --tag k=v --seed 3 --out job\nqc")
    job = notebook.ns["job"]
    assert done.error is None
    assert isinstance(job, Job)
    record = job.wait(30).record
    assert (record.status, record.name, record.tags, record.seed) == (
        JobStatus.COMPLETED,
        "bell",
        {"k": "v"},
        3,
    )
    assert sum(job.counts.values()) == 50


@pytest.mark.slow
def test_the_job_is_the_cells_value_and_shown_once(notebook):
    # shot by shot over 14 qubits, so that it has not ended when it is shown
    slow = (
        "w = QuantumCircuit(14, 14); w.h(range(14)); w.measure(0, 0); w.h(0); w.measure(range(14), range(14))"
    )
    done = notebook.run(f"%%qjob --wait --shots 100\n{slow}\nw")
    assert isinstance(done.value, Job)
    assert notebook.ns["_"] == done.value
    shown = [each for each in done.shown if done.value.id[:8] in each["text/plain"]]  # not the job before it
    card, receipt = shown[0], shown[-1]  # the second replaces the first in the notebook
    assert "application/vnd.jupyter.widget-view+json" in card
    assert set(receipt) == {"text/html", "text/plain"}
    assert "COMPLETED" in receipt["text/plain"]


def test_a_job_shows_itself_again(notebook):
    notebook.run("%%qjob --wait --out shown\nqc")
    again = notebook.run("shown")
    assert "COMPLETED" in again.shown[0]["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" not in again.shown[0]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("kept = %qjob submit qc --shots 5", id="a job"),
        pytest.param("kept = %qjob submit [qc, qc] --shots 5", id="a batch"),
        pytest.param("kept = %qjob retry again", id="another try"),
        pytest.param("kept = None\nfor _ in range(2):\n    kept = %qjob submit qc --shots 5", id="in a loop"),
        pytest.param("%qjob submit qc --shots 5 --out kept\n'another value'", id="not the last line"),
    ],
)
def test_a_job_that_was_kept_shows_itself_in_the_next_cell(notebook, source):
    notebook.run("%qjob submit qc --shots 5 --name again --wait")
    done = notebook.run(source)
    assert done.error is None
    kept = notebook.ns["kept"].id[:8]
    assert sum(kept in each["text/plain"] for each in done.shown) >= 1
    again = notebook.run("kept")
    assert sum(kept in each["text/plain"] for each in again.shown) >= 1


def test_the_cell_returns_before_the_job_ends(long_job):
    assert not long_job.status.ended


def test_openqasm_is_a_cell_too(notebook):
    notebook.run("%%qjob --wait --shots 5 --out asm\nOPENQASM 3.0;\nqubit[2] q;\nx q[0];")
    assert notebook.ns["asm"].counts == {"01": 5}


def test_await_in_the_body(notebook):
    notebook.run("%%qjob --wait --shots 5 --out later\nimport asyncio\nawait asyncio.sleep(0)\nqc")
    assert notebook.ns["later"].status is JobStatus.COMPLETED


def test_variables_in_the_line_are_put_in(notebook):
    notebook.run("n = 17")
    notebook.run("%%qjob --wait --shots {n} --out seventeen\nqc")
    assert notebook.ns["seventeen"].record.shots == 17


@pytest.mark.parametrize(
    ("source", "kind", "says"),
    [
        pytest.param("%%qjob --backend sv9\nqc", errors.UnknownBackend, "sv9", id="unknown backend"),
        pytest.param("%%qjob --shots ten\nqc", errors.InvalidRequest, "ten", id="shots in words"),
        pytest.param("%%qjob --shots 1.5\nqc", errors.InvalidRequest, "1.5", id="shots and a half"),
        pytest.param("%%qjob --shots 0\nqc", errors.InvalidRequest, "at least 1", id="no shots"),
        pytest.param("%%qjob --shots -1\nqc", errors.InvalidRequest, "at least 1", id="negative shots"),
        pytest.param("%%qjob --shots 1000000\nqc", errors.InvalidRequest, "1,000,000", id="too many shots"),
        pytest.param("%%qjob --option x=1\nqc", errors.InvalidOption, "no option 'x'", id="unknown option"),
        pytest.param("%%qjob\na = 1", errors.InvalidCell, "has no value", id="an assignment"),
        pytest.param("%%qjob\nqc.h(0);", errors.InvalidCell, "InstructionSet", id="a gate's value"),
        pytest.param("%%qjob\n\n", errors.InvalidRequest, "empty", id="an empty cell"),
        pytest.param("%%qjob\n1 / 0\nqc", ZeroDivisionError, "division", id="the body raises"),
        pytest.param("%%qjob\nqc +", SyntaxError, "", id="a syntax error"),
        pytest.param(
            "%%qjob\nOPENQASM 3.0;\nqubit q\n", errors.ProgramRefused, "line", id="malformed OpenQASM"
        ),
        pytest.param("%qjob submit nowhere", errors.InvalidRequest, "'nowhere'", id="an unknown name"),
        pytest.param(
            "%qjob submit qcc", errors.InvalidRequest, "did you mean 'qc'", id="a name that is nearly there"
        ),
        pytest.param(
            "%qjob submit qc extra words", errors.InvalidRequest, "no Python expression", id="words after it"
        ),
        pytest.param(
            "def own():\n    return nowhere\n%qjob submit own()",
            NameError,
            "nowhere",
            id="the user's own bug",
        ),
        pytest.param("%qjob submit 1/0", ZeroDivisionError, "division", id="the expression raises"),
        pytest.param("%%qjob --out class\nqc", errors.InvalidRequest, "no variable", id="a keyword to bind"),
        pytest.param("%qjob list --limit 1001", errors.InvalidRequest, "at most 1000", id="too long a list"),
        pytest.param("%qjob submit", errors.InvalidRequest, "wants a circuit", id="nothing to submit"),
        pytest.param("%qjob quote", errors.InvalidRequest, "wants a circuit", id="nothing to quote"),
        pytest.param(
            "%qjob quote nowhere", errors.InvalidRequest, "'nowhere'", id="quote of an unknown name"
        ),
        pytest.param("%qjob quote qc --shots 0", errors.InvalidRequest, "at least 1", id="quote of no shots"),
        pytest.param(
            "%%qjob --quote\na = 1", errors.InvalidCell, "has no value", id="quote of an assignment"
        ),
        pytest.param(
            "%%qjob --backend quantinuum-h2-1\nqc", errors.BackendRefused, "'azure'", id="no adapter"
        ),
        pytest.param("%%qjob --backend tn1\nqc", errors.BackendRefused, "retired", id="a retired backend"),
        pytest.param("%qjob status no-such-job", errors.NoSuchJob, "no-such-job", id="an unknown job"),
        pytest.param("%qjob result", errors.InvalidRequest, "wants one job", id="no job given"),
        pytest.param("%qjob result ab --wait", errors.InvalidRequest, "no option --wait", id="no option"),
        pytest.param("%qjob status my job", errors.InvalidRequest, "not 2 words", id="a name not in quotes"),
        pytest.param("%qjob retry no-such", errors.NoSuchJob, "'no-such'", id="retry of an unknown job"),
        pytest.param("%qjob list --status asleep", errors.InvalidRequest, "asleep", id="an unknown status"),
        pytest.param(
            "%qjob list --backend sv9", errors.UnknownBackend, "sv9", id="list of an unknown backend"
        ),
        pytest.param("%_qjob_end", errors.InvalidRequest, "belongs to", id="our own line alone"),
    ],
)
def test_bad_input_says_why_and_stores_nothing(notebook, source, kind, says):
    before = jobs_in(notebook)
    done = notebook.run(source)
    assert isinstance(done.error, kind)
    assert says in str(done.error)
    assert jobs_in(notebook) == before


@pytest.mark.parametrize(
    "source",
    [
        "%qjob help",
        "%qjob --help",
        "%qjob -h",
        "%qjob submit --help",
        "%qjob list -h",
        "%%qjob --help",
        "%%qjob --help\nran = True\nqc",
        "%%qjob --help\nOPENQASM 3.0;\nqubit q;",
    ],
)
def test_help_is_printed_and_nothing_runs(notebook, source):
    before = jobs_in(notebook)
    done = notebook.run(source)
    assert done.error is None
    assert done.value is None
    assert "%qjob status JOB" in done.text
    assert all(verb in done.text for verb in VERBS)
    assert all(flag in done.text for flag in SUBMIT_FLAGS)
    assert "ran" not in notebook.ns
    assert jobs_in(notebook) == before


@pytest.mark.parametrize("backend", ["sv9", "quantinuum-h2-1", "tn1"])
def test_arguments_are_checked_before_the_body_runs(notebook, backend):
    notebook.run(f"%%qjob --backend {backend}\nran = True\nqc")
    assert "ran" not in notebook.ns


def test_a_cell_that_made_two_circuits_names_both(notebook):
    done = notebook.run("%%qjob\nfirst = QuantumCircuit(1)\nsecond = QuantumCircuit(1)\nsecond.h(0);")
    assert "first and second" in done.error.remedy


def test_waiting_for_a_job_that_fails_stops_run_all(notebook, monkeypatch):
    job = notebook.session.engine.submit(notebook.ns["qc"])
    job.wait(30)
    monkeypatch.setattr(notebook.session.engine, "wait", lambda _id: (_ for _ in ()).throw(KeyboardInterrupt))
    done = notebook.run("%%qjob --wait --out left\nqc")
    assert isinstance(done.error, errors.Detached)
    assert notebook.ns["left"].id[:8] in done.error.message
    monkeypatch.undo()
    assert notebook.ns["left"].id[:8] in notebook.run("left").shown[0]["text/plain"]
    assert notebook.ns["left"].wait(30).status is JobStatus.COMPLETED


# -- %qjob ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("%%qjob --quote --shots 500\nqc", id="a cell"),
        pytest.param("%%qjob --quote --shots 500 --out rows\nqc", id="a cell, with the rows kept"),
        pytest.param("%%qjob --quote --shots 500\nOPENQASM 3.0;\nqubit[2] q;\nx q[0];", id="OpenQASM"),
        pytest.param("%qjob quote qc --shots 500", id="a line"),
        pytest.param("%qjob submit qc --shots 500 --quote", id="instead of submitting"),
    ],
)
def test_a_quote_shows_one_table_and_submits_nothing(notebook, source):
    notebook.ns.pop("rows", None)
    before = jobs_in(notebook)
    done = notebook.run(source)
    assert done.error is None
    cells = {row[0]: row[1:] for row in done.value.rows}
    assert list(cells) == [info.slug for info in notebook.session.engine.catalogue]
    assert cells["marqov-sim"] == ("free", "0", "yes", "")
    assert cells["iqm-garnet"][:2] == ("$1.025", "102.5")
    assert "<table" in done.value._repr_html_()
    assert jobs_in(notebook) == before
    if "--out" in source:
        assert [row.backend.slug for row in notebook.ns["rows"]] == list(cells)


def test_submit_takes_an_expression(notebook):
    notebook.run("%qjob submit qc.copy() --shots 9 --name 'by line' --wait --out by_line")
    assert notebook.ns["by_line"].record.name == "by line"
    assert notebook.ns["by_line"].counts.shots == 9


def test_status_by_id_prefix_and_name(notebook):
    notebook.run("%%qjob --wait --name findme --out found\nqc")
    for text in (notebook.ns["found"].id, notebook.ns["found"].id[:8], "findme"):
        assert notebook.run(f"%qjob status {text}").value == notebook.ns["found"]


def test_result_is_a_value(notebook):
    notebook.run("%%qjob --wait --name res --shots 12\nqc")
    notebook.run("result = %qjob result res")
    assert notebook.ns["result"].counts.shots == 12


def test_list_shows_the_newest_first_and_filters(notebook):
    notebook.run("%%qjob --wait --name older\nqc")
    notebook.run("%%qjob --wait --name newer\nqc")
    table = notebook.run("%qjob list").value
    names = [row[1] for row in table.rows]
    assert names.index("newer") < names.index("older")
    assert [row[1] for row in notebook.run("%qjob list older --status completed").value.rows] == ["older"]
    assert "<table" in table._repr_html_()


def test_cancel_takes_effect_at_once(notebook, long_job):
    began = time.monotonic()
    done = notebook.run(f"%qjob cancel {long_job.id[:8]}")
    assert "CANCELLED" in done.text
    assert time.monotonic() - began < 2
    assert isinstance(notebook.run(f"%qjob result {long_job.id}").error, errors.JobEnded)


def test_cancelling_what_has_ended_says_so(notebook):
    notebook.run("%%qjob --wait --out over\nqc")
    assert "had ended before" in notebook.run(f"%qjob cancel {notebook.ns['over'].id}").text


@pytest.mark.parametrize("verb", ["retry", "events", "plot"])
def test_a_batch_is_not_one_job(notebook, verb):
    notebook.run("%qjob submit [qc, qc] --shots 5 --name twins --out twins --wait")
    error = notebook.run(f"%qjob {verb} twins").error
    assert "'twins' is a batch of 2 jobs" in error.message
    assert "twins[0]" in error.remedy
    assert notebook.run(f"%qjob {verb} twins[0]").error is None
    batch = notebook.ns["twins"].id[:8]
    assert f"'{batch}' is a batch" in notebook.run(f"%qjob {verb} {batch}").error.message


def test_retry_gives_the_same_counts(notebook):
    notebook.run("%%qjob --wait --out first_time\nqc")
    again = notebook.run(f"%qjob retry {notebook.ns['first_time'].id}").value
    assert again.wait(30).record.retry_of == notebook.ns["first_time"].id
    assert again.counts == notebook.ns["first_time"].counts


@pytest.mark.parametrize(
    ("slug", "says"),
    [
        pytest.param("iqm-garnet", "The real run would cost $0.3145", id="a device of the cloud"),
        pytest.param("quantinuum-h2-1", "is not known", id="one that can only be priced"),
        pytest.param("rigetti-ankaa-3", "There is no real run", id="one that is retired"),
    ],
)
def test_whatever_is_like_something_here_can_be_rehearsed(notebook, slug, says):
    done = notebook.run(f"%%qjob --backend {slug} --shots 10 --rehearse --wait --out tried\nqc")
    assert done.error is None
    assert says in " ".join(done.text.split())
    job = notebook.ns["tried"]
    assert (job.status, job.counts.shots, job.record.tags) == ("COMPLETED", 10, {"rehearses": slug})


def test_backends_and_their_options(notebook):
    (shown,) = notebook.run("%qjob backends").shown  # at once; what devices say changes it later
    assert "marqov-sim" in shown["text/plain"]
    assert "readout_error" in repr(notebook.run("%qjob backends qb-sim-noisy-aer").value)


def test_a_second_session_on_the_same_home_shows_the_running_job(notebook, long_job):
    other = Session(notebook.shell)
    try:
        other.engine = type(other.engine)(notebook.session.engine.settings)
        snapshot = other.engine.snapshot(other.engine.resolve(long_job.id[:8]))
        assert snapshot.job.status in (JobStatus.QUEUED, JobStatus.RUNNING)
        assert other.engine.cancel(long_job.id)
        other.engine.wait(long_job.id, 5)
        assert other.engine.job(long_job.id).status is JobStatus.CANCELLED
    finally:
        other.close()

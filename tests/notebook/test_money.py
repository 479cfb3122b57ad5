"""What the magics do with money, in a real shell; what is paid is a local backend with a price in the user's file."""

from decimal import Decimal

import pytest

from qjob.batch import Batch
from qjob.handle import Job
from qjob.model.errors import ConsentNeeded, InvalidRequest, OverBudget
from qjob.model.job import JobStatus

PRICE = """
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


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICE)
    return home


@pytest.fixture(autouse=True, scope="module")
def fast(notebook):
    """All of these come within a minute."""
    notebook.session.engine.limits(user_per_minute=1000, team_per_day=1000)


def jobs_in(notebook):
    return len(notebook.session.engine.jobs(limit=1000))


def circuit(angle):
    return f"c = QuantumCircuit(1); c.rx({angle}, 0); c.measure_all()\nc"


@pytest.fixture
def nobody(notebook, monkeypatch):
    """Nobody is there to answer, as under nbclient."""
    parent = {"content": {"allow_stdin": False}}
    monkeypatch.setattr(notebook.shell.kernel, "get_parent", lambda _channel: parent)


@pytest.fixture
def answer(monkeypatch):
    """Answers every question in a line, and keeps them."""
    asked = []

    def answer_with(text):
        monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or text)
        return asked

    return answer_with


@pytest.mark.slow
def test_a_paid_job_waits_for_its_confirmation_and_the_kernel_is_free(notebook):
    done = notebook.run(f"{PAID} --shots 45 --name asks\n{circuit(0.15)}")
    job = done.value
    assert (done.error, job.status, job.record.pending.consent) == (None, JobStatus.INITIALIZING, True)
    assert notebook.session.engine.budget().day.held == 0
    too_early = notebook.run(f"%qjob result {job.id}")
    assert isinstance(too_early.error, ConsentNeeded)
    again = notebook.run(f"{PAID} --shots 45 --name asks\n{circuit(0.15)}")
    assert again.value == job
    assert "waiting to be submitted" in again.text
    notebook.session._open_card(job.snapshot()).widget._handle_custom_msg({"type": "confirm"}, [])
    assert (job.wait(60).status, str(job.cost)) == (JobStatus.COMPLETED, "0.75")


@pytest.mark.slow
def test_yes_confirms_a_job_that_waits(notebook):
    job = notebook.run(f"{PAID} --shots 44\n{circuit(0.15)}").value
    again = notebook.run(f"{PAID} --shots 44 --yes\n{circuit(0.15)}")
    assert again.value == job
    assert job.wait(60).status is JobStatus.COMPLETED


@pytest.mark.parametrize(("said", "agreed"), [("y", True), (" YES ", True), ("", False), ("no", False)])
def test_a_cell_that_waits_asks_in_a_line(notebook, answer, said, agreed):
    asked = answer(said)
    done = notebook.run(f"{PAID} --shots 43 --wait --fresh\n{circuit(0.16)}")
    assert asked == [
        "This job can cost $0.73 on qb-sim-statevector ($0.30 + 43 shots x $0.01). Submit it? [y/N] "
    ]
    assert (done.error is None) is agreed
    assert agreed or isinstance(done.error, ConsentNeeded)


def test_what_is_cheap_enough_is_not_asked_for(notebook):
    shown = notebook.run("%qjob confirm_above 0.50")
    assert "a job that can cost more than $0.50 waits for a confirmation" in shown.text
    assert notebook.run(f"{PAID} --shots 20\n{circuit(0.17)}").value.status is not JobStatus.INITIALIZING
    dear = notebook.run(f"{PAID} --shots 21\n{circuit(0.17)}").value
    assert dear.status is JobStatus.INITIALIZING
    assert dear.cancel()
    assert "a job that costs something waits" in notebook.run("%qjob confirm_above 0").text
    assert isinstance(notebook.run("%qjob confirm_above -1").error, InvalidRequest)
    assert isinstance(notebook.run("%qjob confirm_above 1 2").error, InvalidRequest)


RANDOM = f"{PAID} --shots 10 --yes --out random\nnext(circuits)"


def test_an_unchanged_cell_with_another_circuit_asks_first(notebook):
    notebook.run(
        "def some():\n    while True:\n        some.angle += 0.01\n        c = QuantumCircuit(1)\n"
        "        c.rx(some.angle, 0); c.measure_all()\n        yield c\n"
        "some.angle = 7; circuits = some()"
    )
    first = notebook.run(RANDOM).value
    second = notebook.run(RANDOM).value
    assert (first.status is JobStatus.INITIALIZING, second.status) == (False, JobStatus.INITIALIZING)
    assert f"job {first.id[:8]} of" in second.record.pending.why
    assert "($0.40) ran another." in second.record.pending.why
    notebook.run("third = next(circuits); some.angle -= 0.02; circuits = some()")  # the second one again
    assert notebook.run(RANDOM).value.status is JobStatus.INITIALIZING  # --yes is no answer to that question
    for job in notebook.session.engine.jobs(status="initializing"):
        job.cancel()
    fresh = notebook.run(RANDOM.replace("--yes", "--yes --fresh"))
    assert fresh.value.status is not JobStatus.INITIALIZING


@pytest.mark.usefixtures("nobody")
def test_where_nobody_can_answer_an_unchanged_cell_with_another_circuit_is_refused(notebook):
    cell = RANDOM.replace("--out", "--tag where=nobody --out")
    assert notebook.run(cell).error is None
    refused = notebook.run(cell)
    assert isinstance(refused.error, ConsentNeeded)
    assert "This cell has not changed, but its circuit has" in refused.error.remedy
    assert "add --fresh" in refused.error.remedy


@pytest.mark.usefixtures("nobody")
def test_what_costs_something_is_refused_where_nobody_can_answer(notebook):
    before = jobs_in(notebook)
    done = notebook.run(f"{PAID} --shots 45\n{circuit(0.1)}")
    assert isinstance(done.error, ConsentNeeded)
    assert (
        "this job can cost $0.75 on qb-sim-statevector ($0.30 + 45 shots x $0.01); nothing was submitted"
        in str(done.error)
    )
    assert "--yes" in done.error.remedy
    assert done.error.numbers == {
        "cap": "0.75",
        "backend": "qb-sim-statevector",
        "jobs": 1,
        "why": "",
    }
    assert jobs_in(notebook) == before


def test_with_yes_it_is_paid_and_shown_instead_when_the_cell_runs_again(notebook):
    cell = f"{PAID} --shots 45 --yes --wait --out {{}}\n{circuit(0.2)}"
    assert notebook.run(cell.format("first")).error is None
    paid = notebook.ns["first"]
    assert (paid.status, str(paid.cost)) == (JobStatus.COMPLETED, "0.75")
    again = notebook.run(cell.format("second"))
    assert notebook.ns["second"] == paid
    assert "already paid $0.75 on" in again.text
    assert "--fresh" in again.text
    without = notebook.run(f"{PAID} --shots 45\n{circuit(0.2)}")
    assert without.error is None
    assert without.value == paid
    assert notebook.run(f"{PAID} --shots 46 --yes --out other\n{circuit(0.2)}").error is None
    assert notebook.ns["other"] != paid
    fresh = notebook.run(f"{PAID} --shots 45 --yes --fresh --out third\n{circuit(0.2)}")
    assert fresh.error is None
    assert notebook.ns["third"] != paid


def test_what_came_to_nothing_is_paid_anew(notebook):
    cell = f"{PAID} --shots 10 --yes --out cancelled\n{circuit(0.3)}"
    assert notebook.run(cell).error is None
    first = notebook.ns["cancelled"]
    first.wait(30)
    with notebook.session.engine.store._db.write() as connection:
        connection.execute("DROP TRIGGER IF EXISTS jobs_end_once")
        connection.execute("UPDATE jobs SET status = 'FAILED' WHERE id = ?", (first.id,))
    assert notebook.run(cell).error is None
    assert notebook.ns["cancelled"] != first


def test_a_retry_is_asked_for_as_well(notebook):
    assert notebook.run(f"{PAID} --shots 5 --yes --wait --out job\n{circuit(0.4)}").error is None
    job = notebook.ns["job"]
    asked = notebook.run(f"%qjob retry {job.id}").value
    assert (asked.status, asked.record.retry_of) == (JobStatus.INITIALIZING, job.id)
    assert asked.cancel()
    again = notebook.run(f"%qjob retry {job.id} --yes")
    assert isinstance(again.value, Job)
    assert again.value.record.retry_of == job.id


def test_a_paid_list_waits_for_its_confirmation_as_a_whole(notebook):
    notebook.run("ds = [QuantumCircuit(1) for _ in range(3)]\nfor d in ds: d.x(0); d.measure_all()")
    batch = notebook.run(f"{PAID} --shots 11\nds").value
    pending = batch.snapshot()
    assert (pending.statuses, pending.held, pending.asked) == ({JobStatus.INITIALIZING: 3}, 0, 1_230_000_000)
    assert isinstance(notebook.run(f"%qjob result {batch.id}").error, ConsentNeeded)
    assert "waiting to be submitted" in notebook.run(f"{PAID} --shots 11\nds").text
    notebook.session._open_card(pending).widget._handle_custom_msg({"type": "confirm"}, [])
    assert [dict(counts) for counts in batch.counts] == [{"1": 11}] * 3
    assert notebook.session.engine.audit().ok


def test_of_a_list_as_many_as_fit(notebook):
    engine = notebook.session.engine
    used = engine.budget().day
    notebook.run("es = [QuantumCircuit(1) for _ in range(5)]\nfor e in es: e.y(0); e.measure_all()")
    engine.budget(day=used.charged + used.held + Decimal("1.99"))
    try:
        assert isinstance(notebook.run(f"{PAID} --shots 10 --yes\nes").error, OverBudget)
        assert len(notebook.run(f"{PAID} --shots 10 --yes --partial\nes").value.wait(60)) == 4
        assert isinstance(notebook.run(f"{PAID} --shots 20 --yes --partial\nes").error, OverBudget)
        engine.budget(day=used.charged + used.held + Decimal("3.60"))
        waits = notebook.run(f"{PAID} --shots 50 --partial\nes").value
        assert (len(waits), waits.snapshot().asked) == (2, 1_600_000_000)
        assert waits.cancel() == 2
    finally:
        engine.budget(day=100)


def test_a_batch_of_which_a_job_was_lost_is_not_paid_again_without_asking(notebook):
    notebook.run("fs = [QuantumCircuit(1) for _ in range(3)]\nfor f in fs: f.s(0); f.measure_all()")
    cell = f"{PAID} --shots 12 --yes\nfs"
    first = notebook.run(cell).value.wait(60)
    with notebook.session.engine.store._db.write() as connection:
        connection.execute("DROP TRIGGER IF EXISTS jobs_end_once")
        connection.execute("UPDATE jobs SET status = 'FAILED' WHERE id = ?", (first[1].id,))
    again = notebook.run(cell).value
    assert again.statuses == {JobStatus.INITIALIZING: 3}
    assert f"batch {first.id[:8]} of" in again.snapshot().pending.why
    assert "some of it came to nothing" in again.snapshot().pending.why
    assert again.cancel() == 3


@pytest.mark.usefixtures("nobody")
def test_a_retry_is_refused_where_nobody_can_answer(notebook):
    job = notebook.ns["job"]
    assert isinstance(notebook.run(f"%qjob retry {job.id}").error, ConsentNeeded)


def test_a_list_is_a_batch_and_paid_once(notebook, answer):
    notebook.run("cs = [QuantumCircuit(1) for _ in range(3)]\nfor c in cs: c.h(0); c.measure_all()")
    asked = answer("n")
    assert isinstance(notebook.run(f"{PAID} --shots 10 --wait\ncs").error, ConsentNeeded)
    assert "This batch of 3 jobs can cost $1.20" in asked[0]
    first = notebook.run(f"{PAID} --shots 10 --yes --wait --name sweep --out batch\ncs")
    assert isinstance(first.value, Batch)
    assert [counts.shots for counts in notebook.ns["batch"].counts] == [10] * 3
    alone = notebook.run(f"{PAID} --shots 10 --yes --fresh --wait --out alone\ncs[0]")
    assert alone.error is None
    again = notebook.run(f"{PAID} --shots 10 --yes --wait --name sweep --out batch2\ncs")
    assert again.value == first.value
    shown = next(each for each in again.shown if first.value.id[:8] in each["text/plain"])
    for each in (shown["text/html"].replace("<span>$</span>", "$"), shown["text/plain"]):
        for said in ("sweep", "COMPLETED", "3 jobs of 10 shots · $1.20"):
            assert said in each
    assert repr([first.value]).startswith("[<Batch")
    free = notebook.run("%qjob submit cs --shots 5")
    assert isinstance(free.value, Batch)
    assert free.value != first.value


def test_free_jobs_are_never_asked_for_and_never_reused(notebook):
    cell = f"%%qjob --shots 5 --out {{}}\n{circuit(0.5)}"
    for name in ("one", "two"):
        assert notebook.run(cell.format(name)).error is None
    assert notebook.ns["one"] != notebook.ns["two"]
    assert notebook.ns["one"].cost == 0


def test_the_budget_is_shown_and_set(notebook):
    shown = notebook.run("%qjob budget --day 50 --month 200.50 --job 10")
    assert shown.error is None
    text, html = repr(shown.value), shown.value._repr_html_().replace("<span>$</span>", "$")
    for part in (text, html):
        assert "of $50.00" in part
        assert "of $200.50" in part
        assert "One job may cost $10.00" in part
    assert notebook.session.engine.budget().day.limit == 50
    too_much = notebook.run(f"{PAID} --shots 1000 --yes\n{circuit(0.6)}")
    assert isinstance(too_much.error, OverBudget)
    assert "a job of team" in str(too_much.error)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("budget --day -1", "negative"),
        ("budget --day ten", "no number"),
        ("budget --day 1e99", "more than"),
        ("budget --week 5", "--day"),
        ("budget 5", "no option '5'"),
    ],
)
def test_a_budget_that_does_not_fit(notebook, line, says):
    error = notebook.run(f"%qjob {line}").error
    assert isinstance(error, InvalidRequest)
    assert says in str(error)


def test_the_team_in_a_line(notebook):
    user = notebook.session.engine.settings.user
    shown = notebook.run("%qjob team invite bob --role admin")
    assert shown.error is None
    assert "bob" in repr(shown.value)
    assert "admin" in repr(shown.value)
    assert "it pays for them" in shown.value._repr_html_()
    assert "bob" not in repr(notebook.run("%qjob team remove bob").value)
    made = notebook.run("%qjob team new lab")
    assert f"You are also in {user}" in repr(made.value)
    assert repr(notebook.run(f"%qjob team switch {user}").value).count("lab") == 1
    for line in ("team dance", "team invite", "team invite a b c"):
        assert isinstance(notebook.run(f"%qjob {line}").error, InvalidRequest)


def test_a_retry_is_asked_for_by_the_price_of_today(notebook, module_home, monkeypatch):
    free = notebook.run(f"%%qjob --backend marqov-sim --shots 9 --wait --out free\n{circuit(0.9)}").value
    engine = notebook.session.engine
    (module_home / "backends.toml").write_text(PRICE + PRICE.replace("qb-sim-statevector", "marqov-sim"))
    monkeypatch.delattr(engine, "catalogue", raising=False)
    monkeypatch.delattr(engine, "_checker", raising=False)
    try:
        again = notebook.run(f"%qjob retry {free.id}").value
        assert (again.status, again.record.cap) == (JobStatus.INITIALIZING, 390_000_000)
        assert again.cancel()
    finally:
        (module_home / "backends.toml").write_text(PRICE)
        for name in ("catalogue", "_checker"):
            vars(engine).pop(name, None)


def test_the_audit_is_a_line_or_a_table_of_what_is_wrong(notebook):
    assert "Everything adds up" in repr(notebook.run("%qjob audit").value)
    with notebook.session.engine.store._db.write() as connection:
        connection.execute("UPDATE spending SET charged = charged + 1")
    try:
        found = notebook.run("%qjob audit").value
        assert [row[0] for row in found.rows] == ["sums"]
        assert "the sums say" in found._repr_html_()
    finally:
        with notebook.session.engine.store._db.write() as connection:
            connection.execute("UPDATE spending SET charged = charged - 1")
    assert isinstance(notebook.run("%qjob audit now").error, InvalidRequest)

"""The verbs that tidy up, in a real shell: tag, export, delete, gc."""

import json
from datetime import timedelta

import pytest

from qjob.model.errors import ConsentNeeded, IllegalMove, InvalidRequest, NoSuchJob
from qjob.model.upkeep import Erased
from qjob.notebook.upkeep_words import parse_age, said, size

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


@pytest.fixture(scope="module")
def module_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "backends.toml").write_text(PRICE)
    return home


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


@pytest.fixture
def job(notebook):
    done = notebook.run("%%qjob --shots 20 --wait --tag run=7\nqc")
    assert done.error is None
    return done.value


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90d", timedelta(days=90)),
        ("1h", timedelta(hours=1)),
        (" 6W ", timedelta(weeks=6)),
    ],
)
def test_ages(text, age):
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["", "90", "0d", "-1d", "1.5d", "90 d", "3y", "d", "9999999d", "\u0663d"])
def test_what_is_no_age(text):
    with pytest.raises(InvalidRequest, match="does not fit") as caught:
        parse_age(text)
    assert "90d" in caught.value.remedy


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (999_999_999, "1.0 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes(count, text):
    assert size(count) == text


def test_what_was_erased_in_words():
    assert said(Erased(1, 5)) == "Erased: programs and results of 1 job, 5 bytes."
    assert said(Erased(2, 5, 10**6, "")).endswith("\n1.0 MB of the disk are free again.")
    assert said(Erased(2, 5, 0, "Why not.")).endswith("\nWhy not.")


@pytest.mark.slow
def test_tags_are_set_and_taken_away(notebook, job):
    done = notebook.run(f"%qjob tag {job.id} run= who=Ada 'note=two words'")
    assert done.error is None
    assert done.text == f"Job {job.id[:8]}: who=Ada, note=two words\n"
    assert job.record.tags == {"who": "Ada", "note": "two words"}
    assert notebook.run(f"%qjob tag {job.id[:8]}").text == done.text
    assert notebook.run(f"%qjob tag {job.id} who= note=").text == f"Job {job.id[:8]}: no tags\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("tag", InvalidRequest, "wants a job"),
        ("tag {} run", InvalidRequest, "is no KEY=VALUE"),
        ("tag {} =7", InvalidRequest, "is no KEY=VALUE"),
        ("tag nothing-like-it run=7", NoSuchJob, "no job is called"),
        ("tag {} --yes", InvalidRequest, "has no option '--yes'"),
        ("delete", InvalidRequest, "wants a job"),
        ("delete {} nothing-like-it --yes", NoSuchJob, "no job is called"),
        ("delete {} --force", InvalidRequest, "has no option '--force'"),
        ("export", InvalidRequest, "wants a job"),
        ("export {} --to", InvalidRequest, "--to wants one file"),
        ("export {} --to a.json --to b.json", InvalidRequest, "--to wants one file"),
        ("export {} --to results.xlsx", InvalidRequest, "neither .json nor .csv"),
        ("gc 90d", InvalidRequest, "cannot do '90d'"),
        ("gc --yes", InvalidRequest, "cannot do '--yes'"),
        ("gc --older", InvalidRequest, "--older wants one age"),
        ("gc --older 0d", InvalidRequest, "does not fit"),
        ("gc --older=3y --yes", InvalidRequest, "does not fit"),
        ("gc --older 999999w", InvalidRequest, "at most 36,500 days"),
        ("export {} --to ~nobodyx/x.json", InvalidRequest, "cannot be written"),
    ],
)
def test_lines_that_are_refused_change_nothing(notebook, job, line, error, said):
    done = notebook.run("%qjob " + line.format(job.id))
    assert isinstance(done.error, error)
    assert said in done.error.message
    assert done.error.remedy
    assert "timedelta" not in done.error.remedy
    assert (job.record.tags, job.record.erased_at) == ({"run": "7"}, None)


def test_jobs_are_written_to_a_file(notebook, job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = notebook.run(f"%qjob export {job.id}")
    file = tmp_path / f"qjob-{job.id[:8]}.json"
    assert done.text.startswith(f"1 job written to {file} (")
    assert json.loads(file.read_text())["jobs"][0]["result"]["counts"] == dict(job.counts)
    again = notebook.run(f"%qjob export {job.id}")
    assert "is there already" in again.error.message
    assert f"qjob-{job.id[:8]}-2.json" in again.error.remedy
    assert notebook.run(f"%qjob export {job.id} --overwrite").error is None
    named = notebook.run(f"%qjob export {job.id} {job.id[:8]} --to='my jobs.csv'")
    assert named.error is None
    assert len((tmp_path / "my jobs.csv").read_text().splitlines()) == 2


def test_a_batch_is_written_tagged_and_erased_as_all_of_its_jobs(notebook, answer, tmp_path):
    batch = notebook.run("%%qjob --shots 10 --wait --name many\n[qc, qc]").value
    assert notebook.run("%qjob tag many run=9").text.startswith("2 jobs, the first one: run=9")
    assert [job.record.tags for job in batch[:]] == [{"run": "9"}] * 2
    assert notebook.run(f"%qjob export many --to {tmp_path / 'x.csv'}").text.startswith("2 jobs written")
    asked = answer("y")
    assert notebook.run("%qjob delete many").text.startswith("Erased: programs and results of 2 jobs")
    assert "of 2 jobs (" in asked[0]
    assert all(job.record.erased_at for job in batch[:])


@pytest.mark.parametrize(("word", "erased"), [("y", True), ("YES ", True), ("n", False), ("", False)])
def test_erasing_asks(notebook, job, answer, word, erased):
    asked = answer(word)
    done = notebook.run(f"%qjob delete {job.id}")
    assert done.error is None
    assert len(asked) == 1
    assert f"Erase the programs and results of job {job.id[:8]}? [y/N]" in asked[0]
    assert "what the jobs cost and when they ran stays" in asked[0]
    assert (job.record.erased_at is not None) == erased
    assert done.text.startswith("Erased:" if erased else "Nothing was erased.")
    if erased:
        assert notebook.run(f"%qjob delete {job.id}").text == "That was erased before.\n"
        assert len(asked) == 1


@pytest.mark.usefixtures("nobody")
def test_with_yes_nobody_is_asked(notebook, job):
    assert isinstance((refused := notebook.run(f"%qjob delete {job.id}").error), ConsentNeeded)
    assert "--yes" in refused.remedy
    assert job.record.erased_at is None
    assert notebook.run(f"%qjob delete {job.id} --yes").error is None
    assert job.record.erased_at is not None


def test_nobody_answers_after_all(notebook, job, monkeypatch):
    def gone(_question):
        raise EOFError

    monkeypatch.setattr("builtins.input", gone)
    assert isinstance(notebook.run(f"%qjob delete {job.id}").error, ConsentNeeded)
    assert job.record.erased_at is None


def test_what_has_not_ended_is_refused_before_anybody_is_asked(notebook, answer):
    asked = answer("y")
    job = notebook.run("%%qjob --backend qb-sim-statevector --shots 10\nqc").value  # waits for a confirmation
    done = notebook.run(f"%qjob delete {job.id} --yes")
    assert isinstance(done.error, IllegalMove)
    assert "has not ended" in done.error.message
    assert asked == []
    assert job.cancel()


def test_an_erased_job_is_still_shown(notebook, job):
    notebook.run(f"%qjob delete {job.id} --yes")
    done = notebook.run(f"%qjob status {job.id}")
    assert done.error is None
    assert notebook.run(f"%qjob events {job.id}").error is None
    assert "was erased" in notebook.run(f"%qjob result {job.id}").error.message


def test_the_disk_space_and_what_is_old(notebook, job, answer):
    shown = notebook.run("%qjob gc")
    assert [row[0] for row in shown.value.rows] == ["store", "logs", "cache", "other", "all"]
    asked = answer("n")
    nothing = notebook.run("%qjob gc --older 1h")
    assert nothing.text.startswith("No job of yours that ended more than 1h ago")
    assert asked == []
    clock = notebook.session.engine.store.clock
    notebook.session.engine.store.clock = lambda: clock() + timedelta(hours=2)
    try:
        assert notebook.run("%qjob gc --older 1h").text == "Nothing was erased.\n"
        assert "of yours that ended more than 1h ago? [y/N]" in asked[0]
        assert job.record.erased_at is None
        done = notebook.run("%qjob gc --older=1h --yes")
    finally:
        notebook.session.engine.store.clock = clock
    assert done.text.startswith("Erased: programs and results of ")
    assert job.record.erased_at is not None


def test_a_batch_is_tagged_as_a_whole_or_not_at_all(notebook):
    batch = notebook.run("%%qjob --shots 10 --wait --name full\n[qc, qc]").value
    last = batch[:][-1]
    notebook.session.engine.tag(last.id, {f"key{number}": "x" for number in range(50)})
    done = notebook.run("%qjob tag full one=more")
    assert isinstance(done.error, InvalidRequest)
    assert "51 tags are too many" in done.error.message
    assert [len(job.record.tags) for job in batch[:]] == [0, 50]


@pytest.mark.usefixtures("nobody")
def test_y_means_yes(notebook, job):
    assert notebook.run(f"%qjob delete {job.id} -y").error is None
    assert job.record.erased_at is not None

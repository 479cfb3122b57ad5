"""The log of a worker: a line of JSON a record, with its job, without secrets, and never too large."""

import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from qjob.execution import logs
from qjob.execution.job_log import of_job
from qjob.execution.local import KEEP_LOGS
from qjob.execution.logs import clear_logs, log_of, logging_to
from qjob.execution.masking import Mask
from qjob.model.errors import WorkerError

LOG = logging.getLogger("qjob.test")
JOB = "1f2e3d4c-5b6a-4789-8012-3456789abcde"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "logs" / "worker-me.jsonl"


def lines(file):
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_line_about_a_job(file):
    before = datetime.now(UTC)
    with logging_to(file, "lab3:4242", Mask()):
        of_job(LOG, JOB, 2).warning("lost after %d shots", 300, extra={"shots": 300})
    (line,) = lines(file)
    moment = datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() == timedelta(0)
    assert before - timedelta(milliseconds=1) <= moment <= datetime.now(UTC)
    assert line == {
        "level": "WARNING",
        "logger": "qjob.test",
        "message": "lost after 300 shots",
        "worker": "lab3:4242",
        "job": JOB,
        "attempt": 2,
        "shots": 300,
    }


def test_a_line_begins_the_same_way_whatever_is_in_it(file):
    with logging_to(file, "w", Mask()):
        of_job(LOG, JOB, 1).info("a", extra={"also": 1})
        LOG.info("b")
    first, second = map(list, lines(file))
    assert first == ["time", "level", "logger", "message", "worker", "job", "attempt", "also"]
    assert second == ["time", "level", "logger", "message", "worker"]


def test_a_call_cannot_take_the_job_away(file):
    with logging_to(file, "w", Mask()):
        of_job(LOG, JOB).info("x", extra={"job": "another"})
    assert [(line["job"], "attempt" in line) for line in lines(file)] == [(JOB, False)]


def test_an_exception_is_told_whole_in_one_line(file):
    with logging_to(file, "w", Mask()):
        try:
            {}["no such key"]
        except KeyError:
            LOG.exception("it broke")
    (line,) = lines(file)
    assert line["message"] == "it broke"
    assert line["error"].startswith("Traceback")
    assert line["error"].endswith("KeyError: 'no such key'")


def no_way(where):
    raise ValueError(f"no way to {where}")


@pytest.mark.parametrize(
    ("message", "extra"),
    [
        pytest.param("at postgresql://ada:s3cret@lab/qjob", {}, id="the message"),
        pytest.param("at %s", {}, id="its argument"),
        pytest.param(
            "x", {"about": {"url": ["postgresql://ada:s3cret@lab/qjob"]}}, id="deep in what was added"
        ),
        pytest.param(
            "x", {"about": ValueError("postgresql://ada:s3cret@lab/qjob")}, id="in no value of JSON"
        ),
        pytest.param("key-of-the-environment", {}, id="a known one"),
    ],
)
def test_no_secret_gets_into_it(file, message, extra):
    terminal = io.StringIO()
    url = "postgresql://ada:s3cret@lab/qjob"
    with logging_to(file, "w", Mask(["key-of-the-environment"]), terminal):
        try:
            no_way(f"{url} with key-of-the-environment")
        except ValueError:
            LOG.exception(message, *([url] if "%" in message else []), extra=extra)
    for text in (file.read_text("utf-8"), terminal.getvalue()):
        assert "Traceback" in text
        assert "s3cret" not in text
        assert "key-of-the-environment" not in text
        assert "***" in text
    assert len(lines(file)) == 1


@pytest.mark.parametrize(
    "message",
    ["a\nb", "\udcff", "\U0001f642", '"}', {"a": "dict"}],
    ids=["two lines", "a lone surrogate", "a face", "quotes", "no text"],
)
def test_every_message_is_one_line_that_can_be_read_back(file, message):
    with logging_to(file, "w", Mask()):
        # to our handler alone: pytest's own keeps what it hears, and cannot pass a lone surrogate between processes
        ours = logging.getLogger().handlers[-1]
        ours.handle(LOG.makeRecord("qjob.test", logging.INFO, "f.py", 1, message, (), None))
    (line,) = lines(file)
    assert line["message"] == ("" if isinstance(message, dict) else message)


def test_who_is_heard(file):
    with logging_to(file, "w", Mask()):
        LOG.debug("too small")
        LOG.info("ours")
        logging.getLogger("botocore.x").info("not ours")
        logging.getLogger("botocore.x").warning("but this")
    assert [line["message"] for line in lines(file)] == ["ours", "but this"]


def test_it_ends_with_its_context(file):
    root, ours = logging.getLogger(), logging.getLogger("qjob")
    before = (root.handlers[:], ours.level)
    with logging_to(file, "w", Mask(), io.StringIO()):
        assert len(root.handlers) == len(before[0]) + 2
    assert (root.handlers, ours.level) == before


def test_lines_for_a_terminal():
    record = logging.LogRecord("qjob.x", logging.WARNING, __file__, 1, "lost %d", (3,), None)
    plain = logs.Plain(Mask())
    time, level, rest = plain.format(record).split(maxsplit=2)
    assert (len(time), level, rest) == (8, "WARNING", "lost 3")
    record.job = JOB
    assert plain.format(record).endswith(" WARNING job 1f2e3d4c: lost 3")
    record.attempt = 2
    assert plain.format(record).endswith(" WARNING job 1f2e3d4c, attempt 2: lost 3")


def test_it_does_not_grow_for_ever(file, monkeypatch):
    monkeypatch.setattr(logs, "SIZE", 2000)
    with logging_to(file, "w", Mask()):
        for number in range(200):
            LOG.info("line %d", number)
    kept = sorted(file.parent.iterdir())
    assert [path.name for path in kept] == [f"worker-me.jsonl{end}" for end in ("", ".1", ".2")]
    assert all(path.stat().st_size <= 2000 for path in kept)
    told = [line["message"] for path in reversed(kept) for line in lines(path)]
    assert told == [f"line {number}" for number in range(200 - len(told), 200)]


def test_it_is_for_this_user_alone(file):
    with logging_to(file, "w", Mask()):
        LOG.info("x")
    assert file.stat().st_mode & 0o77 == 0
    assert file.parent.stat().st_mode & 0o77 == 0


def test_a_log_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "logs").write_text("a file in its place")
    with (
        pytest.raises(WorkerError, match="cannot be written") as caught,
        logging_to(log_of(tmp_path, "me"), "w", Mask()),
    ):
        pass
    assert "QJOB_HOME" in caught.value.remedy


@pytest.mark.parametrize(
    ("owner", "age", "stays"),
    [
        pytest.param("dead", KEEP_LOGS + 1, False, id="old, of a dead one"),
        pytest.param("dead", KEEP_LOGS - 1, True, id="young"),
        pytest.param("alive", KEEP_LOGS + 1, True, id="of a worker that lives"),
    ],
)
def test_old_logs_are_cleared_away(tmp_path, owner, age, stays):
    log = log_of(tmp_path, owner)
    log.parent.mkdir()
    aside = log.with_name(log.name + ".1")
    others = log.parent / "workers-dead.log"
    for path in (log, aside, others):
        path.touch()
    clear_logs(tmp_path, lambda each: each == "alive", log.stat().st_mtime + age)
    assert [path.exists() for path in (log, aside, others)] == [stays, stays, True]


def test_a_kernel_does_not_load_it():
    code = (
        "import sys, qjob.notebook.extension, qjob.engine, qjob.execution.job_log; print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "qjob.execution.job_log" in done.stdout
    assert "pythonjsonlogger" not in done.stdout

"""Both ways to start workers keep one contract, with real processes that are really killed."""

import select
import signal
import sys

import psutil
import pytest

from qjob.execution.frames import Packed, decode_event
from qjob.execution.pool import FreshSpawner, TemplateSpawner, best_start
from qjob.execution.worker import Exit, Worker, explain
from qjob.model.errors import WorkerError
from qjob.model.events import Failed, Running
from qjob.model.packing import unpack

KINDS = {"template": TemplateSpawner, "fresh": FreshSpawner}


class Bench:
    """A spawner, and the shortest loop that hears its workers."""

    def __init__(self, kind, home):
        self.kind = kind
        home.mkdir(exist_ok=True)
        self.log = home / "workers.log"
        self.spawner = KINDS[kind](home, self.log)
        self._socks = []

    def spawn(self):
        worker = self.spawner.spawn()
        self._socks.append(worker.sock)
        return worker

    def close(self):
        self.spawner.close()
        for sock in self._socks:
            sock.close()

    def hear(self, worker, *, until=lambda _: False):
        """Return the worker's events up to one that `until` accepts, or up to the explanation of its death."""
        events = []
        while not (worker.closed and self.spawner.reap(worker)):
            control = self.spawner.control
            sources = [*([control] if control else []), *([] if worker.closed else [worker.sock])]
            ready, _, _ = select.select(sources, [], [], 60)
            assert ready, "silence"
            if control in ready:
                for dead in self.spawner.control_ready():
                    frames = [] if dead.closed else list(dead.last_words())
                    events += [decode_event(*frame)[1] for frame in frames if dead is worker]
            if worker.sock in ready and not worker.closed:
                events += [decode_event(*frame)[1] for frame in worker.receive()]
            if any(until(event) for event in events):
                return events
        return [*events, explain(worker)]

    def run(self, worker, task):
        worker.send(task)
        return self.hear(worker, until=lambda event: isinstance(event, (Packed, Failed)))

    def process(self, worker):
        """Return the process of a worker that has said something."""
        if self.kind == "fresh":
            return psutil.Process(self.spawner._processes[worker.token].pid)
        (child,) = psutil.Process(self.spawner.process.pid).children()
        return child

    def busy_worker(self, task):
        worker = self.spawn()
        worker.send(task)
        self.hear(worker, until=lambda event: isinstance(event, Running))
        return worker, self.process(worker)


@pytest.fixture(params=KINDS)
def bench(request, home):
    bench = Bench(request.param, home)
    yield bench
    bench.close()


def test_a_worker_runs_tasks_is_ended_from_outside_and_another_one_takes_over(bench, make_task):
    worker = bench.spawn()
    for shots in (100, 7):
        *_, last = bench.run(worker, make_task(shots=shots))
        assert unpack(last.result).counts.shots == shots
    process = bench.process(worker)
    process.kill()
    (failure,) = bench.hear(worker)
    assert (failure.code, failure.transient) == ("worker_killed", True)
    worker.send(make_task())  # to a socket that nobody reads: not an error, it is known to be dead
    worker = bench.spawn()
    *_, last = bench.run(worker, make_task())
    assert unpack(last.result).counts.shots == 100


def test_a_kill_ends_a_worker_whatever_it_does(bench, slow_task):
    worker, process = bench.busy_worker(slow_task())
    bench.spawner.kill(worker)
    bench.spawner.kill(worker)  # once more is harmless
    failure = bench.hear(worker)[-1]
    assert failure.code == "worker_killed"
    assert worker.exit.code == -signal.SIGKILL
    assert not process.is_running()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, "worker_killed"), (signal.SIGSEGV, "worker_crashed")]
)
def test_other_signals_are_told_by_name(bench, slow_task, number, code):
    worker, process = bench.busy_worker(slow_task())
    process.send_signal(number)
    failure = bench.hear(worker)[-1]
    assert failure.code == code
    assert number.name in failure.reason


def test_closing_ends_busy_and_idle_workers(bench, make_task, slow_task, all_gone_within):
    idle = bench.spawn()
    bench.run(idle, make_task())
    busy = bench.spawn()
    busy.send(slow_task())
    bench.hear(busy, until=lambda event: isinstance(event, Running))
    bench.close()
    assert all_gone_within(1)


def test_a_task_may_be_larger_than_the_sockets_buffers(bench, make_task):
    text = make_task().request.program.data.decode() + f" // {'x' * 3_000_000}\n"
    worker = bench.spawn()
    *_, last = bench.run(worker, make_task(text))
    assert unpack(last.result).counts.shots == 100


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Let what processes import from now on be found broken."""

    def make(module, code):
        (tmp_path / f"{module}.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_workers_that_cannot_start_say_why(kind, home, broken, make_task):
    broken("orjson", "raise ImportError('this orjson is broken')")
    bench = Bench(kind, home)
    worker = bench.spawn()
    (failure,) = bench.run(worker, make_task())
    assert failure.code == "worker_lost"
    assert failure.reason == "The worker process ended with code 1: ImportError: this orjson is broken."
    bench.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_simulator_fails_the_job_and_not_the_worker(kind, home, broken, make_task):
    broken("qiskit_aer", "raise ImportError('this Aer is broken')")
    bench = Bench(kind, home)
    worker = bench.spawn()
    for _ in range(2):
        *_, last = bench.run(worker, make_task())
        assert "this Aer is broken" in last.failure.reason
    bench.close()


@pytest.mark.slow
def test_a_template_with_threads_refuses_to_fork_and_says_what_helps(home, broken, make_task):
    broken(
        "sitecustomize",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    )
    bench = Bench("template", home)
    worker = bench.spawn()
    (failure,) = bench.run(worker, make_task())
    assert failure.reason == (
        "Workers cannot be forked here: the template has 2 threads and cannot fork safely."
    )
    assert "QJOB_WORKER_START=fresh" in failure.remedy
    bench.close()


def test_with_its_template_every_worker_dies(home, make_task, slow_task, all_gone_within):
    bench = Bench("template", home)
    idle = bench.spawn()
    bench.run(idle, make_task())
    busy = bench.spawn()
    busy.send(slow_task())
    bench.hear(busy, until=lambda event: isinstance(event, Running))
    bench.spawner.process.kill()
    assert bench.hear(busy)[-1].code == "worker_killed"
    assert bench.hear(idle)[-1].code == "worker_killed"
    assert bench.spawner.gone
    assert all_gone_within(1)
    late = bench.spawn()  # before anyone has noticed: its end comes by its socket
    late.send(make_task())
    assert list(late.receive()) == []
    assert late.closed
    bench.close()


def test_an_interpreter_that_is_not_there(home, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    for kind in KINDS.values():
        with pytest.raises(WorkerError, match="no worker process could be started") as caught:
            kind(home, home.with_suffix(".log")).spawn()
        assert caught.value.remedy


@pytest.mark.parametrize(
    ("exit_", "kills_before", "code", "transient", "says"),
    [
        pytest.param(None, 0, "worker_lost", True, "disappeared", id="nobody knows"),
        pytest.param(Exit(-9, 50 << 20, 3), 3, "worker_killed", True, "reached 50 MiB", id="kill -9"),
        pytest.param(Exit(-9, 50 << 20, 4), 3, "out_of_memory", False, "lack of memory", id="OOM killer"),
        pytest.param(Exit(-9, None, None), None, "worker_killed", True, "from outside", id="no /proc/vmstat"),
        pytest.param(Exit(-9, None, 4), None, "worker_killed", True, "from outside", id="count unknown"),
        pytest.param(Exit(-15, None, 3), 3, "worker_killed", True, "SIGTERM", id="kill"),
        pytest.param(Exit(-6, 1 << 30, 3), 3, "worker_crashed", False, "SIGABRT", id="bad_alloc"),
        pytest.param(Exit(-11, None, 3), 3, "worker_crashed", False, "SIGSEGV", id="fault"),
        pytest.param(Exit(-40, None, 3), 3, "worker_crashed", False, "signal 40", id="a nameless signal"),
        pytest.param(Exit(1, None, 3, "ImportError: x"), 3, "worker_lost", True, "code 1: ImportError: x", id="exit"),
        pytest.param(Exit(0, None, 3), 3, "worker_lost", True, "code 0.", id="a clean exit"),
        pytest.param(Exit(70, None, 3, "2 threads"), 3, "worker_lost", False, "2 threads", id="cannot fork"),
    ],
)  # fmt: skip
def test_why_a_worker_died(exit_, kills_before, code, transient, says):
    failure = explain(Worker(1, None, kills_before, exit=exit_))
    assert (failure.code, failure.transient) == (code, transient)
    assert says in failure.reason
    assert failure.reason.endswith(".")
    assert failure.remedy


@pytest.mark.parametrize(("platform", "start"), [("linux", "fork"), ("darwin", "fresh")])
def test_the_best_start(monkeypatch, platform, start):
    monkeypatch.setattr(sys, "platform", platform)
    assert best_start() == start


def test_no_start_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(WorkerError, match="Windows") as caught:
        best_start()
    assert "WSL" in caught.value.remedy

"""The template: one thread, deaf to the terminal, and never longer alive than the process that started it."""

import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import qjob
from qjob.execution.control import RecordReader, Word
from qjob.execution.template import Template
from qjob.execution.ties import peer_gone


@pytest.fixture
def submitting():
    """Start a submitting process; return it and what it said up to being ready."""
    started = []

    def start(case, **environment):
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("submitting.py")), case],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        started.append(process)
        said = {}
        while "ready" not in said:
            line = process.stdout.readline()
            assert line, f"{case} ended with {process.wait()}"
            name, value = line.split()
            said[name] = value
        return process, said

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_it_has_exactly_one_thread(lab):
    job = lab.add()
    lab.drive(lab.ended(job))
    assert lab.spawner.ready
    assert lab.template().num_threads() == 1


@pytest.mark.parametrize(
    ("start", "case"),
    # a fresh worker begins with its job: there is nothing to kill while preparing
    [("fork", "preparing"), ("fork", "idle"), ("fork", "running"), ("fresh", "idle"), ("fresh", "running")],
)
def test_nothing_outlives_the_process_that_submitted(submitting, all_gone_within, wait_until, start, case):
    process, _ = submitting(case, QJOB_WORKER_START=start)
    wait_until(lambda: not all_gone_within(0))
    process.kill()
    process.wait()
    assert all_gone_within(1)


@pytest.mark.parametrize("start", ["fork", "fresh"])
def test_an_orderly_end_takes_everything_along(submitting, all_gone_within, start):
    process, _ = submitting("running", QJOB_WORKER_START=start)
    process.stdin.close()
    assert process.wait(20) == 0
    assert all_gone_within(0)


def test_an_interrupt_of_the_submitters_process_group_does_not_reach_the_workers(submitting):
    process, said = submitting("ignoring")
    os.killpg(process.pid, signal.SIGINT)
    with qjob.connect() as engine:
        job = engine.job(said["job"]).wait(60)
        assert sum(job.counts.values()) == 300
    assert process.poll() is None


def test_nor_does_one_that_reaches_them_end_them(lab):
    job = lab.add()
    lab.drive(lab.ended(job))
    before = lab.workers()
    for each in (lab.template(), *before):
        each.send_signal(signal.SIGINT)
        each.send_signal(signal.SIGHUP)
    job = lab.add()
    lab.drive(lab.ended(job))
    assert lab.workers() == before


def test_a_fork_that_the_system_refuses_is_told(home, monkeypatch):
    def refuse():
        raise OSError(errno.EAGAIN, "no")

    ours, theirs = socket.socketpair()
    template = Template(ours, home)
    monkeypatch.setattr(os, "fork", refuse)
    descriptor = os.dup(ours.fileno())
    template._fork(7, descriptor)
    (record,) = RecordReader().feed(theirs.recv(100))
    assert (record.word, record.token, record.value) == (Word.REFUSED, 7, errno.EAGAIN)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(descriptor)
    ours.close()
    theirs.close()


def test_a_peer_that_left_its_last_words_unread_is_gone_all_the_same():
    ours, theirs = socket.socketpair()
    assert not peer_gone(ours)
    theirs.sendall(b"x")
    assert not peer_gone(ours)
    theirs.close()
    assert peer_gone(ours)
    ours.close()


def test_descriptors_of_one_worker_are_not_in_the_next(make_lab):
    lab = make_lab(workers=2)
    jobs = [lab.add(shots=20_000), lab.add_slow()]
    lab.drive(lab.ended(jobs[0]))
    counts = [process.num_fds() for process in lab.workers()]
    assert len(set(counts)) == 1, counts
    assert lab.template().num_fds() < counts[0] + 3

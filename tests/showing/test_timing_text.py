from dataclasses import replace
from datetime import timedelta

import pytest

from qjob.model.timing import Eta, Phase
from qjob.showing.timing_text import expected, is_long, phases


@pytest.mark.parametrize(
    ("eta", "said"),
    [
        (None, ""),
        (Eta(10, 40, 23), "about 10 s to 40 s left (from 23 jobs here)"),
        (Eta(30, 30, 5), "about 30 s left (from 5 jobs here)"),
        (Eta(0, 5, 7), "less than 5 s left (from 7 jobs here)"),
        (Eta(0, 0, 7), "less than 1 s left (from 7 jobs here)"),
        (Eta(45, 150, 1200), "about 45 s to 2 min 30 s left (from 1,200 jobs here)"),
        (Eta(600, 5400, 9, begins=True), "begins in about 10 min to 1 h 30 min (from 9 jobs here)"),
        (Eta(3600, 7200, 9, begins=True), "begins in about 1 h to 2 h (from 9 jobs here)"),
    ],
)
def test_what_is_expected(eta, said):
    assert expected(eta) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ((), ""),
        ((Phase("running", 3.0),), ""),
        ((Phase("in the queue", 0.34), Phase("running", 65)), "in the queue 340 ms · running 1 min 05 s"),
        ((Phase("sampling\nnow", 3.0),), "sampling now 3.00 s"),
    ],
)
def test_phases(snapshot_of, told, said):
    assert phases(replace(snapshot_of(), phases=told)) == said


@pytest.mark.parametrize(("ended", "long"), [(29.0, False), (31.0, True)])
def test_the_end_of_what_took_long_is_worth_telling(snapshot_of, batch_of, ended, long):
    assert is_long(snapshot_of(ended=ended)) is long
    assert is_long(batch_of(ended=ended)) is long
    assert not is_long(snapshot_of("RUNNING"))
    running = snapshot_of("RUNNING")
    assert not is_long(
        replace(running, job=running.job._replace(created_at=running.job.created_at - timedelta(1)))
    )

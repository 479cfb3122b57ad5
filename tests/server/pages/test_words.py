"""Remedies, as pages word them."""

import re

import pytest

from qjob.execution.child import INSTALL
from qjob.execution.worker import START_FRESH
from qjob.model.job import Failure
from qjob.policy.retries import PAY_AGAIN, RETRY
from qjob.server.pages.words import on_page, shown_here
from snapshots import make_batch, make_snapshot


@pytest.mark.parametrize(
    ("remedy", "words"),
    [
        pytest.param("", "", id="none"),
        pytest.param(RETRY.format(job="3f2a91bc"), "Run it again.", id="retry"),
        pytest.param(PAY_AGAIN.format(job="3f2a91bc"), "Run it again, and pay again.", id="pay again"),
        pytest.param("Submit it again: %qjob retry 3f2a91bc", "Run it again.", id="submit"),
        pytest.param(
            START_FRESH.format(job="3f2a91bc"),
            "Set QJOB_WORKER_START=fresh, restart the kernel, then run it again.",
            id="after something else",
        ),
        pytest.param(
            INSTALL.format(job="3f2a91bc"),
            "Install it in the environment in which the job runs, then run it again.",
            id="install",
        ),
        pytest.param("Cancel it first: %qjob cancel 3f2a91bc", "Cancel it first.", id="a button does it"),
        pytest.param(
            "Wait for it, or cancel it: %qjob cancel 3f2a91bc", "Wait for it, or cancel it.", id="wait"
        ),
        pytest.param("Log in: aws sso login", "Log in: aws sso login", id="nothing of notebooks"),
        pytest.param(
            "Use another one: %qjob backends", "In a notebook: Use another one: %qjob backends", id="verb"
        ),
        pytest.param("qc.measure_all()", "In a notebook: qc.measure_all()", id="Python"),
        pytest.param(
            "Wait.\nengine.budget(day=5)", "Wait.\nIn a notebook: engine.budget(day=5)", id="line by line"
        ),
    ],
)
def test_words(remedy, words):
    assert on_page(remedy) == words


def test_what_is_to_be_typed_is_nowhere_but_where_notebooks_are_named():
    for remedy in (RETRY, PAY_AGAIN, START_FRESH, INSTALL):
        assert not re.search("%qjob|engine", on_page(remedy.format(job="3f2a91bc")))


def test_jobs_and_batches_are_worded_alike():
    failure = Failure("worker_killed", "It was killed.", "Run it again: %qjob retry 3f2a91bc")
    assert shown_here(make_snapshot("FAILED", failure=failure)).job.failure.remedy == "Run it again."
    batch = make_batch("FC", failure=failure)
    assert [job.failure and job.failure.remedy for job in shown_here(batch).jobs] == ["Run it again.", None]
    ended = make_snapshot("COMPLETED")
    assert shown_here(ended) == ended

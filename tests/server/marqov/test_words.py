"""Marqov's words for statuses."""

import pytest

from qjob.model.errors import InvalidRequest
from qjob.model.job import JobStatus
from qjob.server.marqov.words import DISPATCH_FAILED, WORDS, Word, statuses_of, word_of_all

S = JobStatus


def test_every_status_has_a_word_and_every_word_a_status():
    assert set(WORDS) == set(JobStatus)
    assert set(WORDS.values()) == set(Word)


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        pytest.param("", set(), id="none"),
        pytest.param("pending", {S.INITIALIZING, S.QUEUED}, id="one word, two statuses"),
        pytest.param("QUEUED", {S.QUEUED}, id="qjob's own"),
        pytest.param("Running", {S.RUNNING}, id="capitals"),
        pytest.param(" failed, cancelled ,", {S.FAILED, S.CANCELLED}, id="several"),
    ],
)
def test_statuses_are_found_by_either_word(text, statuses):
    assert statuses_of(text) == statuses


def test_of_a_word_that_no_job_has_there_are_none():
    assert statuses_of(DISPATCH_FAILED) is None
    assert statuses_of("failed,Dispatch_Failed") == {S.FAILED}


@pytest.mark.parametrize("text", ["done", "failed,done", "dispatch_faild"])
def test_another_word_is_refused(text):
    with pytest.raises(InvalidRequest, match="there is no status") as caught:
        statuses_of(text)
    assert "pending" in caught.value.remedy


def test_what_is_near_is_named_as_it_is_written():
    with pytest.raises(InvalidRequest, match=r"'faild' \(did you mean 'failed'"):
        statuses_of("faild")


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        ([S.COMPLETED], Word.COMPLETED),
        ([S.COMPLETED, S.CANCELLED], Word.CANCELLED),
        ([S.COMPLETED, S.CANCELLED, S.FAILED], Word.FAILED),
        ([S.QUEUED, S.FAILED], Word.PENDING),
        ([S.QUEUED, S.CANCELLING], Word.CANCELLING),
        ([S.RUNNING, S.CANCELLING, S.QUEUED, S.COMPLETED], Word.RUNNING),
    ],
)
def test_a_batch_is_where_its_last_job_is_or_its_worst(statuses, word):
    assert word_of_all(statuses) is word

"""A job's handle asks its engine for everything and knows nothing but an id."""

import pytest

from qjob.handle import Job


class Source:
    """Answers with what it was asked."""

    def __getattr__(self, name):
        return lambda *arguments: (name, *arguments)


@pytest.fixture
def job():
    return Job(Source(), "0123456789")


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (Job.snapshot, ("snapshot", "0123456789")),
        (Job.events, ("events", "0123456789")),
        (Job.movements, ("movements", "0123456789")),
        (Job.cancel, ("cancel", "0123456789")),
        (Job.retry, ("retry", "0123456789")),
        (Job.result, ("result", "0123456789")),
    ],
)
def test_it_passes_questions_on(job, ask, answer):
    assert ask(job) == answer


def test_waiting_returns_the_job_itself(job):
    assert job.wait(1.5) is job


def test_a_result_is_waited_for_and_never_cancelled():
    asked = []

    class Recording:
        def wait(self, *arguments):
            asked.append(("wait", *arguments))

        def result(self, *arguments):
            asked.append(("result", *arguments))

    Job(Recording(), "a").result(timeout=2)
    assert asked == [("wait", "a", 2), ("result", "a")]


def test_jobs_are_equal_by_their_id(job):
    same, other = Job(Source(), "0123456789"), Job(Source(), "9876543210")
    assert job == same
    assert job != other
    assert job != "0123456789"
    assert len({job, same, other}) == 2

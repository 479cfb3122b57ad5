"""A request that is sent again under its key is the job or batch of before, through the door of the engine."""

import pytest

import qjob
from qjob.model.errors import InvalidRequest, ProgramRefused, RequestKeyReused
from qjob.store.store import Store

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    with qjob.connect(home=tmp_path_factory.mktemp("requests"), user="server", workers=1) as engine:
        yield engine


@pytest.fixture
def ada(parent, request):
    """A user of the test's own."""
    return parent.acting_as(f"ada-{request.node.name}"[:60])


def mine(engine):
    return engine.jobs(team=engine.team().id)


@pytest.mark.parametrize("program", [BELL, [BELL, BELL]], ids=["a job", "a batch"])
def test_the_second_time_nothing_is_even_checked(ada, program):
    first = ada.submit(program, shots=5, request_key="k", request_digest="d")
    assert ada.submit("no circuit", backend="no such", request_key="k", request_digest="d") == first
    assert ada.by_request_key("k", "d") == first
    assert len(mine(ada)) == (1 if program is BELL else 2)
    with pytest.raises(RequestKeyReused):
        ada.submit(program, shots=5, request_key="k", request_digest="e")
    with pytest.raises(RequestKeyReused):
        ada.by_request_key("k", "e")


def test_without_a_digest_the_key_alone_counts(ada):
    first = ada.submit(BELL, request_key="k")
    assert ada.submit(BELL, shots=7, request_key="k") == first
    assert ada.by_request_key("l") is None


@pytest.mark.slow
def test_who_comes_second_in_between_gets_the_first_ones_job(ada, monkeypatch):
    """Both have looked before either is stored: the transaction decides, and nothing runs twice."""
    looked = []
    monkeypatch.setattr(Store, "requested", lambda *_: looked.append(1))
    first = ada.submit(BELL, shots=5, request_key="k", request_digest="d")
    assert ada.submit(BELL, shots=5, request_key="k", request_digest="d") == first
    batch = ada.submit([BELL], shots=5, request_key="l", request_digest="d")
    assert ada.submit([BELL], shots=5, request_key="l", request_digest="d") == batch
    with pytest.raises(RequestKeyReused):
        ada.submit(BELL, shots=5, request_key="l", request_digest="d")
    assert len(looked) == 5
    assert len(mine(ada)) == 2
    assert sum(first.counts.values()) == sum(batch[0].counts.values()) == 5


def test_a_refused_request_leaves_its_key_free(ada):
    with pytest.raises(ProgramRefused):
        ada.submit("OPENQASM 2.0; nonsense", request_key="k", request_digest="d")
    assert ada.by_request_key("k", "d") is None
    assert ada.submit(BELL, request_key="k", request_digest="e") in mine(ada)


@pytest.mark.slow
def test_a_retry_that_is_sent_again(ada):
    job = ada.submit(BELL, shots=5).wait(30)
    again = ada.retry(job.id, request_key="k", request_digest="d")
    assert again.record.retry_of == job.id
    assert ada.retry(job.id, request_key="k", request_digest="d") == again
    assert len(mine(ada)) == 2


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 256, 7])
def test_what_is_no_key(ada, key):
    with pytest.raises(InvalidRequest, match="request_key"):
        ada.submit(BELL, request_key=key)
    assert mine(ada) == []

"""Cells for a backend at a service: the service is asked while the kernel is free, or before the cell returns."""

import time
from decimal import Decimal
from pathlib import Path

import pytest

import serving
from qjob.engine import Engine
from qjob.model.errors import BackendRefused, InvalidRequest
from qjob.notebook.arguments import SubmitArguments
from qjob.notebook.consent import Asking
from qjob.notebook.submission import rehearse, retry, submit
from qjob.settings import load_settings

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q->c;'


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    package, home = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("home")
    serving.install(package)
    (home / "backends.toml").write_text(serving.CATALOGUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(package)
        patch.setenv("PYTHONPATH", str(package), prepend=":")
        patch.setenv("QJOB_TEST_SERVICE", str(tmp_path_factory.mktemp("service")))
        with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
            engine.limits(user_per_minute=1000)
            yield engine
            for job in engine.jobs(status=["QUEUED", "RUNNING"]):
                job.cancel()
                job.wait(30)


@pytest.fixture
def service(engine):  # noqa: ARG001 - sets the environment
    for path in serving.folder().iterdir():
        path.unlink()
    (serving.folder() / "first").write_text("done")
    return serving.folder()


def go(engine, *, card, line=False, shots="20", **arguments):
    given = SubmitArguments(backend="server", shots=shots, fresh=True, **arguments)
    return submit(engine, BELL, given, Asking(card=card, line=line, above=Decimal(0)))


def answered(job, seconds=30):
    """Wait for what the service says to a job that is not admitted yet."""
    end = time.monotonic() + seconds
    while (pending := job.snapshot().pending) is not None and pending.preflight and time.monotonic() < end:
        time.sleep(0.01)


def asked(service, what):
    """Return how often the service was asked for something."""
    log = service / "log"
    return sum(line.startswith(what) for line in log.read_text().splitlines()) if log.exists() else 0


@pytest.mark.slow
def test_with_a_card_the_cell_returns_while_the_service_is_asked(engine, service):
    Path(service / "slow").touch()
    job = go(engine, card=True, yes=True)
    assert job.snapshot().pending.preflight
    assert job.record.elsewhere is False
    assert engine.budget().held == 0
    Path(service / "slow").unlink()
    assert (job.wait(30).status, job.cost) == ("COMPLETED", Decimal("0.50"))


def test_without_a_card_it_is_admitted_when_the_cell_returns(engine, service):  # noqa: ARG001 - answers
    job = go(engine, card=False, yes=True)
    assert job.snapshot().pending is None
    assert job.wait(30).status == "COMPLETED"


def test_who_will_not_wait_is_not_left_with_a_proposal(engine, service):  # noqa: ARG001 - answers
    job = go(engine, card=True, yes=True, no_wait=True)
    assert job.snapshot().pending is None
    job.wait(30)  # nothing of it is to reach the next test


def test_the_service_is_asked_meanwhile_but_gets_nothing_before_the_money_is_agreed_to(engine, service):
    job = go(engine, card=True)
    answered(job)
    assert job.snapshot().pending.consent
    assert engine.budget().held == 0
    assert asked(service, "create") == 0
    engine.admit(job.id)
    assert job.wait(30).status == "COMPLETED"
    assert (asked(service, "preflight"), asked(service, "create")) == (1, 1)


def test_what_the_service_refuses_needs_no_answer_any_more(engine, service):
    (service / "refused").write_text("the server sleeps.")
    job = go(engine, card=True)
    answered(job)
    assert (job.status, job.record.failure.reason) == ("FAILED", "the server sleeps.")


def test_a_refusal_of_the_service_is_on_the_card_or_raised(engine, service):
    (service / "refused").write_text("the server sleeps.")
    job = go(engine, card=True, yes=True).wait(30)
    assert (job.status, job.record.failure.reason, job.cost) == ("FAILED", "the server sleeps.", 0)
    with pytest.raises(BackendRefused, match="sleeps"):
        go(engine, card=False, yes=True)


def test_a_retry_asks_the_service_again_while_the_kernel_is_free(engine, service):
    (service / "refused").write_text("the server sleeps.")
    old = go(engine, card=True, yes=True).wait(30)
    (service / "refused").unlink()
    asking = Asking(card=True, line=False, above=Decimal(0))
    again = retry(engine, old.record, asking, yes=True)
    assert again.snapshot().pending is None or again.snapshot().pending.preflight
    assert again.wait(30).record.retry_of == old.id
    assert again.status == "COMPLETED"


@pytest.mark.parametrize(
    ("program", "arguments", "says"),
    [
        pytest.param(BELL, {"options": {"t1": "50"}}, "chooses the options", id="options"),
        pytest.param([BELL, BELL], {}, "not of a list of 2", id="a list"),
        pytest.param(BELL, {"backend": "marqov-sim"}, "nothing to rehearse", id="what runs here anyway"),
        pytest.param(
            BELL, {"backend": "server"}, "nothing on this machine is like server", id="what is like nothing"
        ),
        pytest.param(BELL, {"shots": "many"}, "shots", id="no number of shots"),
    ],
)
def test_what_cannot_be_rehearsed(engine, program, arguments, says):
    before = len(engine.jobs())
    with pytest.raises((InvalidRequest, BackendRefused), match=says) as caught:
        rehearse(engine, program, SubmitArguments(**{"backend": "iqm-garnet", **arguments}))
    assert caught.value.remedy
    assert len(engine.jobs()) == before


@pytest.mark.slow
def test_a_rehearsal_is_free_and_says_what_it_is_for(engine):
    given = SubmitArguments(backend="iqm-garnet", shots="50", name="try", tags={"a": "b"}, seed="7")
    job = rehearse(engine, BELL, given).job.wait(60)
    assert (job.status, job.record.backend, job.record.cap) == ("COMPLETED", "qb-sim-noisy-aer", 0)
    assert job.record.tags == {"a": "b", "rehearses": "iqm-garnet"}
    assert (job.record.name, job.record.seed) == ("try", 7)

"""What runtime options mean, and what becomes of a submission while the store fails."""

import pytest

from qjob.catalog.loader import load_catalogue
from qjob.engine import Engine
from qjob.model.errors import InvalidOption, StoreUnavailable
from qjob.server.identity import Callers
from qjob.server.qbraid.bodies import JobBody
from qjob.server.qbraid.errors import Unsure
from qjob.server.qbraid.submitting import create_job, options
from qjob.server.routes import Call
from qjob.settings import load_settings
from server_lab import BELL

ROWS = {info.slug: info for info in load_catalogue()}
NOISY, PLAIN = ROWS["qb-sim-noisy-aer"], ROWS["marqov-sim"]


@pytest.mark.parametrize(
    ("info", "given", "meant"),
    [
        (PLAIN, {}, {}),
        (PLAIN, {"noiseModel": "ideal"}, {}),
        (NOISY, {"noiseModel": "ideal", "t1": 50}, {"t1": 50}),
        (NOISY, {"noiseModel": "trapped-ion", "t1": 50}, {"preset": "trapped-ion", "t1": 50}),
    ],
)
def test_runtime_options_are_options_of_the_backend(info, given, meant):
    assert options(info, given) == meant


@pytest.mark.parametrize(("info", "has"), [(PLAIN, "has none"), (NOISY, "ideal, superconducting")])
def test_a_noise_model_that_is_not_there_is_refused(info, has):
    with pytest.raises(InvalidOption) as found:
        options(info, {"noiseModel": "depolarizing"})
    assert has in found.value.remedy


class Failing:
    """An engine's submit, or its look for a request key, whose store fails before or after its work."""

    def __init__(self, work, *, after):
        self.work, self.after = work, after

    def __call__(self, *args, **more):
        if self.after:
            self.work(*args, **more)
        raise StoreUnavailable("the disk is gone.")


@pytest.fixture
def desk(home):
    with Engine(load_settings({}, home=home, user="ada", workers=1)) as engine:
        callers = Callers(lambda: engine)
        yield callers.desk(callers.of_session())


def call():
    body = {"deviceQrn": PLAIN.qrn, "shots": 5, "program": {"format": "qasm2", "data": BELL}}
    return Call({}, body=JobBody.model_validate(body))


@pytest.mark.parametrize(
    ("stored", "looks", "becomes"),
    [
        pytest.param(False, True, StoreUnavailable, id="nothing stored: it may be sent again"),
        pytest.param(True, True, None, id="stored: it is answered as if nothing had been"),
        pytest.param(True, False, Unsure, id="nobody knows: it must not be sent again"),
        pytest.param(False, False, Unsure, id="nobody knows, and nothing is there"),
    ],
)
def test_what_the_client_would_send_again_is_sent_once(desk, monkeypatch, stored, looks, becomes):
    engine = desk.engine
    monkeypatch.setattr(engine, "submit", Failing(engine.submit, after=stored))
    if not looks:
        monkeypatch.setattr(engine, "by_request_key", Failing(engine.by_request_key, after=False))
    if becomes is None:
        answer = create_job(desk, call())
        assert answer.status == 201
    else:
        with pytest.raises(becomes) as found:
            create_job(desk, call())
        assert (found.value.http_status in (500, 502, 503, 504)) == (becomes is StoreUnavailable)
    assert len(engine.jobs()) == stored


def test_a_stored_job_that_cannot_be_shown_is_named(desk, monkeypatch):
    monkeypatch.setattr(desk.engine, "snapshot", Failing(desk.engine.snapshot, after=False))
    with pytest.raises(Unsure, match="is stored") as found:
        create_job(desk, call())
    (job,) = desk.engine.jobs()
    assert found.value.numbers == {"jobId": job.id}

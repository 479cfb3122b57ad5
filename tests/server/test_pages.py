"""The pages of a real Jupyter server, as something other than a browser meets them."""

import http.client
import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from qjob.store.listing import JobFilter
from server_lab import BELL, LONG

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ended(server):
    return server.engine.submit(BELL, shots=100, name="ended", tags={"day": "one"}).wait(30)


def raw(server, method, path, headers=None, body=None):
    """Ask without following where an answer leads."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    line.request(method, server.base + path, body, headers or {})
    answer = line.getresponse()
    found = SimpleNamespace(status=answer.status, headers=answer.headers, text=answer.read().decode())
    line.close()
    return found


def signed_in(server):
    """Return the headers of a browser that has signed in, and the token of its forms."""
    first = raw(server, "GET", f"qjob/jobs?token={server.token}")
    cookies = dict(each.split(";")[0].split("=", 1) for each in first.headers.get_all("Set-Cookie"))
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}, cookies["_xsrf"]


@pytest.mark.parametrize("path", ["qjob/jobs", "qjob/jobs/x", "qjob/jobs/x/cancel", "qjob/jobs/x/program"])
def test_who_has_not_signed_in_is_led_there(server, ada, path):
    asked = raw(server, "GET", path)
    assert (asked.status, "login?next=" in asked.headers["Location"]) == (302, True)
    assert raw(server, "GET", path, {"X-API-Key": ada.text}).status == 302  # pages are for people
    assert raw(server, "POST", "qjob/jobs/x/cancel").status == 403


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        pytest.param("qjob/jobs/none", 404, "There is no job &#x27;none&#x27;", id="unknown"),
        pytest.param("qjob/jobs/a/b/c", 404, "nothing is served", id="no page"),
        pytest.param("qjob/jobs/" + quote("<b>", safe=""), 404, "&lt;b&gt;", id="hostile id"),
        pytest.param("qjob/jobs?status=odd", 400, "there is no status", id="status"),
        pytest.param("qjob/jobs?page=0", 400, "there is no page", id="page 0"),
        pytest.param("qjob/jobs?page=" + "9" * 5000, 400, "there is no page", id="page far off"),
        pytest.param("qjob/jobs?text=" + "x" * 201, 400, "201 characters", id="long text"),
        pytest.param("qjob/jobs?text=%ff", 400, "400 Bad Request", id="no UTF-8"),
        pytest.param("qjob/jobs?page=9999999", 200, "fewer pages", id="beyond the last page"),
        pytest.param("qjob/jobs?text=%00%27;--", 200, "No job fits", id="text that is no word"),
    ],
)
def test_what_is_wrong_is_said_on_a_page_of_the_same_look(server, ended, path, status, said):
    reply = server.me("GET", path)
    assert ended.id
    text = reply.body.decode()
    assert (reply.status, said.lower() in text.lower()) == (status, True), text
    assert "qjob/static/page-" in text


def test_the_job_of_another_team_is_none(server, ada):
    job = ada.engine.submit(BELL, shots=10).wait(30)
    assert server.me("GET", f"qjob/jobs/{job.id}").status == 404
    assert job.id not in server.me("GET", "qjob/jobs").body.decode()


def test_only_the_script_that_a_page_names_runs_in_it(server, ended):
    nonces = set()
    for _ in range(2):
        reply = server.me("GET", f"qjob/jobs/{ended.id}")
        [nonce] = re.findall(r"script-src 'nonce-([\w-]{22})';", reply.headers["Content-Security-Policy"])
        assert re.findall("<script[^>]*>", reply.body.decode())[0].count(f'nonce="{nonce}"') == 1
        assert reply.body.count(b"<script") == 1
        nonces.add(nonce)
    assert len(nonces) == 2


def test_script_and_style_are_kept_for_ever(server, ended):
    text = server.me("GET", f"qjob/jobs/{ended.id}").body.decode()
    for path in re.findall(r'"/hub/(qjob/static/[^"]+)"', text):
        asked = raw(server, "GET", path)
        assert (asked.status, asked.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert raw(server, "GET", "qjob/static/page.js").status == 404


def test_a_form_without_its_token_cancels_nothing(server):
    job = server.engine.submit(LONG, shots=100_000)
    headers, token = signed_in(server)
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    path = f"qjob/jobs/{job.id}/cancel"
    assert raw(server, "POST", path, form, "").status == 403
    assert not job.status.ended
    done = raw(server, "POST", path, form, f"_xsrf={quote(token)}")
    assert (done.status, done.headers["Location"]) == (303, f"{server.base}qjob/jobs/{job.id}")
    assert job.wait(20).status == "CANCELLED"


def test_the_page_of_a_job_is_complete(server, ended):
    text = server.me("GET", f"qjob/jobs/{ended.id}").body.decode()
    for said in (ended.id, "COMPLETED", "100 shots", "day=one", "OPENQASM 2.0", "accepted", "/result"):
        assert said in text, said


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def fields(page):
    """Return the hidden fields of the form of a page."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def follow_form(server, headers, page, path):
    """Send a page's form as it is."""
    body = "&".join(f"{name}={quote(value)}" for name, value in fields(page).items())
    return raw(server, "POST", path, {**headers, **FORM}, body)


def cancelled(server, **request):
    job = server.engine.submit(LONG, **request)
    job.cancel()
    return job.wait(30)


def test_what_is_free_runs_again_at_once_and_once(server):
    job = cancelled(server, shots=100_000, name="again")
    headers, _ = signed_in(server)
    page = raw(server, "GET", f"qjob/jobs/{job.id}", headers).text
    assert ("Run it again" in page, "%qjob" in page) == (True, False)
    first, second = (follow_form(server, headers, page, f"qjob/jobs/{job.id}/again") for _ in range(2))
    assert (first.status, first.headers["Location"]) == (303, second.headers["Location"])  # pressed twice
    new = server.engine.job(first.headers["Location"].rpartition("/")[2])
    assert (new.record.retry_of, new.id != job.id) == (job.id, True)
    new.cancel()
    new.wait(30)
    assert raw(server, "POST", f"qjob/jobs/{job.id}/again", {**headers, **FORM}, "agreed=0").status == 403


def test_what_costs_something_asks_before_it_runs_again(server):
    job = cancelled(server, shots=1000, backend="toll-sim", name="dear")
    headers, token = signed_in(server)
    path = f"qjob/jobs/{job.id}/again"
    page = raw(server, "GET", f"qjob/jobs/{job.id}", headers).text
    assert f'method="get" action="{server.base}{path}"' in page
    before = server.engine.count_jobs(JobFilter())
    asked = raw(server, "GET", path, headers)
    assert "It can cost up to $10.30" in asked.text
    for agreed in ("0", "10299999999", "-1", "1e99", "x"):  # of less it is told anew
        less = raw(server, "POST", path, {**headers, **FORM}, f"_xsrf={quote(token)}&agreed={agreed}")
        assert (less.status, "up to $10.30" in less.text) == (200, True), agreed
    assert server.engine.count_jobs(JobFilter()) == before
    done = follow_form(server, headers, asked.text, path)
    assert done.status == 303
    new = server.engine.job(done.headers["Location"].rpartition("/")[2])
    assert new.record.retry_of == job.id
    new.cancel()
    new.wait(30)


def test_what_ended_well_or_goes_on_is_not_offered_again(server, ended):
    assert "Run it again" not in server.me("GET", f"qjob/jobs/{ended.id}").body.decode()
    job = server.engine.submit(LONG, shots=100_000)
    headers, _ = signed_in(server)
    refused = raw(server, "GET", f"qjob/jobs/{job.id}/again", headers)
    assert (refused.status, "is still" in refused.text) == (409, True)
    assert ("Cancel it first." in refused.text, "%qjob" in refused.text) == (True, False)
    job.cancel()
    job.wait(30)


@pytest.mark.parametrize("length", [8, 4, 12])
def test_the_beginning_of_an_id_leads_to_the_page(server, ended, length):
    asked = raw(server, "GET", f"qjob/jobs/{ended.id[:length].upper()}", signed_in(server)[0])
    assert (asked.status, asked.headers["Location"]) == (302, f"{server.base}qjob/jobs/{ended.id}")


def test_the_beginning_of_a_batch_leads_to_its_page(server):
    batch = server.engine.submit([BELL] * 2, shots=10, name="two")
    server.engine.wait_for_all([job.id for job in batch[:]], 30)
    asked = raw(server, "GET", f"qjob/jobs/{batch.id[:8]}", signed_in(server)[0])
    assert asked.headers["Location"] == f"{server.base}qjob/jobs/{batch.id}"
    page = server.me("GET", f"qjob/jobs/{batch.id}").body.decode()
    assert ('<th scope="col">why' in page, "%qjob" in page) == (False, False)


def test_the_beginning_of_anothers_id_leads_nowhere(server, ada):
    job = ada.engine.submit(BELL, shots=10).wait(30)
    batch = ada.engine.submit([BELL] * 2, shots=10, name="theirs")
    for beginning in (job.id[:8], batch.id[:8], job.id[:3]):
        reply = server.me("GET", f"qjob/jobs/{beginning}")
        assert (reply.status, f"?text={beginning}" in reply.body.decode()) == (404, True)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("completed", True, id="one"),
        pytest.param("pending", False, id="the API's word"),
        pytest.param("PENDING,completed", True, id="several"),
        pytest.param("running", False, id="another"),
    ],
)
def test_the_filter_knows_the_words_of_both(server, ended, asked, found):
    reply = server.me("GET", f"qjob/jobs?text={ended.id}&status={asked}")
    text = reply.body.decode()
    assert (reply.status, f"/qjob/jobs/{ended.id}" in text) == (200, found)
    assert f'value="{asked.lower()}" selected' in text


def test_without_a_script_it_is_told_how_far_it_is(server):
    job = server.engine.submit(LONG, shots=100_000)
    tick = server.engine.feed.tick
    while not ((found := job.snapshot().progress) and found.shots_done):
        tick = server.engine.wait_for_news(tick, 5, mine=False)
    text = server.me("GET", f"qjob/jobs/{job.id}").body.decode()
    assert re.search(r"[1-9][0-9,]* of 100,000 shots, when this was shown at", text)
    listed = server.me("GET", "qjob/jobs").body.decode()
    assert ("data-open" in listed, "Reload the page" in listed) == (True, True)
    job.cancel()
    job.wait(30)
